//! A child by its number, which is its own until it is reaped.
#![allow(unsafe_code)]

use std::io;
use std::num::NonZero;

use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};

use crate::process::child::UNKNOWN;
use crate::process::error::SignalError;

/// A child for which there is no pidfd.
pub(in crate::process) struct Unreaped(Pid);

impl Unreaped {
    pub(super) fn new(number: u32) -> io::Result<Self> {
        pid(number).map(Self).ok_or_else(|| io::ErrorKind::InvalidInput.into())
    }

    pub(super) fn try_reap(&self) -> Option<i32> {
        reap(WaitId::Pid(self.0))
    }

    pub(super) fn send_signal(&self, number: i32) -> Result<(), SignalError> {
        kill_process(self.0, signal(number)?).map_err(|errno| super::signal_error(errno.into()))
    }

    /// Blocks until it has ended, and leaves it to be reaped.
    pub(super) fn wait(&self) {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        while let Err(Errno::INTR) = waitid(WaitId::Pid(self.0), options) {}
    }
}

pub(super) fn pid(number: u32) -> Option<Pid> {
    Pid::from_raw(number.try_into().ok()?)
}

/// Its return code, if it has ended.
pub(super) fn reap(id: WaitId<'_>) -> Option<i32> {
    match waitid(id, WaitIdOptions::EXITED | WaitIdOptions::NOHANG) {
        Ok(status) => {
            let status = status?;
            let signal = status.terminating_signal().map(|signal| -signal);
            Some(status.exit_status().or(signal).unwrap_or(UNKNOWN))
        }
        // Somebody else was faster, or the system does not keep it.
        Err(Errno::CHILD) => Some(UNKNOWN),
        Err(_) => None,
    }
}

/// A signal by its number.
pub(super) fn signal(number: i32) -> Result<Signal, SignalError> {
    let number = NonZero::new(number).filter(|number| number.get() > 0).ok_or(SignalError::NoSuchSignal)?;
    // SAFETY: it is only sent, to another process, and the kernel judges the number.
    Ok(unsafe { Signal::from_raw_nonzero_unchecked(number) })
}
