//! What a runner parks on: the reactor, and SIGINT.

use std::io;
use std::rc::Rc;
use std::task::Waker;

use everloop_core::platform::{Platform, Wait};
use everloop_core::{Instant, TaskInfo};

use crate::interrupt::{Watch, Watching};
use crate::reactor::{Entered, Reactor};

/// The platform of a runner's loop.
#[derive(Clone)]
pub(crate) struct Host {
    reactor: Rc<Reactor>,
    watch: Rc<Watch>,
}

impl Host {
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self { reactor: Rc::new(Reactor::new()?), watch: Rc::default() })
    }

    pub(crate) fn unparker(&self) -> Waker {
        self.reactor.unparker()
    }

    pub(crate) fn enter(&self) -> Entered {
        self.reactor.enter()
    }

    /// Has the next SIGINT cancel the main task, if the circumstances allow it, until the watch ends.
    pub(crate) fn watch_for_interrupts(&self) -> Watching<'_> {
        self.watch.begin(&self.reactor)
    }

    /// The task that a SIGINT cancels.
    pub(crate) fn set_main(&self, main: Option<TaskInfo>) {
        self.watch.set_main(main);
    }
}

impl Platform for Host {
    fn now(&self) -> Instant {
        self.reactor.now()
    }

    fn park(&self, wait: Wait) {
        self.reactor.park(wait);
        // A loop parks when it is idle, and every so often when it is busy; so this is where a signal is noticed. The
        // handler can't tell the task: it may run in the middle of anything.
        self.watch.look();
    }

    #[cfg(feature = "tracing")]
    fn observer(&self, task: &everloop_core::TaskInfo) -> Option<Box<dyn everloop_core::TaskObserver>> {
        self.reactor.observer(task)
    }
}
