use core::cell;
use core::marker::PhantomPinned;
use core::ptr;
use core::task::Waker;

use super::kind::ScopeKind;
use crate::shim::{AtomicU8, Cell};

/// What a branch knows of a cancellation request.
pub(crate) mod flag {
    /// It holds a request that is yet to be delivered.
    pub(crate) const REQUEST: u8 = 1;
    /// It has handed its request to its children, and none took it yet.
    pub(crate) const PASSED: u8 = 2;
    /// A child, or one below it, took the request that was last handed down.
    pub(crate) const TAKEN: u8 = 4;
    /// Code inside resumed a caught cancellation: the inner future is to be dropped.
    pub(crate) const RAISED: u8 = 8;
    /// It was given a request, or is being looked for, and was not polled since.
    pub(crate) const UNPOLLED: u8 = 16;
    /// It keeps requests from what it holds.
    pub(crate) const SHIELD: u8 = 32;
    /// It is looking for children that were abandoned, in this pass.
    pub(crate) const PROBING: u8 = 64;
    /// It is the start of a scope; without it, the root of a task, at the start of the task's header. This way round
    /// so that a pool of tasks is all zeros and takes no room in flash.
    pub(crate) const SCOPE: u8 = 128;
}

/// The bits of a scope's own byte that mean the same in every kind of scope; the lower ones are each kind's own.
pub(crate) mod own {
    /// The request that it holds was taken inside it before, by something that gave a result all the same. If it is not
    /// delivered here, it goes on outwards as it would have then.
    pub(crate) const AGAIN: u8 = 32;
    /// What it asks of its inside is its own wish (a deadline), not handed down from above.
    pub(crate) const WISH: u8 = 64;
    /// Its deadline passed, and its inside is polled once more before it is asked.
    pub(crate) const LAST_CHANCE: u8 = 128;
}

/// The part of a scope that has children: all of a task's root, and the start of a [`Scope`].
#[repr(C)]
pub(crate) struct Branch {
    pub(super) first: Cell<*const Scope>,
    pub(super) flags: Cell<u8>,
    // What padding would waste holds what a task's header has no room for elsewhere.
    /// The task's state bits; in a scope that is not a root, free for the scope's own use.
    pub(crate) state: Cell<u8>,
    /// How often the task was asked to end; in a scope that is not a root, with RAISED, whether that was by code that
    /// resumed a cancellation, with what is now the task's message.
    pub(crate) cancels: Cell<u8>,
    /// The bits of the task that other contexts may set.
    pub(crate) remote: AtomicU8,
    /// The task's number.
    #[cfg(target_pointer_width = "64")]
    pub(crate) number: Cell<u32>,
}

/// A place where a request stops to be dealt with, pinned inside the future that deals with it.
///
/// Invariant **SCOPE**: a scope with a `parent` is *active*: it was polled under that parent, has not finished, is
/// pinned, and stands exactly once in the parent's list of children. It leaves the list before its memory goes, and
/// a branch orphans its children before its own goes, so every link leads to something valid. All of it is `Cell`s
/// reached through raw pointers, never `&mut`, and stays on one thread. A scope that is forgotten stays linked: its
/// memory is pinned, so it is not reused, and it counts as a child that is never polled.
#[repr(C)]
pub(crate) struct Scope {
    pub(super) branch: Branch,
    pub(super) parent: Cell<*const Branch>,
    pub(super) prev: Cell<*const Scope>,
    pub(super) next: Cell<*const Scope>,
    /// The waker it was last polled with.
    pub(super) waker: cell::Cell<Option<Waker>>,
    /// What people are told that it is; `None` for what is no scope of a program.
    #[cfg(feature = "inspect")]
    kind: Option<ScopeKind>,
    _pin: PhantomPinned,
}

impl Branch {
    const fn with(flags: u8) -> Self {
        Self {
            first: Cell::new(ptr::null()),
            flags: Cell::new(flags),
            state: Cell::new(0),
            cancels: Cell::new(0),
            remote: AtomicU8::new(0),
            #[cfg(target_pointer_width = "64")]
            number: Cell::new(0),
        }
    }

    /// The root of a task.
    pub(crate) const fn root() -> Self {
        Self::with(0)
    }

    #[inline]
    pub(super) fn has(&self, flags: u8) -> bool {
        self.flags.get() & flags != 0
    }

    #[inline]
    pub(super) fn set(&self, flags: u8) {
        self.flags.set(self.flags.get() | flags);
    }

    #[inline]
    pub(super) fn clear(&self, flags: u8) {
        self.flags.set(self.flags.get() & !flags);
    }
}

impl Scope {
    pub(crate) const fn new(kind: ScopeKind) -> Self {
        Self::with(0, Some(kind))
    }

    /// A scope that keeps requests from what it holds.
    pub(crate) const fn shield() -> Self {
        Self::with(flag::SHIELD, Some(ScopeKind::Shield))
    }

    /// A place in a list of scopes that is none of a program's.
    pub(super) const fn marker() -> Self {
        Self::with(0, None)
    }

