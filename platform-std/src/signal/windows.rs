//! Ctrl-c. Handlers of signals are of Unix alone, as in asyncio: here they are a typed error.

mod error;

pub use error::SignalError;

use crate::interrupt::windows::Waiting;
use crate::reactor;

/// Ctrl-c. The number is that of Unix, as in the C library.
pub const SIGINT: i32 = 2;
/// The request to end, which nobody sends on Windows. The number is that of Unix, as in the C library.
pub const SIGTERM: i32 = 15;

/// There are no handlers for signals on Windows, so this is an error; wait for [`ctrl_c`] instead. asyncio's
/// `loop.add_signal_handler`.
///
/// # Errors
/// [`SignalError::Unsupported`], always, where asyncio raises `NotImplementedError`.
pub fn add_signal_handler(signum: i32, callback: impl FnMut() + 'static) -> Result<(), SignalError> {
    drop(callback);
    Err(SignalError::Unsupported(signum))
}

/// There are no handlers for signals on Windows, so this is an error. asyncio's `loop.remove_signal_handler`.
///
/// # Errors
/// [`SignalError::Unsupported`], always, where asyncio raises `NotImplementedError`.
pub fn remove_signal_handler(signum: i32) -> Result<bool, SignalError> {
    Err(SignalError::Unsupported(signum))
}

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
