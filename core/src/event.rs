use core::cell::Cell;
use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

use crate::WaitReason;
use crate::flavour::{Flavour, Local};
use crate::guarded::Guarded;
use crate::panics::Panics;
use crate::waiter::{Acquire, Attempt, Granted, Source, WaitList};

/// A flag that tasks wait for. asyncio's `Event`.
///
/// [`set`](Self::set) wakes all that wait at that moment, also if [`clear`](Self::clear) follows before they run. Any
/// number may wait. With the flavour [`Shared`](crate::Shared) it may stand in a `static` and be set from another
/// thread or from an interrupt.
///
/// ```
/// # use everloop_core::{EventLoop, virtual_time::{UNPARKER, VirtualTime}};
/// # static LOOP: EventLoop = EventLoop::new(UNPARKER);
/// use everloop_core::{Event, Shared};
///
/// static BUTTON: Event<Shared> = Event::new();
/// # LOOP.run(&VirtualTime::new(), &[], async {
///
/// BUTTON.set(); // in an interrupt handler
/// BUTTON.wait().await;
/// # }).unwrap();
/// ```
pub struct Event<R: Flavour = Local> {
    inner: Guarded<EventState, R>,
}

struct EventState {
    set: Cell<bool>,
    waiters: WaitList,
}

impl<R: Flavour> Event<R> {
    /// An event that is not set.
    pub const fn new() -> Self {
        Self { inner: Guarded::new(EventState { set: Cell::new(false), waiters: WaitList::new() }) }
    }

    /// Sets the flag and wakes all that wait, first come first. The lock of a `Shared` event is taken anew for each
    /// waiter, so that interrupts are never masked longer for there being many.
    ///
    /// # Panics
    /// If a waker of another executor does, when all were woken.
    pub fn set(&self) {
        self.inner.with(|state| {
            state.set.set(true);
            state.waiters.begin_epoch();
        });
        // Those who come while this goes on find the flag set, or wait for the next time it is.
        // A foreign waker may panic, and must not keep the others from being woken.
        let mut panics = Panics::new();
        while let Some(granted) = self.inner.with(|state| state.waiters.grant_older()) {
            granted.wake_among(&mut panics);
        }
        panics.resume();
    }

    /// Clears the flag. Waiters that were woken already return all the same.
    pub fn clear(&self) {
        self.inner.with(|state| state.set.set(false));
    }

    /// Whether the flag is set.
    pub fn is_set(&self) -> bool {
        self.inner.with(|state| state.set.get())
    }

    /// Waits until the flag is set; returns at once if it is.
    ///
    /// # Cancel safety
    /// Dropping the future loses nothing.
    ///
    /// # Allocation
    /// None.
    ///
    /// # Wakes from interrupts
    /// With the flavour `Shared`: `set` may be called from one.
    pub fn wait(&self) -> EventWait<'_, R> {
        EventWait { acquire: Acquire::new(Set(self)) }
    }
}

#[cfg(feature = "std")]
impl Event<crate::Shared> {
    /// Blocks the calling thread, which runs no loop, until the flag is set.
    ///
    /// ```
    /// use std::thread;
    ///
    /// use everloop_core::{Event, Shared};
    ///
    /// static READY: Event<Shared> = Event::new();
    ///
    /// let thread = thread::spawn(|| READY.wait_blocking());
    /// READY.set(); // in a task
    /// assert_eq!(thread.join().unwrap(), Ok(()));
    /// ```
    ///
    /// # Errors
    /// [`WaitError::InLoop`](crate::WaitError::InLoop) inside a running loop.
    pub fn wait_blocking(&self) -> Result<(), crate::WaitError> {
        crate::blocking::wait(self.wait())
    }

    /// As [`wait_blocking`](Self::wait_blocking), for at most `timeout`.
    ///
    /// # Errors
    /// As there, and [`WaitError::Timeout`](crate::WaitError::Timeout) if the flag was not set in time.
    pub fn wait_blocking_timeout(&self, timeout: std::time::Duration) -> Result<(), crate::WaitError> {
        crate::blocking::wait_timeout(self.wait(), timeout)
    }
}

impl<R: Flavour> Default for Event<R> {
    fn default() -> Self {
        Self::new()
    }
}

impl<R: Flavour> fmt::Debug for Event<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (set, waiters) = self.inner.with(|state| (state.set.get(), state.waiters.len()));
        f.debug_struct("Event").field("set", &set).field("waiters", &waiters).finish()
    }
}

struct Set<'a, R: Flavour>(&'a Event<R>);

impl<R: Flavour> Source for Set<'_, R> {
    type Flavour = R;
    type State = EventState;
    const REASON: WaitReason = WaitReason::Event;

    fn guarded(&self) -> &Guarded<EventState, R> {
        &self.0.inner
    }

    fn waiters(state: &EventState) -> &WaitList {
        &state.waiters
    }

    fn try_take(state: &EventState) -> Attempt {
        if state.set.get() { Attempt::Taken } else { Attempt::Wait }
    }

    fn give_back(_: &EventState) -> Option<Granted> {
        None
    }
}

pin_project! {
    /// The future of [`Event::wait`].
    #[must_use = "futures do nothing unless awaited"]
    pub struct EventWait<'a, R: Flavour> {
        #[pin]
        acquire: Acquire<Set<'a, R>>,
    }
}

impl<R: Flavour> Future for EventWait<'_, R> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        // An event refuses nobody.
        self.project().acquire.poll(cx).map(|_granted| ())
    }
}
