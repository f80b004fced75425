//! The frames' buffers, of which the device has most.

use core::cell::UnsafeCell;

/// Buffers each way; a power of two, as the queues want it.
pub const COUNT: usize = 8;
/// The longest frame behind virtio's header, and what crate `virtio-drivers` wants at least.
pub const LEN: usize = 1528;

/// A frame with room for virtio's header ahead of it.
pub type Buffer = [u8; LEN];

/// Buffers for one direction.
///
/// Invariant: a buffer that was lent to the device is not touched until the device has given it back.
#[repr(C, align(4))]
pub struct Buffers {
    buffers: UnsafeCell<[Buffer; COUNT]>,
}

// SAFETY: by the type's invariant, and since only the driver, of which there is one, has a reference to it.
unsafe impl Send for Buffers {}

impl Buffers {
    pub const fn new() -> Self {
        Self { buffers: UnsafeCell::new([[0; LEN]; COUNT]) }
    }

    /// One of them.
    ///
    /// # Safety
    ///
    /// The device does not have it, and no other reference to it is in use.
    #[allow(clippy::mut_from_ref)]
    pub unsafe fn get(&self, index: usize) -> &mut Buffer {
        assert!(index < COUNT);
        // SAFETY: it is inside of the array, and the caller answers for nobody else having it.
        unsafe { &mut *self.buffers.get().cast::<Buffer>().add(index) }
    }
}

/// Which buffer a token of the device's stands for.
pub struct Tokens([u8; COUNT]);

impl Tokens {
    pub const fn new() -> Self {
        Self([0; COUNT])
    }

    /// The device has been lent the buffer `index`.
    pub fn note(&mut self, token: u16, index: usize) {
        self.0[usize::from(token)] = index as u8;
    }

    /// The buffer it has been lent.
    pub fn buffer(&self, token: u16) -> usize {
        usize::from(self.0[usize::from(token)])
    }
}
