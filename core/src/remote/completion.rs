use core::task::{Context, Poll, Waker};

use crate::event_loop;
use crate::flavour::Shared;
use crate::guarded::Guarded;
use crate::shim::{AtomicBool, Cell, Ordering, Payload};

/// How a submitted task ended.
pub(super) enum Outcome<T> {
    Value(T),
    Cancelled(Option<&'static str>),
    Panicked(Payload),
}

/// Where a submitted task leaves its outcome for whoever waits for it, in whatever context that is.
pub(super) struct Completion<T> {
    state: Guarded<State<T>, Shared>,
}

struct State<T> {
    settled: Cell<bool>,
    /// Taken by the one handle.
    outcome: Cell<Option<Outcome<T>>>,
    waker: Cell<Option<Waker>>,
}

impl<T> Completion<T> {
    pub(super) const fn new() -> Self {
        Self {
            state: Guarded::new(State {
                settled: Cell::new(false),
                outcome: Cell::new(None),
                waker: Cell::new(None),
            }),
        }
    }

    /// The task has ended. Once.
    pub(super) fn settle(&self, outcome: Outcome<T>) {
        let waker = self.state.with(|state| {
            state.settled.set(true);
            state.outcome.set(Some(outcome));
            state.waker.take()
        });
        if let Some(waker) = waker {
            crate::panics::wake(waker);
        }
    }

    pub(super) fn is_settled(&self) -> bool {
        self.state.with(|state| state.settled.get())
    }

    /// The outcome, if it is there. `None` inside: it was taken before.
    pub(super) fn poll(&self, cx: &mut Context<'_>) -> Poll<Option<Outcome<T>>> {
        let settled = |state: &State<T>| state.settled.get().then(|| state.outcome.take());
        if let Some(outcome) = self.state.with(settled) {
            return Poll::Ready(outcome);
        }
        // Cloned outside the lock, since that is foreign code; and so is the drop of the one before.
        let new = cx.waker().clone();
        let (is_settled, old) = self.state.with(|state| match state.settled.get() {
            true => (true, Some(new)),
            false => (false, state.waker.replace(Some(new))),
        });
        // The outcome is taken after it, since it may panic.
        drop(old);
        if is_settled { Poll::Ready(self.state.with(|state| state.outcome.take())) } else { Poll::Pending }
    }
}

impl<T> Drop for Completion<T> {
    fn drop(&mut self) {
        // Nobody awaited it, and nobody can any more.
        if let Some(Outcome::Panicked(payload)) = self.state.with(|state| state.outcome.take()) {
            event_loop::unhandled(payload);
        }
    }
}

/// What the task and its handle share, at the start of the memory that holds the completion.
///
/// Invariant **SHARES**: the two who have it, the loop's side and the handle, each let go once; whoever is second
/// finalizes: nobody else refers to the completion then.
#[repr(C)]
pub(super) struct Shares {
    one_gone: AtomicBool,
    finalize: Cell<Option<unsafe fn(*const Shares)>>,
}

impl Shares {
    pub(super) const fn new() -> Self {
        Self { one_gone: AtomicBool::new(false), finalize: Cell::new(None) }
    }

    /// Both have it from now on, and `finalize` ends it.
    pub(super) fn begin(&self, finalize: unsafe fn(*const Self)) {
        #[cfg(feature = "alloc")]
        crate::shim::Materialize::materialize(&self.one_gone);
        self.one_gone.store(false, Ordering::Relaxed);
        self.finalize.set(Some(finalize));
    }

    /// # Safety
    /// SHARES: the caller is one of the two, and does not touch what is shared any more.
    pub(super) unsafe fn let_go(this: *const Self) {
        // SAFETY: by the caller it is there until both have let go.
        unsafe {
            if (*this).one_gone.swap(true, Ordering::AcqRel)
                && let Some(finalize) = (*this).finalize.get()
            {
                finalize(this);
            }
        }
    }
}
