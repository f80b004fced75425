//! What is written of a primitive.

/// Texts are padded with zeros, numbers are little-endian.
#[repr(C)]
pub(crate) struct Entry {
    owner: [u8; 24],
    lock: [u8; 24],
    name: [u8; 48],
    size: u32,
    align: u32,
    future_size: u32,
    future_align: u32,
}

impl Entry {
    /// Of `T`, and of the future that `wait` gives.
    pub(crate) const fn of<T, A, F>((owner, lock, name): (&str, &str, &str), _wait: fn(A) -> F) -> Self {
        Self {
            owner: padded(owner),
            lock: padded(lock),
            name: padded(name),
            size: size_of::<T>() as u32,
            align: align_of::<T>() as u32,
            future_size: size_of::<F>() as u32,
            future_align: align_of::<F>() as u32,
        }
    }
}

const fn padded<const N: usize>(text: &str) -> [u8; N] {
    let mut padded = [0; N];
    let mut n = 0;
    while n < text.len() {
        padded[n] = text.as_bytes()[n];
        n += 1;
    }
    padded
}

/// Writes an entry; `OWNER` and `LOCK` are what is in scope under these names.
macro_rules! row {
    ($name:literal, $type:ty, $wait:expr) => {
        row!(@ $name, $type, &'static $type, $wait);
    };
    ($name:literal, $type:ty, $waiter:ty, $wait:expr) => {
        row!(@ $name, $type, &'static mut $waiter, $wait);
    };
    (@ $name:literal, $type:ty, $waiter:ty, $wait:expr) => {
        const _: () = {
            // SAFETY: nothing else is in the section, and nothing reads it on a board.
            #[used]
            #[unsafe(link_section = ".everloop_sizes")]
            static ENTRY: $crate::entry::Entry =
                $crate::entry::Entry::of::<$type, $waiter, _>((OWNER, LOCK, $name), $wait);
        };
    };
}

pub(crate) use row;
