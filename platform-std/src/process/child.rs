#[cfg(target_os = "linux")]
use std::os::fd::{AsRawFd, RawFd};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard, PoisonError};

use everloop_core::{Event, Shared};

use super::error::SignalError;
use super::reaper::System;
#[cfg(all(target_os = "linux", target_env = "gnu"))]
use super::starters::Claim;

/// The return code where the exit status was taken by somebody else. asyncio's choice.
pub(super) const UNKNOWN: i32 = 255;

/// A child, as its handle and the thread that reaps it share it.
///
/// It is reaped, and sent signals, only under its lock (or that of what stands for it in `system`), and never sent one
/// after it was reaped: until then the system does not give its pid to another process.
pub(crate) struct Child {
    pid: u32,
    state: Mutex<State>,
    exited: Event<Shared>,
}

struct State {
    code: Option<i32>,
    /// What it is known to the system by. Kept until the thread that waits for it has seen its end.
    system: Option<System>,
    /// Kept for as long.
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    starter: Option<Claim>,
}

impl Child {
    pub(super) fn new(pid: u32, system: System) -> Self {
        let state = State {
            code: None,
            system: Some(system),
            #[cfg(all(target_os = "linux", target_env = "gnu"))]
            starter: Claim::of_this_thread(),
        };
        Self { pid, state: Mutex::new(state), exited: Event::new() }
    }

    pub(super) fn pid(&self) -> u32 {
        self.pid
    }

    /// Nothing foreign runs under the lock, so a poisoned one is as good as another.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it is known to have ended.
    #[cfg(target_os = "linux")]
    pub(super) fn has_ended(&self) -> bool {
        self.state().code.is_some()
    }

    /// Its return code, if it has ended: then it is reaped by now, and those who wait are told.
    pub(super) fn code(&self) -> Option<i32> {
        let mut state = self.state();
        if state.code.is_none() {
            let code = state.system.as_ref()?.try_reap()?;
            state.code = Some(code);
            drop(state);
            self.tell();
            return Some(code);
        }
        state.code
    }

    /// It has ended, and if nobody knows how, then that is how.
    pub(super) fn end(&self) {
        if self.code().is_none() {
            self.state().code = Some(UNKNOWN);
            self.tell();
        }
    }

    /// Lets go of what the system knows it by, after its end, and before that calls `f` with it.
    pub(super) fn release(&self, f: impl FnOnce(&System)) {
        let mut state = self.state();
        let system = state.system.take();
        #[cfg(all(target_os = "linux", target_env = "gnu"))]
        let _starter = state.starter.take();
        drop(state);
        if let Some(system) = &system {
            f(system);
        }
    }

    /// Wakes all that wait. What a waker does if it panics is its own affair: the others are woken all the same.
    fn tell(&self) {
        while let Err(payload) = catch_unwind(AssertUnwindSafe(|| self.exited.set())) {
            std::mem::forget(catch_unwind(AssertUnwindSafe(|| drop(payload))));
        }
    }

    /// What `f` gives with its pidfd, if it has one and that is not yet let go of.
    #[cfg(target_os = "linux")]
    pub(super) fn with_pidfd<T>(&self, f: impl FnOnce(RawFd) -> T) -> Option<T> {
        let state = self.state();
        match state.system.as_ref()? {
            System::Pidfd(pidfd) => Some(f(pidfd.as_raw_fd())),
            System::Thread(_) => None,
        }
    }

    pub(super) async fn wait(&self) -> i32 {
        loop {
            if let Some(code) = self.code() {
                return code;
            }
            self.exited.wait().await;
        }
    }

    pub(super) fn send_signal(&self, signal: i32) -> Result<(), SignalError> {
        if self.code().is_some() {
            return Err(SignalError::Finished);
        }
        let state = self.state();
        match &state.system {
            Some(system) if state.code.is_none() => {
                if signal == 0 {
                    return Ok(());
                }
                system.send_signal(signal)
            }
            _ => Err(SignalError::Finished),
        }
    }
}
