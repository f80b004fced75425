use heapless::Deque;

/// What a queue keeps its items in.
pub trait Storage: sealed::Sealed + 'static {
    #[doc(hidden)]
    type Fifo<T>: Buffer<Item = T>;
}

/// Room for `N` items in place: no allocator is needed.
#[derive(Debug)]
pub enum Fixed<const N: usize> {}

impl<const N: usize> Storage for Fixed<N> {
    type Fifo<T> = Deque<T, N>;
}

/// Items in the order in which they are got.
#[doc(hidden)]
pub trait Buffer: sealed::Sealed {
    type Item;

    /// Gives the item back if there is no room.
    fn push(&mut self, item: Self::Item) -> Result<(), Self::Item>;
    fn pop(&mut self) -> Option<Self::Item>;
    fn len(&self) -> usize;
    /// How many fit; `None` without a limit.
    fn capacity(&self) -> Option<usize>;
}

impl<T, const N: usize> Buffer for Deque<T, N> {
    type Item = T;

    fn push(&mut self, item: T) -> Result<(), T> {
        self.push_back(item)
    }

    fn pop(&mut self) -> Option<T> {
        self.pop_front()
    }

    fn len(&self) -> usize {
        Deque::len(self)
    }

    fn capacity(&self) -> Option<usize> {
        Some(N)
    }
}

mod sealed {
    pub trait Sealed {}
    impl<const N: usize> Sealed for super::Fixed<N> {}
    impl<T, const N: usize> Sealed for super::Deque<T, N> {}
}
