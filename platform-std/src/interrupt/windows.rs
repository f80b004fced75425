//! Ctrl-c of a console, which comes on a thread that the system makes for it.
#![allow(unsafe_code)]

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::thread;

use everloop_core::{Event, Shared};
use windows_sys::Win32::System::Console::{CTRL_C_EVENT, SetConsoleCtrlHandler};
use windows_sys::core::BOOL;

use crate::reactor::Reactor;

/// Whether it has come since a run last watched for it.
static COME: AtomicBool = AtomicBool::new(false);
static WATCHED: Mutex<Watched> = Mutex::new(Watched { installed: false, waiting: Vec::new(), run: None });

struct Watched {
    /// The system has the handler. It is never taken away: with nobody to tell it leaves all as it was.
    installed: bool,
    /// Those who wait for it, each with an event of its own. While there is one it does nothing else.
    waiting: Vec<Arc<Event<Shared>>>,
    /// Ends the park of the run that the next one interrupts. One only: the second kills.
    run: Option<Waker>,
}

fn watched() -> MutexGuard<'static, Watched> {
    WATCHED.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Watched {
    fn install(&mut self) -> io::Result<()> {
        // SAFETY: HANDLER: it may be called on any thread at any time from here on: it only takes a lock under which
        // nothing foreign runs, and tells an event between threads and a poller.
        if !self.installed && unsafe { SetConsoleCtrlHandler(Some(handler), 1) } == 0 {
            return Err(io::Error::last_os_error());
        }
        self.installed = true;
        Ok(())
    }
}

/// Whether this was all that is to be done about it.
unsafe extern "system" fn handler(kind: u32) -> BOOL {
    if kind != CTRL_C_EVENT {
        return 0;
    }
    let (waiting, run) = {
        let mut watched = watched();
        let waiting = watched.waiting.clone();
        let run = if waiting.is_empty() { watched.run.take() } else { None };
        (waiting, run)
    };
    if !waiting.is_empty() {
        waiting.iter().for_each(|told| told.set());
    } else if let Some(run) = run {
        COME.store(true, Ordering::SeqCst);
        run.wake();
    } else {
        return 0;
    }
    1
}

/// While it lives, the first ctrl-c is only noted. There is one at most.
pub(super) struct Signal(());

impl Signal {
    /// Catches ctrl-c, if this is the main thread and no other run does.
    pub(super) fn catch(reactor: &Reactor) -> Option<Self> {
        if thread::current().name() != Some("main") {
            return None;
        }
        let unparker = reactor.unparker();
        let mut watched = watched();
        if watched.run.is_some() || watched.install().is_err() {
            return None;
        }
        COME.store(false, Ordering::SeqCst);
        watched.run = Some(unparker);
        Some(Self(()))
    }

    pub(super) fn has_come() -> bool {
        COME.load(Ordering::SeqCst)
    }

    /// Gives ctrl-c its default effect back. Whether it has come.
    pub(super) fn release(self) -> bool {
        drop(self);
        Self::has_come()
    }
}

impl Drop for Signal {
    fn drop(&mut self) {
        let run = watched().run.take();
        drop(run);
    }
}

/// While it lives, ctrl-c is told to those who wait and does nothing else.
pub(crate) struct Waiting(Arc<Event<Shared>>);

impl Waiting {
    pub(crate) fn begin() -> io::Result<Self> {
        let mut watched = watched();
        watched.install()?;
        let told = Arc::new(Event::new());
        watched.waiting.push(Arc::clone(&told));
        Ok(Self(told))
    }

    /// What is set when ctrl-c comes.
    pub(crate) fn told(&self) -> &Event<Shared> {
        &self.0
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        watched().waiting.retain(|told| !Arc::ptr_eq(told, &self.0));
    }
}
