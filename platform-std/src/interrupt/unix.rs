//! The signal itself, by the system's own calls.
//!
//! Not by `signal-hook`, which never gives a signal its default effect back: it emulates it, and a handler that the
//! program installs after a run would find its signals killing the process.
//!
//! Invariant **HANDLER**: the handler runs on any thread and on top of any code, also the loop's. It touches nothing but
//! two atomics, `errno`, which it puts back, and `write`, which POSIX lists as safe there. It calls no waker.
#![allow(unsafe_code)]

use std::io::{self, Read};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::{mem, ptr};

use libc::c_int;

use crate::reactor::{Bell, Reactor};

/// Whether the signal has come since it was last caught.
static COME: AtomicBool = AtomicBool::new(false);
/// The end of the pipe that the handler writes to. It stays open for good, so that a handler which still runs on
/// another thread when a run ends writes to nothing else.
static RING: AtomicI32 = AtomicI32::new(-1);

extern "C" fn handler(_: c_int) {
    let errno = errno::errno();
    COME.store(true, Ordering::SeqCst);
    // If the pipe is full, the loop is told already.
    // SAFETY: HANDLER; one byte is read from a constant, and `RING` was opened before the handler was installed.
    unsafe { libc::write(RING.load(Ordering::Relaxed), [1u8].as_ptr().cast(), 1) };
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
        if !is_main_thread() || current().ok()?.sa_sigaction != libc::SIG_DFL {
            return None;
        }
        let mut pipe = pipe()?.try_clone().ok()?;
        // What a handler wrote after the last run had ended.
        while matches!(pipe.read(&mut [0; 16]), Ok(1..)) {}
        let bell = reactor.bell(mio::net::UnixStream::from_std(pipe)).ok()?;
        COME.store(false, Ordering::SeqCst);
        // One signal and it has its default effect again: the system itself sees to what the second one does.
        set(
            handler as extern "C" fn(c_int) as *const () as libc::sighandler_t,
            libc::SA_RESTART | libc::SA_RESETHAND,
        )
        .ok()?;
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
        // A handler that the program has installed meanwhile stays.
        let ours = handler as extern "C" fn(c_int) as *const () as libc::sighandler_t;
        if current().is_ok_and(|action| action.sa_sigaction == ours) {
            let _ = set(libc::SIG_DFL, 0);
        }
    }
}

/// The end of the pipe to read from. Made once in a process.
fn pipe() -> Option<&'static UnixStream> {
    static PIPE: OnceLock<Option<(UnixStream, UnixStream)>> = OnceLock::new();
    let pipe = PIPE.get_or_init(|| {
        let (read, write) = UnixStream::pair().ok()?;
        read.set_nonblocking(true).ok()?;
        write.set_nonblocking(true).ok()?;
        RING.store(write.as_raw_fd(), Ordering::Relaxed);
        Some((read, write))
    });
    pipe.as_ref().map(|(read, _)| read)
}

/// What SIGINT does now.
fn current() -> io::Result<libc::sigaction> {
    // SAFETY: the structure is plain numbers, for which zero is a value, and the call only writes to it.
    unsafe {
        let mut action: libc::sigaction = mem::zeroed();
        succeeded(libc::sigaction(libc::SIGINT, ptr::null(), &raw mut action))?;
        Ok(action)
    }
}

/// Sets what SIGINT does.
fn set(what: libc::sighandler_t, flags: c_int) -> io::Result<()> {
    // SAFETY: as in `current`; `what` is the default or the handler, which keeps to HANDLER and takes a number.
    unsafe {
        let mut action: libc::sigaction = mem::zeroed();
        action.sa_sigaction = what;
        action.sa_flags = flags;
        libc::sigemptyset(&raw mut action.sa_mask);
        succeeded(libc::sigaction(libc::SIGINT, &raw const action, ptr::null_mut()))
    }
}

fn succeeded(result: c_int) -> io::Result<()> {
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
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
