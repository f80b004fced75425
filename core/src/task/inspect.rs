//! The times of a task, which cost two looks at the clock a poll, and where it comes from: only with the `inspect`
//! feature.

use core::cell::Cell;
use core::panic::Location;
use core::ptr;

use super::awaiter::Awaiter;
use crate::{Duration, Instant};

pub(crate) struct Times {
    /// When its last poll ended.
    since: Cell<Instant>,
    longest: Cell<Duration>,
    created: Cell<Option<&'static Location<'static>>>,
    /// Who awaits the group that it is a child of; null without one. CREW: it is a part of the crew, which is there while
    /// the child has one.
    group: Cell<*const Awaiter>,
}

impl Times {
    pub(crate) const fn new() -> Self {
        Self {
            since: Cell::new(Instant::from_ticks(0)),
            longest: Cell::new(Duration::ZERO),
            created: Cell::new(None),
            group: Cell::new(ptr::null()),
        }
    }

    /// The task was created.
    pub(crate) fn reset(&self, now: Instant) {
        self.since.set(now);
        self.longest.set(Duration::ZERO);
        self.created.set(None);
        self.group.set(ptr::null());
    }

    /// A poll ended.
    pub(crate) fn polled(&self, start: Instant, end: Instant) {
        self.since.set(end);
        self.longest.set(self.longest.get().max(end - start));
    }

    pub(crate) fn since(&self) -> Instant {
        self.since.get()
    }

    pub(crate) fn longest(&self) -> Duration {
        self.longest.get()
    }

    pub(crate) fn set_created(&self, at: &'static Location<'static>) {
        self.created.set(Some(at));
    }

    pub(crate) fn created(&self) -> Option<&'static Location<'static>> {
        self.created.get()
    }

    pub(crate) fn set_group(&self, group: *const Awaiter) {
        self.group.set(group);
    }

    pub(crate) fn group(&self) -> *const Awaiter {
        self.group.get()
    }
}
