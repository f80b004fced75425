use core::cell::Cell;
use core::fmt;
use core::marker::PhantomData;

use super::run::{self, Opened};
use super::{EventLoop, RunError};
use crate::platform::Platform;
use crate::scope::CancelledError;
use crate::shim;
use crate::task::MainWaker;
use crate::{Instant, Pool};

/// An event loop that stays open between runs: what is not done at the end of one goes on in the next, and only
/// [`close`](Self::close) cancels it. asyncio's `Runner`, without the platform.
///
/// `L` is the loop: `OwnedLoop`, or `&'static EventLoop`. It stays on its thread or interrupt
/// level, as handles to its tasks do; between runs these may be dropped, cancelled, or awaited in the next run.
///
/// Dropping it closes it.
///
/// ```
/// use everloop_core::{Duration, EventLoop, TaskPool, create_task, sleep, virtual_time::{UNPARKER, VirtualTime}};
///
/// static POOL: TaskPool<4, 128> = TaskPool::new();
/// static LOOP: EventLoop = EventLoop::new(UNPARKER);
///
/// let mut open = LOOP.open(VirtualTime::new(), &[&POOL])?;
/// let task = open.run(async {
///     create_task(async {
///         sleep(Duration::from_secs(1)).await;
///         42
///     })
/// })?;
/// assert!(!task.done()); // it waits for the next run
/// assert_eq!(open.run(async { task.await }), Ok(Ok(42)));
/// # Ok::<(), everloop_core::RunError>(())
/// ```
///
/// It is not `Send`:
///
/// ```compile_fail
/// # use everloop_core::{EventLoop, OpenLoop, virtual_time::VirtualTime};
/// fn is_send<T: Send>() {}
/// is_send::<OpenLoop<&'static EventLoop, VirtualTime>>();
/// ```
pub struct OpenLoop<L: Hold, P: Platform> {
    event_loop: L,
    platform: P,
    /// Asked of this value and not of the loop: a static loop that was closed may be open for somebody else.
    is_open: Cell<bool>,
    /// Not `Send`, whatever `L` is: RUNNING binds an open loop to the context that opened it.
    _here: PhantomData<*const ()>,
}

/// What an [`OpenLoop`] can hold: `OwnedLoop`, or `&'static EventLoop`.
pub trait Hold: sealed::Sealed {}
impl<L: sealed::Sealed> Hold for L {}

pub(super) mod sealed {
    use super::{EventLoop, MainWaker};

    /// # Safety
    /// The loop lives at least as long as this value, at one address; it is static, or `Main` counts.
    #[allow(private_bounds)]
    pub unsafe trait Sealed {
        type Main: MainWaker;
        fn event_loop(&self) -> *const EventLoop;
    }
}

// SAFETY: it is static.
unsafe impl sealed::Sealed for &'static EventLoop {
    type Main = run::Static;

    fn event_loop(&self) -> *const EventLoop {
        *self
    }
}

