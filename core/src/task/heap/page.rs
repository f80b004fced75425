//! A page: a run of equal blocks, of one heap task each.

use alloc::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use core::mem::needs_drop;
use core::ptr::{self, NonNull};

use super::pages::{CLASSES, Class, MOST_BYTES, stride};
use super::{Head, head};
use crate::EventLoop;
use crate::shim::Cell;
use crate::task::header::{Header, TaskRef, state};

/// Where a block lies.
#[derive(Clone, Copy)]
struct Spot {
    class: u8,
    index: u8,
}

impl Spot {
    /// That of a task in a page, beside the count of its wakers.
    ///
    /// # Safety
    /// PAGE: it is in one.
    #[inline]
    unsafe fn of(task: TaskRef) -> Self {
        // SAFETY: by the caller.
        let [class, index] = unsafe { (*head(task)).wakers.beside.get() };
        Self { class, index }
    }

    #[inline]
    fn class(self) -> Class {
        Class::from(self.class)
    }
}

const _: () = assert!((MOST_BYTES - FIRST) / stride(0) <= 1 << 8 && CLASSES <= 1 << 8);

/// The start of a page.
///
/// Invariant **PAGE**: blocks of [`stride`] bytes follow it; the first `fresh` of them have a [`Head`], whose spot tells
/// its class and index. `used` of these are tasks, or were and are still counted by wakers; the others are in the list of
/// free ones. Touched in the context of the loop that has the page, or by who drops that loop.
#[repr(C, align(16))]
pub(super) struct Page {
    /// The pages of one class are a ring. One that is spare has only a next.
    pub(super) prev: Cell<*const Page>,
    pub(super) next: Cell<*const Page>,
    /// Those given back, linked through their header's `next`.
    free: Cell<*mut Header>,
    fresh: Cell<u16>,
    used: Cell<u16>,
    blocks: Cell<u16>,
    class: Cell<u8>,
    bytes: usize,
}

/// Where the first block of a page is.
const FIRST: usize = size_of::<Page>();

impl Page {
    /// A new page of about so many bytes, for blocks of that class.
    pub(super) fn allocate(bytes: usize, class: Class) -> *const Self {
        let bytes = bytes.max(FIRST + stride(class));
        let layout = Self::layout(bytes);
        // SAFETY: the size is not zero.
        let Some(page) = NonNull::new(unsafe { alloc(layout) }) else { handle_alloc_error(layout) };
        let page: *mut Self = page.as_ptr().cast();
        // SAFETY: it is new, and large enough for a `Page` at least.
        unsafe {
            page.write(Self {
                prev: Cell::new(ptr::null()),
                next: Cell::new(ptr::null()),
                free: Cell::new(ptr::null_mut()),
                fresh: Cell::new(0),
                used: Cell::new(0),
                blocks: Cell::new(0),
                class: Cell::new(0),
                bytes,
            });
            (*page).assign(class);
        }
        page
    }

    fn layout(bytes: usize) -> Layout {
        // No page is so large that this fails.
        Layout::from_size_align(bytes, align_of::<Self>()).unwrap_or_else(|_| unreachable!())
    }

    /// Makes a page in which nothing is used one of that class.
    fn assign(&self, class: Class) {
        self.free.set(ptr::null_mut());
        self.fresh.set(0);
        self.blocks.set(((self.bytes - FIRST) / stride(class)) as u16);
        self.class.set(class as u8);
    }

