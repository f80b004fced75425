//! Waiting by blocking a thread that runs no loop: for any future that others wake.

mod barrier;
mod condition;
mod lock;
mod semaphore;

use core::fmt;
use core::pin::pin;
use core::task::{Context, Poll};
use std::time::{Duration, Instant};

use crate::{current, shim};

/// Why a blocking wait gave nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WaitError {
    /// The time was up; it may be waited for again.
    Timeout,
    /// The caller is inside a running loop, which a blocking wait would stop.
    InLoop,
}

pub(crate) const TIMEOUT: &str = "what was waited for has not come in time; it can be waited for again";
pub(crate) const IN_LOOP: &str =
    "a blocking wait inside a running event loop would stop it: await what is waited for instead";

impl fmt::Display for WaitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Timeout => TIMEOUT,
            Self::InLoop => IN_LOOP,
        })
    }
}

impl core::error::Error for WaitError {}

/// Blocks the calling thread until the future is ready.
pub(crate) fn wait<F: Future>(future: F) -> Result<F::Output, WaitError> {
    wait_until(future, None)
}

/// As [`wait`], for at most `timeout`; the future is dropped then.
pub(crate) fn wait_timeout<F: Future>(future: F, timeout: Duration) -> Result<F::Output, WaitError> {
    wait_until(future, deadline(timeout))
}

/// One beyond the clock is none.
pub(crate) fn deadline(timeout: Duration) -> Option<Instant> {
    Instant::now().checked_add(timeout)
}

/// As [`wait`], until `deadline` if there is one.
pub(crate) fn wait_until<F: Future>(future: F, deadline: Option<Instant>) -> Result<F::Output, WaitError> {
    if current::is_any() {
        return Err(WaitError::InLoop);
    }
    let mut future = pin!(future);
    let waker = shim::thread_waker();
    let mut cx = Context::from_waker(&waker);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
            return Ok(output);
        }
        let rest = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        if rest.is_some_and(|rest| rest.is_zero()) {
            return Err(WaitError::Timeout);
        }
        shim::park_thread(rest);
    }
}
