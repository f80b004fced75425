//! A row of items with two ends, in place or on the heap.

#[cfg(feature = "alloc")]
use alloc::collections::VecDeque;

use heapless::Deque;

/// Items in the order in which they were put.
#[doc(hidden)]
pub trait Items: sealed::Sealed {
    type Item;

    const EMPTY: Self;

    /// Gives the item back if there is no room, or no memory.
    fn push_back(&mut self, item: Self::Item) -> Result<(), Self::Item>;
    fn pop_front(&mut self) -> Option<Self::Item>;
    fn pop_back(&mut self) -> Option<Self::Item>;
    fn len(&self) -> usize;
    fn iter(&self) -> impl Iterator<Item = &Self::Item>;
    /// All of them, side by side: for free if nothing was ever taken at the front.
    fn as_mut_slice(&mut self) -> &mut [Self::Item];
    /// Makes room for so many in all. False if there is no memory.
    fn reserve(&mut self, len: usize) -> bool;
}

impl<T, const N: usize> Items for Deque<T, N> {
    type Item = T;

    const EMPTY: Self = Self::new();

    #[cfg_attr(feature = "std", inline)]
    fn push_back(&mut self, item: T) -> Result<(), T> {
        Deque::push_back(self, item)
    }

    #[cfg_attr(feature = "std", inline)]
    fn pop_front(&mut self) -> Option<T> {
        Deque::pop_front(self)
    }

    #[cfg_attr(feature = "std", inline)]
    fn pop_back(&mut self) -> Option<T> {
        Deque::pop_back(self)
    }

    #[cfg_attr(feature = "std", inline)]
    fn len(&self) -> usize {
        Deque::len(self)
    }

    fn iter(&self) -> impl Iterator<Item = &T> {
        Deque::iter(self)
    }

    fn as_mut_slice(&mut self) -> &mut [T] {
        self.make_contiguous()
    }

    fn reserve(&mut self, len: usize) -> bool {
        len <= N
    }
}

#[cfg(feature = "alloc")]
impl<T> Items for VecDeque<T> {
    type Item = T;

    const EMPTY: Self = Self::new();

    #[cfg_attr(feature = "std", inline)]
    fn push_back(&mut self, item: T) -> Result<(), T> {
        if Self::len(self) == self.capacity() && self.try_reserve(1).is_err() {
            return Err(item);
        }
        Self::push_back(self, item);
        Ok(())
    }

    #[cfg_attr(feature = "std", inline)]
    fn pop_front(&mut self) -> Option<T> {
        Self::pop_front(self)
    }

    #[cfg_attr(feature = "std", inline)]
    fn pop_back(&mut self) -> Option<T> {
        Self::pop_back(self)
    }

    #[cfg_attr(feature = "std", inline)]
    fn len(&self) -> usize {
        Self::len(self)
    }

    fn iter(&self) -> impl Iterator<Item = &T> {
        Self::iter(self)
    }

    fn as_mut_slice(&mut self) -> &mut [T] {
        self.make_contiguous()
    }

    fn reserve(&mut self, len: usize) -> bool {
        self.try_reserve_exact(len.saturating_sub(Self::len(self))).is_ok()
    }
}

mod sealed {
    pub trait Sealed {}
    impl<T, const N: usize> Sealed for super::Deque<T, N> {}
    #[cfg(feature = "alloc")]
    impl<T> Sealed for super::VecDeque<T> {}
}
