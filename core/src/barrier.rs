//! asyncio's `Barrier`.

use core::cell::Cell;
use core::fmt;

use crate::WaitReason;
use crate::flavour::{Flavour, Local};
use crate::guarded::Guarded;
use crate::waiter::{Acquire, Attempt, Granted, Source, Taken, WaitList};

/// Lets none of so many parties pass before all have come. asyncio's `Barrier`.
///
/// It is used again and again: the next round may fill while those of the last are still to run. A party that is
/// cancelled or dropped while it waits no longer counts. With the flavour [`Shared`](crate::Shared) it may stand in a
/// `static`, its parties may run on several threads and loops, and [`reset`](Self::reset) and [`abort`](Self::abort) may
/// be called from an interrupt.
///
/// ```
/// # use everloop_core::{EventLoop, TaskPool, virtual_time::{UNPARKER, VirtualTime}};
/// # static LOOP: EventLoop = EventLoop::new(UNPARKER);
/// # static POOL: TaskPool<2, 256> = TaskPool::new();
/// use everloop_core::{Barrier, Shared, create_task};
///
/// static READY: Barrier<Shared> = Barrier::new(3);
/// # LOOP.run(&VirtualTime::new(), &[&POOL], async {
///
/// let others = [(); 2].map(|()| create_task(READY.wait()));
/// READY.wait().await.unwrap(); // all three are there
/// # for other in others { other.await.unwrap().unwrap(); }
/// # }).unwrap();
/// ```
///
/// # Differs from asyncio
/// Who comes while those of the last round are still to run does not wait for them. A round that was completed stays so:
/// `reset` and `abort` reach only those who still wait for others.
pub struct Barrier<R: Flavour = Local> {
    inner: Guarded<State, R>,
}

/// Invariant **ROUND**: the list holds those of at most two rounds: of the one that fills, `waiting` of them, in the
/// list's epoch, and before them those of the last one that are yet to be told its `outcome`. A round ends only when all
/// of the one before have been told, which anybody may do.
struct State {
    parties: u32,
    /// How many of the round that fills are in the list.
    waiting: Cell<u32>,
    broken: Cell<bool>,
    outcome: Cell<Outcome>,
    waiters: WaitList,
}

/// What became of a round.
#[derive(Clone, Copy)]
enum Outcome {
    /// All parties came, and the next one to be told is this one of them.
    Complete(u32),
    Broken,
}

impl State {
    /// Ends the round that fills. False if those of the one before have to be told first.
    fn end_round(&self, outcome: Outcome) -> bool {
        if self.waiters.has_older() {
            return false;
        }
        self.waiters.begin_epoch();
        self.waiting.set(0);
        self.outcome.set(outcome);
        true
    }

    /// Tells one of those whose round has ended.
    fn tell_one(&self) -> Option<Granted> {
        match self.outcome.get() {
            Outcome::Complete(next) => {
                let granted = self.waiters.grant_older_by(next)?;
                self.outcome.set(Outcome::Complete(next + 1));
                Some(granted)
            }
            Outcome::Broken => self.waiters.refuse_older(),
        }
    }
}

impl<R: Flavour> Barrier<R> {
    /// A barrier for so many parties.
    ///
    /// # Panics
    /// For none, or for more than four thousand million: at compile time in a `static`.
    pub const fn new(parties: usize) -> Self {
        assert!(parties > 0, "a barrier needs at least one party");
        assert!(parties as u64 <= u32::MAX as u64, "a barrier has at most `u32::MAX` parties");
        Self {
            inner: Guarded::new(State {
                parties: parties as u32,
                waiting: Cell::new(0),
                broken: Cell::new(false),
                outcome: Cell::new(Outcome::Broken),
                waiters: WaitList::new(),
            }),
        }
    }

