//! How a signal handler ends a loop's park: by a byte into a stream that the loop's poller watches.
#![allow(unsafe_code)]

use std::io::{self, Read};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Mutex, PoisonError};

/// So many can be in use at once: a set of them fits into a word.
pub(crate) const RINGS: usize = usize::BITS as usize;

/// The ends to write to, by number; -1 where none was made yet. They stay open for good, so that a handler which still
/// runs on another thread when its loop ends writes to nothing else.
static WRITE_ENDS: [AtomicI32; RINGS] = [const { AtomicI32::new(-1) }; RINGS];

/// Both ends of each that was made.
static MADE: Mutex<Vec<Pair>> = Mutex::new(Vec::new());

struct Pair {
    read: UnixStream,
    _write: UnixStream,
    taken: bool,
}

fn made() -> std::sync::MutexGuard<'static, Vec<Pair>> {
    MADE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A stream that signal handlers write to, given back when this is dropped.
pub(crate) struct Ring {
    number: usize,
    read: mio::net::UnixStream,
}

impl Ring {
    /// Takes one that is free, or makes one.
    pub(crate) fn take() -> io::Result<Self> {
        let mut made = made();
        let number = match made.iter().position(|pair| !pair.taken) {
            Some(number) => number,
            None if made.len() == RINGS => {
                return Err(io::Error::other(format!("no more than {RINGS} loops can wait for signals")));
            }
            None => {
                let (read, write) = UnixStream::pair()?;
                read.set_nonblocking(true)?;
                write.set_nonblocking(true)?;
                WRITE_ENDS[made.len()].store(write.as_raw_fd(), Ordering::Release);
                made.push(Pair { read, _write: write, taken: false });
                made.len() - 1
            }
        };
        let read = made[number].read.try_clone()?;
        made[number].taken = true;
        drop(made);
        let ring = Self { number, read: mio::net::UnixStream::from_std(read) };
        // What a handler wrote after the last owner had gone.
        ring.empty();
        Ok(ring)
    }

    /// What handlers call it by.
    pub(crate) fn number(&self) -> usize {
        self.number
    }

    /// What a poller watches.
    pub(crate) fn source(&mut self) -> &mut mio::net::UnixStream {
        &mut self.read
    }

    /// Takes out what was written, so that there is room and the next byte is news.
    pub(crate) fn empty(&self) {
        while matches!((&self.read).read(&mut [0; 64]), Ok(1..)) {}
    }
}

impl Drop for Ring {
    fn drop(&mut self) {
        made()[self.number].taken = false;
    }
}

/// Ends the park of whoever has the ring. A signal handler may call this: HANDLER.
pub(crate) fn sound(number: usize) {
    let Some(end) = WRITE_ENDS.get(number) else { return };
    // If there is no room, the loop is told already.
    // SAFETY: one byte is read from a constant. The stream was opened before its number was given out, and stays open.
    unsafe { libc::write(end.load(Ordering::Acquire), [1u8].as_ptr().cast(), 1) };
}