    const fn with(flags: u8, kind: Option<ScopeKind>) -> Self {
        #[cfg(not(feature = "inspect"))]
        let _ = kind;
        Self {
            branch: Branch::with(flag::SCOPE | flags),
            parent: Cell::new(ptr::null()),
            prev: Cell::new(ptr::null()),
            next: Cell::new(ptr::null()),
            waker: cell::Cell::new(None),
            #[cfg(feature = "inspect")]
            kind,
            _pin: PhantomPinned,
        }
    }

    #[cfg(feature = "inspect")]
    pub(super) fn kind(&self) -> Option<ScopeKind> {
        self.kind
    }

    /// Whether a request has anything to do with it.
    #[inline]
    pub(crate) fn is_involved(&self) -> bool {
        self.branch.flags.get() & !(flag::SCOPE | flag::SHIELD) != 0
    }

    /// Whether it is neither linked nor has children.
    #[inline]
    pub(crate) fn is_free(&self) -> bool {
        self.parent.get().is_null() && self.branch.first.get().is_null()
    }

    /// The waker it was last polled with, if it was not woken since. The next poll keeps it anew.
    pub(crate) fn take_waker(&self) -> Option<Waker> {
        self.waker.take()
    }

    /// Whether it holds a request.
    pub(crate) fn is_asked(&self) -> bool {
        self.branch.has(flag::REQUEST)
    }

    /// Whether it holds a request, or something inside it holds or took the one it handed down.
    pub(crate) fn is_dealing(&self) -> bool {
        is_dealing(&self.branch)
    }

    /// From now on keeps requests from what it holds.
    pub(super) fn hold(&self) {
        self.branch.set(flag::SHIELD);
    }

    /// No longer keeps requests from what it holds.
    pub(super) fn let_through(&self) {
        self.branch.clear(flag::SHIELD);
    }

    /// Whether the request it was last handed was taken by something inside it.
    pub(crate) fn was_taken(&self) -> bool {
        self.branch.has(flag::TAKEN)
    }

    /// Whether what goes on outwards from it was resumed by code inside it.
    pub(super) fn has_resumed(&self) -> bool {
        self.branch.cancels.get() != 0
    }

    /// Says so.
    pub(super) fn set_resumed(&self, resumed: bool) {
        self.branch.cancels.set(u8::from(resumed));
    }

    /// Says that what it stands for is dealing with the request.
    pub(crate) fn set_taken(&self) {
        self.branch.set(flag::TAKEN);
    }

    /// Whether it was handed a request since it was last polled.
    pub(crate) fn was_handed(&self) -> bool {
        // A copy that comes back from below is not marked.
        self.branch.flags.get() & (flag::REQUEST | flag::UNPOLLED) == flag::REQUEST | flag::UNPOLLED
    }

    /// Asks what is inside to end.
    pub(crate) fn ask(&self) {
        ask(&self.branch);
    }

    /// Whether a bit of the scope's own byte is set.
    pub(crate) fn is(&self, bits: u8) -> bool {
        self.branch.state.get() & bits != 0
    }

    /// Sets bits of the scope's own byte.
    pub(crate) fn mark(&self, bits: u8) {
        self.branch.state.set(self.branch.state.get() | bits);
    }

    /// Clears bits of the scope's own byte.
    pub(crate) fn unmark(&self, bits: u8) {
        self.branch.state.set(self.branch.state.get() & !bits);
    }
}

/// A scope that is dropped leaves the tree. What it held was dropped before: see `drop_inner`.
impl Drop for Scope {
    #[inline]
    fn drop(&mut self) {
        if !self.is_free() {
            // SAFETY: SCOPE: it was pinned if it is linked, and it is still valid here.
            unsafe { super::finish(self) }
        }
    }
}

/// Asks what is inside the branch to end; delivered at its next poll.
pub(crate) fn ask(branch: &Branch) {
    branch.set(flag::REQUEST);
}

/// Whether the root of a task holds a request that is yet to be delivered.
#[inline]
pub(crate) fn has_request(root: &Branch) -> bool {
    root.has(flag::REQUEST)
}

/// Whether code inside the root of a task has resumed a caught cancellation.
#[inline]
pub(crate) fn has_raised(root: &Branch) -> bool {
    root.has(flag::RAISED)
}

/// Whether the branch holds a request, or one that it handed down has come to nothing yet.
pub(crate) fn is_asked(branch: &Branch) -> bool {
    branch.has(flag::REQUEST | flag::PASSED)
}

/// Whether the branch holds a request, or something inside it holds or took the one it handed down.
pub(crate) fn is_dealing(branch: &Branch) -> bool {
    branch.has(flag::REQUEST | flag::PASSED | flag::TAKEN)
}

/// Takes a request back that was not delivered yet. Whether there was one.
pub(crate) fn withdraw(branch: &Branch) -> bool {
    let was_asked = branch.has(flag::REQUEST);
    branch.clear(flag::REQUEST);
    was_asked
}

/// Forgets all about requests, at the end of a task.
pub(crate) fn clear_requests(branch: &Branch) {
    branch.flags.set(0);
}

/// Readies the root of a new task.
pub(crate) fn reset(branch: &Branch) {
    branch.first.set(ptr::null());
    branch.flags.set(0);
}

/// The start of a scope.
pub(crate) fn as_branch(scope: *const Scope) -> *const Branch {
    scope.cast()
}
