//! Takes the exit status of each child when it ends, on a thread that no loop has a part in: see "Who reaps" above.

#[cfg(target_os = "linux")]
mod pidfd;
#[cfg(not(target_os = "linux"))]
mod shared;
mod thread;
#[cfg(target_os = "linux")]
mod unreaped;

use std::io;
use std::sync::Arc;

#[cfg(not(target_os = "linux"))]
use shared::Unreaped;
#[cfg(target_os = "linux")]
use unreaped::Unreaped;

use super::child::Child;
use super::error::SignalError;
use super::spawn::Started;

/// What a child is known to the system by.
pub(super) enum System {
    #[cfg(target_os = "linux")]
    Pidfd(pidfd::Pidfd),
    Thread(Arc<Unreaped>),
}

impl System {
    /// Its return code, if it has ended.
    pub(super) fn try_reap(&self) -> Option<i32> {
        match self {
            #[cfg(target_os = "linux")]
            Self::Pidfd(pidfd) => pidfd.try_reap(),
            Self::Thread(unreaped) => unreaped.try_reap(),
        }
    }

    /// Of a child that was not reaped.
    pub(super) fn send_signal(&self, signal: i32) -> Result<(), SignalError> {
        match self {
            #[cfg(target_os = "linux")]
            Self::Pidfd(pidfd) => pidfd.send_signal(signal),
            Self::Thread(unreaped) => unreaped.send_signal(signal),
        }
    }
}

/// Sees to a child that was just started.
///
/// # Errors
/// There is neither a pidfd nor a thread for it. It was killed and is reaped.
pub(super) fn adopt(started: Started) -> io::Result<Arc<Child>> {
    #[cfg(target_os = "linux")]
    if let Some(adopted) = pidfd::adopt(started) {
        return Ok(adopted);
    }
    thread::adopt(started)
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
