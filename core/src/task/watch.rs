//! Who is told when a task is done: nodes inside the futures that wait for it, first come first told.

use core::cell::Cell;
use core::marker::PhantomPinned;
use core::ptr;
use core::task::Waker;

use super::awaiter::Awaiter;
use super::awaiting::Await;
use super::callback::Callback;
use super::group::{Group, Member};
use crate::scope::Branch;

/// What stands in a task's list: the start of a [`Watcher`], of an [`Await`], of a [`Member`] or of a [`Callback`].
#[repr(C)]
pub(crate) struct Node {
    /// In the list, or once it was told in the line of its group.
    pub(super) next: Cell<*const Node>,
    prev: Cell<*const Node>,
    linked: Cell<bool>,
    kind: Kind,
    _pin: PhantomPinned,
}

/// What a node is the start of.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Watcher,
    Await,
    Member,
    Callback,
}

/// One who waits for one task, pinned inside its future.
#[repr(C)]
pub(crate) struct Watcher {
    node: Node,
    waker: Cell<Option<Waker>>,
    awaiter: Awaiter,
}

/// The nodes of one task, a ring through the newest.
///
/// Invariant **WATCH**: the ring holds exactly the nodes whose `linked` is set; each is pinned and leaves the
/// ring before its memory goes, by `remove` or by `pop`. Touched in the context of the task's loop only. Nobody joins
/// the ring of a task that is done: then `newest` holds the task's place in the order of endings, an odd number and so no
/// node's address, and whoever is yet to be told stands in the ring before an [`End`].
pub(crate) struct WatchList {
    newest: Cell<*const Node>,
}

/// The end of the ring of a task that is done, on the stack of who tells those in it.
pub(crate) struct End(Node);

impl Node {
    pub(super) const fn new(kind: Kind) -> Self {
        Self {
            next: Cell::new(ptr::null()),
            prev: Cell::new(ptr::null()),
            linked: Cell::new(false),
            kind,
            _pin: PhantomPinned,
        }
    }

    pub(crate) fn is_linked(&self) -> bool {
        self.linked.get()
    }

    pub(super) fn is_callback(&self) -> bool {
        matches!(self.kind, Kind::Callback)
    }
}

impl Watcher {
    pub(crate) const fn new() -> Self {
        Self { node: Node::new(Kind::Watcher), waker: Cell::new(None), awaiter: Awaiter::new() }
    }

    pub(crate) fn is_linked(&self) -> bool {
        self.node.is_linked()
    }

    /// Keeps `waker` as the one to wake. It is the running task that waits, inside what `under` gives.
    pub(crate) fn set_waker(&self, waker: &Waker, under: impl FnOnce() -> *const Branch) {
        self.awaiter.note(under);
        crate::waker_cell::refresh(&self.waker, waker);
    }

    /// Its node, with the right to all of it.
    pub(crate) fn node(this: *const Self) -> *const Node {
        this.cast()
    }
}

impl WatchList {
    pub(crate) const fn new() -> Self {
        Self { newest: Cell::new(ptr::null()) }
    }

    /// Adds a node as the newest.
    ///
    /// # Safety
    /// `node` is pinned, has the right to all that it is the start of, is in no list, and is removed before its
    /// memory goes. The task is not done.
    pub(crate) unsafe fn push(&self, node: *const Node) {
        let newest = self.newest.get();
        // SAFETY: by the caller, and WATCH for those in the ring.
        unsafe {
            (*node).linked.set(true);
            if newest.is_null() {
                (*node).next.set(node);
                (*node).prev.set(node);
            } else {
                let oldest = (*newest).next.get();
                (*node).next.set(oldest);
                (*node).prev.set(newest);
                (*newest).next.set(node);
                (*oldest).prev.set(node);
            }
        }
        self.newest.set(node);
    }

    /// Takes a node out; one that is out already stays out.
    ///
    /// # Safety
    /// If it is linked, it is in this list.
    pub(crate) unsafe fn remove(&self, node: *const Node) {
        // SAFETY: by the caller, and WATCH for its neighbours.
        unsafe {
            if !(*node).is_linked() {
                return;
            }
            let prev = take_out(node);
            if self.newest.get() == node {
                self.newest.set(if prev == node { ptr::null() } else { prev });
            }
        }
    }

    /// The oldest node that `which` says. Only while the task is not done.
    pub(crate) fn find(&self, mut which: impl FnMut(*const Node) -> bool) -> Option<*const Node> {
        let newest = self.newest.get();
        let mut at = newest;
        // SAFETY: WATCH: all in the ring are valid.
        while let Some(node) = unsafe { at.as_ref() } {
            at = node.next.get();
            if which(at) {
                return Some(at);
            }
            if ptr::eq(at, newest) {
                break;
            }
        }
        None
    }

