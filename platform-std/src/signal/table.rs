//! The signals that one loop handles.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;

use everloop_core::{Event, try_create_task};
use libc::c_int;

use super::SignalError;
use super::arrival::{self, Catch};
use super::ring::Ring;
use crate::reactor::Driver;

/// The signals that one loop handles. It belongs to a driver, which is handed to what has to reach the poller.
#[derive(Default)]
pub(crate) struct Table {
    inner: RefCell<Inner>,
}

#[derive(Default)]
struct Inner {
    // Before the ring, which they sound.
    entries: BTreeMap<c_int, Entry>,
    /// As long as there are entries.
    ring: Option<Ring>,
}

/// A signal that is handled.
struct Entry {
    callback: Option<Rc<Callback>>,
    /// How many wait for it.
    waiting: usize,
    /// Set for a moment when the signal comes.
    came: Rc<Event>,
    /// The count that was dealt with.
    seen: usize,
    _catch: Catch,
}

/// What is called for a signal.
struct Callback {
    /// Until it was removed: a call that is under way then is not made.
    live: Cell<bool>,
    f: RefCell<Box<dyn FnMut()>>,
}

impl Callback {
    fn call(&self) {
        if self.live.get() {
            (self.f.borrow_mut())();
        }
    }
}

impl Table {
    /// Calls `f` when the signal comes, and no longer what was called before.
    pub(super) fn add(&self, driver: &Driver, signum: c_int, f: Box<dyn FnMut()>) -> Result<(), SignalError> {
        let callback = Rc::new(Callback { live: Cell::new(true), f: RefCell::new(f) });
        let before = self.with_entry(driver, signum, |entry| entry.callback.replace(callback))?;
        retire(before);
        Ok(())
    }

    /// Whether something was called for the signal until now.
    pub(super) fn remove(&self, driver: &Driver, signum: c_int) -> bool {
        let mut inner = self.inner.borrow_mut();
        let callback = inner.entries.get_mut(&signum).and_then(|entry| entry.callback.take());
        inner.tidy(driver, signum);
        drop(inner);
        retire(callback)
    }

    /// What is set when the signal comes. Until `stop_waiting`, the signal is caught.
    pub(super) fn start_waiting(&self, driver: &Driver, signum: c_int) -> Result<Rc<Event>, SignalError> {
        self.with_entry(driver, signum, |entry| {
            entry.waiting += 1;
            Rc::clone(&entry.came)
        })
    }

    pub(super) fn stop_waiting(&self, driver: &Driver, signum: c_int) {
        let mut inner = self.inner.borrow_mut();
        // None if the loop has ended.
        if let Some(entry) = inner.entries.get_mut(&signum) {
            entry.waiting -= 1;
        }
        inner.tidy(driver, signum);
    }

    /// Lets go of all signals.
    pub(crate) fn clear(&self, driver: &Driver) {
        let mut inner = self.inner.borrow_mut();
        let callbacks: Vec<_> = inner.entries.values_mut().map(|entry| entry.callback.take()).collect();
        // Before the ring, which another loop may take at once.
        inner.entries.clear();
        inner.release_ring(driver);
        drop(inner);
        // Callbacks are foreign code, and so are their drops.
        for callback in callbacks {
            retire(callback);
        }
    }

    fn with_entry<T>(
        &self,
        driver: &Driver,
        signum: c_int,
        f: impl FnOnce(&mut Entry) -> T,
    ) -> Result<T, SignalError> {
        let mut inner = self.inner.borrow_mut();
        let inner = &mut *inner;
        if let Some(entry) = inner.entries.get_mut(&signum) {
            return Ok(f(entry));
        }
        if inner.ring.is_none() {
            let mut ring = Ring::take().map_err(SignalError::Refused)?;
            driver.register_bell(ring.source()).map_err(SignalError::Refused)?;
            inner.ring = Some(ring);
        }
        let Some(ring) = &inner.ring else { unreachable!("it was just made") };
        // Before it is caught, so that the first one is news.
        let seen = arrival::count(signum);
        match Catch::new(signum, ring) {
            Ok(catch) => {
                let came = Rc::new(Event::new());
                let entry = Entry { callback: None, waiting: 0, came, seen, _catch: catch };
                Ok(f(inner.entries.entry(signum).or_insert(entry)))
            }
            Err(error) => {
                inner.tidy(driver, signum);
                // The number is in range, so this is the system's way to say that there is none.
                Err(match error.raw_os_error() {
                    Some(libc::EINVAL) => SignalError::Invalid(signum),
                    _ => SignalError::Refused(error),
                })
            }
        }
    }

    /// Has those called and woken whose signal came. On the loop's thread, in its context, outside any task.
    pub(crate) fn look(&self) {
        let mut due = Vec::new();
        {
            let mut inner = self.inner.borrow_mut();
            let Inner { entries, ring: Some(ring) } = &mut *inner else { return };
            if entries.iter().all(|(signum, entry)| arrival::count(*signum) == entry.seen) {
                return;
            }
            // First: what comes after it sounds the ring again.
            ring.empty();
            for (signum, entry) in entries {
                let count = arrival::count(*signum);
                if entry.seen != count {
                    entry.seen = count;
                    due.push((Rc::clone(&entry.came), entry.callback.clone()));
                }
            }
        }
        for (came, callback) in due {
            // Those who wait at this moment. All of them are woken, also if the waker of one panics.
            let woken = catch_unwind(AssertUnwindSafe(|| came.set()));
            came.clear();
            if let Err(payload) = woken {
                in_a_task(move || resume_unwind(payload));
            }
            if let Some(callback) = callback {
                in_a_task(move || callback.call());
            }
        }
    }
}

/// Has `f` called by a task, so that it has its turn, and that its panic goes to the loop's exception handler. A loop that
/// makes none any more is closed.
fn in_a_task(f: impl FnOnce() + 'static) {
    let called = try_create_task(async move { f() });
    drop(called.map(|task| task.named("signal handler")));
}

impl Inner {
    /// Lets go of a signal that nobody wants any more.
    fn tidy(&mut self, driver: &Driver, signum: c_int) {
        if self.entries.get(&signum).is_some_and(|entry| entry.callback.is_none() && entry.waiting == 0) {
            self.entries.remove(&signum);
        }
        if self.entries.is_empty() {
            self.release_ring(driver);
        }
    }

    fn release_ring(&mut self, driver: &Driver) {
        if let Some(mut ring) = self.ring.take() {
            driver.deregister_bell(ring.source());
        }
    }
}

/// A callback that is not called any more. Whether there was one.
fn retire(callback: Option<Rc<Callback>>) -> bool {
    let Some(callback) = callback else { return false };
    callback.live.set(false);
    true
}
