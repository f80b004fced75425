//! By epoll itself, on mio's descriptor: mio waits for whole milliseconds, and Linux can do better from 5.11 on.
//!
//! Invariant **BATCH**: the kernel is given a buffer with its length, and writes to it until the call returns. All of it is
//! initialized, also where the kernel has written nothing.
#![allow(unsafe_code)]

use std::io;
use std::os::fd::{AsRawFd, RawFd};
use std::ptr;
use std::time::Duration;

use libc::{c_int, epoll_event};
use mio::{Poll, Token};

use super::{BATCH, Signs};

/// The kernel's own, which is the same on machines of 32 bits.
#[repr(C)]
struct Timespec {
    seconds: i64,
    nanoseconds: i64,
}

/// What the last wait has given.
pub(in crate::reactor) struct Events {
    buffer: Box<[epoll_event]>,
    count: usize,
    /// Whether the kernel takes nanoseconds, as far as is known.
    exact: bool,
}

impl Events {
    pub(in crate::reactor) fn new() -> Self {
        Self { buffer: vec![epoll_event { events: 0, u64: 0 }; BATCH].into(), count: 0, exact: true }
    }

    /// Waits until something happens, or for so long.
    pub(in crate::reactor) fn wait(&mut self, poll: &mut Poll, timeout: Option<Duration>) -> io::Result<()> {
        let epoll = poll.as_raw_fd();
        self.count = 0;
        self.count = match timeout {
            None => self.wait_roughly(epoll, -1),
            Some(Duration::ZERO) => self.wait_roughly(epoll, 0),
            Some(timeout) => self.wait_for(epoll, timeout),
        }?;
        Ok(())
    }

    fn wait_for(&mut self, epoll: RawFd, timeout: Duration) -> io::Result<usize> {
        if self.exact {
            match self.wait_exactly(epoll, timeout) {
                // A kernel before 5.11, or a filter of system calls from before it: these refuse in one way or the other
                // what they do not know, and epoll itself does neither.
                Err(error) if matches!(error.raw_os_error(), Some(libc::ENOSYS | libc::EPERM)) => {
                    self.exact = false;
                }
                result => return result,
            }
        }
        // Rounded down, the last millisecond would be spent spinning.
        let milliseconds = timeout.as_nanos().div_ceil(1_000_000);
        self.wait_roughly(epoll, c_int::try_from(milliseconds).unwrap_or(c_int::MAX))
    }

    /// Not by the C library's function, which it has only from 2.35 on.
    fn wait_exactly(&mut self, epoll: RawFd, timeout: Duration) -> io::Result<usize> {
        let timeout = Timespec {
            seconds: i64::try_from(timeout.as_secs()).unwrap_or(i64::MAX),
            nanoseconds: timeout.subsec_nanos().into(),
        };
        // SAFETY: BATCH. The time is read, and no mask of signals is given.
        let count = unsafe {
            libc::syscall(
                libc::SYS_epoll_pwait2,
                epoll,
                self.buffer.as_mut_ptr(),
                BATCH as c_int,
                &raw const timeout,
                ptr::null::<libc::sigset_t>(),
                0_usize,
            )
        };
        usize::try_from(count).map_err(|_| io::Error::last_os_error())
    }

    /// Waits for so many milliseconds; for ever, if that is less than none.
    fn wait_roughly(&mut self, epoll: RawFd, milliseconds: c_int) -> io::Result<usize> {
        // SAFETY: BATCH.
        let count =
            unsafe { libc::epoll_wait(epoll, self.buffer.as_mut_ptr(), BATCH as c_int, milliseconds) };
        usize::try_from(count).map_err(|_| io::Error::last_os_error())
    }

    pub(in crate::reactor) fn is_empty(&self) -> bool {
        self.count == 0
    }

    pub(in crate::reactor) fn iter(&self) -> impl Iterator<Item = (Token, Signs)> {
        // Copied, since it is packed.
        self.buffer[..self.count]
            .iter()
            .map(|&event| (Token(event.u64 as usize), signs(event.events as c_int)))
    }
}

fn signs(bits: c_int) -> Signs {
    let has = |any: c_int| bits & any != 0;
    let over = has(libc::EPOLLHUP | libc::EPOLLERR);
    Signs {
        readable: has(libc::EPOLLIN | libc::EPOLLPRI),
        // The peer's end alone says nothing of reads.
        read_finished: over || (has(libc::EPOLLRDHUP) && has(libc::EPOLLIN)),
        writable: has(libc::EPOLLOUT) || over,
        urgent: has(libc::EPOLLPRI),
    }
}
