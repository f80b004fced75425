use core::cell::Cell;
use core::marker::PhantomPinned;
use core::ptr;
use core::task::Waker;

use super::awaiter::Awaiter;
use super::header::TaskRef;
use super::watch::{Kind, Node};
use crate::scope::current_branch;

/// One of several tasks that one future waits for.
#[repr(C)]
pub struct Member {
    node: Node,
    group: Cell<*const Group>,
}

/// Several tasks that one future waits for, and those of them that have ended, in the order in which they did.
///
/// Invariant **GROUP**: the group and its members are parts of one pinned future, so they are valid for each other;
/// every member that is in a task's list (WATCH) points to its group, and is not in the line. The line holds those
/// that were told, or put there, and not taken yet, through `next`. Touched in the context of the tasks' loop only.
pub(crate) struct Group {
    waker: Cell<Option<Waker>>,
    first: Cell<*const Node>,
    last: Cell<*const Node>,
    /// How many members are in a task's list.
    waiting: Cell<usize>,
    /// Only the last one that ends wakes.
    all: Cell<bool>,
    awaiter: Awaiter,
    _pin: PhantomPinned,
}

impl Member {
    pub(super) const fn new() -> Self {
        Self { node: Node::new(Kind::Member), group: Cell::new(ptr::null()) }
    }
}

impl Group {
    pub(super) const fn new() -> Self {
        Self {
            waker: Cell::new(None),
            first: Cell::new(ptr::null()),
            last: Cell::new(ptr::null()),
            waiting: Cell::new(0),
            all: Cell::new(false),
            awaiter: Awaiter::new(),
            _pin: PhantomPinned,
        }
    }

    /// Keeps `waker` as the one to wake. A clone of it is foreign code, in which a task may end: look again after.
    pub(super) fn set_waker(&self, waker: &Waker) {
        self.awaiter.note(current_branch);
        crate::waker_cell::refresh(&self.waker, waker);
    }

    /// Has the waker woken only when none is left to wait for.
    pub(super) fn wait_for_all(&self) {
        self.all.set(true);
    }

    /// How many tasks have not ended yet.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.get()
    }

    /// Whether none has ended that was not taken yet.
    pub(super) fn line_is_empty(&self) -> bool {
        self.first.get().is_null()
    }

    /// Waits for `task` too, which is not done.
    ///
    /// # Safety
    /// GROUP and WATCH: pinned with this group, in no list; [`leave`](Self::leave) comes before its memory goes.
    pub(super) unsafe fn join(&self, member: *const Member, task: TaskRef) {
        self.waiting.set(self.waiting.get() + 1);
        // SAFETY: by the caller.
        unsafe {
            (*member).group.set(self);
            task.header().watchers.push(member.cast());
        }
    }

    /// Waits for `task` no longer, if it still does.
    ///
    /// # Safety
    /// The member waits for this task or for none.
    pub(super) unsafe fn leave(&self, member: *const Member, task: TaskRef) {
        // SAFETY: by the caller.
        unsafe {
            if (*member).node.is_linked() {
                self.waiting.set(self.waiting.get() - 1);
                task.header().watchers.remove(member.cast());
            }
        }
    }

    /// Who waits by the group of this member.
    ///
    /// # Safety
    /// GROUP: the member is in a task's list, and stays while the answer is used.
    #[cfg(feature = "inspect")]
    pub(super) unsafe fn awaiter<'a>(member: *const Member) -> &'a Awaiter {
        // SAFETY: by the caller.
        unsafe { &(*(*member).group.get()).awaiter }
    }

    /// The task of a member has ended, and it has left that task's list. Whom to wake.
    ///
    /// # Safety
    /// GROUP.
    pub(super) unsafe fn told(member: *const Member) -> Option<Waker> {
        // SAFETY: by the caller.
        let group = unsafe { &*(*member).group.get() };
        group.waiting.set(group.waiting.get() - 1);
        // SAFETY: by the caller; it is in no list.
        unsafe { group.put(member) };
        if group.all.get() && group.waiting.get() > 0 { None } else { group.waker.take() }
    }

    /// Puts a member at the end of the line.
    ///
    /// # Safety
    /// GROUP: it is in no list, nor in the line.
    pub(super) unsafe fn put(&self, member: *const Member) {
        let node: *const Node = member.cast();
        // SAFETY: by the caller, and GROUP for the last.
        unsafe {
            (*node).next.set(ptr::null());
            match self.last.replace(node).as_ref() {
                Some(last) => last.next.set(node),
                None => self.first.set(node),
            }
        }
    }

    /// Takes the first of the line.
    pub(super) fn take(&self) -> Option<*const Member> {
        let first = self.first.get();
        // SAFETY: GROUP.
        let next = unsafe { first.as_ref() }?.next.get();
        self.first.set(next);
        if next.is_null() {
            self.last.set(ptr::null());
        }
        Some(first.cast())
    }

    /// Sorts the line by `before`, keeping the order of those that are equal.
    pub(super) fn sort(&self, before: impl Fn(*const Member, *const Member) -> bool) {
        // Sorted lines of 1, 2, 4... members: a merge sort without an array, a recursion, or a count.
        let mut lines = [ptr::null::<Node>(); usize::BITS as usize];
        while let Some(member) = self.take() {
            let mut line: *const Node = member.cast();
            // SAFETY: GROUP.
            unsafe { (*line).next.set(ptr::null()) };
            for place in &mut lines {
                let older = core::mem::replace(place, ptr::null());
                if older.is_null() {
                    *place = line;
                    break;
                }
                // SAFETY: GROUP, and both are lines of their own.
                line = unsafe { merge(older, line, &before) };
            }
        }
        let mut line = ptr::null();
        for older in lines {
            // SAFETY: as above.
            line = unsafe { merge(older, line, &before) };
        }
        // SAFETY: GROUP.
        while let Some(node) = unsafe { line.as_ref() } {
            let next = node.next.get();
            // SAFETY: GROUP: it was in the line, and was taken.
            unsafe { self.put(line.cast()) };
            line = next;
        }
    }
}

/// One sorted line of two; of equals those of `a` come first.
///
/// # Safety
/// GROUP: both are lines of members, with none in both.
unsafe fn merge(
    mut a: *const Node,
    mut b: *const Node,
    before: impl Fn(*const Member, *const Member) -> bool,
) -> *const Node {
    let first = Cell::new(ptr::null());
    let mut end: *const Cell<*const Node> = &first;
    // SAFETY: by the caller, and `end` is `first` or the `next` of a node of the line.
    unsafe {
        while !a.is_null() && !b.is_null() {
            let from = if before(b.cast(), a.cast()) { &mut b } else { &mut a };
            (*end).set(*from);
            end = &raw const (**from).next;
            *from = (*end).get();
        }
        (*end).set(if a.is_null() { b } else { a });
    }
    first.get()
}
