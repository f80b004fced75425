use core::cell::{Cell, UnsafeCell};
use core::fmt;
use core::mem::MaybeUninit;
use core::ptr;
use core::task::{RawWaker, RawWakerVTable, Waker};

use everloop_core::platform::{Platform, Wait};
use everloop_core::{EventLoop, Instant, OpenLoop, Pool, RunError, try_create_task};

use crate::atomic::{self, AtomicBool, AtomicU8, AtomicU32, Ordering};
use crate::load::{Load, Turns};
use crate::place;
use crate::time_driver::{self, clock, to_driver};

/// Values of `stage`.
mod stage {
    pub(super) const NEW: u8 = 0;
    pub(super) const STARTING: u8 = 1;
    pub(super) const WAITING: u8 = 2;
    pub(super) const RUNNING: u8 = 3;
}

/// An event loop in an interrupt handler: its tasks preempt those of the loop in thread mode and of every interrupt loop
/// of lower priority, and run until they wait. embassy's `InterruptExecutor`.
///
/// It belongs in a `static`, and takes an interrupt that no device uses, of the priority that its tasks are to have. The
/// handler calls [`on_interrupt`](Self::on_interrupt), which runs what is ready and returns; what wakes one of the tasks,
/// from wherever, makes the interrupt pending, and so does the time driver when one of the loop's timers is due.
///
/// ```no_run
/// use everloop_embedded::{Duration, InterruptLoop, Loop, RemotePool, TaskPool, run_coroutine_threadsafe, sleep};
/// # struct NVIC; impl NVIC { fn pend(_: u8) {} unsafe fn unmask(_: u8) {} }
/// # const SWI0: u8 = 0;
///
/// static URGENT_TASKS: TaskPool<4, 128> = TaskPool::new();
/// static TO_URGENT: RemotePool<2, 128> = RemotePool::new();
/// static URGENT: InterruptLoop = InterruptLoop::new();
/// static TASKS: TaskPool<4, 128> = TaskPool::new();
/// static LOOP: Loop = Loop::new();
///
/// // #[interrupt]
/// fn SWI0_HANDLER() {
///     URGENT.on_interrupt();
/// }
///
/// fn main() {
///     // The interrupt's priority is set before, above that of whatever its tasks are to preempt.
///     let started = URGENT.start(|| NVIC::pend(SWI0), &[&URGENT_TASKS, &TO_URGENT], async || loop {
///         sleep(Duration::from_millis(1)).await;
///         // Every millisecond, whatever the tasks of LOOP are doing.
///     });
///     started.expect("it is started once");
///     unsafe { NVIC::unmask(SWI0) };
///     LOOP.run(&[&TASKS], async {
///         let urgent = run_coroutine_threadsafe(async || 42, &TO_URGENT).unwrap();
///         assert_eq!(urgent.await, Ok(42));
///     }).unwrap();
/// }
/// ```
///
/// In its tasks `create_task`, `current_task`, `all_tasks` and the rest mean this loop. From elsewhere tasks are submitted
/// by [`run_coroutine_threadsafe`](crate::run_coroutine_threadsafe) to a [`RemotePool`](crate::RemotePool) of the loop's
/// pools, and values go through what is [`Shared`](crate::Shared). The loop goes on when the first task has ended: it is
/// there for good.
///
/// # Which processors
/// On Cortex-M as it is. On RISC-V a handler can't be told from a critical section without help, so there it takes the
/// feature `custom-context` (see [`Context`](crate::Context)), and an interrupt that software can raise, such as the
/// CLINT's `msip`, whose handler takes it back before it calls `on_interrupt`. A processor that enters all handlers at one
/// level runs such a loop, but nothing then preempts anything.
///
/// Invariant **STAGE**: `pend`, `made`, `event_loop` and `open` are written by the context that moved `stage` from NEW to STARTING;
/// from WAITING on the first three are only read, and `open` and `armed` belong to the context that moved it from
/// WAITING to RUNNING, which is always the same one (`place`).
pub struct InterruptLoop {
    stage: AtomicU8,
    alarm: AtomicBool,
    /// Where the handler runs, as `place::here` gives it; zero before it first has.
    place: AtomicU32,
    pend: Cell<Option<fn()>>,
    armed: Cell<Option<u64>>,
    made: Cell<bool>,
    turns: Turns,
    event_loop: UnsafeCell<MaybeUninit<EventLoop>>,
    open: UnsafeCell<Option<OpenLoop<&'static EventLoop, Clock>>>,
}

