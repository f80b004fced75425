//! The children of a loop whose ends its own poller watches for, besides the thread that reaps all: that one has to be woken
//! first, and then to wake the loop.

use std::cell::{Cell, RefCell};
use std::os::fd::RawFd;
use std::sync::Arc;

use slab::Slab;

use super::child::Child;

/// So many are kept at least before it is looked for those that have ended.
const FEW: usize = 16;

/// Those that have not ended, and some that have: where the reaper was faster the event is gone with the descriptor.
#[derive(Default)]
pub(crate) struct Pidfds {
    children: RefCell<Slab<Arc<Child>>>,
    /// From so many on those that have ended are looked for.
    many: Cell<usize>,
}

impl Pidfds {
    /// Has `register` have the poller watch the child, under this number. It stays registered until the descriptor goes.
    pub(crate) fn watch(&self, child: &Arc<Child>, register: impl FnOnce(RawFd, usize) -> bool) {
        let mut children = self.children.borrow_mut();
        if children.len() >= self.many.get().max(FEW) {
            children.retain(|_, child| !child.has_ended());
            self.many.set(children.len() * 2);
        }
        let place = children.vacant_entry();
        if child.with_pidfd(|pidfd| register(pidfd, place.key())) == Some(true) {
            place.insert(Arc::clone(child));
        }
    }

    /// Something happened to the child of this number. If that is its end, those who wait for it are told.
    pub(crate) fn look(&self, number: usize) {
        // Nothing is borrowed while wakers run. The event may be that of an earlier child with this number: it is only a hint.
        let Some(child) = self.children.borrow().get(number).cloned() else { return };
        if child.code().is_some() {
            let ours = self.children.borrow_mut().try_remove(number);
            drop(ours);
        }
    }
}