impl<L: Hold, P: Platform> OpenLoop<L, P> {
    pub(super) fn new(event_loop: L, platform: P, pools: &[&'static dyn Pool]) -> Result<Self, RunError> {
        // SAFETY: by `Sealed` the loop is there until this returns.
        unsafe { Opened::first(event_loop.event_loop(), &platform, pools)? }.stay_open();
        Ok(Self { event_loop, platform, is_open: Cell::new(true), _here: PhantomData })
    }

    /// As [`new`](Self::new), also inside another running loop. `begin` runs with the new loop as the current one.
    pub(super) fn with<R>(
        event_loop: L,
        platform: P,
        pools: &[&'static dyn Pool],
        begin: impl FnOnce() -> R,
    ) -> Result<(Self, R), RunError> {
        // SAFETY: by `Sealed` the loop is there until this returns.
        let opened = unsafe { Opened::on_top(event_loop.event_loop(), &platform, pools)? };
        let begun = begin();
        opened.stay_open();
        Ok((Self { event_loop, platform, is_open: Cell::new(true), _here: PhantomData }, begun))
    }

    fn get(&self) -> &EventLoop {
        // SAFETY: by `Sealed` the loop lives as long as what holds it.
        unsafe { &*self.event_loop.event_loop() }
    }

    /// Runs `main` as a task of the loop, beside those that are left from earlier runs, until `main` is done.
    ///
    /// # Errors
    /// [`RunError::Nested`] inside a running loop, [`RunError::Closed`] after [`close`](Self::close) and after the
    /// platform has panicked, [`RunError::Cancelled`] if `main` was cancelled.
    ///
    /// # Panics
    /// If `main` panics; the loop stays open.
    pub fn run<F: Future>(&mut self, main: F) -> Result<F::Output, RunError> {
        self.run_counting(main).map_err(|error| match error {
            Refused::Run(error) => error,
            Refused::Cancelled(_) => RunError::Cancelled,
        })
    }

    /// As [`run`](Self::run), telling how often `main` was asked to end.
    #[doc(hidden)]
    pub fn run_counting<F: Future>(&mut self, main: F) -> Result<F::Output, Refused> {
        if !shim::current().is_null() {
            return Err(Refused::Run(RunError::Nested));
        }
        if self.is_closed() {
            return Err(Refused::Run(RunError::Closed));
        }
        let this = self.event_loop.event_loop();
        // If the platform panics, the guard closes the loop.
        self.is_open.set(false);
        // SAFETY: this context has opened the loop (RUNNING), and by `Sealed` it outlives the guard.
        let opened = unsafe { Opened::again(this, &self.platform) };
        self.get().look_at_clock();
        // SAFETY: as above; `Main` counts unless the loop is static.
        let outcome = unsafe { run::main::<F, L::Main>(self.get(), &self.platform, main) };
        let cancels = self.get().main.header.branch.cancels.get();
        opened.stay_open();
        self.is_open.set(true);
        match outcome {
            Ok(Ok(output)) => Ok(output),
            Ok(Err(CancelledError { .. })) => Err(Refused::Cancelled(cancels)),
            Err(payload) => shim::resume(payload),
        }
    }

    /// Runs what is ready, until nothing is and no timer is due, and does not wait: for a loop that lives inside
    /// something else, such as an interrupt handler. Gives the time of its next timer.
    ///
    /// From then on, what wakes one of the loop's tasks from elsewhere wakes the loop's unparker, and whoever that tells
    /// has to call this again, as at that time. The platform's [`park`](Platform::park) is only asked to
    /// [poll](crate::platform::Wait::Poll). The loop has no main task meanwhile: it goes on until it is closed.
    ///
    /// ```
    /// use everloop_core::{Duration, EventLoop, TaskPool, create_task, sleep, virtual_time::{UNPARKER, VirtualTime}};
    ///
    /// static POOL: TaskPool<4, 128> = TaskPool::new();
    /// static LOOP: EventLoop = EventLoop::new(UNPARKER);
    ///
    /// let (mut open, _) = LOOP.open_with(VirtualTime::new(), &[&POOL], || {
    ///     drop(create_task(async { sleep(Duration::from_secs(1)).await }));
    /// })?;
    /// let next = open.run_until_idle()?;
    /// assert!(next.is_some());
    /// # Ok::<(), everloop_core::RunError>(())
    /// ```
    ///
    /// # Errors
    /// [`RunError::Nested`] inside a running loop, [`RunError::Closed`] after [`close`](Self::close) and after the
    /// platform has panicked.
    pub fn run_until_idle(&mut self) -> Result<Option<Instant>, RunError> {
        if !shim::current().is_null() {
            return Err(RunError::Nested);
        }
        if self.is_closed() {
            return Err(RunError::Closed);
        }
        // As in `run_counting`.
        self.is_open.set(false);
        // SAFETY: as there.
        let opened = unsafe { Opened::again(self.event_loop.event_loop(), &self.platform) };
        let next = self.get().drive_until_idle(&self.platform);
        opened.stay_open();
        self.is_open.set(true);
        Ok(next)
    }

    /// Whether it was closed.
    pub fn is_closed(&self) -> bool {
        !self.is_open.get()
    }

    /// Cancels all tasks that are left, waits for their cleanup, and closes the loop. Once it is closed this does
    /// nothing.
    ///
    /// # Errors
    /// [`RunError::Nested`] inside a running loop, where it can't wait; the loop stays open.
    pub fn close(&mut self) -> Result<(), RunError> {
        if self.is_closed() {
            return Ok(());
        }
        if !shim::current().is_null() {
            return Err(RunError::Nested);
        }
        self.end(true);
        Ok(())
    }

    fn end(&self, clean_up: bool) {
        self.is_open.set(false);
        // SAFETY: as in `run_counting`. The guard closes the loop.
        let _opened = unsafe { Opened::again(self.event_loop.event_loop(), &self.platform) };
        self.get().look_at_clock();
        if clean_up {
            self.get().finish_leftovers(&self.platform);
        }
    }
}

/// Inside another running loop there is no waiting for cleanup: tasks that are left are then dropped where they are.
impl<L: Hold, P: Platform> Drop for OpenLoop<L, P> {
    fn drop(&mut self) {
        if !self.is_closed() {
            self.end(shim::current().is_null());
        }
    }
}

impl<L: Hold, P: Platform> fmt::Debug for OpenLoop<L, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenLoop").field("closed", &self.is_closed()).finish_non_exhaustive()
    }
}

/// Why a run of an open loop gave no value.
#[doc(hidden)]
#[derive(Debug)]
pub enum Refused {
    /// It did not run.
    Run(RunError),
    /// The main task was cancelled, and asked to so often (see `Task::cancelling`).
    Cancelled(u8),
}
