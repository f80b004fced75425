//! A child that the standard library started, shared between threads.

use std::io;
use std::process::ExitStatus;

use shared_child::SharedChild;

use crate::process::child::UNKNOWN;
use crate::process::error::SignalError;

/// A child of a system without pidfds.
pub(in crate::process) struct Unreaped(SharedChild);

impl Unreaped {
    pub(super) fn new(child: std::process::Child) -> io::Result<Self> {
        SharedChild::new(child).map(Self)
    }

    pub(super) fn try_reap(&self) -> Option<i32> {
        match self.0.try_wait() {
            Ok(status) => status.map(returncode),
            Err(error) => code_of(&error),
        }
    }

    #[cfg(unix)]
    pub(super) fn send_signal(&self, signal: i32) -> Result<(), SignalError> {
        use shared_child::unix::SharedChildExt;
        // A negative number would be no signal, either, but nobody promises what it is.
        if signal < 0 {
            return Err(SignalError::NoSuchSignal);
        }
        self.0.send_signal(signal).map_err(super::signal_error)
    }

    /// There is only the end that is asked for.
    #[cfg(not(unix))]
    pub(super) fn send_signal(&self, signal: i32) -> Result<(), SignalError> {
        match signal {
            crate::process::handle::SIGKILL | crate::process::handle::SIGTERM => {
                self.0.kill().map_err(SignalError::Refused)
            }
            _ => Err(SignalError::NoSuchSignal),
        }
    }

    /// Blocks until it has ended.
    pub(super) fn wait(&self) {
        // If this fails, somebody else has reaped it.
        let _ = self.0.wait();
    }
}

/// As asyncio has it: the exit status, or below zero the signal that ended it.
fn returncode(status: ExitStatus) -> i32 {
    #[cfg(unix)]
    {
        use std::os::unix::process::ExitStatusExt;
        if let Some(signal) = status.signal() {
            return -signal;
        }
    }
    status.code().unwrap_or(UNKNOWN)
}

/// What an error means that was given in place of an exit status.
fn code_of(error: &io::Error) -> Option<i32> {
    #[cfg(unix)]
    if error.raw_os_error() == Some(libc::ECHILD) {
        return Some(UNKNOWN);
    }
    let _ = error;
    None
}
