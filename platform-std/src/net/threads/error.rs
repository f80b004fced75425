use std::error::Error;
use std::fmt;

use crate::RunError;
use crate::net::StartError;

/// A loop of a server on several threads stopped though nobody had asked it to: see
/// [`ThreadedServer`](super::ThreadedServer).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoppedError {
    /// The number of its thread, from 0.
    pub thread: usize,
    /// Why.
    pub reason: StoppedReason,
}

/// Why a loop stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoppedReason {
    /// Its main task was cancelled.
    Cancelled,
    /// The task that accepts its clients was cancelled.
    Closed,
    /// It panicked; the panic went on in another who waited.
    Panicked,
}

impl fmt::Display for StoppedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reason = match self.reason {
            StoppedReason::Cancelled => "a task has cancelled its main task",
            StoppedReason::Closed => "a task has cancelled the one that accepts its clients",
            StoppedReason::Panicked => "it panicked",
        };
        write!(
            f,
            "the loop of thread {} of the server stopped, so the server was closed: {reason}",
            self.thread
        )
    }
}

impl Error for StoppedError {}

/// Why [`serve_on_every_core`](super::serve_on_every_core) serves no longer.
#[derive(Debug)]
#[non_exhaustive]
pub enum ServeOnEveryCoreError {
    /// It could not be started.
    Start(StartError),
    /// The run ended: by SIGINT, which is [`RunError::Interrupted`], or because none could begin.
    Run(RunError),
    /// One of its loops stopped.
    Stopped(StoppedError),
}

impl fmt::Display for ServeOnEveryCoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start(error) => error.fmt(f),
            Self::Run(error) => error.fmt(f),
            Self::Stopped(error) => error.fmt(f),
        }
    }
}

impl Error for ServeOnEveryCoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Start(error) => error.source(),
            Self::Run(error) => error.source(),
            Self::Stopped(_) => None,
        }
    }
}
