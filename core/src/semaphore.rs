//! asyncio's `Semaphore` and `BoundedSemaphore`.

use core::cell::Cell;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use core::{fmt, mem};

use pin_project_lite::pin_project;

use crate::WaitReason;
use crate::flavour::{Flavour, Local};
use crate::guarded::Guarded;
use crate::waiter::{Acquire, Attempt, Granted, Source, WaitList};

/// The permits of either semaphore.
///
/// Invariant **PERMITS**: what is `free`, what [`Permit`]s hold or waiters were granted, and the `room` together stay the
/// same for ever. So nothing can overflow, and a permit that is dropped always finds its place. Others wait only while
/// none is free.
struct Permits<R: Flavour> {
    inner: Guarded<State, R>,
}

struct State {
    free: Cell<usize>,
    /// How many may be released without a [`Permit`].
    room: Cell<usize>,
    waiters: WaitList,
}

impl State {
    #[cfg_attr(feature = "std", inline)]
    fn take(&self) -> bool {
        let free = self.free.get();
        self.free.set(free.saturating_sub(1));
        free > 0
    }

    /// Hands one to who waits longest, or adds it to those that are free.
    #[cfg_attr(feature = "std", inline)]
    fn put(&self) -> Option<Granted> {
        let next = if self.waiters.is_empty() { None } else { self.waiters.grant() };
        if next.is_none() {
            self.free.set(self.free.get() + 1);
        }
        next
    }
}

impl<R: Flavour> Permits<R> {
    const fn new(free: usize, room: usize) -> Self {
        let state = State { free: Cell::new(free), room: Cell::new(room), waiters: WaitList::new() };
        Self { inner: Guarded::new(state) }
    }

    #[cfg_attr(feature = "std", inline)]
    fn acquire(&self) -> Acquiring<'_, R> {
        Acquiring { permits: self, waits: None }
    }

    fn try_acquire(&self) -> Option<Permit<'_, R>> {
        self.inner.with(State::take).then(|| Permit { permits: self })
    }

    fn put(&self) {
        if let Some(next) = self.inner.with(State::put) {
            next.wake_aside();
        }
    }

    fn release(&self) -> Result<(), ReleaseError> {
        let next = self.inner.with(|state| {
            state.room.set(state.room.get().checked_sub(1).ok_or(ReleaseError { _private: () })?);
            Ok(state.put())
        })?;
        if let Some(next) = next {
            next.wake_aside();
        }
        Ok(())
    }

    fn free(&self) -> usize {
        self.inner.with(|state| state.free.get())
    }

    fn debug(&self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (free, waiters) = self.inner.with(|state| (state.free.get(), state.waiters.len()));
        f.debug_struct(name).field("available", &free).field("waiters", &waiters).finish()
    }
}

impl<R: Flavour> Source for &Permits<R> {
    type Flavour = R;
    type State = State;
    const REASON: WaitReason = WaitReason::Semaphore;

    fn guarded(&self) -> &Guarded<State, R> {
        &self.inner
    }

    fn waiters(state: &State) -> &WaitList {
        &state.waiters
    }

    fn try_take(state: &State) -> Attempt {
        if state.take() { Attempt::Taken } else { Attempt::Wait }
    }

    fn give_back(state: &State) -> Option<Granted> {
        state.put()
    }
}

pin_project! {
    /// The future of `acquire`: mostly a permit is free, and it is ready at once.
    struct Acquiring<'a, R: Flavour> {
        permits: &'a Permits<R>,
        // Only one who came in vain has a waiter.
        #[pin]
        waits: Option<Acquire<&'a Permits<R>>>,
    }
}

impl<'a, R: Flavour> Future for Acquiring<'a, R> {
    type Output = Permit<'a, R>;

    #[cfg_attr(feature = "std", inline)]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Permit<'a, R>> {
        let mut this = self.project();
        let permits: &'a Permits<R> = this.permits;
        if this.waits.as_mut().as_pin_mut().is_none() {
            if permits.inner.with(State::take) {
                return Poll::Ready(Permit { permits });
            }
            this.waits.set(Some(Acquire::after_attempt(permits)));
        }
        if let Some(waits) = this.waits.as_mut().as_pin_mut() {
            // Nobody is refused.
            let _ = ready!(waits.poll(cx));
        }
        Poll::Ready(Permit { permits })
    }
}

/// One permit of a [`Semaphore`] or a [`BoundedSemaphore`], which goes back when this is dropped.
#[must_use = "a permit that is dropped at once goes back at once"]
pub struct Permit<'a, R: Flavour = Local> {
    permits: &'a Permits<R>,
}

impl<R: Flavour> Permit<'_, R> {
    /// Keeps the permit from going back: somebody is going to `release` it, or nobody.
    pub fn forget(self) {
        // PERMITS: it is no longer held.
        self.permits.inner.with(|state| state.room.set(state.room.get() + 1));
        mem::forget(self);
    }
}

impl<R: Flavour> Drop for Permit<'_, R> {
    fn drop(&mut self) {
        self.permits.put();
    }
}

impl<R: Flavour> fmt::Debug for Permit<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Permit")
    }
}

