//! The signal itself.
#![allow(unsafe_code)]

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use libc::c_int;

use crate::reactor::{Bell, Reactor};
use crate::signal::{self, Action, Handler, Ring, SIGINT};

/// Whether the signal has come since it was last caught.
static COME: AtomicBool = AtomicBool::new(false);
/// The number of the ring that the handler sounds.
static RING: AtomicUsize = AtomicUsize::new(usize::MAX);

// SAFETY: HANDLER: `handler` only touches two atomics, sounds a ring and puts `errno` back.
const HANDLER: Handler = unsafe { Handler::new(handler) };

extern "C" fn handler(_: c_int) {
    let errno = errno::errno();
    COME.store(true, Ordering::SeqCst);
    signal::sound(RING.load(Ordering::Relaxed));
    errno::set_errno(errno);
}

/// While it lives, the first SIGINT is only noted. There is one at most, since it takes the main thread and a loop there.
pub(super) struct Signal {
    _bell: Bell,
}

impl Signal {
    /// Catches the signal, if this is the main thread and nobody else has a say in what the signal does. If the
    /// system refuses what it takes, the signal keeps its default effect, too.
    pub(super) fn catch(reactor: &Reactor) -> Option<Self> {
        if !is_main_thread() || !Action::current(SIGINT).ok()?.is_default() {
            return None;
        }
        let ring = Ring::take().ok()?;
        RING.store(ring.number(), Ordering::Relaxed);
        let bell = reactor.bell(ring).ok()?;
        COME.store(false, Ordering::SeqCst);
        // One signal and it has its default effect again: the system itself sees to what the second one does.
        Action::calls_once(HANDLER).set(SIGINT).ok()?;
        Some(Self { _bell: bell })
    }

    pub(super) fn has_come() -> bool {
        COME.load(Ordering::SeqCst)
    }

    /// Gives the signal its default effect back. Whether it has come.
    pub(super) fn release(self) -> bool {
        drop(self);
        Self::has_come()
    }
}

impl Drop for Signal {
    fn drop(&mut self) {
        signal::withdraw(SIGINT, HANDLER);
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn is_main_thread() -> bool {
    // SAFETY: neither has a precondition.
    unsafe { libc::syscall(libc::SYS_gettid) == libc::getpid() as libc::c_long }
}

#[cfg(any(target_vendor = "apple", target_os = "freebsd", target_os = "openbsd", target_os = "dragonfly"))]
fn is_main_thread() -> bool {
    // SAFETY: it has no precondition.
    unsafe { libc::pthread_main_np() == 1 }
}

#[cfg(not(any(
    target_os = "linux",
    target_os = "android",
    target_vendor = "apple",
    target_os = "freebsd",
    target_os = "openbsd",
    target_os = "dragonfly"
)))]
fn is_main_thread() -> bool {
    std::thread::current().name() == Some("main")
}
