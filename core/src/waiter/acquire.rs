//! The future that waits in a list for a grant.

use core::mem::MaybeUninit;
use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::{Attempt, Refused, Source, State, Taken, Waiter};
use crate::flavour::{Exclusion, Flavour};
use crate::{panics, task, waits_on};

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
    /// Whether there are short ways of their own: where room is plenty and no other context comes in between.
    const SHORT: bool = cfg!(feature = "std") && !<S::Flavour as Flavour>::Exclusion::SHARED;

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
        // Who was woken by a grant has it without a call.
        if Self::SHORT
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
        if Self::SHORT && is_new && task::is_own_waker(&new) {
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
