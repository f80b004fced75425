//! What a signal does, by the system's own calls.
//!
//! Not by `signal-hook`, which never gives a signal back what it did before: it emulates it, and a handler that the
//! program installs later would find its signals killing the process.
#![allow(unsafe_code)]

use std::io;
use std::{mem, ptr};

use libc::c_int;

/// A function that a signal calls.
///
/// Invariant **HANDLER**: it runs on any thread and on top of any code, also the loop's. It touches nothing but atomics,
/// `errno`, which it puts back, and `write`, which POSIX lists as safe there. It calls no waker.
#[derive(Clone, Copy)]
pub(crate) struct Handler(extern "C" fn(c_int));

impl Handler {
    /// # Safety
    /// The function keeps to HANDLER.
    pub(crate) const unsafe fn new(f: extern "C" fn(c_int)) -> Self {
        Self(f)
    }

    fn address(self) -> libc::sighandler_t {
        self.0 as *const () as libc::sighandler_t
    }
}

/// What a signal does.
#[derive(Clone, Copy)]
pub(crate) struct Action(libc::sigaction);

impl Action {
    /// What it does if nobody has asked for anything else.
    pub(crate) fn default() -> Self {
        Self::new(libc::SIG_DFL, 0)
    }

    /// It calls `handler`.
    pub(crate) fn calls(handler: Handler) -> Self {
        Self::new(handler.address(), libc::SA_RESTART)
    }

    /// It calls `handler`, and from then on does what it does by default.
    pub(crate) fn calls_once(handler: Handler) -> Self {
        Self::new(handler.address(), libc::SA_RESTART | libc::SA_RESETHAND)
    }

    fn new(what: libc::sighandler_t, flags: c_int) -> Self {
        // SAFETY: the structure is plain numbers, for which zero is a value, and the call only writes to it.
        unsafe {
            let mut action: libc::sigaction = mem::zeroed();
            action.sa_sigaction = what;
            action.sa_flags = flags;
            libc::sigemptyset(&raw mut action.sa_mask);
            Self(action)
        }
    }

    /// What the signal does now.
    pub(crate) fn current(signum: c_int) -> io::Result<Self> {
        // SAFETY: as in `new`.
        unsafe {
            let mut action: libc::sigaction = mem::zeroed();
            succeeded(libc::sigaction(signum, ptr::null(), &raw mut action))?;
            Ok(Self(action))
        }
    }

    /// From now on the signal does this. What it did before.
    pub(crate) fn set(self, signum: c_int) -> io::Result<Self> {
        // SAFETY: as in `new`. The action is the default, or a handler that keeps to HANDLER and takes a number, or what
        // the system said that it was.
        unsafe {
            let mut before: libc::sigaction = mem::zeroed();
            succeeded(libc::sigaction(signum, &raw const self.0, &raw mut before))?;
            Ok(Self(before))
        }
    }

    pub(crate) fn is_default(self) -> bool {
        self.0.sa_sigaction == libc::SIG_DFL
    }

    pub(crate) fn is(self, handler: Handler) -> bool {
        self.0.sa_sigaction == handler.address()
    }
}

fn succeeded(result: c_int) -> io::Result<()> {
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
