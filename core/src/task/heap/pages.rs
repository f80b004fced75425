//! Heap tasks in pages: one block a task, of just its size, and one that was given back is used again before memory is got.

use core::cell::UnsafeCell;
use core::ptr;
use core::task::RawWakerVTable;

use super::page::Page;
use super::{COUNTED, Head, forget_waker, is_here, released};
use crate::EventLoop;
use crate::shim::{AtomicPtr, Cell, Materialize, Ordering};
use crate::task::cell::{Place, Stage, Typed};
use crate::task::header::{Header, TaskRef};

/// A size of blocks, as a number.
pub(super) type Class = usize;

/// The smallest block.
const LEAST: usize = size_of::<Head>().next_multiple_of(STEP);
/// The steps from one class to the next.
const STEP: usize = 8;
/// How many classes there are: larger blocks would leave too much of a page unused.
pub(super) const CLASSES: usize = 112;
/// Blocks are aligned so if their size is a multiple of it.
const ALIGN: usize = 16;

/// The first page of a class is as large, and each further one twice the last. Where mistakes are looked for, each task has a
/// page of its own as long as there are few, so that a tool that watches memory sees a use after the end.
const FIRST_BYTES: usize = if cfg!(debug_assertions) { 0 } else { 1024 };
/// Until it would be more than this; with what an allocator keeps for itself a round number.
pub(super) const MOST_BYTES: usize = 16 * 1024 - 16;
/// So many pages of the most bytes are kept though nothing in them is used: one MiB.
const SPARES: usize = if cfg!(debug_assertions) { 0 } else { 64 };

/// The bytes of a block.
#[inline]
pub(super) const fn stride(class: Class) -> usize {
    LEAST + class * STEP
}

/// The pages of a loop.
///
/// Invariant **PAGES**: the pages of a class are a ring, in which those with room come first. Touched in the context of the
/// loop, but for `returned`: there, whoever drops a task's last waker elsewhere leaves its block, linked through
/// `inbox_next`, which is nobody else's then.
pub(super) struct Pages {
    first: [Cell<*const Page>; CLASSES],
    /// Pages without a class, linked through `next`.
    spare: Cell<*const Page>,
    spares: Cell<usize>,
    returned: AtomicPtr<Header>,
}

impl Pages {
    pub(super) const fn new() -> Self {
        Self {
            first: [const { Cell::new(ptr::null()) }; CLASSES],
            spare: Cell::new(ptr::null()),
            spares: Cell::new(0),
            returned: AtomicPtr::new(ptr::null_mut()),
        }
    }

    pub(super) fn materialize(&self) {
        self.returned.materialize();
    }

    /// Puts a task for `l` into a block.
    ///
    /// # Safety
    /// These are the pages of `l`, in its context. The future at `future`, which [fits](InPage::fits), is moved out.
    #[inline]
    pub(super) unsafe fn put<F: Future>(&self, l: &EventLoop, future: *const F) -> TaskRef {
        // SAFETY: by the caller: the class is that of the task's block.
        unsafe {
            let task = self.take(l.this(), const { class::<F>() });
            InPage::stage::<F>(task).write(Stage::new(future.read()));
            task.header().vtable.set(Some(Typed::<F, InPage>::VTABLE));
            task
        }
    }

    /// Takes a block.
    ///
    /// # Safety
    /// PAGES, in the context of `l`.
    #[inline]
    unsafe fn take(&self, l: *mut EventLoop, class: Class) -> TaskRef {
        // SAFETY: by the caller.
        unsafe {
            let mut page = self.first[class].get();
            if page.is_null() || !(*page).has_room() {
                page = self.grow(class);
            }
            let task = Page::take(page, l);
            if !(*page).has_room() {
                // From the first to the last.
                self.first[class].set((*page).next.get());
            }
            task
        }
    }

    /// Gets room for one more block of a class that has none. The first page is then one with room.
    ///
    /// # Safety
    /// As for `take`.
    #[cold]
    unsafe fn grow(&self, class: Class) -> *const Page {
        // SAFETY: by the caller.
        unsafe {
            self.collect();
            let first = self.first[class].get();
            if !first.is_null() && (*first).has_room() {
                return first;
            }
            // The last is the one that was filled last, and so mostly the largest.
            let bytes = match first.as_ref() {
                None => FIRST_BYTES,
                Some(first) => ((*first.prev.get()).bytes() * 2).min(MOST_BYTES),
            };
            let page = match self.spare.get() {
                spare if bytes == MOST_BYTES && !spare.is_null() => {
                    self.spare.set((*spare).next.get());
                    self.spares.set(self.spares.get() - 1);
                    Page::reassign(spare, class);
                    spare
                }
                _ => Page::allocate(bytes, class),
            };
            self.link_first(page);
            page
        }
    }

