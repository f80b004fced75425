#[cfg(feature = "alloc")]
use alloc::collections::VecDeque;

use heapless::Deque;

/// What a queue keeps its items in.
pub trait Storage: sealed::Sealed + 'static {
    #[doc(hidden)]
    type Fifo<T>: Buffer<Item = T>;
    /// How many items fit in; `None` without a limit.
    const ROOM: Option<usize>;
}

/// Room for `N` items in place: no allocator is needed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Fixed<const N: usize>;

impl<const N: usize> Storage for Fixed<N> {
    type Fifo<T> = Deque<T, N>;
    const ROOM: Option<usize> = Some(N);
}

/// Room for as many items as memory holds, on the heap.
#[cfg(feature = "alloc")]
#[derive(Clone, Copy, Debug, Default)]
pub struct Unbounded;

#[cfg(feature = "alloc")]
impl Storage for Unbounded {
    type Fifo<T> = VecDeque<T>;
    const ROOM: Option<usize> = None;
}

/// Items in the order in which they are got.
#[doc(hidden)]
pub trait Buffer: sealed::Sealed {
    type Item;

    const EMPTY: Self;

    /// Gives the item back if there is no room.
    fn push(&mut self, item: Self::Item) -> Result<(), Self::Item>;
    fn pop(&mut self) -> Option<Self::Item>;
    fn len(&self) -> usize;
    fn iter(&self) -> impl Iterator<Item = &Self::Item>;
    /// How many fit; `None` without a limit.
    fn capacity(&self) -> Option<usize>;
}

impl<T, const N: usize> Buffer for Deque<T, N> {
    type Item = T;

    const EMPTY: Self = Self::new();

    fn push(&mut self, item: T) -> Result<(), T> {
        self.push_back(item)
    }

    fn pop(&mut self) -> Option<T> {
        self.pop_front()
    }

    fn len(&self) -> usize {
        Deque::len(self)
    }

    fn iter(&self) -> impl Iterator<Item = &T> {
        Deque::iter(self)
    }

    fn capacity(&self) -> Option<usize> {
        Some(N)
    }
}

#[cfg(feature = "alloc")]
impl<T> Buffer for VecDeque<T> {
    type Item = T;

    const EMPTY: Self = Self::new();

    fn push(&mut self, item: T) -> Result<(), T> {
        self.push_back(item);
        Ok(())
    }

    fn pop(&mut self) -> Option<T> {
        self.pop_front()
    }

    fn len(&self) -> usize {
        Self::len(self)
    }

    fn iter(&self) -> impl Iterator<Item = &T> {
        Self::iter(self)
    }

    fn capacity(&self) -> Option<usize> {
        None
    }
}

mod sealed {
    pub trait Sealed {}
    impl<const N: usize> Sealed for super::Fixed<N> {}
    impl<T, const N: usize> Sealed for super::Deque<T, N> {}
    #[cfg(feature = "alloc")]
    impl Sealed for super::Unbounded {}
    #[cfg(feature = "alloc")]
    impl<T> Sealed for super::VecDeque<T> {}
}
