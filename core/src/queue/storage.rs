#[cfg(feature = "alloc")]
use core::num::NonZero;

use super::error::{PutFailed, QueueShutDown};
use super::items::Items;

/// What a queue may keep its items in.
///
/// [`Fixed`] in place; with `alloc`, `Bounded` and `Unbounded` on the heap.
pub trait QueueStorage: sealed::Sealed + 'static {
    #[doc(hidden)]
    type Items<E>: Items<Item = E>;
    /// What is known of the room at run time only.
    #[doc(hidden)]
    type Limit: Copy + Send;
    /// Why a `put` may fail: [`QueueShutDown`] where there is always room for what fits in, `PutError` where memory may
    /// run out.
    type PutError<T>: PutFailed<T>;

    /// How many items fit in; `None` without a limit.
    #[doc(hidden)]
    fn room(limit: Self::Limit) -> Option<usize>;
}

/// A storage whose type says how much fits in: [`Fixed`], or with `alloc` `Unbounded`.
pub trait Storage: QueueStorage<Limit = ()> {
    /// How many items fit in; `None` without a limit.
    const ROOM: Option<usize>;
}

/// Room for `N` items in place: no allocator is needed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Fixed<const N: usize>;

impl<const N: usize> QueueStorage for Fixed<N> {
    type Items<E> = heapless::Deque<E, N>;
    type Limit = ();
    type PutError<T> = QueueShutDown<T>;

    fn room((): ()) -> Option<usize> {
        Some(N)
    }
}

impl<const N: usize> Storage for Fixed<N> {
    const ROOM: Option<usize> = Some(N);
}

/// Room for as many items as memory holds, on the heap. asyncio's `maxsize=0`.
///
/// Memory is got when an item does not fit into what there is, or before by [`reserve`](super::Queue::reserve), and given
/// back when the queue is dropped. If there is none to be had, a put is an error and gives its item back. It is got with
/// the queue's lock held: for puts from an interrupt, reserve it before.
#[cfg(feature = "alloc")]
#[derive(Clone, Copy, Debug, Default)]
pub struct Unbounded;

#[cfg(feature = "alloc")]
impl QueueStorage for Unbounded {
    type Items<E> = alloc::collections::VecDeque<E>;
    type Limit = ();
    type PutError<T> = super::error::PutError<T>;

    fn room((): ()) -> Option<usize> {
        None
    }
}

#[cfg(feature = "alloc")]
impl Storage for Unbounded {
    const ROOM: Option<usize> = None;
}

/// Room for a number of items that is chosen at run time, on the heap: for [`Queue::bounded`](super::Queue::bounded).
///
/// Memory is got when an item does not fit into what there is, or before by [`reserve`](super::Queue::reserve), as with
/// [`Unbounded`].
#[cfg(feature = "alloc")]
#[derive(Clone, Copy, Debug)]
pub struct Bounded;

#[cfg(feature = "alloc")]
impl QueueStorage for Bounded {
    type Items<E> = alloc::collections::VecDeque<E>;
    type Limit = NonZero<usize>;
    type PutError<T> = super::error::PutError<T>;

    fn room(limit: NonZero<usize>) -> Option<usize> {
        Some(limit.get())
    }
}

mod sealed {
    pub trait Sealed {}
    impl<const N: usize> Sealed for super::Fixed<N> {}
    #[cfg(feature = "alloc")]
    impl Sealed for super::Unbounded {}
    #[cfg(feature = "alloc")]
    impl Sealed for super::Bounded {}
}
