//! The children of a group, whatever their types: who lives, and who is to be polled.

use core::cell::Cell;
use core::marker::PhantomPinned;
use core::ptr;
use core::task::Waker;

use crate::task::{self, Asked, Awaiter, Header, TaskRef, state};
use crate::{EventLoop, current, waker_cell};

/// The children of one group.
///
/// Invariant **CREW**: the list holds exactly the children whose futures were not dropped; each stands at the start of
/// its task's stage, pinned, and leaves the list when it is dropped. The queue holds exactly those whose `listed` is
/// set, linked through their header's `next`, with QUEUED set so that nobody else links them. A crew is pinned in the
/// future of its group, which ends all children before it goes. If that future is forgotten, its memory is never
/// reused: then the crew stays, and nobody polls its borrowing children any more, nor drops them. So it is only inside a
/// poll or the drop of the group that a borrowing child is polled or dropped: there the group is neither forgotten nor,
/// by what the child does, dropped under its feet.
pub(super) struct Crew {
    first: Cell<*const Child>,
    last: Cell<*const Child>,
    len: Cell<usize>,
    queue: Cell<*mut Header>,
    queue_end: Cell<*mut Header>,
    /// Has the group polled.
    waker: Cell<Option<Waker>>,
    /// The group is being polled, so it is not forgotten, and looks for itself what became of its children.
    polling: Cell<bool>,
    /// Whose part the group is.
    pub(super) awaiter: Awaiter,
    _pin: PhantomPinned,
}

/// The start of a child's future.
#[repr(C)]
pub(crate) struct Child {
    /// Null before it is linked, and once it is on its own.
    crew: Cell<*const Crew>,
    task: Cell<Option<TaskRef>>,
    prev: Cell<*const Child>,
    next: Cell<*const Child>,
    listed: Cell<bool>,
    /// To be dropped instead of being polled.
    aborted: Cell<bool>,
    _pin: PhantomPinned,
}

impl Child {
    pub(super) const fn new() -> Self {
        Self {
            crew: Cell::new(ptr::null()),
            task: Cell::new(None),
            prev: Cell::new(ptr::null()),
            next: Cell::new(ptr::null()),
            listed: Cell::new(false),
            aborted: Cell::new(false),
            _pin: PhantomPinned,
        }
    }

    /// Whether it belongs to a group, or still does.
    pub(super) fn has_crew(&self) -> bool {
        !self.crew.get().is_null()
    }
}

/// A child's future is dropped: it leaves its crew, which is told.
impl Drop for Child {
    fn drop(&mut self) {
        // SAFETY: CREW: it is linked while it has a crew, and the crew is there.
        if let Some(crew) = unsafe { self.crew.get().as_ref() } {
            // SAFETY: as above.
            unsafe { crew.remove(self) };
            if !crew.polling.get() {
                crew.wake();
            }
        }
    }
}

