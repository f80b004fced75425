//! A thread for each child, which waits for it without reaping it.

use std::io;
use std::sync::Arc;
use std::thread;

use shared_child::SharedChild;

use super::System;
use crate::process::child::{Child, code_of, returncode};
use crate::process::error::SignalError;

/// A child that a thread waits for.
pub(in crate::process) struct Waited(Arc<SharedChild>);

impl Waited {
    pub(super) fn try_reap(&self) -> Option<i32> {
        match self.0.try_wait() {
            Ok(status) => status.map(returncode),
            Err(error) => code_of(&error),
        }
    }

    #[cfg(unix)]
    pub(super) fn send_signal(&self, signal: i32) -> Result<(), SignalError> {
        use shared_child::unix::SharedChildExt;
        self.0.send_signal(signal).map_err(super::signal_error)
    }

    /// There is only the end that is asked for.
    #[cfg(not(unix))]
    pub(super) fn send_signal(&self, signal: i32) -> Result<(), SignalError> {
        match signal {
            super::super::handle::SIGKILL | super::super::handle::SIGTERM => {
                self.0.kill().map_err(SignalError::Refused)
            }
            _ => Err(SignalError::NoSuchSignal),
        }
    }
}

/// Gives the child a thread.
///
/// # Errors
/// None starts. The child was killed and is reaped.
pub(super) fn adopt(child: std::process::Child) -> io::Result<Arc<Child>> {
    let pid = child.id();
    let shared = Arc::new(SharedChild::new(child)?);
    let child = Arc::new(Child::new(pid, System::Thread(Waited(Arc::clone(&shared)))));
    let (ours, theirs) = (Arc::clone(&shared), Arc::clone(&child));
    let started = thread::Builder::new().name("everloop-reaper".into()).spawn(move || {
        // If this fails, somebody else has reaped it.
        let _ = ours.wait();
        theirs.end();
        theirs.release();
    });
    if let Err(error) = started {
        let _ = shared.kill();
        let _ = shared.wait();
        return Err(error);
    }
    Ok(child)
}
