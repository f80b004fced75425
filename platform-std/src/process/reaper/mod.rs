//! Takes the exit status of each child when it ends, on a thread that no loop has a part in: see "Who reaps" above.

#[cfg(target_os = "linux")]
mod pidfd;
mod thread;

use std::io;
use std::sync::Arc;

use super::child::Child;
use super::error::SignalError;

/// What a child is known to the system by.
pub(super) enum System {
    #[cfg(target_os = "linux")]
    Pidfd(pidfd::Pidfd),
    Thread(thread::Waited),
}

impl System {
    /// Its return code, if it has ended.
    pub(super) fn try_reap(&self) -> Option<i32> {
        match self {
            #[cfg(target_os = "linux")]
            Self::Pidfd(pidfd) => pidfd.try_reap(),
            Self::Thread(waited) => waited.try_reap(),
        }
    }

    /// Of a child that was not reaped.
    pub(super) fn send_signal(&self, signal: i32) -> Result<(), SignalError> {
        match self {
            #[cfg(target_os = "linux")]
            Self::Pidfd(pidfd) => pidfd.send_signal(signal),
            Self::Thread(waited) => waited.send_signal(signal),
        }
    }
}

/// Sees to a child that was just started.
///
/// # Errors
/// There is neither a pidfd nor a thread for it. It was killed and is reaped.
pub(super) fn adopt(child: std::process::Child) -> io::Result<Arc<Child>> {
    #[cfg(target_os = "linux")]
    let child = match pidfd::adopt(child) {
        Ok(adopted) => return Ok(adopted),
        Err(child) => child,
    };
    thread::adopt(child)
}

/// What the answer of the system to a signal means.
#[cfg(unix)]
fn signal_error(error: io::Error) -> SignalError {
    match error.raw_os_error() {
        Some(libc::ESRCH) => SignalError::Finished,
        Some(libc::EINVAL) => SignalError::NoSuchSignal,
        _ => SignalError::Refused(error),
    }
}