impl Crew {
    pub(super) const fn new() -> Self {
        Self {
            first: Cell::new(ptr::null()),
            last: Cell::new(ptr::null()),
            len: Cell::new(0),
            queue: Cell::new(ptr::null_mut()),
            queue_end: Cell::new(ptr::null_mut()),
            waker: Cell::new(None),
            polling: Cell::new(false),
            awaiter: Awaiter::new(),
            _pin: PhantomPinned,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.len.get()
    }

    pub(super) fn keep_waker(&self, waker: &Waker) {
        waker_cell::refresh(&self.waker, waker);
    }

    /// Has the group polled.
    pub(super) fn wake(&self) {
        // SAFETY: the group is there when this is called.
        unsafe { waker_cell::wake(&raw const self.waker) };
    }

    /// Adds a task that was just made, whose future begins with a `Child`.
    ///
    /// # Safety
    /// CREW and TASK, in the context of the task's loop; the crew is pinned.
    pub(super) unsafe fn insert(&self, task: TaskRef) {
        // SAFETY: by the caller the stage holds the future, whose start is the child.
        unsafe {
            let child = child(task);
            (*child).crew.set(self);
            (*child).task.set(Some(task));
            let last = self.last.replace(child);
            (*child).prev.set(last);
            match last.as_ref() {
                Some(last) => last.next.set(child),
                None => self.first.set(child),
            }
            #[cfg(feature = "inspect")]
            task.times().set_group(&self.awaiter);
        }
        self.len.set(self.len.get() + 1);
    }

    /// # Safety
    /// CREW: `child` is in the list.
    unsafe fn remove(&self, child: &Child) {
        let (prev, next) = (child.prev.get(), child.next.get());
        // SAFETY: by the caller, and CREW.
        unsafe {
            match prev.as_ref() {
                Some(prev) => prev.next.set(next),
                None => self.first.set(next),
            }
            match next.as_ref() {
                Some(next) => next.prev.set(prev),
                None => self.last.set(prev),
            }
        }
        #[cfg(feature = "inspect")]
        if let Some(task) = child.task.get() {
            // SAFETY: TASK: the child's future is there, and so is its task.
            unsafe { task.times() }.set_group(ptr::null());
        }
        child.crew.set(ptr::null());
        self.len.set(self.len.get() - 1);
        if child.listed.replace(false)
            && let Some(task) = child.task.get()
        {
            // SAFETY: CREW: it is in the queue.
            unsafe { self.unqueue(task) };
        }
    }

    /// The child that was made first.
    pub(super) fn oldest(&self) -> Option<TaskRef> {
        // SAFETY: CREW.
        unsafe { self.first.get().as_ref() }.and_then(|child| child.task.get())
    }

    /// Sends the child that was made first out on its own.
    ///
    /// # Safety
    /// It borrows nothing.
    pub(super) unsafe fn release_oldest(&self) {
        // SAFETY: CREW.
        if let Some(child) = unsafe { self.first.get().as_ref() } {
            // SAFETY: as above.
            unsafe { self.remove(child) };
        }
    }

    /// Asks every child to end, since the group is asked to or has failed.
    pub(super) fn cancel_all(&self, asked: Option<Asked>, message: Option<&'static str>) {
        let mut at = self.first.get();
        // SAFETY: CREW; a cancel marks and queues a task of a loop on this thread, which runs no foreign code.
        while let Some(child) = unsafe { at.as_ref() } {
            at = child.next.get();
            if let Some(task) = child.task.get() {
                // SAFETY: TASK: its future was not dropped, so it was not given back.
                unsafe { task::hand_on(task, asked, message) };
            }
        }
    }

    /// The child that is to be polled next, taken out of the queue. It is still marked as queued.
    fn pop(&self) -> Option<TaskRef> {
        let task = TaskRef::from_ptr(self.queue.get())?;
        // SAFETY: CREW: it is in the queue, so its future was not dropped.
        unsafe {
            (*child(task)).listed.set(false);
            self.queue.set(task.header().next.get());
        }
        if self.queue.get().is_null() {
            self.queue_end.set(ptr::null_mut());
        }
        Some(task)
    }

    /// # Safety
    /// CREW: the task is a child of this crew, was just taken from the ready queue, and is still marked as queued.
    unsafe fn push(&self, task: TaskRef) {
        // SAFETY: by the caller.
        unsafe {
            (*child(task)).listed.set(true);
            task.header().next.set(ptr::null_mut());
        }
        match TaskRef::from_ptr(self.queue_end.replace(task.as_ptr())) {
            // SAFETY: CREW.
            Some(last) => unsafe { last.header() }.next.set(task.as_ptr()),
            None => self.queue.set(task.as_ptr()),
        }
    }

    /// # Safety
    /// CREW: the task is in the queue.
    unsafe fn unqueue(&self, task: TaskRef) {
        let mut before: Option<TaskRef> = None;
        let mut at = self.queue.get();
        while at != task.as_ptr()
            && let Some(here) = TaskRef::from_ptr(at)
        {
            before = Some(here);
            // SAFETY: CREW: all in the queue are valid.
            at = unsafe { here.header() }.next.get();
        }
        // SAFETY: by the caller; as above.
        unsafe {
            let next = task.header().next.get();
            match before {
                Some(before) => before.header().next.set(next),
                None => self.queue.set(next),
            }
            if next.is_null() {
                self.queue_end.set(before.map_or(ptr::null_mut(), TaskRef::as_ptr));
            }
            task.header().clear(state::QUEUED);
        }
    }

    /// Says that the group is being polled, until the guard is dropped.
    pub(super) fn polling(&self) -> Polling<'_> {
        self.polling.set(true);
        Polling(&self.polling)
    }

    /// Whether another loop runs than that of the children, which nobody would poll here.
    pub(super) fn is_abroad(&self) -> bool {
        // All are of one loop, since only a poll of the group makes any, and this is asked before each.
        // SAFETY: TASK: its future was not dropped, so it was not given back; `owner` is a shared field.
        let Some(home) = self.oldest().map(|child| unsafe { child.header() }.owner()) else { return false };
        current::with(|l| !ptr::eq(home, l)).unwrap_or(false)
    }

    /// Polls the children that are to be polled: those in the queue now, in its order. Outside a loop they stay there,
    /// for the next poll inside.
    pub(super) fn poll_children(&self) {
        current::with(|l| {
            // What a poll makes ready goes through the loop's queue first, so this ends.
            while let Some(task) = self.pop() {
                // SAFETY: TASK: the child's future was not dropped, and no poll of it is on the stack, since only this
                // polls it. It is of this loop, since the group is not abroad.
                unsafe {
                    if (*child(task)).aborted.get() {
                        task.header().clear(state::QUEUED);
                        task::abort(l, task);
                    } else {
                        task::run(l, task);
                    }
                }
            }
        });
    }
}

/// A group is being polled.
pub(super) struct Polling<'a>(&'a Cell<bool>);

impl Drop for Polling<'_> {
    fn drop(&mut self) {
        self.0.set(false);
    }
}

/// A child that borrows from its group's surroundings came to the front of the ready queue: its group is to poll it.
///
/// # Safety
/// TASK, in the context of `l`; the task is such a child, is not done, and is still marked as queued.
#[inline(never)]
pub(crate) unsafe fn forward(_: &EventLoop, task: TaskRef) {
    // SAFETY: by the caller the stage holds the future. CREW.
    unsafe {
        match (*child(task)).crew.get().as_ref() {
            Some(crew) => {
                crew.push(task);
                crew.wake();
            }
            None => task.header().clear(state::QUEUED),
        }
    }
}

/// Whether a borrowing child may be dropped just now. If not, its group drops it when it comes to poll it.
///
/// # Safety
/// TASK, in the context of the task's loop; the task is such a child, is not done and not running.
pub(crate) unsafe fn may_abort(task: TaskRef) -> bool {
    // SAFETY: by the caller the stage holds the future. CREW.
    unsafe {
        let child = &*child(task);
        child.aborted.set(true);
        child.crew.get().as_ref().is_some_and(|crew| crew.polling.get())
    }
}

/// The start of a child's future.
///
/// # Safety
/// TASK: the task is a child's and its stage holds the future.
unsafe fn child(task: TaskRef) -> *const Child {
    // SAFETY: by the caller; the future and the output stand in the same place.
    unsafe { (task.vtable().output)(task).cast_const().cast() }
}
