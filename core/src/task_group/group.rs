//! What a group knows: its children, what failed, and whether it takes further children.

use core::cell::{Cell, RefCell};

use super::crew::Crew;
use super::error::ErrorGroup;
use crate::queue::{Items, Storage};
use crate::shim::Payload;
use crate::{TaskInfo, current};

/// The state of a group, pinned in the future of [`task_group`](super::task_group).
pub(super) struct Group<E, S: Storage> {
    pub(super) crew: Crew,
    /// Takes no children any more: it has failed, was asked to end, or has ended.
    pub(super) shut: Cell<bool>,
    /// Something in it failed, and the others are to be asked to end.
    pub(super) failed: Cell<bool>,
    errors: RefCell<ErrorGroup<E, S>>,
    panic: Cell<Option<Payload>>,
}

impl<E, S: Storage> Group<E, S> {
    pub(super) fn new() -> Self {
        Self {
            crew: Crew::new(),
            shut: Cell::new(false),
            failed: Cell::new(false),
            errors: RefCell::new(ErrorGroup::new()),
            panic: Cell::new(None),
        }
    }

    /// How many children may live at once.
    pub(super) fn capacity(&self) -> Option<usize> {
        S::ROOM
    }

    fn fail(&self) {
        self.failed.set(true);
        self.shut.set(true);
    }

    /// A child failed.
    pub(super) fn child_failed(&self, error: E) {
        self.fail();
        // No child is taken after a failure, and there is room for an error of each that lives.
        let kept = self.errors.borrow_mut().children.push_back(error);
        assert!(kept.is_ok(), "there is no memory for the error of a task group's child");
    }

    /// The body failed.
    pub(super) fn body_failed(&self, error: E) {
        self.fail();
        self.errors.borrow_mut().body = Some(error);
    }

    /// A child panicked. The first panic goes on in who awaits the group, the others to the loop's handler.
    pub(super) fn panicked(&self, payload: Payload) {
        self.fail();
        let Some(first) = self.panic.take() else {
            self.panic.set(Some(payload));
            return;
        };
        self.panic.set(Some(first));
        let mut payload = Some(payload);
        current::with(|l| {
            if let Some(payload) = payload.take() {
                l.unhandled(l.task.get().map(|task| TaskInfo::new(l, task)), payload);
            }
        });
    }

    /// The panic that goes on.
    pub(super) fn take_panic(&self) -> Option<Payload> {
        self.panic.take()
    }

    /// What failed, if anything did.
    pub(super) fn take_errors(&self) -> Option<ErrorGroup<E, S>> {
        let errors = self.errors.replace(ErrorGroup::new());
        (!errors.is_empty()).then_some(errors)
    }
}
