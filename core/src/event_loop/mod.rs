//! The event loop: turns, the life of a run, and what all else of the loop hangs on.

mod error;
mod exception;
mod open;
#[cfg(feature = "alloc")]
mod owned;
mod run;
mod turn;

use core::fmt;
use core::ptr;
use core::task::Waker;

#[cfg(feature = "alloc")]
use crate::biased::Biased;
use crate::inbox::Inbox;
use crate::platform::Platform;
use crate::remote::RemoteHead;
use crate::scope::Branch;
use crate::shim::{AtomicBool, Cell};
use crate::task::{Asking, Doing, MainStage, PoolHeader, Ready, Record, TaskRef};
use crate::timer::TimerHeap;
use crate::{Instant, Pool};

pub use error::RunError;
pub(crate) use exception::unhandled;
pub use exception::{ExceptionHandler, Unhandled, call_exception_handler, set_exception_handler};
#[cfg(feature = "defmt")]
pub(crate) use open::Hold;
pub use open::{OpenLoop, Refused};
#[cfg(feature = "alloc")]
pub use owned::OwnedLoop;
#[cfg(feature = "alloc")]
pub(crate) use owned::{clone_counted, counts, forget_here};

/// An event loop: runs tasks in turns, first come first served, on the thread or interrupt level that calls
/// [`run`](Self::run).
///
/// In a turn the loop runs exactly what was ready when the turn began, in the order in which it became ready; what becomes
/// ready meanwhile waits for the next turn. What is woken from elsewhere is taken in between polls, so that it has its
/// place in that order too. Timers and input are looked at when nothing is left to run, and at least once every 64 polls.
///
/// A loop made with [`new`](Self::new) belongs in a `static`, and needs no allocator; see `OwnedLoop` for one on the
/// heap.
///
/// Invariant **RUNNING**: a loop is the current one (see the module `current`) only in the context that won `running`,
/// until that context has closed it and the last handle to one of its tasks is gone. Between the runs of an `OpenLoop`
/// it is bound to its context without being the current one, so wakes go through the inbox; all fields but `inbox`,
/// `running` and `count` are touched only by that context, or through handles that can't leave the thread. A loop is static, or on the heap with every task that can outlive the owner
/// counted in `count`.
#[repr(C)]
pub struct EventLoop {
    pub(crate) main: Record,
    pub(crate) main_stage: MainStage,
    pub(crate) inbox: Inbox,
    /// References to a loop on the heap: one for each heap task, and each waker of the main task.
    #[cfg(feature = "alloc")]
    pub(crate) count: Biased,
    running: AtomicBool,
    closed: Cell<bool>,
    #[cfg(feature = "alloc")]
    pinned: Cell<bool>,
    pub(crate) ready: Ready,
    pub(crate) timers: TimerHeap,
    /// The branch of the scope tree that is being polled.
    pub(crate) scope: Cell<*const Branch>,
    /// The task that is being polled.
    pub(crate) task: Cell<Option<TaskRef>>,
    /// What else is known of its poll.
    pub(crate) doing: Cell<Doing>,
    handler: Cell<Option<ExceptionHandler>>,
    /// The time when the loop last looked at its timers.
    time: Cell<Instant>,
    platform: Cell<Option<*const dyn Platform>>,
    pub(crate) pools: Cell<*const PoolHeader>,
    pub(crate) remote_pools: Cell<*const RemoteHead>,
    #[cfg(feature = "alloc")]
    pub(crate) heap: crate::task::HeapTasks,
    next_id: Cell<u32>,
    /// Tells this loop's tasks, since it was last opened, from those of all others: see `TaskInfo`.
    pub(crate) opening: Cell<u32>,
    callbacks: Cell<u32>,
    /// Numbers without a pattern, for those who must not always begin with the same.
    pub(crate) dice: Cell<u32>,
    /// Tasks that are not done.
    pub(crate) live: Cell<usize>,
    /// While a task hears that the [loop ends](Doing::ends): the number of the newest task that was asked.
    pub(crate) newest_asked: Cell<u32>,
    /// Which request to end was the last to begin.
    pub(crate) asking: Asking,
    /// How many tasks have ended, wrapping: the next one's place in the order of endings.
    pub(crate) ended: Cell<u32>,
    /// The loop itself, with the right to all of it: what tasks keep as their owner, and may free it through.
    this: Cell<*const EventLoop>,
}

// SAFETY: invariant RUNNING.
unsafe impl Sync for EventLoop {}
// SAFETY: as above; what is sent is not running, and closed loops hold nothing of any thread.
unsafe impl Send for EventLoop {}

impl EventLoop {
    /// A loop for a `static`. Waking `unparker` must end its platform's park, from whatever context.
    pub const fn new(unparker: Waker) -> Self {
        Self {
            main: Record::new(None),
            main_stage: Cell::new(ptr::null_mut()),
            inbox: Inbox::new(unparker),
            #[cfg(feature = "alloc")]
            count: Biased::new(),
            running: AtomicBool::new(false),
            closed: Cell::new(true),
            #[cfg(feature = "alloc")]
            pinned: Cell::new(false),
            ready: Ready::new(),
            timers: TimerHeap::new(),
            scope: Cell::new(ptr::null()),
            task: Cell::new(None),
            doing: Cell::new(Doing::NOTHING),
            handler: Cell::new(None),
            time: Cell::new(Instant::from_ticks(0)),
            platform: Cell::new(None),
            pools: Cell::new(ptr::null()),
            remote_pools: Cell::new(ptr::null()),
            #[cfg(feature = "alloc")]
            heap: crate::task::HeapTasks::new(),
            next_id: Cell::new(0),
            opening: Cell::new(0),
            callbacks: Cell::new(0),
            dice: Cell::new(0),
            live: Cell::new(0),
            newest_asked: Cell::new(0),
            asking: Asking::new(),
            ended: Cell::new(0),
            this: Cell::new(ptr::null()),
        }
    }

