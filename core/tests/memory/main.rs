//! What takes memory and what does not, and queues and tasks when there is none: an allocator that refuses on request. A
//! program of its own, since it has one allocator.
#![cfg(all(feature = "std", feature = "alloc", not(loom)))]

mod queues;
mod tasks;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

struct Refusing;

std::thread_local!(static REFUSES: Cell<bool> = const { Cell::new(false) });

// SAFETY: the system's allocator, or none at all, which a caller must expect.
unsafe impl GlobalAlloc for Refusing {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if REFUSES.get() {
            return std::ptr::null_mut();
        }
        // SAFETY: by the caller.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: by the caller.
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Refusing = Refusing;

/// While it lives nothing is allocated by this thread.
struct WithoutMemory;

impl WithoutMemory {
    fn new() -> Self {
        REFUSES.set(true);
        Self
    }
}

impl Drop for WithoutMemory {
    fn drop(&mut self) {
        REFUSES.set(false);
    }
}

/// Nothing is allocated meanwhile.
fn without_memory<T>(f: impl FnOnce() -> T) -> T {
    let _without = WithoutMemory::new();
    f()
}
