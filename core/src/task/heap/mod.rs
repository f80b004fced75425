//! Tasks on the heap: of any size, as many as memory holds.

mod alone;
#[cfg(feature = "std")]
mod page;
#[cfg(feature = "std")]
mod pages;

use core::mem::ManuallyDrop;
use core::ptr;
use core::task::{RawWaker, RawWakerVTable, Waker};

use super::cell::{Place, Stage};
use super::create::enroll_unlabelled;
use super::handle::Task;
use super::header::{HeapRecord, TaskRef, remote};
use super::waker::{claim, push, task, wake_owned_here};
use crate::biased::Biased;
use crate::inbox::Inbox;
use crate::shim::{Cell, Ordering};
use crate::{EventLoop, current};
use alone::{Alone, AloneTasks};
#[cfg(feature = "std")]
use pages::{InPage, Pages};

/// What a heap task has before its stage.
#[repr(C)]
struct Head {
    record: HeapRecord,
    /// Its wakers, and its place in the inbox. Beside them, where in a page it lies.
    wakers: Biased,
}

/// Without what is measured and told of it on request, a task costs no more, and its future.
#[cfg(not(any(feature = "inspect", feature = "hooks", loom)))]
const _: () = assert!(size_of::<*const ()>() != 8 || size_of::<Head>() <= 80);

impl Head {
    /// Of a task of `l`.
    fn new(l: *mut EventLoop) -> Self {
        let head = Self { record: HeapRecord::new(None), wakers: Biased::new() };
        head.record.header.owner.store(l, Ordering::Relaxed);
        head
    }

    /// Readies the head of a block that was given back, for another task of the same loop.
    #[cfg(feature = "std")]
    #[inline]
    fn again(&self) {
        self.record.header.branch.remote.store(0, Ordering::Relaxed);
        self.wakers.again();
    }

    /// Makes the atomics exist, before others can see them.
    fn materialize(&self) {
        self.record.header.materialize();
        self.wakers.materialize();
    }
}

fn head(task: TaskRef) -> *const Head {
    task.as_ptr().cast_const().cast()
}

/// The heap tasks of a loop.
///
/// Invariant **HEAP**: it holds every heap task of the loop that was created and not released. Each counts as a reference to
/// a counted loop until its memory is given back, so that the inbox is there for its last waker. Where there is an
/// operating system, small ones share [pages](Pages); all others lie in blocks of their own.
pub(crate) struct HeapTasks {
    /// How many there are.
    len: Cell<usize>,
    alone: AloneTasks,
    #[cfg(feature = "std")]
    pages: Pages,
}

impl HeapTasks {
    pub(crate) const fn new() -> Self {
        Self {
            len: Cell::new(0),
            alone: AloneTasks::new(),
            #[cfg(feature = "std")]
            pages: Pages::new(),
        }
    }

    /// Makes the atomics exist, before others can see them.
    pub(crate) fn materialize(&self) {
        #[cfg(feature = "std")]
        self.pages.materialize();
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len.get() == 0
    }

    /// Calls `f` with every task. `f` must not release tasks.
    ///
    /// # Safety
    /// In the loop's context.
    pub(crate) unsafe fn for_each(&self, mut f: impl FnMut(TaskRef)) {
        // SAFETY: by the caller.
        unsafe {
            self.alone.for_each(&mut f);
            #[cfg(feature = "std")]
            self.pages.for_each(&mut f);
        }
    }

    /// The loop closes: gives back memory that no task needs.
    ///
    /// # Safety
    /// In the loop's context.
    pub(crate) unsafe fn tidy(&self) {
        #[cfg(feature = "std")]
        // SAFETY: by the caller.
        unsafe {
            self.pages.tidy();
        }
    }

    #[inline]
    fn one_more(&self) {
        self.len.set(self.len.get() + 1);
    }

    #[inline]
    fn one_less(&self) {
        self.len.set(self.len.get() - 1);
    }
}

/// Creates a heap task on `l`. It is yet to be started.
///
/// # Safety
/// `l` is the current loop. The future at `future` is moved out.
#[inline]
pub(crate) unsafe fn create<F: Future>(l: &EventLoop, future: *const F) -> Task<F::Output> {
    // SAFETY: by the caller. The task is new.
    unsafe {
        let task = place(l, future);
        l.heap.one_more();
        l.count.inc(true);
        enroll_unlabelled(l, task)
    }
}

/// # Safety
/// As for `create`.
#[inline]
unsafe fn place<F: Future>(l: &EventLoop, future: *const F) -> TaskRef {
    // SAFETY: by the caller.
    unsafe {
        #[cfg(feature = "std")]
        if InPage::fits::<F>() {
            return l.heap.pages.put(l, future);
        }
        let task = alone::block(l.this(), future);
        l.heap.alone.insert(task);
        task
    }
}

/// Makes a heap task for `l` in another context, and a waker of it. It is then to be sent.
///
/// # Safety
/// The caller keeps `l`. The future may be polled and dropped in the context of `l`.
pub(crate) unsafe fn bear<F: Future>(l: *const EventLoop, future: F) -> (TaskRef, Waker) {
    let future = ManuallyDrop::new(future);
    // SAFETY: the task is new, and by the caller `l` is there. The table upholds the contract of `RawWaker`.
    unsafe {
        let task = alone::block(l.cast_mut(), &raw const *future);
        task.header().branch.remote.store(remote::WOKEN | remote::NEW, Ordering::Relaxed);
        // One reference for the inbox, one for the waker, one of the block to the loop.
        (*head(task)).wakers.inc(false);
        (*head(task)).wakers.inc(false);
        (*l).count.inc(current::is(l));
        (task, Waker::new(task.as_ptr().cast_const().cast(), &COUNTED))
    }
}

