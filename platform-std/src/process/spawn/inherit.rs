//! What a child does between `fork` and `exec`, where `posix_spawn` can't be asked to.
//!
//! Invariant **FORKED**: it runs in a copy of this process of which all other threads, and so their locks, have stopped
//! anywhere. It makes system calls that POSIX lists as safe there, reads a list that was made before, and allocates
//! nothing.
#![allow(unsafe_code)]

use std::io;
use std::os::fd::RawFd;
use std::os::unix::process::CommandExt;
use std::process::Command;

/// Where the system lists this process's descriptors.
const LIST: &str = if cfg!(target_os = "linux") { "/proc/self/fd" } else { "/dev/fd" };

/// Has the child close what it would inherit beside its standard streams. If there is nothing, which is how it should
/// be, nothing is done: it would rule `posix_spawn` out.
pub(super) fn close_fds(command: &mut Command) {
    let inherited = inherited();
    if inherited.is_empty() {
        return;
    }
    let close = move || {
        for &fd in &inherited {
            // SAFETY: FORKED. That another thread has closed it meanwhile is no error.
            unsafe { libc::fcntl(fd, libc::F_SETFD, libc::FD_CLOEXEC) };
        }
        Ok(())
    };
    // SAFETY: FORKED.
    unsafe { command.pre_exec(close) };
}

/// Has the child lead a session of its own.
pub(super) fn start_new_session(command: &mut Command) {
    // SAFETY: FORKED.
    let lead = || if unsafe { libc::setsid() } == -1 { Err(io::Error::last_os_error()) } else { Ok(()) };
    // SAFETY: FORKED.
    unsafe { command.pre_exec(lead) };
}

/// The descriptors that a child would inherit, but for the standard streams. None where the system does not list them.
fn inherited() -> Vec<RawFd> {
    let Ok(entries) = std::fs::read_dir(LIST) else { return Vec::new() };
    let names = entries.flatten().map(|entry| entry.file_name());
    let open = names.filter_map(|name| name.to_str()?.parse::<RawFd>().ok());
    // SAFETY: the call only reads the flags of a descriptor, and is refused if there is none.
    open.filter(|&fd| fd > 2 && unsafe { libc::fcntl(fd, libc::F_GETFD) } & libc::FD_CLOEXEC == 0).collect()
}