    /// Runs `main` as the loop's first task, with `pools` as the room for further ones. When it is done, cancels
    /// what is left over, waits for its cleanup, and closes the loop, which can then be run again.
    ///
    /// # Errors
    /// Another loop is running in this context; this one is running elsewhere, or a handle of a task of its last run is
    /// still there; a pool serves another loop; `main` was cancelled.
    ///
    /// # Panics
    /// If `main` panics, after the rest was cleaned up.
    pub fn run<F: Future>(
        &'static self,
        platform: &dyn Platform,
        pools: &[&'static dyn Pool],
        main: F,
    ) -> Result<F::Output, RunError> {
        // SAFETY: the loop is static.
        unsafe { Self::run_as::<F, run::Static>(self, platform, pools, main) }
    }

    /// Opens the loop, with `pools` as the room for tasks, for several runs one after another.
    ///
    /// # Errors
    /// As [`run`](Self::run) before it begins.
    pub fn open<P: Platform>(
        &'static self,
        platform: P,
        pools: &[&'static dyn Pool],
    ) -> Result<OpenLoop<&'static Self, P>, RunError> {
        OpenLoop::new(self, platform, pools)
    }

    /// As [`open`](Self::open), also inside another running loop. `begin` runs with this loop as the current one, so that
    /// it can create the loop's first tasks: for a loop that then runs [in turns](OpenLoop::run_until_idle).
    ///
    /// # Errors
    /// As [`run`](Self::run) before it begins, but for [`RunError::Nested`].
    pub fn open_with<P: Platform, R>(
        &'static self,
        platform: P,
        pools: &[&'static dyn Pool],
        begin: impl FnOnce() -> R,
    ) -> Result<(OpenLoop<&'static Self, P>, R), RunError> {
        OpenLoop::with(self, platform, pools, begin)
    }

    /// A way into the loop from other threads.
    #[cfg(feature = "alloc")]
    pub fn handle(&'static self) -> crate::LoopHandle {
        // SAFETY: the loop is static, so it is there and is never freed.
        unsafe { crate::LoopHandle::of(self, false) }
    }

    /// The time by the platform's clock.
    pub(crate) fn now(&self) -> Instant {
        match self.platform.get() {
            // SAFETY: it is set by `run` for as long as it borrows the platform.
            Some(platform) => unsafe { (*platform).now() },
            None => self.time.get(),
        }
    }

    /// The platform, valid as long as `run` borrows it.
    #[cfg(feature = "hooks")]
    pub(crate) fn platform(&self) -> Option<*const dyn Platform> {
        self.platform.get()
    }

    /// The time when the loop last looked at its timers. Deadlines are compared with it, not with the clock: it
    /// costs nothing, and scopes nested in each other agree on what has passed.
    pub(crate) fn sample(&self) -> Instant {
        self.time.get()
    }

    /// Deadlines are compared with the time from here on.
    fn look_at_clock(&self) {
        self.time.set(self.now());
    }

    pub(crate) fn take_id(&self) -> u32 {
        let id = self.next_id.get().wrapping_add(1);
        self.next_id.set(id);
        id
    }

    /// A number for a callback.
    pub(crate) fn take_callback_number(&self) -> u32 {
        self.callbacks.set(self.callbacks.get().wrapping_add(1));
        self.callbacks.get()
    }

    /// The pointer that tasks keep as their owner.
    pub(crate) fn this(&self) -> *mut Self {
        self.this.get().cast_mut()
    }

    /// Whether the loop is between runs, or about to be.
    pub(crate) fn is_closed(&self) -> bool {
        self.closed.get()
    }

    /// A loop that has served a static pool is never freed, since stale wakes of a slot may still look for it.
    #[cfg(feature = "alloc")]
    pub(crate) fn keep_forever(&self) {
        if !self.pinned.replace(true) {
            self.count.inc(true);
        }
    }

    /// Calls `f` for every task that is not given back, the main task among them.
    pub(crate) fn for_each_task(&self, mut f: impl FnMut(TaskRef)) {
        let main = crate::task::main_task(self);
        if self.main.header.has(crate::task::state::LIVE) {
            f(main);
        }
        // SAFETY: callers are in the loop's context; pools in the list serve this loop.
        unsafe {
            crate::task::for_each_slot(self, &mut f);
            RemoteHead::for_each(self, &mut f);
            #[cfg(feature = "alloc")]
            self.heap.for_each(&mut f);
        }
    }

    /// Gives up one reference to a loop.
    ///
    /// # Safety
    /// The reference was counted; `owner` says whether the loop is the current one.
    #[cfg(feature = "alloc")]
    #[inline]
    pub(crate) unsafe fn release(l: *const Self, owner: bool) {
        // SAFETY: by the caller the loop is still there.
        if unsafe { (*l).count.dec(owner) } {
            // A static loop is never merged, so this is one on the heap.
            // SAFETY: it was the last reference, and the owner has let go.
            unsafe {
                owned::free(l);
            }
        }
    }
}

impl fmt::Debug for EventLoop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The rest belongs to the loop's context.
        let running = self.running.load(crate::shim::Ordering::Relaxed);
        f.debug_struct("EventLoop").field("running", &running).finish_non_exhaustive()
    }
}
