//! The one list of waiters under every primitive, and the future that waits in it.

use core::cell::Cell;
use core::marker::PhantomPinned;
use core::mem::MaybeUninit;
use core::pin::Pin;
use core::ptr;
use core::task::{Context, Poll, Waker};

use pin_project_lite::pin_project;

use crate::flavour::{Exclusion, Flavour};
use crate::guarded::Guarded;
use crate::panics::{self, Panics};
use crate::{WaitReason, task, waits_on};

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

/// How far an [`Acquire`] is.
#[derive(Clone, Copy)]
enum Stage {
    /// It was not polled, or is ready.
    New,
    /// As `New`, and its owner has just tried in vain to have it without waiting.
    Tried,
    /// There is a waiter, which was in the list: until then nobody else knows of it, and no lock is needed.
    Listed,
}

pin_project! {
    /// Waits for a grant. Once ready, what was granted is the caller's.
    ///
    /// A grant that was made and not yet picked up is given back when this is dropped.
    pub(crate) struct Acquire<S: Source> {
        source: S,
        stage: Stage,
        // Made where it stays, when it is about to be listed: mostly nobody has to wait.
        #[pin]
        waiter: MaybeUninit<Waiter>,
    }

    impl<S: Source> PinnedDrop for Acquire<S> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            if matches!(*this.stage, Stage::Listed) {
                // SAFETY: it is listed, so there is one.
                leave(this.source, unsafe { this.waiter.as_ref().get_ref().assume_init_ref() });
            }
        }
    }
}

/// Takes a waiter, whose future goes, out of the list, or gives back what it was granted.
fn leave<S: Source>(source: &S, waiter: &Waiter) {
    let (next, _waker) = source.guarded().with(|state| {
        let next = match waiter.state.get() {
            State::Idle | State::Refused => None,
            State::Waiting => {
                // SAFETY: WAITERS: it is in the list.
                unsafe { S::waiters(state).remove(waiter) };
                S::left(state, waiter.epoch.get() == S::waiters(state).epoch.get());
                None
            }
            State::Granted => S::give_back(state),
        };
        // The waker, all that the waiter has to drop, is dropped after the lock, since that can run any code.
        (next, waiter.waker.take())
    });
    if let Some(next) = next {
        next.wake_aside();
    }
}

// SAFETY: the waiter is touched by others under the lock of a `Shared` primitive only, and everything else in it is
// the source, a reference to the primitive.
unsafe impl<S: Source<Flavour = crate::Shared> + Send> Send for Acquire<S> {}

impl<S: Source> Acquire<S> {
    pub(crate) fn new(source: S) -> Self {
        Self::at(source, Stage::New)
    }

    /// For one who has just tried in vain: the first poll does not try again before it has a waker.
    pub(crate) fn after_attempt(source: S) -> Self {
        Self::at(source, Stage::Tried)
    }

    #[cfg_attr(feature = "std", inline)]
    fn at(source: S, stage: Stage) -> Self {
        Self { source, stage, waiter: MaybeUninit::uninit() }
    }

    /// The outcome for one who did not wait yet, if there is one.
    #[cfg_attr(feature = "std", inline)]
    fn attempt(state: &S::State) -> Option<Result<Taken, Refused>> {
        match S::try_take(state) {
            Attempt::Taken => Some(Ok(Taken::AtOnce)),
            Attempt::Wait => None,
            Attempt::Refused => Some(Err(Refused { waited: false })),
        }
    }

    /// The outcome, if there is one: of the wait, or at once for one who did not wait yet.
    fn settle(state: &S::State, waiter: &Waiter) -> Option<Result<Taken, Refused>> {
        match waiter.state.get() {
            State::Waiting => None,
            State::Granted => {
                waiter.state.set(State::Idle);
                Some(Ok(Taken::Granted(waiter.epoch.get())))
            }
            State::Refused => {
                waiter.state.set(State::Idle);
                if S::REFUSAL_IS_FINAL {
                    return Some(Err(Refused { waited: true }));
                }
                // What it waits for may have come free since, with nobody left to hand it to.
                match S::try_take(state) {
                    Attempt::Taken => Some(Ok(Taken::AtOnce)),
                    Attempt::Wait | Attempt::Refused => Some(Err(Refused { waited: true })),
                }
            }
            State::Idle => Self::attempt(state),
        }
    }
}

