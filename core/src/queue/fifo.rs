use core::fmt;

use super::error::{QueueShutDown, TaskDoneError, TryGetError, TryPutError};
use super::ops::{Getter, Joiner, Putter};
use super::state::State;
use super::storage::{Buffer, Storage};
use crate::flavour::{Flavour, Local};
use crate::guarded::Guarded;
use crate::panics::Panics;
use crate::waiter::Acquire;

/// A first-in first-out queue. asyncio's `Queue`.
///
/// `S` says where the items are kept: [`Fixed<N>`](crate::Fixed) holds up to `N` in place, `Unbounded` (with `alloc`) any number on the
/// heap. With the flavour
/// [`Shared`](crate::Shared) it may stand in a `static`, and `put_nowait` and `get_nowait` may be called from another
/// thread or from an interrupt.
///
/// Getters and putters that wait are served first come first. Each is promised an item or a place before it runs, and
/// if it is cancelled or dropped instead, the next is.
///
/// ```
/// # use everloop_core::{EventLoop, TaskPool, virtual_time::{UNPARKER, VirtualTime}};
/// # static LOOP: EventLoop = EventLoop::new(UNPARKER);
/// # static POOL: TaskPool<1, 128> = TaskPool::new();
/// use everloop_core::{Fixed, Queue, Shared, create_task};
///
/// static READINGS: Queue<u32, Fixed<8>, Shared> = Queue::new();
/// # LOOP.run(&VirtualTime::new(), &[&POOL], async {
///
/// create_task(async {
///     for reading in 0..100 {
///         READINGS.put(reading).await.unwrap(); // waits while eight are in
///     }
/// });
/// for expected in 0..100 {
///     assert_eq!(READINGS.get().await, Ok(expected));
/// }
/// # }).unwrap();
/// ```
///
/// # Differs from asyncio
/// Who comes later never takes an item or a place from one who was woken for it.
pub struct Queue<T, S: Storage, R: Flavour = Local> {
    pub(super) inner: Guarded<State<S::Fifo<T>>, R>,
}

impl<T, S: Storage, R: Flavour> Default for Queue<T, S, R> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T, S: Storage, R: Flavour> Queue<T, S, R> {
    /// An empty queue.
    pub const fn new() -> Self {
        const { assert!(!matches!(S::ROOM, Some(0)), "a queue needs room for at least one item") };
        Self { inner: Guarded::new(State::new(S::Fifo::<T>::EMPTY)) }
    }

    /// Puts an item in, waiting for room.
    ///
    /// # Errors
    /// The queue is shut down, before or while this waits; the item comes back.
    ///
    /// # Cancel safety
    /// A future dropped before it was ready has put nothing in; its item is dropped with it.
    ///
    /// # Allocation
    /// None.
    ///
    /// # Wakes from interrupts
    /// With the flavour `Shared`: `get_nowait` may be called from one.
    pub async fn put(&self, item: T) -> Result<(), QueueShutDown<T>> {
        // Without waiting, and without a waiter, if there is room.
        let item = match self.put_nowait(item) {
            Ok(()) => return Ok(()),
            Err(TryPutError::QueueShutDown(item)) => return Err(QueueShutDown(item)),
            Err(TryPutError::QueueFull(item)) => item,
        };
        if Acquire::new(Putter(self)).await.is_err() {
            return Err(QueueShutDown(item));
        }
        match self.inner.with(|state| state.put_reserved(item)) {
            Ok(granted) => {
                wake(granted);
                Ok(())
            }
            Err(item) => Err(QueueShutDown(item)),
        }
    }

    /// Takes the first item, waiting for one.
    ///
    /// # Errors
    /// The queue is shut down and nothing is left in it.
    ///
    /// # Cancel safety
    /// A future dropped before it was ready has taken nothing.
    ///
    /// # Allocation
    /// None.
    ///
    /// # Wakes from interrupts
    /// With the flavour `Shared`: `put_nowait` may be called from one.
    pub async fn get(&self) -> Result<T, QueueShutDown> {
        match self.get_nowait() {
            Ok(item) => return Ok(item),
            Err(TryGetError::QueueShutDown) => return Err(QueueShutDown(())),
            Err(TryGetError::QueueEmpty) => {}
        }
        Acquire::new(Getter(self)).await.map_err(|_refused| QueueShutDown(()))?;
        let (item, granted) = self.inner.with(State::take_claimed);
        wake(granted);
        item.ok_or(QueueShutDown(()))
    }