    /// Waits until all parties have come. Each gets another number, from zero up to one less than there are parties; the
    /// last to come has the greatest.
    ///
    /// Whoever comes last tells the others, one after the other.
    ///
    /// # Errors
    /// The barrier is broken, or was reset or broken while this waited.
    ///
    /// # Cancel safety
    /// A future dropped before it was ready no longer counts as a party; if all had come, that changes nothing, and its
    /// number is nobody's. One that is forgotten still counts.
    ///
    /// # Allocation
    /// None.
    ///
    /// # Wakes from interrupts
    /// With the flavour `Shared`: `reset` and `abort` may be called from one.
    pub async fn wait(&self) -> Result<usize, BrokenBarrierError> {
        loop {
            match Acquire::new(Party(self)).await {
                Ok(Taken::AtOnce) => {
                    self.tell();
                    return Ok(self.parties() - 1);
                }
                Ok(Taken::Granted(index)) => return Ok(index as usize),
                Err(refused) if refused.waited || self.broken() => {
                    return Err(BrokenBarrierError { _private: () });
                }
                // It is the last one of its round, but those of the round before are to be told first.
                Err(_) => self.tell(),
            }
        }
    }

    /// Empties the barrier, and mends it if it is broken: those who wait get an error, and those who come next begin anew.
    pub fn reset(&self) {
        self.break_round(false);
    }

    /// Breaks the barrier: those who wait get an error, and so does who comes next, until it is [reset](Self::reset).
    pub fn abort(&self) {
        self.break_round(true);
    }

    /// Whether the barrier is broken.
    pub fn broken(&self) -> bool {
        self.inner.with(|state| state.broken.get())
    }

    /// How many wait for others.
    pub fn n_waiting(&self) -> usize {
        self.inner.with(|state| state.waiting.get() as usize)
    }

    /// How many parties there are.
    pub fn parties(&self) -> usize {
        self.inner.with(|state| state.parties as usize)
    }

    fn break_round(&self, broken: bool) {
        loop {
            let ended = self.inner.with(|state| {
                state.broken.set(broken);
                state.end_round(Outcome::Broken)
            });
            self.tell();
            if ended {
                return;
            }
        }
    }

    /// Tells all of the rounds that have ended. The lock is taken anew for each.
    fn tell(&self) {
        while let Some(told) = self.inner.with(State::tell_one) {
            told.wake_aside();
        }
    }
}

impl<R: Flavour> fmt::Debug for Barrier<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Barrier")
            .field("broken", &self.broken())
            .field("n_waiting", &self.n_waiting())
            .field("parties", &self.parties())
            .finish()
    }
}

/// A barrier was reset or aborted, and lets nobody pass who waited at it, or is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct BrokenBarrierError {
    _private: (),
}

impl fmt::Display for BrokenBarrierError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the barrier was reset or aborted: `reset` mends it")
    }
}

impl core::error::Error for BrokenBarrierError {}

struct Party<'a, R: Flavour>(&'a Barrier<R>);

impl<R: Flavour> Source for Party<'_, R> {
    type Flavour = R;
    type State = State;
    const REASON: WaitReason = WaitReason::Barrier;
    const REFUSAL_IS_FINAL: bool = true;

    fn guarded(&self) -> &Guarded<State, R> {
        &self.0.inner
    }

    fn waiters(state: &State) -> &WaitList {
        &state.waiters
    }

    fn try_take(state: &State) -> Attempt {
        let others = state.parties - 1;
        if state.broken.get() {
            Attempt::Refused
        } else if state.waiting.get() < others {
            Attempt::Wait
        } else if state.end_round(Outcome::Complete(0)) {
            Attempt::Taken
        } else {
            Attempt::Refused
        }
    }

    /// The round is complete, whether it goes on or not.
    fn give_back(_: &State) -> Option<Granted> {
        None
    }

    fn joined(state: &State) {
        state.waiting.set(state.waiting.get() + 1);
    }

    fn left(state: &State, newer: bool) {
        if newer {
            state.waiting.set(state.waiting.get() - 1);
        }
    }
}