/// Sends a task that was just made by `bear` to its loop.
///
/// # Errors
/// The loop is closed; the future comes back.
///
/// # Safety
/// `task` was made for `l` and this `F`, and not sent before; its waker is there.
pub(crate) unsafe fn send<F: Future>(l: *const EventLoop, task: TaskRef) -> Result<(), F> {
    // SAFETY: by the caller; a task that was not sent is this context's alone, which acts as its owner.
    unsafe {
        if Inbox::push(&raw const (*l).inbox, task, || ()) {
            return Ok(());
        }
        let future = Stage::take_future(Alone::stage::<F>(task));
        let last = (*head(task)).wakers.merge();
        debug_assert!(!last, "its waker is there");
        forget_waker(task);
        Err(future)
    }
}

/// A task is released, and in no list of the loop's any more. Calls `give` to give its memory back, unless a waker is left
/// that will.
///
/// # Safety
/// As for [`Place::release`].
#[inline]
unsafe fn released(task: TaskRef, give: impl FnOnce(&HeapTasks)) {
    // SAFETY: by the caller. The loop counts the block until here.
    unsafe {
        let l = task.header().owner();
        let here = current::is(l);
        if !here {
            // From the merge on, the last waker may go in another thread, and with it a loop whose owner has let go.
            (*l).count.inc(false);
        }
        (*l).heap.one_less();
        if (*head(task)).wakers.merge() {
            // Before the loop is let go of, since another context may have its pages then.
            give(&(*l).heap);
            EventLoop::release(l, here);
        }
        if !here {
            (*l).task_gone();
            EventLoop::release(l, false);
        }
    }
}

/// Wakers of heap tasks count as references to them.
static COUNTED: RawWakerVTable = RawWakerVTable::new(clone, wake, wake_by_ref, drop_waker);

/// Whether it is a waker of a heap task.
#[inline]
pub(super) fn counts(waker: &Waker) -> bool {
    ptr::eq(waker.vtable(), &raw const COUNTED)
}

/// Gives up the reference of a waker of a heap task of the running loop, which is then not to be dropped.
///
/// # Safety
/// It is one.
#[inline]
pub(super) unsafe fn forget_here(waker: &Waker) {
    // SAFETY: by the caller the waker keeps the task until here.
    unsafe {
        let task = task(waker.data());
        if (*head(task)).wakers.dec(true) {
            (task.vtable().free)(task);
        }
    }
}

/// A clone of a waker of a heap task.
///
/// # Safety
/// It is one.
#[inline]
pub(super) unsafe fn clone_counted(waker: &Waker) -> Waker {
    // SAFETY: by the caller; the table upholds the contract of `RawWaker`.
    unsafe {
        let task = task(waker.data());
        (*head(task)).wakers.inc(is_here(task));
        Waker::new(waker.data(), &COUNTED)
    }
}

/// Whether this is the context of the task's loop.
///
/// # Safety
/// The task is kept by a reference.
#[inline]
unsafe fn is_here(task: TaskRef) -> bool {
    // SAFETY: by the caller; `owner` is a shared field.
    current::is(unsafe { task.header() }.owner())
}

/// # Safety
/// The caller gives up one reference.
#[inline]
unsafe fn forget_waker(task: TaskRef) {
    // SAFETY: by the caller. The table of a task does not change, and it is last read here or by the loop.
    unsafe {
        if (*head(task)).wakers.dec(is_here(task)) {
            (task.vtable().free)(task);
        }
    }
}

unsafe fn clone(data: *const ()) -> RawWaker {
    // SAFETY: the waker that is cloned keeps the task.
    unsafe {
        let task = task(data);
        (*head(task)).wakers.inc(is_here(task));
    }
    RawWaker::new(data, &COUNTED)
}

unsafe fn wake(data: *const ()) {
    // SAFETY: the waker keeps the task until its reference is given up, to the inbox if the task goes there.
    unsafe {
        let task = task(data);
        if wake_owned_here(task) || !claim(task) {
            forget_waker(task);
        } else {
            // Beyond that, where the loop is to be unparked, another one keeps it.
            send_claimed(task, || Kept::new(task));
        }
    }
}

unsafe fn wake_by_ref(data: *const ()) {
    // SAFETY: the waker keeps the task, also after the wake; the inbox gets a reference of its own.
    unsafe {
        let task = task(data);
        if !wake_owned_here(task) && claim(task) {
            (*head(task)).wakers.inc(false);
            send_claimed(task, || ());
        }
    }
}

/// Puts a task that was just claimed into the inbox of its loop, which this context does not run. For `keep` see
/// [`Inbox::push`](crate::inbox::Inbox::push).
///
/// # Safety
/// The caller gives up one reference to the task, which is the inbox's from then on. Another keeps the task during the
/// call, or what `keep` gives does.
#[inline(never)]
unsafe fn send_claimed<K>(task: TaskRef, keep: impl Fn() -> K) {
    // SAFETY: by the caller; a reference to the task keeps its loop.
    unsafe {
        if !push(task, keep) {
            forget_waker(task);
        }
    }
}

/// A reference to a task, which keeps it and its loop.
struct Kept(TaskRef);

impl Kept {
    /// # Safety
    /// The task is kept by another reference.
    unsafe fn new(task: TaskRef) -> Self {
        // SAFETY: by the caller.
        unsafe { (*head(task)).wakers.inc(false) };
        Self(task)
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        // SAFETY: the reference is its own.
        unsafe { forget_waker(self.0) }
    }
}

unsafe fn drop_waker(data: *const ()) {
    // SAFETY: the waker's reference is given up.
    unsafe { forget_waker(task(data)) }
}
