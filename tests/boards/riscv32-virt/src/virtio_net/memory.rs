//! The memory that is shared with the device, which crate `virtio-drivers` asks for without an allocator.

use core::cell::{Cell, UnsafeCell};
use core::ptr::NonNull;
use critical_section::Mutex;
use virtio_drivers::{BufferDirection, Hal, PAGE_SIZE, PhysAddr};

/// A page each way for each of two queues.
const PAGES: usize = 4;

/// Pages that are given away once.
///
/// Invariant: the first `used` pages are whoever's they were given to, the others are nobody's and zero.
#[repr(C, align(4096))]
struct Pages {
    memory: UnsafeCell<[[u8; PAGE_SIZE]; PAGES]>,
    used: Mutex<Cell<usize>>,
}

// SAFETY: by the type's invariant a page is accessed by one owner only.
unsafe impl Sync for Pages {}

static POOL: Pages =
    Pages { memory: UnsafeCell::new([[0; PAGE_SIZE]; PAGES]), used: Mutex::new(Cell::new(0)) };

/// The machine: every address is a physical one, and nothing is cached.
pub struct Machine;

// SAFETY: as is asked for, pages are aligned, zero, and given to one owner only, by `Pages`' invariant; and what is shared
// is where it is.
unsafe impl Hal for Machine {
    fn dma_alloc(pages: usize, _: BufferDirection) -> (PhysAddr, NonNull<u8>) {
        let first = critical_section::with(|cs| {
            let used = POOL.used.borrow(cs);
            let first = used.get();
            let enough = pages <= PAGES - first;
            if enough {
                used.set(first + pages);
            }
            enough.then_some(first)
        });
        match first {
            Some(first) => {
                let memory = POOL.memory.get().cast::<[u8; PAGE_SIZE]>();
                // SAFETY: `first` is not beyond the array's end, and a static is nowhere at zero.
                let page = unsafe { NonNull::new_unchecked(memory.add(first)) };
                (page.as_ptr() as usize as PhysAddr, page.cast())
            }
            // An address of zero says that there is none.
            None => (0, NonNull::dangling()),
        }
    }

    /// Pages are not given again: the one device is set up once.
    unsafe fn dma_dealloc(_: PhysAddr, _: NonNull<u8>, _: usize) -> i32 {
        0
    }

    unsafe fn mmio_phys_to_virt(address: PhysAddr, _: usize) -> NonNull<u8> {
        // Only devices on PCI are looked for this way.
        NonNull::new(address as usize as *mut u8).expect("no device at address zero")
    }

    unsafe fn share(buffer: NonNull<[u8]>, _: BufferDirection) -> PhysAddr {
        buffer.cast::<u8>().as_ptr() as usize as PhysAddr
    }

    unsafe fn unshare(_: PhysAddr, _: NonNull<[u8]>, _: BufferDirection) {}
}
