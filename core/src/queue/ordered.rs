use core::fmt;
use core::mem;
#[cfg(feature = "alloc")]
use core::num::NonZero;

#[cfg(feature = "alloc")]
use super::error::{OutOfMemory, ZeroCapacityError};
use super::error::{QueueShutDown, TaskDoneError, TryGetError, TryPutError};
use super::futures::{Getting, Putting};
use super::ops::Joiner;
use super::order::{FirstInFirstOut, Line, Order};
use super::state::State;
#[cfg(feature = "alloc")]
use super::storage::Bounded;
use super::storage::{QueueStorage, Storage};
use super::stream::QueueStream;
use crate::flavour::{Flavour, Local};
use crate::guarded::Guarded;
use crate::panics::Panics;
use crate::waiter::Acquire;

/// A first-in first-out queue. asyncio's `Queue`; [`LifoQueue`](crate::LifoQueue) and
/// [`PriorityQueue`](crate::PriorityQueue) are the same in another order.
///
/// `S` says where the items are kept: [`Fixed<N>`](crate::Fixed) holds up to `N` in place; with `alloc`, `Unbounded` any
/// number on the heap, and `Bounded` as many there as `Queue::bounded` is told. With the flavour
/// [`Shared`](crate::Shared) it may stand in a `static`, and `put_nowait` and `get_nowait` may be called from another
/// thread or from an interrupt; with `std` a thread without a loop may also wait, by `put_blocking` and `get_blocking`.
///
/// Getters and putters that wait are served first come first. Each is promised an item or a place before it runs, and
/// if it is cancelled or dropped instead, the next is. Which item a getter gets is decided when it runs.
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
pub struct Queue<T, S: QueueStorage, R: Flavour = Local, O: Order<T> = FirstInFirstOut> {
    pub(super) inner: Guarded<State<O::Line<S>, S>, R>,
}

impl<T, S: Storage, R: Flavour, O: Order<T>> Default for Queue<T, S, R, O> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T, S: Storage, R: Flavour, O: Order<T>> Queue<T, S, R, O> {
    /// An empty queue.
    pub const fn new() -> Self {
        const { assert!(!matches!(S::ROOM, Some(0)), "a queue needs room for at least one item") };
        Self { inner: Guarded::new(State::new(O::Line::<S>::EMPTY, ())) }
    }
}

#[cfg(feature = "alloc")]
impl<T, R: Flavour, O: Order<T>> Queue<T, Bounded, R, O> {
    /// An empty queue with room for `maxsize` items on the heap.
    ///
    /// It has no memory until the first put, so that it may stand in a `static`.
    ///
    /// ```
    /// use everloop_core::{Bounded, Queue, Shared};
    ///
    /// static JOBS: Queue<String, Bounded, Shared> = Queue::bounded(2);
    ///
    /// JOBS.put_nowait("first".into()).unwrap();
    /// JOBS.put_nowait("second".into()).unwrap();
    /// assert!(JOBS.put_nowait("third".into()).is_err());
    /// ```
    ///
    /// # Panics
    /// If `maxsize` is zero; a `static` with that does not compile. asyncio's queues have no limit then: see
    /// `Unbounded`. For a number that is not known beforehand there is [`try_bounded`](Self::try_bounded).
    pub const fn bounded(maxsize: usize) -> Self {
        match NonZero::new(maxsize) {
            Some(maxsize) => Self::with_limit(maxsize),
            None => panic!("{}", ZeroCapacityError::MESSAGE),
        }
    }

    /// As [`bounded`](Self::bounded), without a panic.
    ///
    /// # Errors
    /// `maxsize` is zero.
    pub const fn try_bounded(maxsize: usize) -> Result<Self, ZeroCapacityError> {
        match NonZero::new(maxsize) {
            Some(maxsize) => Ok(Self::with_limit(maxsize)),
            None => Err(ZeroCapacityError),
        }
    }

    const fn with_limit(maxsize: NonZero<usize>) -> Self {
        Self { inner: Guarded::new(State::new(O::Line::<Bounded>::EMPTY, maxsize)) }
    }
}