impl<S: Source> Future for Acquire<S> {
    type Output = Result<Taken, Refused>;

    #[cfg_attr(feature = "std", inline)]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        // Where room is plenty, who was woken by a grant has it without a call.
        if cfg!(feature = "std")
            && !<S::Flavour as Flavour>::Exclusion::SHARED
            && let Some(number) = self.as_mut().granted()
        {
            return Poll::Ready(Ok(Taken::Granted(number)));
        }
        self.poll_any(cx)
    }
}

impl<S: Source> Acquire<S> {
    /// Whether it was granted what it waited for; by which number. Then it is ready.
    #[cfg_attr(feature = "std", inline)]
    fn granted(self: Pin<&mut Self>) -> Option<u32> {
        let this = self.project();
        if !matches!(*this.stage, Stage::Listed) {
            return None;
        }
        // SAFETY: it is listed, so there is one.
        let waiter = unsafe { this.waiter.as_ref().get_ref().assume_init_ref() };
        let number = this.source.guarded().with(|_| {
            (waiter.state.get() == State::Granted).then(|| {
                waiter.state.set(State::Idle);
                waiter.epoch.get()
            })
        })?;
        // It is in no list, and its waker was taken by who took it out.
        *this.stage = Stage::New;
        Some(number)
    }

    #[cfg_attr(feature = "std", inline(never))]
    fn poll_any(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<<Self as Future>::Output> {
        let mut this = self.project();
        let guarded = this.source.guarded();
        // First without a new waker, which may be costly and is foreign code.
        match *this.stage {
            Stage::New => {
                if let Some(outcome) = guarded.with(Self::attempt) {
                    return Poll::Ready(outcome);
                }
            }
            // This holds no longer if the clone of the waker panics below.
            Stage::Tried => *this.stage = Stage::New,
            Stage::Listed => {
                // SAFETY: it is listed, so there is one.
                let waiter = unsafe { this.waiter.as_ref().get_ref().assume_init_ref() };
                let done = guarded.with(|state| {
                    if let Some(outcome) = Self::settle(state, waiter) {
                        return Some(Poll::Ready(outcome));
                    }
                    let waker = waiter.waker.take();
                    let same = waker.as_ref().is_some_and(|waker| waker.will_wake(cx.waker()));
                    waiter.waker.set(waker);
                    (same && waiter.state.get() == State::Waiting).then_some(Poll::Pending)
                });
                match done {
                    Some(Poll::Ready(outcome)) => {
                        // It is in no list, and its waker was taken by who took it out.
                        *this.stage = Stage::New;
                        return Poll::Ready(outcome);
                    }
                    Some(Poll::Pending) => {
                        waits_on(S::REASON);
                        return Poll::Pending;
                    }
                    None => {}
                }
            }
        }
        waits_on(S::REASON);
        let new = task::clone_waker(cx.waker());
        let is_new = !matches!(*this.stage, Stage::Listed);
        if is_new {
            // SAFETY: nothing is moved out of the pin.
            unsafe { this.waiter.as_mut().get_unchecked_mut() }.write(Waiter::new());
            *this.stage = Stage::Listed;
        }
        // SAFETY: there is one.
        let waiter = unsafe { this.waiter.as_ref().get_ref().assume_init_ref() };
        if cfg!(feature = "std")
            && !<S::Flavour as Flavour>::Exclusion::SHARED
            && is_new
            && task::is_own_waker(&new)
        {
            // Nobody has come in between since it was had in vain: no other context, nor foreign code.
            waiter.waker.set(Some(new));
            guarded.with(|state| {
                // SAFETY: it is pinned and in no list, and the drop of this future takes it out.
                unsafe { S::waiters(state).push(waiter) };
                S::joined(state);
            });
            return Poll::Pending;
        }
        let (poll, old) = guarded.with(|state| {
            if let Some(outcome) = Self::settle(state, waiter) {
                return (Poll::Ready(outcome), Some(new));
            }
            let old = waiter.waker.replace(Some(new));
            if waiter.state.get() == State::Idle {
                // SAFETY: it is pinned and in no list, and the drop of this future takes it out.
                unsafe { S::waiters(state).push(waiter) };
                S::joined(state);
            }
            (Poll::Pending, old)
        });
        if let Some(old) = old {
            // What was granted has no owner yet, who would give it back.
            panics::drop_waker(old);
        }
        poll
    }
}
