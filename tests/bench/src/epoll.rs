//! epoll, by hand.

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

/// What there is to wait for.
pub struct Epoll {
    fd: OwnedFd,
}

/// Room for what has come.
pub type Events = [libc::epoll_event; 256];

/// Nothing.
pub const NO_EVENTS: Events = [libc::epoll_event { events: 0, u64: 0 }; 256];

impl Epoll {
    /// Nothing.
    pub fn new() -> Self {
        // SAFETY: it takes no pointer.
        let fd = unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) };
        assert!(fd >= 0, "{}", io::Error::last_os_error());
        // SAFETY: it was just made, and nobody else knows it.
        let fd = unsafe { OwnedFd::from_raw_fd(fd) };
        Self { fd }
    }

    /// Tells by this number, once, whenever something has come to be read.
    pub fn add(&self, of: &impl AsRawFd, number: usize) {
        let interest = libc::EPOLLIN | libc::EPOLLRDHUP | libc::EPOLLET;
        let mut event = libc::epoll_event { events: interest as u32, u64: number as u64 };
        // SAFETY: the pointer is to an event.
        let failed =
            unsafe { libc::epoll_ctl(self.fd.as_raw_fd(), libc::EPOLL_CTL_ADD, of.as_raw_fd(), &mut event) };
        assert_eq!(failed, 0, "{}", io::Error::last_os_error());
    }

    /// Waits until there is something, and gives the numbers.
    pub fn wait<'a>(&self, events: &'a mut Events) -> impl Iterator<Item = usize> + use<'a> {
        let room = events.len() as i32;
        // SAFETY: the pointer is to so many events.
        let count = unsafe { libc::epoll_wait(self.fd.as_raw_fd(), events.as_mut_ptr(), room, -1) };
        // Interrupted by a signal, there is nothing.
        events[..count.max(0) as usize].iter().map(|event| event.u64 as usize)
    }
}
