use core::cell::Cell;

use crate::WaitReason;
use crate::flavour::Flavour;
use crate::guarded::Guarded;
use crate::waiter::{Acquire, Attempt, Granted, Source, WaitList};

/// Who may use what a lock guards: one at a time, first come first.
///
/// Invariant **TURN**: while `taken` is set the turn is somebody's: of one guard that is held, or of one waiter that was
/// granted it. Others wait only while it is somebody's, and it is handed to the first of them, so nobody passes one who
/// waits.
pub(crate) struct Turn<R: Flavour> {
    inner: Guarded<TurnState, R>,
}

pub(crate) struct TurnState {
    taken: Cell<bool>,
    waiters: WaitList,
}

impl TurnState {
    /// Hands the turn to who waits longest.
    #[cfg_attr(feature = "std", inline)]
    fn pass_on(&self) -> Option<Granted> {
        let next = if self.waiters.is_empty() { None } else { self.waiters.grant() };
        self.taken.set(next.is_some());
        next
    }

    /// Whether the turn was free; then it is the caller's.
    #[cfg_attr(feature = "std", inline)]
    fn take(&self) -> bool {
        !self.taken.replace(true)
    }
}

impl<R: Flavour> Turn<R> {
    pub(super) const fn new() -> Self {
        Self { inner: Guarded::new(TurnState { taken: Cell::new(false), waiters: WaitList::new() }) }
    }

    /// Waits for the turn. Once ready, it is the caller's.
    pub(crate) fn acquire(&self) -> Acquire<&Self> {
        Acquire::new(self)
    }

    /// As [`acquire`](Self::acquire), for one who has just [tried](Self::try_acquire) in vain.
    pub(super) fn acquire_later(&self) -> Acquire<&Self> {
        Acquire::after_attempt(self)
    }

    /// Whether the turn was free; then it is the caller's.
    #[cfg_attr(feature = "std", inline)]
    pub(super) fn try_acquire(&self) -> bool {
        self.inner.with(TurnState::take)
    }

    /// Ends the caller's turn.
    #[cfg_attr(feature = "std", inline)]
    pub(crate) fn release(&self) {
        if let Some(next) = self.inner.with(TurnState::pass_on) {
            next.wake_aside();
        }
    }

    pub(super) fn is_taken(&self) -> bool {
        self.inner.with(|state| state.taken.get())
    }

    pub(super) fn waiters(&self) -> usize {
        self.inner.with(|state| state.waiters.len())
    }
}

impl<R: Flavour> Source for &Turn<R> {
    type Flavour = R;
    type State = TurnState;
    const REASON: WaitReason = WaitReason::Lock;

    fn guarded(&self) -> &Guarded<TurnState, R> {
        &self.inner
    }

    fn waiters(state: &TurnState) -> &WaitList {
        &state.waiters
    }

    fn try_take(state: &TurnState) -> Attempt {
        if state.take() { Attempt::Taken } else { Attempt::Wait }
    }

    fn give_back(state: &TurnState) -> Option<Granted> {
        state.pass_on()
    }
}
