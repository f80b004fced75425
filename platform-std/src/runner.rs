use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use everloop_core::{Instant, OpenLoop, OwnedLoop, Refused, current_task};

use crate::RunError;
use crate::host::Host;

/// Makes an event loop on this thread, runs `main` as its first task, then cancels what is left over, waits for its
/// cleanup, and closes the loop. asyncio's `run`.
///
/// Neither `main` nor any task needs to be `Send` or `Sync`; `main` may borrow from the caller. For several runs on one
/// loop, and for what the first SIGINT (ctrl-c) does, see [`Runner`].
///
/// ```
/// use everloop::{Duration, create_task, sleep};
///
/// let answer = everloop::run(async {
///     let task = create_task(async {
///         sleep(Duration::from_millis(1)).await;
///         42
///     });
///     task.await
/// });
/// assert_eq!(answer.unwrap(), Ok(42));
/// ```
///
/// To hand it [`TaskPool`](crate::TaskPool)s, or to put a platform of your own around the reactor, do what this
/// does by hand: see [`Reactor`](crate::reactor::Reactor).
///
/// # Errors
/// [`RunError::Nested`] inside a running loop: await the future there, or create a task for it.
/// [`RunError::Cancelled`] if `main` was cancelled, [`RunError::Interrupted`] if that was by SIGINT, and
/// [`RunError::Poller`] if no loop could be made.
///
/// # Panics
/// If `main` panics, after the rest was cleaned up.
pub fn run<F: IntoFuture>(main: F) -> Result<F::Output, RunError> {
    let mut runner = Runner::new();
    // Caught, so that what is left over does not clean up while this thread unwinds.
    let outcome = catch_unwind(AssertUnwindSafe(|| runner.run(main)));
    let closed = runner.close();
    match outcome {
        Ok(outcome) => {
            closed?;
            outcome
        }
        Err(payload) => resume_unwind(payload),
    }
}

/// Several runs on one event loop. asyncio's `Runner`.
///
/// Tasks that are not done when a run ends stay as they are and go on in the next; only [`close`](Self::close) cancels
/// them and waits for their cleanup, and so does dropping the runner. The loop is made by the first run.
///
/// ```
/// use everloop::{Runner, create_task, yield_now};
///
/// let mut runner = Runner::new();
/// let task = runner.run(async {
///     create_task(async {
///         yield_now().await;
///         42
///     })
/// })?;
/// assert!(!task.done());
/// assert_eq!(runner.run(task)?, Ok(42));
/// runner.close()?;
/// # Ok::<(), everloop::RunError>(())
/// ```
///
/// A run borrows the runner, so `main` can't start another on it by mistake:
///
/// ```compile_fail
/// let mut runner = everloop::Runner::new();
/// runner.run(async { runner.run(async {}) });
/// ```
///
/// # SIGINT
/// On Unix, while a run goes on in the process's main thread, the first SIGINT (ctrl-c) cancels `main`: its cleanup
/// runs, and if it then ends cancelled by that alone, the run gives [`RunError::Interrupted`]; a value with which it
/// swallows the cancellation stands. The second SIGINT does what the system does by default: it kills the process. So
/// does one after the run, and one while the runner closes. All this holds if SIGINT had its default effect when the
/// run began: a handler of the program's own is left alone, and so is a SIGINT that is ignored. While a loop handles it
/// by `add_signal_handler` or waits for it with `ctrl_c`, it does nothing else.
///
/// On Windows the same holds for ctrl-c in a thread named "main", which the process's first is. On other systems ctrl-c
/// keeps its default effect.
#[derive(Default)]
pub struct Runner {
    state: State,
}

#[derive(Default)]
enum State {
    #[default]
    New,
    Open {
        event_loop: OpenLoop<OwnedLoop, Host>,
        host: Host,
    },
    Closed,
}

impl Runner {
    /// A runner. It makes its loop when it first runs something.
    pub fn new() -> Self {
        Self::default()
    }

    /// Runs `main` as a task of the loop until it is done, beside the tasks that earlier runs have left.
    ///
    /// `main` need not be `Send` or `'static`. It may be a [`Task`](crate::Task) that an earlier run gave back.
    ///
    /// # Errors
    /// [`RunError::Nested`] inside a running loop: await the future there, or create a task for it.
    /// [`RunError::Closed`] after [`close`](Self::close). [`RunError::Cancelled`] if `main` was cancelled,
    /// [`RunError::Interrupted`] if that was by SIGINT, and [`RunError::Poller`] if no loop could be made.
    ///
    /// # Panics
    /// If `main` panics. The runner stays usable.
    pub fn run<F: IntoFuture>(&mut self, main: F) -> Result<F::Output, RunError> {
        // Asked first, so that the mistake is named also when no descriptor is left for a second poller.
        if Instant::try_now().is_some() {
            return Err(RunError::Nested);
        }
        if matches!(self.state, State::New) {
            let host = Host::new().map_err(RunError::Poller)?;
            let event_loop = OwnedLoop::new(host.unparker()).open(host.clone(), &[]).map_err(refused)?;
            self.state = State::Open { event_loop, host };
        }
        let State::Open { event_loop, host } = &mut self.state else { return Err(RunError::Closed) };
        let main = main.into_future();
        let _entered = host.enter();
        let watch = host.watch_for_interrupts();
        let outcome = event_loop.run_counting(async {
            host.set_main(current_task());
            main.await
        });
        let interrupted = watch.end();
        match outcome {
            // `main` never heard of the signal, because it ended in that moment. The signal must not be lost: ended
            // by it or not, the program was asked to end.
            Ok(_) if interrupted.is_unheard() => Err(RunError::Interrupted),
            Ok(output) => Ok(output),
            // As asyncio does: not if somebody else has cancelled `main` too.
            Err(Refused::Cancelled(0..=1)) if interrupted.is_heard() => Err(RunError::Interrupted),
            Err(Refused::Cancelled(_)) => Err(RunError::Cancelled),
            Err(Refused::Run(error)) => Err(refused(error)),
        }
    }

    /// Cancels all tasks that are left, waits for their cleanup, and closes the loop. Once it is closed this does
    /// nothing.
    ///
    /// # Errors
    /// [`RunError::Nested`] inside a running loop, where it can't wait; the runner stays open.
    pub fn close(&mut self) -> Result<(), RunError> {
        if let State::Open { event_loop, host } = &mut self.state {
            let _entered = host.enter();
            event_loop.close().map_err(refused)?;
        }
        self.state = State::Closed;
        Ok(())
    }
}

/// As [`close`](Runner::close), but that inside another running loop, where there is no waiting for cleanup, the tasks
/// that are left are dropped as they are.
impl Drop for Runner {
    fn drop(&mut self) {
        if let State::Open { event_loop, host } = std::mem::replace(&mut self.state, State::Closed) {
            let _entered = host.enter();
            drop(event_loop);
        }
    }
}

impl fmt::Debug for Runner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match &self.state {
            State::New => "new",
            State::Open { .. } => "open",
            State::Closed => "closed",
        };
        f.debug_struct("Runner").field("state", &state).finish()
    }
}

fn refused(error: everloop_core::RunError) -> RunError {
    match error {
        everloop_core::RunError::Nested => RunError::Nested,
        everloop_core::RunError::Cancelled => RunError::Cancelled,
        everloop_core::RunError::Closed => RunError::Closed,
        other => unreachable!("a loop of its own without pools was refused: {other}"),
    }
}