/// A semaphore was released more often than it can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ReleaseError {
    _private: (),
}

impl fmt::Display for ReleaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "the semaphore was released too often: release only what was forgotten, and drop other permits",
        )
    }
}

impl core::error::Error for ReleaseError {}

macro_rules! semaphore {
    ($name:ident: $(#[$errors:meta])*) => {
        impl<R: Flavour> $name<R> {
            /// Waits for a permit, and takes it. It goes back when it is dropped.
            ///
            /// # Cancel safety
            /// A future dropped before it was ready has taken nothing, but lost its place among those who wait.
            ///
            /// # Allocation
            /// None.
            ///
            /// # Wakes from interrupts
            /// With the flavour `Shared`: `release` may be called, and a permit dropped, in one.
            #[cfg_attr(feature = "std", inline)]
            pub fn acquire(&self) -> impl Future<Output = Permit<'_, R>> {
                self.permits.acquire()
            }

            /// Takes a permit if one is free now; `None` if none is.
            pub fn try_acquire(&self) -> Option<Permit<'_, R>> {
                self.permits.try_acquire()
            }

            /// Adds a permit: hands it to who waits longest, or to whoever comes next. Not for one that is held by a
            /// [`Permit`], which is to be dropped; for one that was [forgotten](Permit::forget), as asyncio's `release`
            /// for its `acquire`.
            ///
            /// # Errors
            $(#[$errors])*
            pub fn release(&self) -> Result<(), ReleaseError> {
                self.permits.release()
            }

            /// Whether one who came now would have to wait.
            pub fn locked(&self) -> bool {
                self.available() == 0
            }

            /// How many permits are free.
            pub fn available(&self) -> usize {
                self.permits.free()
            }
        }

        impl<R: Flavour> fmt::Debug for $name<R> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.permits.debug(stringify!($name), f)
            }
        }
    };
}

/// Lets so many at a time do something. asyncio's `Semaphore`.
///
/// Those who wait are served first come first: a permit that comes free is handed over, so that the next one owns it
/// before it runs, and who comes later does not pass it. One that is cancelled or dropped with a permit in its hands
/// passes it on. Any number may wait. With the flavour [`Shared`](crate::Shared) it may stand in a `static` and be
/// released from another thread or from an interrupt.
///
/// ```
/// # use everloop_core::{EventLoop, TaskPool, virtual_time::{UNPARKER, VirtualTime}};
/// # static LOOP: EventLoop = EventLoop::new(UNPARKER);
/// # static POOL: TaskPool<4, 256> = TaskPool::new();
/// use everloop_core::{Duration, Instant, Semaphore, Shared, create_task, sleep};
///
/// static CONNECTIONS: Semaphore<Shared> = Semaphore::new(2);
/// # LOOP.run(&VirtualTime::new(), &[&POOL], async {
///
/// let start = Instant::now();
/// let requests = [(); 4].map(|()| {
///     create_task(async {
///         let _permit = CONNECTIONS.acquire().await;
///         sleep(Duration::from_secs(1)).await;
///     })
/// });
/// for request in requests {
///     request.await.unwrap();
/// }
/// assert_eq!(Instant::now() - start, Duration::from_secs(2)); // two at a time
/// # }).unwrap();
/// ```
///
/// A future of [`acquire`](Self::acquire) that is forgotten while it waits keeps its place, and the permit when its turn
/// comes, for ever.
///
/// # Differs from asyncio
/// A permit goes back by itself; for `acquire` and `release` as they are there, [forget](Permit::forget) it.
pub struct Semaphore<R: Flavour = Local> {
    permits: Permits<R>,
}

impl<R: Flavour> Semaphore<R> {
    /// A semaphore with so many permits; with none, until some are released.
    pub const fn new(permits: usize) -> Self {
        Self { permits: Permits::new(permits, usize::MAX - permits) }
    }
}

semaphore! { Semaphore:
    /// It would have more permits than can be counted, those that are held included.
}

/// A [`Semaphore`] that never has more permits than at its start. asyncio's `BoundedSemaphore`.
///
/// Those that are held count, so [`release`](Self::release) takes back only what was [forgotten](Permit::forget), and a
/// permit that is dropped is always taken back.
///
/// ```
/// use everloop_core::BoundedSemaphore;
///
/// let semaphore: BoundedSemaphore = BoundedSemaphore::new(1);
/// let permit = semaphore.try_acquire().unwrap();
/// assert!(semaphore.locked());
/// assert!(semaphore.release().is_err()); // the permit is going to be dropped
/// permit.forget();
/// assert!(semaphore.release().is_ok());
/// assert_eq!(semaphore.available(), 1);
/// ```
///
/// # Differs from asyncio
/// There a release is refused only while all permits are free.
pub struct BoundedSemaphore<R: Flavour = Local> {
    permits: Permits<R>,
}

impl<R: Flavour> BoundedSemaphore<R> {
    /// A semaphore with so many permits, which are the most that it may have.
    pub const fn new(permits: usize) -> Self {
        Self { permits: Permits::new(permits, 0) }
    }
}

semaphore! { BoundedSemaphore:
    /// It has as many permits as at its start, those that are held included.
}
