//! Waits for sockets, for timers and for wakes from other threads, on one thread.

#[cfg(unix)]
mod bell;
mod current;
mod driver;
mod error;
mod events;
mod readiness;
mod registered;
mod rest;
mod sources;
mod spinning;
mod token;
mod unparker;
mod waiters;

use std::fmt;
use std::io;
use std::rc::Rc;
use std::task::Waker;

use everloop_core::Instant;
use everloop_core::platform::{Platform, Wait};

#[cfg(unix)]
pub(crate) use bell::Bell;
pub(crate) use current::current;
pub(crate) use driver::Driver;
#[cfg(any(feature = "embassy-time-driver", feature = "hyper"))]
pub(crate) use driver::start;
pub(crate) use readiness::Side;
pub(crate) use registered::{Registered, Waiter};
pub(crate) use waiters::Key;

pub use current::Entered;
pub use error::ReactorError;

/// The platform of a host: its clock, and a poller to park on. [`run`](crate::run) makes one for each loop.
///
/// By hand, to give the loop pools or to put a platform of your own around it:
///
/// ```
/// use everloop::{OwnedLoop, TaskPool, create_task, reactor::Reactor};
///
/// static POOL: TaskPool<4, 256> = TaskPool::new();
///
/// let reactor = Reactor::new()?;
/// let event_loop = OwnedLoop::new(reactor.unparker());
/// let _entered = reactor.enter();
/// let answer = event_loop.run(&reactor, &[&POOL], async { create_task(async { 42 }).await });
/// assert_eq!(answer, Ok(Ok(42)));
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Precision
/// A timer never fires early. On Linux, macOS and the BSDs the operating system is asked in nanoseconds, to which Linux
/// adds the thread's timer slack, 50 microseconds unless the program has set another. On Windows, and on Linux before 5.11,
/// it is asked in whole milliseconds, rounded up, so an idle loop wakes up to a millisecond late; it does not spin through
/// the rest.
///
/// # Wakes from other threads
/// A loop that sleeps is woken by a call of the system, one for all wakes until it runs. When such wakes follow each other
/// closely, and there is more than one processor, it looks out for the next for up to 20 microseconds before it sleeps.
pub struct Reactor {
    driver: Rc<Driver>,
}

impl Reactor {
    /// A reactor with a poller of its own.
    ///
    /// # Errors
    /// The operating system's, most likely that no file descriptor is left.
    pub fn new() -> io::Result<Self> {
        Ok(Self { driver: Rc::new(Driver::new()?) })
    }

    /// What ends a park of this reactor, from any thread. It may outlive the reactor and then does nothing.
    pub fn unparker(&self) -> Waker {
        self.driver.unparker()
    }

    /// Makes it the thread's reactor, which sockets are registered with, until the guard is dropped.
    pub fn enter(&self) -> Entered {
        Entered::new(Rc::clone(&self.driver))
    }

    /// Has the sound of `ring` end a park, until the bell is dropped.
    #[cfg(unix)]
    pub(crate) fn bell(&self, ring: crate::signal::Ring) -> io::Result<Bell> {
        Bell::new(Rc::clone(&self.driver), ring)
    }
}

impl Platform for Reactor {
    fn now(&self) -> Instant {
        self.driver.now()
    }

    fn park(&self, wait: Wait) {
        self.driver.park(wait);
        // Here, as the handlers can't: they may run in the middle of anything.
        #[cfg(unix)]
        self.driver.signals().look();
    }

    #[cfg(feature = "tracing")]
    fn observer(&self, task: &everloop_core::TaskInfo) -> Option<Box<dyn everloop_core::TaskObserver>> {
        crate::interop::tracing::observer(task)
    }
}

/// Signals that the loop still handles do again what they did before.
#[cfg(unix)]
impl Drop for Reactor {
    fn drop(&mut self) {
        // Not when the driver is dropped: sockets may keep that for longer.
        self.driver.signals().clear(&self.driver);
    }
}

impl fmt::Debug for Reactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reactor").field("sources", &self.driver.sources()).finish()
    }
}
