use everloop_core::{Instant, OwnedLoop};

use crate::RunError;
use crate::reactor::Reactor;

/// Makes an event loop on this thread, runs `main` as its first task, then cancels what is left over, waits for its
/// cleanup, and closes the loop. asyncio's `run`.
///
/// Neither `main` nor any task needs to be `Send` or `Sync`; `main` may borrow from the caller.
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
/// does by hand: see [`Reactor`].
///
/// # Errors
/// [`RunError::Nested`] inside a running loop: await the future there, or create a task for it.
/// [`RunError::Cancelled`] if `main` was cancelled, and [`RunError::Poller`] if no loop could be made.
///
/// # Panics
/// If `main` panics, after the rest was cleaned up.
pub fn run<F: Future>(main: F) -> Result<F::Output, RunError> {
    // Asked first, so that the mistake is named also when no descriptor is left for a second poller.
    if Instant::try_now().is_some() {
        return Err(RunError::Nested);
    }
    let reactor = Reactor::new().map_err(RunError::Poller)?;
    let event_loop = OwnedLoop::new(reactor.unparker());
    let _entered = reactor.enter();
    event_loop.run(&reactor, &[], main).map_err(|error| match error {
        everloop_core::RunError::Nested => RunError::Nested,
        everloop_core::RunError::Cancelled => RunError::Cancelled,
        other => unreachable!("a new loop without pools was refused: {other}"),
    })
}
