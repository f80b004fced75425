use alloc::boxed::Box;
use alloc::collections::VecDeque;
use core::cell::{Cell, RefCell};
use core::task::Waker;

#[cfg(target_has_atomic = "ptr")]
use alloc::{sync::Arc, task::Wake};
#[cfg(not(target_has_atomic = "ptr"))]
use portable_atomic_util::{Arc, task::Wake};

use crate::flavour::Shared;
use crate::guarded::Guarded;

/// Which of many children were woken, so that only those are polled: each has a waker of its own.
///
/// All of them together are one to whoever polls them, who is woken once for any number of them.
pub(super) struct Woken {
    queue: Arc<Queue>,
    wakers: Box<[Waker]>,
    /// What was woken when this pass began, and is yet to be polled in it.
    batch: VecDeque<usize>,
}

/// Counted, since wakers may outlive the children: then a wake leaves a number in a queue that nobody reads.
struct Queue(Guarded<State, Shared>);

struct State {
    /// First woken first. Each at most once, so the room it had from the start is enough.
    order: RefCell<VecDeque<usize>>,
    queued: Box<[Cell<bool>]>,
    /// Of the one who polls them. Taken by the first wake: until it looks again it needs no other.
    waker: Cell<Option<Waker>>,
}

/// What the waker of one child is.
struct Child {
    queue: Arc<Queue>,
    index: usize,
}

impl Woken {
    /// For `len` children, all of which are yet to be polled for the first time.
    pub(super) fn all(len: usize) -> Self {
        let queue = Arc::new(Queue(Guarded::new(State {
            order: RefCell::new((0..len).collect()),
            queued: (0..len).map(|_| Cell::new(true)).collect(),
            waker: Cell::new(None),
        })));
        let waker = |index| Waker::from(Arc::new(Child { queue: queue.clone(), index }));
        Self { wakers: (0..len).map(waker).collect(), queue, batch: VecDeque::with_capacity(len) }
    }

    /// Begins a pass over what was woken up to now; whatever is woken from here on wakes `waker`.
    pub(super) fn begin(&mut self, waker: &Waker) {
        let state = &self.queue.0;
        if !state.with(|state| state.is_waking(waker)) {
            let new = Some(waker.clone());
            // Dropped outside the lock.
            let _old = state.with(|state| state.waker.replace(new));
        }
        self.batch.clear();
        // One at a time, so that the lock is never held for long.
        for _ in 0..state.with(|state| state.order.borrow().len()) {
            self.batch.extend(state.with(State::pop));
        }
    }

    /// The children of this pass by number, and not in the order in which they were woken.
    pub(super) fn sort(&mut self) {
        self.batch.make_contiguous().sort_unstable();
    }

    /// Has the pass begin with the `first`th of its children, which the others follow in a circle.
    pub(super) fn turn(&mut self, first: usize) {
        self.batch.rotate_left(first);
    }

    /// The next child of this pass.
    pub(super) fn next(&mut self) -> Option<usize> {
        self.batch.pop_front()
    }

    /// The waker to poll a child with.
    pub(super) fn waker(&self, index: usize) -> &Waker {
        &self.wakers[index]
    }
}

/// Wakers that are left over must not keep alive what they would have woken.
impl Drop for Woken {
    fn drop(&mut self) {
        let _waker = self.queue.0.with(|state| state.waker.take());
    }
}

impl State {
    fn is_waking(&self, waker: &Waker) -> bool {
        let kept = self.waker.take();
        let same = kept.as_ref().is_some_and(|kept| kept.will_wake(waker));
        self.waker.set(kept);
        same
    }

    fn pop(&self) -> Option<usize> {
        let index = self.order.borrow_mut().pop_front()?;
        self.queued[index].set(false);
        Some(index)
    }
}

impl Child {
    fn call(&self) {
        let waker = self.queue.0.with(|state| {
            if state.queued[self.index].replace(true) {
                return None;
            }
            state.order.borrow_mut().push_back(self.index);
            state.waker.take()
        });
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

#[cfg(target_has_atomic = "ptr")]
impl Wake for Child {
    fn wake(self: Arc<Self>) {
        self.call();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.call();
    }
}

#[cfg(not(target_has_atomic = "ptr"))]
impl Wake for Child {
    fn wake(this: Arc<Self>) {
        this.call();
    }

    fn wake_by_ref(this: &Arc<Self>) {
        this.call();
    }
}
