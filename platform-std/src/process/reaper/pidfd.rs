//! One thread for all children, which waits for their pidfds.

use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::{io, thread};

use rustix::buffer::spare_capacity;
use rustix::event::{Timespec, epoll};
use rustix::io::Errno;
use rustix::process::{PidfdFlags, WaitId, WaitIdOptions, pidfd_open, pidfd_send_signal, waitid};
use slab::Slab;

use super::{System, unreaped};
use crate::process::child::Child;
use crate::process::error::SignalError;

/// The thread ends when there was no child for so long.
const IDLE: Timespec = Timespec { tv_sec: 1, tv_nsec: 0 };

/// A child's pidfd. It names this child for ever, whatever becomes of the pid.
pub(in crate::process) struct Pidfd(OwnedFd);

impl Pidfd {
    pub(super) fn try_reap(&self) -> Option<i32> {
        unreaped::reap(WaitId::PidFd(self.0.as_fd()))
    }

    pub(super) fn send_signal(&self, signal: i32) -> Result<(), SignalError> {
        pidfd_send_signal(&self.0, unreaped::signal(signal)?)
            .map_err(|errno| super::signal_error(errno.into()))
    }
}

impl AsRawFd for Pidfd {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }
}

/// Gives the child to the thread. None where there are no pidfds, no descriptor is left, or no thread starts.
pub(super) fn adopt(number: u32) -> Option<Arc<Child>> {
    let pidfd = pidfd_open(unreaped::pid(number)?, PidfdFlags::empty()).ok()?;
    if !can_be_waited_for(&pidfd) {
        return None;
    }
    watch(number, pidfd).ok()
}

/// There have been kernels that could open them and not wait for them.
fn can_be_waited_for(pidfd: &OwnedFd) -> bool {
    static CAN: OnceLock<bool> = OnceLock::new();
    *CAN.get_or_init(|| {
        let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        !matches!(waitid(WaitId::PidFd(pidfd.as_fd()), look), Err(Errno::INVAL | Errno::NOSYS))
    })
}

struct Reaper {
    epoll: Arc<OwnedFd>,
    children: Slab<Arc<Child>>,
}

/// While the thread runs.
fn reaper() -> MutexGuard<'static, Option<Reaper>> {
    static REAPER: Mutex<Option<Reaper>> = Mutex::new(None);
    // Nothing foreign runs under the lock, so a poisoned one is as good as another.
    REAPER.lock().unwrap_or_else(PoisonError::into_inner)
}

fn watch(pid: u32, pidfd: OwnedFd) -> io::Result<Arc<Child>> {
    let mut slot = reaper();
    if slot.is_none() {
        let epoll = Arc::new(epoll::create(epoll::CreateFlags::CLOEXEC)?);
        let ours = Arc::clone(&epoll);
        // Under the lock, so that it finds what it is to wait for.
        thread::Builder::new().name("everloop-reaper".into()).spawn(move || reap(&ours))?;
        *slot = Some(Reaper { epoll, children: Slab::new() });
    }
    let Some(Reaper { epoll, children }) = &mut *slot else { unreachable!("it was just made") };
    let place = children.vacant_entry();
    // On edges: a debugger may keep a child that has ended from being reaped, and the end of that is an edge too.
    let flags = epoll::EventFlags::IN | epoll::EventFlags::ET;
    epoll::add(&**epoll, &pidfd, epoll::EventData::new_u64(place.key() as u64), flags)?;
    let child = Arc::new(Child::new(pid, System::Pidfd(Pidfd(pidfd))));
    place.insert(Arc::clone(&child));
    Ok(child)
}

/// The life of the thread.
fn reap(epoll: &OwnedFd) {
    let mut events = Vec::with_capacity(64);
    loop {
        // Without a time when there are children: the last one's end is an event.
        let idle = reaper().as_ref().is_none_or(|reaper| reaper.children.is_empty());
        let waited = epoll::wait(epoll, spare_capacity(&mut events), idle.then_some(&IDLE));
        match waited {
            Ok(0) => {
                let mut slot = reaper();
                if slot.as_ref().is_none_or(|reaper| reaper.children.is_empty()) {
                    *slot = None;
                    return;
                }
            }
            Ok(_) | Err(Errno::INTR) => {}
            // Nothing but a bug gets here (a descriptor closed under us): going on would spin for ever.
            Err(errno) => panic!("waiting for children failed: {errno}"),
        }
        for event in events.drain(..) {
            let key = event.data.u64() as usize;
            let child = reaper().as_ref().and_then(|reaper| reaper.children.get(key).cloned());
            // An event is only a hint: one of an earlier child in the same place may be late.
            if let Some(child) = child
                && child.code().is_some()
            {
                // A program that is being started right now has the descriptor too, for a moment. As long as it does, the
                // closing would not be the end of the events.
                child.release(|system| {
                    if let System::Pidfd(Pidfd(pidfd)) = system {
                        let _ = epoll::delete(epoll, pidfd);
                    }
                });
                let ours = reaper().as_mut().and_then(|reaper| reaper.children.try_remove(key));
                drop(ours);
            }
        }
    }
}