impl<T, S: QueueStorage, R: Flavour, O: Order<T>> Queue<T, S, R, O> {
    /// Puts an item in, waiting for room.
    ///
    /// # Errors
    /// The queue is shut down, before or while this waits: with [`Fixed`](crate::Fixed) a [`QueueShutDown`]. On the heap
    /// there may also be no memory for the item, so it is a `PutError`. The item comes back.
    ///
    /// # Cancel safety
    /// A future dropped before it was ready has put nothing in; its item is dropped with it.
    ///
    /// # Allocation
    /// With [`Fixed`](crate::Fixed) none; on the heap when the items outgrow the memory they have.
    ///
    /// # Wakes from interrupts
    /// With the flavour `Shared`: `get_nowait` may be called from one.
    #[cfg_attr(feature = "std", inline)]
    pub fn put(&self, item: T) -> impl Future<Output = Result<(), S::PutError<T>>> {
        Putting::new(self, item)
    }

    /// After a wait that ended with a place, or in vain.
    pub(super) fn put_after(&self, waited: bool, item: T) -> Result<(), TryPutError<T>> {
        if !waited {
            return Err(TryPutError::QueueShutDown(item));
        }
        let (done, granted) = self.inner.with(|state| state.put_reserved(item));
        wake(granted);
        done
    }

    /// Takes the item that is next, waiting for one.
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
    #[cfg_attr(feature = "std", inline)]
    pub fn get(&self) -> impl Future<Output = Result<T, QueueShutDown>> {
        Getting::new(self)
    }

    /// After a wait that ended with a claim, or in vain.
    #[cfg_attr(feature = "std", inline)]
    pub(super) fn get_after(&self, waited: bool) -> Result<T, QueueShutDown> {
        if !waited {
            return Err(QueueShutDown(()));
        }
        let claim = Claim(self);
        self.settle();
        let (item, granted) = self.inner.with(State::take_claimed);
        mem::forget(claim);
        wake(granted);
        item.ok_or(QueueShutDown(()))
    }