    pub(super) fn class(&self) -> Class {
        Class::from(self.class.get())
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    #[inline]
    pub(super) fn has_room(&self) -> bool {
        !self.free.get().is_null() || self.fresh.get() < self.blocks.get()
    }

    #[inline]
    pub(super) fn is_unused(&self) -> bool {
        self.used.get() == 0
    }

    /// Takes a block for a task of `l`. What its header says else is of no meaning yet.
    ///
    /// # Safety
    /// PAGE: a page of `l`, which has room.
    #[inline]
    pub(super) unsafe fn take(this: *const Self, l: *mut EventLoop) -> TaskRef {
        // SAFETY: by the caller.
        unsafe {
            let page = &*this;
            page.used.set(page.used.get() + 1);
            let Some(task) = TaskRef::from_ptr(page.free.get()) else {
                return Self::take_fresh(this, l);
            };
            let header = task.header();
            page.free.set(header.next.get());
            (*head(task)).again();
            task
        }
    }

    /// # Safety
    /// As for `take`; nothing was given back that is not in use again.
    unsafe fn take_fresh(this: *const Self, l: *mut EventLoop) -> TaskRef {
        // SAFETY: by the caller: a block follows that was never used.
        unsafe {
            let page = &*this;
            let index = page.fresh.get();
            page.fresh.set(index + 1);
            let block = Self::block(this, index);
            let head = Head::new(l);
            head.wakers.beside.set([page.class.get(), index as u8]);
            block.as_ptr().cast::<Head>().write(head);
            (*super::head(block)).materialize();
            block
        }
    }

    /// # Safety
    /// PAGE: there are more blocks than `index`.
    unsafe fn block(this: *const Self, index: u16) -> TaskRef {
        // SAFETY: by the caller: it lies within the page, to all of which the pointer has the right.
        unsafe {
            let at = this.byte_add(FIRST + usize::from(index) * stride((*this).class()));
            TaskRef::from_nonnull(NonNull::new_unchecked(at.cast_mut().cast()))
        }
    }

    /// The page that a task is in.
    ///
    /// # Safety
    /// PAGE: it is in one.
    #[inline]
    pub(super) unsafe fn of(task: TaskRef) -> *const Self {
        // SAFETY: by the caller; the pointer came from the page.
        unsafe {
            let spot = Spot::of(task);
            let offset = FIRST + usize::from(spot.index) * stride(spot.class());
            task.as_ptr().cast_const().byte_sub(offset).cast()
        }
    }

    /// A task is gone, and its block free.
    ///
    /// # Safety
    /// PAGE: it was a task of this page.
    #[inline]
    pub(super) unsafe fn give(&self, task: TaskRef) {
        // SAFETY: by the caller.
        unsafe { task.header() }.next.set(self.free.replace(task.as_ptr()));
        self.used.set(self.used.get() - 1);
    }

    /// Calls `f` with every task that is not released.
    ///
    /// # Safety
    /// PAGE, in the context of its loop.
    pub(super) unsafe fn for_each(this: *const Self, f: &mut impl FnMut(TaskRef)) {
        // SAFETY: by the caller.
        unsafe {
            for index in 0..(*this).fresh.get() {
                let task = Self::block(this, index);
                if task.header().has(state::LIVE) {
                    f(task);
                }
            }
        }
    }

    /// Makes a page in which nothing is used one of another class.
    ///
    /// # Safety
    /// PAGE, and it is in no ring.
    pub(super) unsafe fn reassign(this: *const Self, class: Class) {
        // SAFETY: by the caller.
        unsafe {
            Self::drop_heads(this);
            (*this).assign(class);
        }
    }

    /// Frees a page. No task in it is left.
    ///
    /// # Safety
    /// PAGE, and it is in no ring, or the ring is gone.
    pub(super) unsafe fn free(this: *const Self) {
        // SAFETY: by the caller; it was made by `allocate`.
        unsafe {
            Self::drop_heads(this);
            let layout = Self::layout((*this).bytes);
            let page = this.cast_mut();
            ptr::drop_in_place(page);
            dealloc(page.cast(), layout);
        }
    }

    /// Where atomics are objects, as in a model, they are dropped.
    unsafe fn drop_heads(this: *const Self) {
        if needs_drop::<Head>() {
            // SAFETY: PAGE, and by the caller nothing in it is used.
            unsafe {
                for index in 0..(*this).fresh.get() {
                    ptr::drop_in_place(Self::block(this, index).as_ptr().cast::<Head>());
                }
            }
        }
    }
}
