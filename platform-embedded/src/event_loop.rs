use core::cell::UnsafeCell;
use core::fmt;
use core::mem::MaybeUninit;

use everloop_core::{EventLoop, Pool, RunError};

use crate::atomic::{AtomicU8, Ordering};
use crate::load::Load;
use crate::signal::Signal;
use crate::time_driver::TimeDriver;

/// Values of `stage`.
mod stage {
    pub(super) const NEW: u8 = 0;
    pub(super) const MAKING: u8 = 1;
    pub(super) const MADE: u8 = 2;
}

/// An event loop for a `static`, that keeps time with the program's `embassy-time-driver` and, when nothing is left to
/// run, sleeps until an interrupt.
///
/// ```no_run
/// use everloop_embedded::{Duration, Loop, TaskPool, create_task, sleep};
///
/// static POOL: TaskPool<8, 256> = TaskPool::new();
/// static LOOP: Loop = Loop::new();
///
/// LOOP.run(&[&POOL], async {
///     create_task(async { /* ... */ });
///     loop {
///         sleep(Duration::from_secs(1)).await;
///     }
/// });
/// ```
///
/// A loop may run in thread mode, and on Cortex-M also in an interrupt handler: there it has to end before the handler
/// does, and can only wait for what interrupts of a higher priority bring. Each takes one entry in the time driver's
/// queue.
///
/// Invariant **MADE**: `event_loop` is written once, by the context that moved `stage` from NEW to MAKING, which then
/// moves it to MADE; from then on it is only shared.
pub struct Loop {
    signal: Signal,
    stage: AtomicU8,
    /// Made when first run, since its waker points at `signal`.
    event_loop: UnsafeCell<MaybeUninit<EventLoop>>,
}

// SAFETY: MADE, and an `EventLoop` and a `Signal` are `Sync`.
unsafe impl Sync for Loop {}

impl Loop {
    /// A loop that was not run yet. All zeros.
    pub const fn new() -> Self {
        Self {
            signal: Signal::new(),
            stage: AtomicU8::new(stage::NEW),
            event_loop: UnsafeCell::new(MaybeUninit::uninit()),
        }
    }

    /// Runs `main` as the loop's first task, with `pools` as the room for further ones, and gives its output. What is
    /// left over then is cancelled and its cleanup awaited, as in [`EventLoop::run`]; the loop can be run again.
    ///
    /// # Errors
    /// Another loop is running in this context, this one is running elsewhere, a pool serves another loop, or `main`
    /// was cancelled.
    ///
    /// # Panics
    /// If `main` panics. On RISC-V also with interrupts disabled, since then nothing could ever wake the loop.
    pub fn run<F: Future>(
        &'static self,
        pools: &[&'static dyn Pool],
        main: F,
    ) -> Result<F::Output, RunError> {
        let Some(event_loop) = self.event_loop() else { return Err(RunError::AlreadyRunning) };
        self.signal.sleeps().begin();
        event_loop.run(&TimeDriver::new(&self.signal), pools, main)
    }

    /// What the time since the loop was first run has gone into. From any context; the time since the last look at the
    /// clock counts as well. It costs two looks at the clock each time that the loop sleeps, whether this is called or not.
    ///
    /// An interrupt handler that is no loop counts as busy. While the loop doesn't run, between two runs, so does all.
    pub fn load(&self) -> Load {
        self.signal.sleeps().load()
    }

    /// The loop, or `None` if another context is just making it, in order to run it.
    fn event_loop(&'static self) -> Option<&'static EventLoop> {
        let first =
            self.stage.compare_exchange(stage::NEW, stage::MAKING, Ordering::Acquire, Ordering::Acquire);
        match first {
            Ok(_) => {
                // SAFETY: MADE: this context moved the stage, so nobody else touches the field.
                unsafe { (*self.event_loop.get()).write(EventLoop::new(self.signal.unparker())) };
                self.stage.store(stage::MADE, Ordering::Release);
            }
            Err(stage::MADE) => {}
            Err(_) => return None,
        }
        // SAFETY: MADE.
        Some(unsafe { (*self.event_loop.get()).assume_init_ref() })
    }
}

impl Default for Loop {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Loop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Loop")
    }
}