    /// Puts an item in, if there is room now.
    ///
    /// # Errors
    /// The queue is full or shut down; the item comes back.
    pub fn put_nowait(&self, item: T) -> Result<(), TryPutError<T>> {
        wake(self.inner.with(|state| state.try_put(item))?);
        Ok(())
    }

    /// Takes the first item, if there is one now.
    ///
    /// # Errors
    /// The queue is empty, or empty and shut down.
    pub fn get_nowait(&self) -> Result<T, TryGetError> {
        let (item, granted) = self.inner.with(State::try_get)?;
        wake(granted);
        Ok(item)
    }

    /// How many items are in.
    pub fn qsize(&self) -> usize {
        self.inner.with(State::len)
    }

    /// How many items fit in; `None` without a limit.
    pub fn maxsize(&self) -> Option<usize> {
        self.inner.with(|state| state.items.borrow().capacity())
    }

    /// Whether nothing is in.
    pub fn empty(&self) -> bool {
        self.qsize() == 0
    }

    /// Whether a [`put_nowait`](Self::put_nowait) would find no room.
    pub fn full(&self) -> bool {
        self.inner.with(|state| !state.has_room())
    }

    /// Says that an item that was got is dealt with.
    ///
    /// # Errors
    /// Every item that was put in is dealt with already.
    pub fn task_done(&self) -> Result<(), TaskDoneError> {
        let last = self.inner.with(|state| {
            let left = state.unfinished.get().checked_sub(1).ok_or(TaskDoneError)?;
            state.unfinished.set(left);
            Ok(left == 0)
        })?;
        if last {
            self.release_joiners();
        }
        Ok(())
    }

    /// Waits until every item that was put in is dealt with: [`task_done`](Self::task_done) was called for each.
    ///
    /// # Cancel safety
    /// Dropping the future loses nothing.
    ///
    /// # Allocation
    /// None.
    ///
    /// # Wakes from interrupts
    /// With the flavour `Shared`: `task_done` may be called from one.
    pub async fn join(&self) {
        // A joiner is never refused.
        let _ = Acquire::new(Joiner(self)).await;
    }

    /// Refuses all further items, and fails those who wait to put. What is in can still be got; then `get` fails.
    /// With `immediate` what is in is dropped, and counts as dealt with for [`join`](Self::join).
    pub fn shutdown(&self, immediate: bool) {
        self.inner.with(|state| state.shut_down(immediate));
        // Whoever waits is told in any case, also if dropping an item panics.
        let _tell = Tell(self);
        if immediate {
            // One at a time, since dropping an item is foreign code and must not happen under the lock.
            while let Some(item) = self.inner.with(State::discard_one) {
                drop(item);
            }
        }
    }

    /// Tells all who wait that the queue is shut down.
    fn tell(&self) {
        let mut panics = Panics::new();
        if self.inner.with(|state| state.unfinished.get() == 0) {
            panics.catch(|| self.release_joiners());
        }
        // CLAIMS: whoever still waits to get would wait for ever.
        while let Some(refused) =
            self.inner.with(|state| state.putters.refuse().or_else(|| state.getters.refuse()))
        {
            panics.catch(|| refused.wake());
        }
        panics.resume();
    }

    fn release_joiners(&self) {
        self.inner.with(|state| state.joiners.begin_epoch());
        let mut panics = Panics::new();
        while let Some(granted) = self.inner.with(|state| state.joiners.grant_older()) {
            panics.catch(|| granted.wake());
        }
        panics.resume();
    }
}

/// Tells all who wait when it is dropped.
struct Tell<'a, T, S: Storage, R: Flavour>(&'a Queue<T, S, R>);

impl<T, S: Storage, R: Flavour> Drop for Tell<'_, T, S, R> {
    fn drop(&mut self) {
        self.0.tell();
    }
}

fn wake(granted: Option<crate::waiter::Granted>) {
    if let Some(granted) = granted {
        granted.wake();
    }
}

impl<T, S: Storage, R: Flavour> fmt::Debug for Queue<T, S, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queue").field("qsize", &self.qsize()).field("maxsize", &self.maxsize()).finish()
    }
}