// SAFETY: STAGE. An open loop is not `Send`, since tasks must not leave their context: what `start` puts into it is
// `Send`, and whatever that makes, it makes in the handler.
unsafe impl Sync for InterruptLoop {}

impl InterruptLoop {
    /// A loop that was not started yet.
    pub const fn new() -> Self {
        Self {
            stage: AtomicU8::new(stage::NEW),
            alarm: AtomicBool::new(false),
            place: AtomicU32::new(0),
            pend: Cell::new(None),
            armed: Cell::new(None),
            made: Cell::new(false),
            turns: Turns::new(),
            event_loop: UnsafeCell::new(MaybeUninit::uninit()),
            open: UnsafeCell::new(None),
        }
    }

    /// Starts the loop, with `pools` as the room for tasks, and has it make and run its first task from `main` as soon as
    /// the interrupt is let in.
    ///
    /// `pend` makes the interrupt pending, such as `|| NVIC::pend(Interrupt::SWI0)`. It is called from any context. This
    /// may be called before [`Loop::run`](crate::Loop::run) or in a task of it.
    ///
    /// # Errors
    /// The loop was started before, a pool serves another loop, no slot has room for `main`, or the processor's contexts
    /// can't be told apart.
    pub fn start<F>(&'static self, pend: fn(), pools: &[&'static dyn Pool], main: F) -> Result<(), StartError>
    where
        F: AsyncFnOnce() + Send + 'static,
    {
        if cfg!(all(target_arch = "riscv32", not(feature = "custom-context"), not(feature = "std"))) {
            return Err(StartError::NeedsCustomContext);
        }
        self.stage
            .compare_exchange(stage::NEW, stage::STARTING, Ordering::Acquire, Ordering::Relaxed)
            .map_err(|_| StartError::AlreadyStarted)?;
        let started = self.open(pend, pools, main);
        let next = if started.is_ok() { stage::WAITING } else { stage::NEW };
        self.stage.store(next, Ordering::Release);
        match started {
            Ok(()) => {
                crate::log::log!(info, "an interrupt loop was started");
                pend();
            }
            Err(error) => crate::log::log!(error, "an interrupt loop was not started: {}", error),
        }
        started
    }

    fn open<F>(&'static self, pend: fn(), pools: &[&'static dyn Pool], main: F) -> Result<(), StartError>
    where
        F: AsyncFnOnce() + Send + 'static,
    {
        self.pend.set(Some(pend));
        let event_loop = self.event_loop.get();
        if !self.made.replace(true) {
            // SAFETY: STAGE: this context is starting the loop. It is made once: stale wakers of a start that failed may
            // still look at it.
            unsafe { (*event_loop).write(EventLoop::new(self.waker(&UNPARK))) };
        }
        // SAFETY: STAGE, and it was made.
        let event_loop: &'static EventLoop = unsafe { (*event_loop).assume_init_ref() };
        // `main` is only called in the handler, by the task's first poll: here it would make what is not `Send`.
        let begin = || try_create_task(async move { main().await }).map(drop).map_err(drop);
        let (open, begun) = event_loop.open_with(Clock, pools, begin)?;
        begun.map_err(|()| StartError::NoRoom)?;
        // SAFETY: STAGE.
        unsafe { *self.open.get() = Some(open) };
        Ok(())
    }

    /// Runs the loop's tasks until none is ready: what the interrupt's handler does. An interrupt that comes for no reason,
    /// or before the loop is started, does no harm.
    ///
    /// # Panics
    /// If it is called from another interrupt, core or thread than the first time, inside a task of a loop that runs in
    /// the same handler, or where the processor can't tell which handler it is.
    pub fn on_interrupt(&'static self) {
        // Of a call on top of another only the panic below can come, since both are the same context.
        let entered =
            self.stage.compare_exchange(stage::WAITING, stage::RUNNING, Ordering::Acquire, Ordering::Acquire);
        match entered {
            Ok(_) => {}
            Err(stage::RUNNING) => {
                panic!("an interrupt loop was entered on top of itself: give it one interrupt of its own")
            }
            Err(_) => return,
        }
        let here = place::here().expect(
            "can't tell which interrupt handler this is: enable the feature `custom-context` and define `_everloop_context`",
        );
        let first = self.place.load(Ordering::Relaxed);
        assert!(first == 0 || first == here, "an interrupt loop stays in the handler that it first ran in");
        self.place.store(here, Ordering::Relaxed);
        // SAFETY: STAGE: this context has moved the stage to RUNNING.
        let open = unsafe { (*self.open.get()).as_mut() };
        match open.map(|open| self.turns.count(|| open.run_until_idle())) {
            Some(Ok(next)) => self.arm(next),
            Some(Err(RunError::Nested)) => {
                panic!("an interrupt loop was entered inside a task of another loop")
            }
            // Nothing closes it.
            Some(Err(_)) | None => {}
        }
        self.stage.store(stage::WAITING, Ordering::Release);
    }

    /// What the time since the loop's first turn has gone into. From any context; a turn counts when it has ended, with two
    /// looks at the clock.
    pub fn load(&self) -> Load {
        self.turns.load()
    }

    /// Has the time driver make the interrupt pending at `next`.
    fn arm(&'static self, next: Option<Instant>) {
        let Some(at) = next.map(to_driver).filter(|at| *at != u64::MAX) else { return };
        time_driver::arm(at, &self.armed, atomic::take(&self.alarm), || self.waker(&ALARM));
        // A driver need not ring for what has passed.
        if embassy_time_driver::now() >= at {
            self.pend();
        }
    }

    fn pend(&self) {
        if let Some(pend) = self.pend.get() {
            pend();
        }
    }

    fn waker(&'static self, table: &'static RawWakerVTable) -> Waker {
        // SAFETY: the data is a static loop, as `this` wants it; the functions may be called in any context.
        unsafe { Waker::new(ptr::from_ref(self).cast(), table) }
    }
}

