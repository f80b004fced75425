//! The one list of waiters under every primitive, and the future that waits in it.

mod acquire;

use core::cell::Cell;
use core::marker::PhantomPinned;
use core::ptr;
use core::task::Waker;

use crate::WaitReason;
use crate::flavour::Flavour;
use crate::guarded::Guarded;
use crate::panics::{self, Panics};

pub(crate) use acquire::Acquire;

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Not in the list, and owns nothing.
    Idle,
    /// In the list.
    Waiting,
    /// Taken out of the list by a grant: it owns what it waited for.
    Granted,
    /// Taken out of the list with nothing: what it waited for will not come.
    Refused,
}

/// One who waits, pinned inside its future.
struct Waiter {
    next: Cell<*const Waiter>,
    prev: Cell<*const Waiter>,
    waker: Cell<Option<Waker>>,
    state: Cell<State>,
    /// In which epoch of the list it came; once it was granted something by number, the number.
    epoch: Cell<u32>,
    _pin: PhantomPinned,
}

impl Waiter {
    const fn new() -> Self {
        Self {
            next: Cell::new(ptr::null()),
            prev: Cell::new(ptr::null()),
            waker: Cell::new(None),
            state: Cell::new(State::Idle),
            epoch: Cell::new(0),
            _pin: PhantomPinned,
        }
    }
}

/// Who waits for a primitive, first come first.
///
/// Invariant **WAITERS**: the list holds exactly the waiters in state `Waiting`; each is pinned, and its future takes
/// it out before its memory goes. A forgotten future's memory is never reused, so its waiter stays valid: it may be
/// granted something, and nobody will give that back. Nodes and list are touched under the primitive's lock only;
/// nodes never point at the list, so that a primitive whose borrows have ended may move.
pub(crate) struct WaitList {
    first: Cell<*const Waiter>,
    last: Cell<*const Waiter>,
    len: Cell<u32>,
    /// Counts the times at which all that wait were to be woken.
    epoch: Cell<u32>,
}

// SAFETY: WAITERS: everything is touched under the lock of the primitive that holds the list, and wakers are `Send`.
unsafe impl Send for WaitList {}

impl WaitList {
    pub(crate) const fn new() -> Self {
        Self {
            first: Cell::new(ptr::null()),
            last: Cell::new(ptr::null()),
            len: Cell::new(0),
            epoch: Cell::new(0),
        }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.len.get() as usize
    }

    /// Whether there is none.
    #[cfg_attr(feature = "std", inline)]
    pub(crate) fn is_empty(&self) -> bool {
        self.first.get().is_null()
    }

    /// All that wait now are to be granted, by calling [`grant_older`](Self::grant_older) until it gives none.
    ///
    /// The number is for [`grant_before`](Self::grant_before).
    pub(crate) fn begin_epoch(&self) -> u32 {
        let epoch = self.epoch.get().wrapping_add(1);
        self.epoch.set(epoch);
        epoch
    }

    /// Grants to the first waiter if it came before that epoch began, which need not be the last one.
    pub(crate) fn grant_before(&self, epoch: u32) -> Option<Granted> {
        self.before(epoch)?;
        self.grant()
    }

    /// Grants to the first waiter. Whoever calls wakes it, after the lock.
    pub(crate) fn grant(&self) -> Option<Granted> {
        // SAFETY: WAITERS: the first is in the list.
        unsafe {
            let first = self.first.get().as_ref()?;
            self.remove(first);
            first.state.set(State::Granted);
            Some(Granted(first.waker.take()))
        }
    }

    /// Tells the first waiter that it waits in vain. Whoever calls wakes it, after the lock.
    pub(crate) fn refuse(&self) -> Option<Granted> {
        // SAFETY: WAITERS: the first is in the list.
        unsafe {
            let first = self.first.get().as_ref()?;
            self.remove(first);
            first.state.set(State::Refused);
            Some(Granted(first.waker.take()))
        }
    }

    /// Grants to the first waiter if it came before the last epoch began.
    pub(crate) fn grant_older(&self) -> Option<Granted> {
        self.older()?;
        self.grant()
    }

    /// As [`grant_older`](Self::grant_older), by a number that the waiter is given with it.
    pub(crate) fn grant_older_by(&self, number: u32) -> Option<Granted> {
        self.older()?.epoch.set(number);
        self.grant()
    }