    /// Takes back a task's block.
    ///
    /// # Safety
    /// PAGES, in the context of the loop: a task of theirs that is released, and that nobody refers to.
    #[inline]
    unsafe fn give(&self, task: TaskRef) {
        // SAFETY: by the caller.
        unsafe {
            let page = Page::of(task);
            let was_full = !(*page).has_room();
            (*page).give(task);
            if was_full || ((*page).is_unused() && (*page).next.get() != page) {
                self.gave(page, was_full);
            }
        }
    }

    /// A page is no longer full, or nothing in it is used.
    ///
    /// # Safety
    /// As for `give`.
    unsafe fn gave(&self, page: *const Page, was_full: bool) {
        // SAFETY: by the caller.
        unsafe {
            if was_full {
                self.unlink(page);
                self.link_first(page);
            }
            if !(*page).is_unused() {
                return;
            }
            // One with room stays, so that tasks made one by one get no memory each.
            let first = self.first[(*page).class()].get();
            let other = if first == page { (*page).next.get() } else { first };
            if other == page || !(*other).has_room() {
                return;
            }
            self.unlink(page);
            if (*page).bytes() == MOST_BYTES && self.spares.get() != SPARES {
                (*page).next.set(self.spare.replace(page));
                self.spares.set(self.spares.get() + 1);
            } else {
                Page::free(page);
            }
        }
    }

    /// Leaves a block to the loop, from another context.
    ///
    /// # Safety
    /// As for `give`, but in any context; the caller counts as a reference to the loop.
    unsafe fn send_back(&self, task: TaskRef) {
        let mut before = self.returned.load(Ordering::Relaxed);
        loop {
            // SAFETY: by the caller, and PAGES.
            unsafe { task.header() }.inbox_next.store(before, Ordering::Relaxed);
            // What the caller and those before it did with the task is done when the loop uses the block.
            let sent = self.returned.compare_exchange_weak(
                before,
                task.as_ptr(),
                Ordering::AcqRel,
                Ordering::Relaxed,
            );
            match sent {
                Ok(_) => return,
                Err(now) => before = now,
            }
        }
    }

    /// Takes back what was left by other contexts.
    ///
    /// # Safety
    /// PAGES, in the context of the loop.
    unsafe fn collect(&self) {
        if self.returned.load(Ordering::Relaxed).is_null() {
            return;
        }
        let mut next = self.returned.swap(ptr::null_mut(), Ordering::AcqRel);
        while let Some(task) = TaskRef::from_ptr(next) {
            // SAFETY: PAGES, and by the caller.
            unsafe {
                next = task.header().inbox_next.load(Ordering::Relaxed);
                self.give(task);
            }
        }
    }

    /// Frees all pages in which nothing is used.
    ///
    /// # Safety
    /// PAGES, in the context of the loop.
    pub(super) unsafe fn tidy(&self) {
        // SAFETY: by the caller.
        unsafe {
            self.collect();
            for class in &self.first {
                let mut page = class.get();
                // Each is looked at once: what is freed is passed over first.
                let mut left = ring(page);
                while left > 0 {
                    let next = (*page).next.get();
                    if (*page).is_unused() {
                        self.unlink(page);
                        Page::free(page);
                    }
                    page = next;
                    left -= 1;
                }
            }
            self.free_spares();
        }
    }

    /// # Safety
    /// As for `tidy`.
    unsafe fn free_spares(&self) {
        let mut spare = self.spare.replace(ptr::null());
        self.spares.set(0);
        while !spare.is_null() {
            // SAFETY: by the caller.
            unsafe {
                let next = (*spare).next.get();
                Page::free(spare);
                spare = next;
            }
        }
    }

    /// Calls `f` with every task.
    ///
    /// # Safety
    /// PAGES, in the context of the loop. `f` must not release tasks.
    pub(super) unsafe fn for_each(&self, mut f: impl FnMut(TaskRef)) {
        for class in &self.first {
            let mut page = class.get();
            // SAFETY: by the caller.
            unsafe {
                for _ in 0..ring(page) {
                    Page::for_each(page, &mut f);
                    page = (*page).next.get();
                }
            }
        }
    }