impl Default for InterruptLoop {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for InterruptLoop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let started = self.stage.load(Ordering::Relaxed) >= stage::WAITING;
        f.debug_struct("InterruptLoop").field("started", &started).finish_non_exhaustive()
    }
}

fn this(data: *const ()) -> &'static InterruptLoop {
    // SAFETY: only `InterruptLoop::waker` uses the tables below.
    unsafe { &*data.cast() }
}

fn unpark(data: *const ()) {
    this(data).pend();
}

fn ring(data: *const ()) {
    this(data).alarm.store(true, Ordering::Release);
    this(data).pend();
}

// Statics, since wakers are compared by the address of their table.
static UNPARK: RawWakerVTable =
    RawWakerVTable::new(|data| RawWaker::new(data, &UNPARK), unpark, unpark, |_| {});
static ALARM: RawWakerVTable = RawWakerVTable::new(|data| RawWaker::new(data, &ALARM), ring, ring, |_| {});

/// The platform of a loop that never waits: a clock.
struct Clock;

impl Platform for Clock {
    fn now(&self) -> Instant {
        clock()
    }

    fn park(&self, _wait: Wait) {}
}

/// Why an [`InterruptLoop`] was not started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum StartError {
    /// It was started before, or is being started.
    AlreadyStarted,
    /// A pool that was handed over serves another loop.
    PoolInUse,
    /// No slot of the pools that were handed over is free and large enough for the first task.
    NoRoom,
    /// On RISC-V the feature `custom-context` is missing.
    NeedsCustomContext,
}

impl From<RunError> for StartError {
    fn from(error: RunError) -> Self {
        match error {
            RunError::PoolInUse => Self::PoolInUse,
            _ => Self::AlreadyStarted,
        }
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AlreadyStarted => "the interrupt loop was started before: start each one once",
            Self::PoolInUse => "the task pool serves another event loop: give each loop a pool of its own",
            Self::NoRoom => "no slot has room for the first task: hand over a TaskPool with a free and larger slot",
            Self::NeedsCustomContext => {
                "interrupt handlers can't be told apart on this processor: enable the feature `custom-context` and define `_everloop_context`"
            }
        })
    }
}

impl core::error::Error for StartError {}