    /// Refuses the first waiter if it came before the last epoch began.
    pub(crate) fn refuse_older(&self) -> Option<Granted> {
        self.older()?;
        self.refuse()
    }

    /// Whether one waits who came before the last epoch began.
    pub(crate) fn has_older(&self) -> bool {
        self.older().is_some()
    }

    /// The first waiter, if it came before the last epoch began.
    fn older(&self) -> Option<&Waiter> {
        self.before(self.epoch.get())
    }

    /// The first waiter, if it came before that epoch began.
    fn before(&self, epoch: u32) -> Option<&Waiter> {
        // SAFETY: WAITERS.
        let first = unsafe { self.first.get().as_ref()? };
        // The number wraps. A waiter is at most as many epochs old as there were others ahead of it, and one more; so many
        // do not fit into memory.
        (epoch.wrapping_sub(first.epoch.get()).cast_signed() > 0).then_some(first)
    }

    /// # Safety
    /// `waiter` is pinned, in state `Idle`, and its future removes it before its memory goes.
    unsafe fn push(&self, waiter: *const Waiter) {
        let last = self.last.replace(waiter);
        // Only shown, so it does not matter that it wraps.
        self.len.set(self.len.get().wrapping_add(1));
        // SAFETY: by the caller, and WAITERS.
        unsafe {
            (*waiter).state.set(State::Waiting);
            (*waiter).epoch.set(self.epoch.get());
            (*waiter).prev.set(last);
            (*waiter).next.set(ptr::null());
            match last.as_ref() {
                Some(last) => last.next.set(waiter),
                None => self.first.set(waiter),
            }
        }
    }

    /// # Safety
    /// `waiter` is in the list.
    unsafe fn remove(&self, waiter: &Waiter) {
        let (prev, next) = (waiter.prev.get(), waiter.next.get());
        // SAFETY: WAITERS.
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
        self.len.set(self.len.get().wrapping_sub(1));
        waiter.state.set(State::Idle);
    }
}

/// A waiter was granted something and is to be woken, outside the lock.
#[must_use]
pub(crate) struct Granted(Option<Waker>);

impl Granted {
    /// Wakes one of several: a panic of the waker is kept in `panics`.
    pub(crate) fn wake_among(self, panics: &mut Panics) {
        if let Some(waker) = self.0 {
            panics.wake(waker);
        }
    }

    /// For who hands something on beside what it is about: a panic of the waker goes to the
    /// handler of the running loop, and takes nothing of that with it.
    pub(crate) fn wake_aside(self) {
        if let Some(waker) = self.0 {
            panics::wake(waker);
        }
    }
}

/// What one who did not wait gets.
pub(crate) enum Attempt {
    /// What it came for.
    Taken,
    /// A place in the list.
    Wait,
    /// Nothing, now or later.
    Refused,
}

/// What was waited for is the caller's.
pub(crate) enum Taken {
    /// It was to be had without waiting.
    AtOnce,
    /// It was granted, by this number if by any.
    Granted(u32),
}

/// What was waited for will not come.
#[derive(Debug)]
pub(crate) struct Refused {
    /// Whether that was said to one who waited.
    pub(crate) waited: bool,
}

/// What can be waited for: one list of one primitive, with what a grant means.
pub(crate) trait Source {
    type Flavour: Flavour;
    type State;
    /// What is said of a task that waits for it.
    const REASON: WaitReason = WaitReason::Other;
    /// Whether one who waited in vain is not to try once more.
    const REFUSAL_IS_FINAL: bool = false;

    fn guarded(&self) -> &Guarded<Self::State, Self::Flavour>;

    /// The list to wait in.
    fn waiters(state: &Self::State) -> &WaitList;

    /// Takes what is waited for, if it is to be had by one who did not wait.
    fn try_take(state: &Self::State) -> Attempt;

    /// Takes back a grant that its owner will not use, and hands it to the next.
    fn give_back(state: &Self::State) -> Option<Granted>;

    /// One more is in the list.
    fn joined(_state: &Self::State) {}

    /// One that was in the list has left it by itself. `newer`: it came in the epoch that still lasts.
    fn left(_state: &Self::State, _newer: bool) {}
}