    /// The items, one after the other, as a [`Stream`](futures_core::Stream) for the adapters of other crates. It takes each
    /// as [`get`](Self::get) does, beside others who get, and ends when the queue is shut down and nothing is left in it.
    ///
    /// ```
    /// # use everloop_core::{EventLoop, Fixed, Queue, virtual_time::{UNPARKER, VirtualTime}};
    /// # static LOOP: EventLoop = EventLoop::new(UNPARKER);
    /// use futures_util::StreamExt;
    /// # LOOP.run(&VirtualTime::new(), &[], async {
    ///
    /// let queue: Queue<u32, Fixed<8>> = Queue::new();
    /// for n in [1, 2, 3] {
    ///     queue.put_nowait(n).unwrap();
    /// }
    /// queue.shutdown(false);
    /// let sum = queue.stream().map(|n| n * 10).fold(0, async |sum, n| sum + n).await;
    /// assert_eq!(sum, 60);
    /// # }).unwrap();
    /// ```
    ///
    /// # Cancel safety
    /// Dropping it, or a future that waits for its next item, takes nothing.
    ///
    /// # Allocation
    /// None.
    ///
    /// # Wakes from interrupts
    /// With the flavour `Shared`: `put_nowait` may be called from one.
    pub fn stream(&self) -> QueueStream<'_, T, S, R, O> {
        QueueStream::new(self)
    }

    /// Puts an item in, if there is room now.
    ///
    /// # Errors
    /// The queue is full or shut down, or on the heap and there is no memory; the item comes back.
    #[cfg_attr(feature = "std", inline)]
    pub fn put_nowait(&self, item: T) -> Result<(), TryPutError<T>> {
        let (done, granted) = self.inner.with(|state| state.try_put(item));
        wake(granted);
        done
    }

    /// Takes the item that is next, if there is one now.
    ///
    /// # Errors
    /// The queue is empty, or empty and shut down.
    #[cfg_attr(feature = "std", inline)]
    pub fn get_nowait(&self) -> Result<T, TryGetError> {
        self.settle();
        let (item, granted) = self.inner.with(State::try_get)?;
        wake(granted);
        Ok(item)
    }

    /// Brings what was put since into its order. One at a time, so that a lock is never held for long.
    fn settle(&self) {
        if O::Line::<S>::SORTS {
            while self.inner.with(State::settle) {}
        }
    }

    /// How many items are in.
    pub fn qsize(&self) -> usize {
        self.inner.with(State::len)
    }

    /// How many items fit in; `None` without a limit.
    pub fn maxsize(&self) -> Option<usize> {
        self.inner.with(State::room)
    }

    /// Whether nothing is in.
    pub fn empty(&self) -> bool {
        self.qsize() == 0
    }

    /// Whether a [`put_nowait`](Self::put_nowait) would find no room.
    pub fn full(&self) -> bool {
        self.inner.with(|state| !state.has_room())
    }

    /// Gets memory for so many items in all, or for as many as fit in, so that puts get none until there are more. With
    /// [`Fixed`](crate::Fixed) it is there.
    ///
    /// # Errors
    /// There is not so much memory.
    #[cfg(feature = "alloc")]
    pub fn reserve(&self, len: usize) -> Result<(), OutOfMemory> {
        if self.inner.with(|state| state.reserve(len)) { Ok(()) } else { Err(OutOfMemory) }
    }

    /// Says that an item that was got is dealt with.
    ///
    /// # Errors
    /// Every item that was put in is dealt with already.
    ///
    /// # Panics
    /// If a waker of another executor does, when all who join were woken.
    pub fn task_done(&self) -> Result<(), TaskDoneError> {
        if self.inner.with(State::task_done)? {
            let mut panics = Panics::new();
            self.release_joiners(&mut panics);
            panics.resume();
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
    ///
    /// # Panics
    /// If the drop of an item or a waker of another executor does, when all were dropped and all who wait were woken.
    pub fn shutdown(&self, immediate: bool) {
        self.inner.with(|state| state.shut_down(immediate));
        // All are dropped and all who wait are told in any case, also if one drop or waker panics.
        let mut panics = Panics::new();
        if immediate {
            // One at a time, since dropping an item is foreign code and must not happen under the lock.
            while let Some(item) = self.inner.with(State::discard_one) {
                panics.catch(|| drop(item));
            }
        }
        if self.inner.with(State::end_joins) {
            self.release_joiners(&mut panics);
        }
        // CLAIMS: whoever still waits to get would wait for ever.
        while let Some(refused) =
            self.inner.with(|state| state.putters.refuse().or_else(|| state.getters.refuse()))
        {
            refused.wake_among(&mut panics);
        }
        panics.resume();
    }

    /// Wakes those whose join has ended.
    fn release_joiners(&self, panics: &mut Panics) {
        while let Some(granted) = self.inner.with(|state| state.joiners.grant_older()) {
            granted.wake_among(panics);
        }
    }
}

/// A claim of a getter, which goes to the next if a comparison of items panics.
struct Claim<'a, T, S: QueueStorage, R: Flavour, O: Order<T>>(&'a Queue<T, S, R, O>);

impl<T, S: QueueStorage, R: Flavour, O: Order<T>> Drop for Claim<'_, T, S, R, O> {
    fn drop(&mut self) {
        wake(self.0.inner.with(State::return_claim));
    }
}

/// Wakes who gets its turn by what the caller did, which is done whatever that waker does.
#[cfg_attr(feature = "std", inline)]
fn wake(granted: Option<crate::waiter::Granted>) {
    if let Some(granted) = granted {
        granted.wake_aside();
    }
}

impl<T, S: QueueStorage, R: Flavour, O: Order<T>> fmt::Debug for Queue<T, S, R, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Taken under the lock, and shown after it.
        let (len, [getters, putters], unfinished, shut) = self.inner.with(|state| {
            let waiting = [state.getters.len(), state.putters.len()];
            (state.len(), waiting, state.unfinished.get(), state.is_shut())
        });
        f.debug_struct(O::NAME)
            .field("qsize", &len)
            .field("maxsize", &self.maxsize())
            .field("getters", &getters)
            .field("putters", &putters)
            .field("unfinished", &unfinished)
            .field("shut_down", &shut)
            .finish()
    }
}
