//! Lets a pipe hold more once it was full, so that both sides work longer before one has to wait for the other.

#[cfg(not(target_os = "linux"))]
pub(super) use none::Growth;
#[cfg(target_os = "linux")]
pub(super) use pages::Growth;

#[cfg(target_os = "linux")]
mod pages {
    use std::cell::Cell;
    use std::os::fd::AsFd;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// What a pipe holds as the system makes it, unless the user has too many.
    const SMALL: usize = 64 * 1024;

    /// What the system allows to anybody who has not set another limit.
    const LARGE: usize = 1024 * 1024;

    /// So many are large at a time. All pipes of a user share what the system allows for them, 64 MiB if nobody has
    /// changed that; who has used it up gets very small ones.
    const MOST: usize = 16;

    static LARGE_ONES: AtomicUsize = AtomicUsize::new(0);

    /// What became of one pipe's size.
    pub(in super::super) struct Growth(Cell<Size>);

    #[derive(Clone, Copy, PartialEq)]
    enum Size {
        Small,
        Large,
        /// The system refused.
        Fixed,
    }

    impl Growth {
        pub(in super::super) fn new() -> Self {
            Self(Cell::new(Size::Small))
        }

        /// A read has given so many bytes.
        pub(in super::super) fn note_read(&self, pipe: &impl AsFd, count: usize) {
            if count >= SMALL {
                self.note_full(pipe);
            }
        }

        /// The pipe was full. Whether it holds more from now on.
        pub(in super::super) fn note_full(&self, pipe: &impl AsFd) -> bool {
            if self.0.get() != Size::Small {
                return false;
            }
            if LARGE_ONES.fetch_add(1, Ordering::Relaxed) >= MOST {
                // Another time, maybe.
                LARGE_ONES.fetch_sub(1, Ordering::Relaxed);
                return false;
            }
            match rustix::pipe::fcntl_setpipe_size(pipe, LARGE) {
                Ok(_) => self.0.set(Size::Large),
                Err(_) => {
                    LARGE_ONES.fetch_sub(1, Ordering::Relaxed);
                    self.0.set(Size::Fixed);
                }
            }
            self.0.get() == Size::Large
        }
    }

    impl Drop for Growth {
        fn drop(&mut self) {
            if self.0.get() == Size::Large {
                LARGE_ONES.fetch_sub(1, Ordering::Relaxed);
            }
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod none {
    /// Nothing: other systems have nobody ask.
    pub(in super::super) struct Growth;

    impl Growth {
        pub(in super::super) fn new() -> Self {
            Self
        }

        pub(in super::super) fn note_read<T>(&self, _: &T, _: usize) {}

        pub(in super::super) fn note_full<T>(&self, _: &T) -> bool {
            false
        }
    }
}
