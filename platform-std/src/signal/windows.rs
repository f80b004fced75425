//! Ctrl-c. The other signals are of Unix alone, as in asyncio.

mod error;

pub use error::SignalError;

use crate::interrupt::windows::Waiting;
use crate::reactor;

/// Waits for ctrl-c. From the first poll until this ends, it does nothing else: it does not cancel the main task, as it
/// otherwise would (see [`Runner`](crate::Runner)), and does not kill. Any number of tasks may wait, and all are told.
///
/// ```no_run
/// use everloop::{ctrl_c, select};
/// # async fn serve() {}
///
/// everloop::run(async {
///     select((serve(), async { ctrl_c().await.unwrap() })).await;
///     println!("goodbye");
/// }).unwrap();
/// ```
///
/// # Errors
/// The system refuses to tell, or no loop is running.
///
/// # Cancel safety
/// Dropping the future loses a ctrl-c that came and was not told yet; the next does what it did before.
///
/// # Allocation
/// A few words.
///
/// # Wakes from interrupts
/// None; a thread of the system wakes it.
pub async fn ctrl_c() -> Result<(), SignalError> {
    reactor::current().map_err(SignalError::Loop)?;
    let waiting = Waiting::begin().map_err(SignalError::Refused)?;
    waiting.told().wait().await;
    Ok(())
}
