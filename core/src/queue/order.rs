//! Which item a queue gives next.

use super::heap::Heap;
use super::items::Items;
use super::storage::QueueStorage;

/// Which item a queue gives next: the [first](FirstInFirstOut) that was put, the [last](LastInFirstOut), or the
/// [lowest](LowestFirst). Code that is generic over it takes any queue.
#[diagnostic::on_unimplemented(
    message = "a queue in the order `{Self}` can't hold `{T}`",
    label = "these items have no order",
    note = "a `PriorityQueue` gives the lowest item first: implement `Ord` for its items, or put each with a number, as \
            `(number, core::cmp::Reverse(item))` or a type of your own that compares by the number alone"
)]
pub trait Order<T>: sealed::Sealed + 'static {
    #[doc(hidden)]
    const NAME: &'static str;
    #[doc(hidden)]
    type Line<S: QueueStorage>: Line<Item = T>;
}

/// The order of a [`Queue`](super::Queue): what was put first is got first.
#[derive(Clone, Copy, Debug)]
pub struct FirstInFirstOut;

/// The order of a [`LifoQueue`](super::LifoQueue): what was put last is got first.
#[derive(Clone, Copy, Debug)]
pub struct LastInFirstOut;

/// The order of a [`PriorityQueue`](super::PriorityQueue): the lowest item is got first.
#[derive(Clone, Copy, Debug)]
pub struct LowestFirst;

impl<T> Order<T> for FirstInFirstOut {
    const NAME: &'static str = "Queue";
    type Line<S: QueueStorage> = Row<S::Items<T>>;
}

impl<T> Order<T> for LastInFirstOut {
    const NAME: &'static str = "LifoQueue";
    type Line<S: QueueStorage> = Pile<S::Items<T>>;
}

impl<T: Ord> Order<T> for LowestFirst {
    const NAME: &'static str = "PriorityQueue";
    type Line<S: QueueStorage> = Heap<T, S>;
}

/// The items of a queue, in its order.
#[doc(hidden)]
pub trait Line: sealed::Sealed {
    type Item;

    const EMPTY: Self;
    /// Whether [`settle`](Self::settle) does anything.
    const SORTS: bool = false;

    /// Runs no foreign code. Gives the item back if there is no room, or no memory.
    fn push(&mut self, item: Self::Item) -> Result<(), Self::Item>;
    /// Brings one item that was pushed into its place among the others. False if all were.
    fn settle(&mut self) -> bool {
        false
    }
    /// Takes the item that is next.
    fn pop(&mut self) -> Option<Self::Item>;
    /// Takes any item. Runs no foreign code.
    fn discard(&mut self) -> Option<Self::Item>;
    fn len(&self) -> usize;
    /// Makes room for so many in all. False if there is no memory.
    fn reserve(&mut self, len: usize) -> bool;
}

/// First in, first out.
#[doc(hidden)]
pub struct Row<I>(I);

impl<I: Items> Line for Row<I> {
    type Item = I::Item;

    const EMPTY: Self = Self(I::EMPTY);

    #[cfg_attr(feature = "std", inline)]
    fn push(&mut self, item: I::Item) -> Result<(), I::Item> {
        self.0.push_back(item)
    }

    #[cfg_attr(feature = "std", inline)]
    fn pop(&mut self) -> Option<I::Item> {
        self.0.pop_front()
    }

    fn discard(&mut self) -> Option<I::Item> {
        self.0.pop_front()
    }

    #[cfg_attr(feature = "std", inline)]
    fn len(&self) -> usize {
        self.0.len()
    }

    fn reserve(&mut self, len: usize) -> bool {
        self.0.reserve(len)
    }
}

/// Last in, first out.
#[doc(hidden)]
pub struct Pile<I>(I);

impl<I: Items> Line for Pile<I> {
    type Item = I::Item;

    const EMPTY: Self = Self(I::EMPTY);

    #[cfg_attr(feature = "std", inline)]
    fn push(&mut self, item: I::Item) -> Result<(), I::Item> {
        self.0.push_back(item)
    }

    #[cfg_attr(feature = "std", inline)]
    fn pop(&mut self) -> Option<I::Item> {
        self.0.pop_back()
    }

    fn discard(&mut self) -> Option<I::Item> {
        self.0.pop_back()
    }

    #[cfg_attr(feature = "std", inline)]
    fn len(&self) -> usize {
        self.0.len()
    }

    fn reserve(&mut self, len: usize) -> bool {
        self.0.reserve(len)
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::FirstInFirstOut {}
    impl Sealed for super::LastInFirstOut {}
    impl Sealed for super::LowestFirst {}
    impl<I> Sealed for super::Row<I> {}
    impl<I> Sealed for super::Pile<I> {}
    impl<T, S: super::QueueStorage> Sealed for super::Heap<T, S> {}
}