    /// # Safety
    /// PAGES: the page is in no ring.
    unsafe fn link_first(&self, page: *const Page) {
        // SAFETY: by the caller.
        unsafe {
            let first = self.first[(*page).class()].replace(page);
            if first.is_null() {
                (*page).next.set(page);
                (*page).prev.set(page);
            } else {
                let last = (*first).prev.replace(page);
                (*last).next.set(page);
                (*page).prev.set(last);
                (*page).next.set(first);
            }
        }
    }

    /// # Safety
    /// PAGES: the page is in the ring of its class.
    unsafe fn unlink(&self, page: *const Page) {
        // SAFETY: by the caller.
        unsafe {
            let first = &self.first[(*page).class()];
            let (prev, next) = ((*page).prev.get(), (*page).next.get());
            (*prev).next.set(next);
            (*next).prev.set(prev);
            if first.get() == page {
                first.set(if next == page { ptr::null() } else { next });
            }
        }
    }
}

/// How many pages are in a ring.
///
/// # Safety
/// PAGES.
unsafe fn ring(first: *const Page) -> usize {
    let (mut len, mut at) = (0, first);
    while !at.is_null() {
        len += 1;
        // SAFETY: by the caller.
        at = unsafe { (*at).next.get() };
        if at == first {
            break;
        }
    }
    len
}

/// The loop is gone, and with it every reference to a task of it.
impl Drop for Pages {
    fn drop(&mut self) {
        // SAFETY: PAGES: nobody else knows of them, and no task is left.
        unsafe {
            for class in &self.first {
                let mut page = class.get();
                for _ in 0..ring(page) {
                    let next = (*page).next.get();
                    Page::free(page);
                    page = next;
                }
            }
            self.free_spares();
        }
    }
}

#[repr(C)]
struct Block<F: Future> {
    head: Head,
    stage: UnsafeCell<Stage<F>>,
}

/// The class of the block of a task for `F`.
const fn class<F: Future>() -> Class {
    (size_of::<Block<F>>().next_multiple_of(STEP) - LEAST) / STEP
}

/// Tasks in blocks of pages.
pub(super) struct InPage;

impl InPage {
    /// Whether a task for `F` may lie in a page.
    #[inline]
    pub(super) const fn fits<F: Future>() -> bool {
        class::<F>() < CLASSES && align_of::<Block<F>>() <= ALIGN
    }
}

impl Place for InPage {
    const WAKER: &'static RawWakerVTable = &COUNTED;
    #[cfg(target_pointer_width = "64")]
    const LABELS_ARE_ASIDE: bool = true;

    unsafe fn stage<F: Future>(task: TaskRef) -> *mut Stage<F> {
        // SAFETY: by the caller the header is the start of a `Block<F>`, with the right to all of it.
        unsafe { (&raw mut (*task.as_ptr().cast::<Block<F>>()).stage).cast() }
    }

    unsafe fn release<F: Future>(task: TaskRef) {
        // SAFETY: by the caller this is the loop's context and, but for wakers, the last use of the task.
        unsafe { release(task) }
    }

    unsafe fn left_inbox<F: Future>(task: TaskRef) {
        // SAFETY: INBOX: the reference that the inbox owned keeps the task until here.
        unsafe { forget_waker(task) }
    }

    unsafe fn free<F: Future>(task: TaskRef) {
        // SAFETY: by the caller nothing refers to the task any more; its stage is empty.
        unsafe { free(task) }
    }
}

/// # Safety
/// As for [`Place::release`].
unsafe fn release(task: TaskRef) {
    // SAFETY: by the caller.
    unsafe {
        task.header().branch.state.set(0);
        task.header().locals.end();
        released(task, |heap| heap.pages.give(task));
    }
}

/// # Safety
/// As for [`Place::free`].
#[inline(never)]
unsafe fn free(task: TaskRef) {
    // SAFETY: by the caller, whatever thread it is on. The loop counts the block until here.
    unsafe {
        let l = task.header().owner();
        let here = is_here(task);
        if here {
            (*l).heap.pages.give(task);
        } else {
            (*l).heap.pages.send_back(task);
        }
        EventLoop::release(l, here);
    }
}