    /// Calls `f` with each who waits. Only while the task is not done; `f` runs no foreign code.
    #[cfg(feature = "inspect")]
    pub(crate) fn for_each_awaiter(&self, mut f: impl FnMut(&Awaiter)) {
        // Each is passed by, so that all are seen.
        self.find(|node| {
            // SAFETY: WATCH: all in the ring are valid, and the start of what `kind` says.
            unsafe {
                match (*node).kind {
                    Kind::Watcher => f(&(*node.cast::<Watcher>()).awaiter),
                    Kind::Await => f((*node.cast::<Await>()).awaiter()),
                    Kind::Member => f(Group::awaiter(node.cast())),
                    Kind::Callback => {}
                }
            }
            false
        });
    }

    /// The task is done, as the `place`th, if one waits for it at most, whom it then gives, taken out and yet to be
    /// [told](told). If several do, it does nothing.
    #[cfg_attr(feature = "std", inline)]
    pub(crate) fn seal_one(&self, place: u32) -> Option<Option<*const Node>> {
        let newest = self.newest.get();
        // SAFETY: WATCH: all in the ring are valid.
        let only = match unsafe { newest.as_ref() } {
            None => None,
            Some(node) if ptr::eq(node.next.get(), newest) => {
                node.linked.set(false);
                Some(newest)
            }
            Some(_) => return None,
        };
        self.close(place);
        Some(only)
    }

    /// From here on nobody joins.
    #[cfg_attr(feature = "std", inline)]
    fn close(&self, place: u32) {
        self.newest.set(ptr::without_provenance((place << 1 | 1) as usize));
    }

    /// The task is done, as the `place`th: those in the list are from now on to be [taken](End::pop) from before `end`.
    ///
    /// # Safety
    /// `end` is new, and stays where it is.
    pub(crate) unsafe fn seal(&self, place: u32, end: &End) {
        // SAFETY: by the caller, and its drop takes it out.
        unsafe { self.push(&raw const end.0) };
        self.close(place);
    }

    /// Where the task, which is done, stands in the order of endings: of two, the one whose number is less, wrapping, ended
    /// first.
    pub(crate) fn place(&self) -> u32 {
        self.newest.get().addr() as u32
    }

    /// Readies the list for a new task.
    pub(crate) fn open(&self) {
        self.newest.set(ptr::null());
    }
}

impl End {
    pub(crate) const fn new() -> Self {
        Self(Node::new(Kind::Watcher))
    }

    /// Takes the oldest node out, [tells](told) it, and gives whom to wake.
    pub(crate) fn pop(&self) -> Option<Option<Waker>> {
        let end: *const Node = &raw const self.0;
        let oldest = self.0.next.get();
        if oldest.is_null() || ptr::eq(oldest, end) {
            return None;
        }
        // SAFETY: WATCH: all in the ring are valid, and the oldest is in it until here.
        unsafe {
            take_out(oldest);
            Some(told(oldest))
        }
    }
}

/// Tells one who waited, who was just taken out of the list of a task that is done: calls it if it is a callback, and gives
/// whom to wake.
///
/// # Safety
/// WATCH: it was in the list until now.
#[cfg_attr(feature = "std", inline)]
pub(super) unsafe fn told(node: *const Node) -> Option<Waker> {
    // SAFETY: by the caller; it is the start of what `kind` says.
    unsafe {
        match (*node).kind {
            Kind::Await => (*node.cast::<Await>()).told(),
            _ => told_rarely(node),
        }
    }
}

/// As [`told`], for what is no await.
#[inline(never)]
unsafe fn told_rarely(node: *const Node) -> Option<Waker> {
    // SAFETY: as there.
    unsafe {
        match (*node).kind {
            Kind::Await => unreachable!(),
            Kind::Watcher => (*node.cast::<Watcher>()).waker.take(),
            Kind::Member => Group::told(node.cast::<Member>()),
            Kind::Callback => {
                Callback::call(node.cast::<Callback>());
                None
            }
        }
    }
}

impl Drop for End {
    fn drop(&mut self) {
        if self.0.is_linked() {
            // SAFETY: WATCH: it is in the ring, whose nodes are valid.
            unsafe { take_out(&raw const self.0) };
        }
    }
}

/// Takes a node out of its ring, and gives the one before.
///
/// # Safety
/// WATCH: it is in a ring.
unsafe fn take_out(node: *const Node) -> *const Node {
    // SAFETY: by the caller, and WATCH for its neighbours.
    unsafe {
        (*node).linked.set(false);
        let (prev, next) = ((*node).prev.get(), (*node).next.get());
        (*prev).next.set(next);
        (*next).prev.set(prev);
        prev
    }
}
