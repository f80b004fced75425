use core::cell::{Cell, UnsafeCell};
use core::convert::Infallible;
use core::{fmt, mem};

use super::callback::CallbackList;
use super::error::{FutureError, SetError};
use super::wait::FutureWait;
use crate::InvalidStateError;
use crate::flavour::{Flavour, Local, Shared};
use crate::guarded::Guarded;
use crate::panics::Panics;
use crate::waiter::WaitList;

/// A cell that is set once, and awaited by any number. asyncio's `Future`: the bridge from callbacks, threads and
/// interrupts to tasks.
///
/// Whoever awaits `&cell` gets the result by reference: nothing is cloned or allocated, and the value stays where it is
/// until someone has the cell for itself. With the flavour [`Shared`] it may stand in a `static` and be set from
/// another thread or from an interrupt.
///
/// ```
/// # use everloop_core::{EventLoop, virtual_time::{UNPARKER, VirtualTime}};
/// # static LOOP: EventLoop = EventLoop::new(UNPARKER);
/// use core::convert::Infallible;
/// use everloop_core::{Future, Shared};
///
/// static FIRST_SAMPLE: Future<u16, Infallible, Shared> = Future::new();
/// # LOOP.run(&VirtualTime::new(), &[], async {
///
/// FIRST_SAMPLE.set_result(711).unwrap(); // in an interrupt handler
/// assert_eq!((&FIRST_SAMPLE).await, Ok(&711));
/// # }).unwrap();
/// ```
///
/// In a `Shared` cell, values go from one context to another and are lent to several at once, so they must be `Send`
/// and `Sync`:
///
/// ```compile_fail,E0277
/// use core::{cell::Cell, convert::Infallible};
/// use everloop_core::{Future, Shared};
///
/// static NOT_SYNC: Future<Cell<u16>, Infallible, Shared> = Future::new();
/// ```
///
/// A [`Local`] cell stays where it was made, whatever is in it:
///
/// ```compile_fail,E0277
/// use everloop_core::Future;
///
/// static LOCAL: Future<u16> = Future::new();
/// ```
///
/// # Differs from asyncio
/// Cancelling a task that awaits the cell ends that wait only: the cell stays as it is, and others that wait go on. (In
/// asyncio it cancels the future, for all.) To have it so, say so:
///
/// ```
/// # use everloop_core::{EventLoop, TaskPool, virtual_time::{UNPARKER, VirtualTime}};
/// # static LOOP: EventLoop = EventLoop::new(UNPARKER);
/// # static POOL: TaskPool<1, 512> = TaskPool::new();
/// # use core::convert::Infallible;
/// use everloop_core::{Future, FutureError, Shared, catch_cancel, create_task, yield_now};
///
/// static REPLY: Future<u32, Infallible, Shared> = Future::new();
/// # LOOP.run(&VirtualTime::new(), &[&POOL], async {
///
/// let task = create_task(async {
///     match catch_cancel(&REPLY).await {
///         Ok(reply) => *reply.unwrap(),
///         Err(cancelled) => {
///             REPLY.cancel();
///             match cancelled.resume().await {}
///         }
///     }
/// });
/// yield_now().await;
/// task.cancel();
/// assert_eq!((&REPLY).await, Err(FutureError::Cancelled));
/// # }).unwrap();
/// ```
///
/// An await of a cell that was cancelled gives [`FutureError::Cancelled`], an ordinary error: it does not cancel the
/// task that awaits. An error that nobody looks at is dropped, as any value is, and not logged.
pub struct Future<T, E = Infallible, R: Flavour = Local> {
    pub(super) state: Guarded<State, R>,
    /// Invariant **OUTCOME**: written once, by whoever took the stage from `Pending` to `Claimed`, before it is `Set`.
    /// From then on it is only read, until someone has the cell for itself. In every other stage it is `None`.
    outcome: UnsafeCell<Option<Result<T, E>>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Pending,
    /// Someone is moving the outcome in, without the lock.
    Claimed,
    Set,
    Cancelled,
}

pub(super) struct State {
    stage: Cell<Stage>,
    pub(super) waiters: WaitList,
    pub(super) callbacks: CallbackList,
}

impl State {
    pub(super) fn is_done(&self) -> bool {
        matches!(self.stage.get(), Stage::Set | Stage::Cancelled)
    }
}

// SAFETY: nothing of a thread is in it but the values: waiters and callbacks of a `Shared` cell are `Send`.
unsafe impl<T: Send, E: Send> Send for Future<T, E, Shared> {}
// SAFETY: GUARDED and OUTCOME: the state is touched under the lock. The value is moved in by one context, which the lock
// orders before all that read it; it is lent to many, and so `Sync`, and came from another, and so `Send`.
unsafe impl<T: Send + Sync, E: Send + Sync> Sync for Future<T, E, Shared> {}

impl<T, E, R: Flavour> Future<T, E, R> {
    /// A cell that is not set.
    pub const fn new() -> Self {
        let state = State {
            stage: Cell::new(Stage::Pending),
            waiters: WaitList::new(),
            callbacks: CallbackList::new(),
        };
        Self { state: Guarded::new(state), outcome: UnsafeCell::new(None) }
    }

    /// Sets the result, wakes all that wait, first come first, and then calls the callbacks. The lock of a `Shared`
    /// cell is taken anew for each, and not held while the value is moved in.
    ///
    /// # Errors
    /// The value comes back if the cell is done, or is just being set or cancelled by another context.
    ///
    /// # Panics
    /// If a callback does, when all were called; the cell is set all the same.
    pub fn set_result(&self, value: T) -> Result<(), SetError<T>> {
        if !self.leave_pending(Stage::Claimed) {
            return Err(SetError(value));
        }
        // SAFETY: the cell is claimed.
        unsafe { self.fill(Ok(value)) };
        Ok(())
    }

    /// Sets an error, as [`set_result`](Self::set_result) does a result. asyncio's `set_exception`.
    ///
    /// # Errors
    /// The error comes back if the cell is done, or is just being set or cancelled by another context.
    ///
    /// # Panics
    /// If a callback does, when all were called; the cell is set all the same.
    pub fn set_error(&self, error: E) -> Result<(), SetError<E>> {
        if !self.leave_pending(Stage::Claimed) {
            return Err(SetError(error));
        }
        // SAFETY: the cell is claimed.
        unsafe { self.fill(Err(error)) };
        Ok(())
    }

    /// Cancels the cell: all that wait get [`FutureError::Cancelled`]. False, and nothing happens, if it is done, or is
    /// just being set by another context.
    ///
    /// # Panics
    /// If a callback does, when all were called; the cell is cancelled all the same.
    pub fn cancel(&self) -> bool {
        let cancelled = self.leave_pending(Stage::Cancelled);
        if cancelled {
            self.tell();
        }
        cancelled
    }

    /// Whether it has a result or an error, or was cancelled.
    pub fn done(&self) -> bool {
        self.state.with(State::is_done)
    }

    /// Whether it was cancelled.
    pub fn cancelled(&self) -> bool {
        self.stage() == Stage::Cancelled
    }

    /// The outcome, by reference.
    ///
    /// # Errors
    /// The outer one if the cell is not done; the inner one if it was cancelled or given an error.
    pub fn result(&self) -> Result<Result<&T, FutureError<&E>>, InvalidStateError> {
        match self.stage() {
            Stage::Pending | Stage::Claimed => Err(InvalidStateError),
            Stage::Cancelled => Ok(Err(FutureError::Cancelled)),
            // SAFETY: OUTCOME: from here on it is only read, while the cell is borrowed.
            Stage::Set => match unsafe { &*self.outcome.get() } {
                Some(Ok(value)) => Ok(Ok(value)),
                Some(Err(error)) => Ok(Err(FutureError::Error(error))),
                None => unreachable!("the outcome is there before the stage says so"),
            },
        }
    }

    /// Waits until the cell is done, and gives the outcome by reference. `(&cell).await` is the same.
    ///
    /// # Cancel safety
    /// Dropping the future loses nothing.
    ///
    /// # Allocation
    /// None.
    ///
    /// # Wakes from interrupts
    /// With the flavour `Shared`: the cell may be set from one.
    pub fn wait(&self) -> FutureWait<'_, T, E, R> {
        FutureWait::new(self)
    }

    /// The outcome, by value.
    ///
    /// # Errors
    /// The outer one if the cell is not done; the inner one if it was cancelled or given an error.
    pub fn into_result(self) -> Result<Result<T, FutureError<E>>, InvalidStateError> {
        let cancelled = self.cancelled();
        match self.outcome.into_inner() {
            Some(outcome) => Ok(outcome.map_err(FutureError::Error)),
            None if cancelled => Ok(Err(FutureError::Cancelled)),
            None => Err(InvalidStateError),
        }
    }

    /// Takes the outcome out; the cell can be set anew.
    ///
    /// # Errors
    /// The outer one if the cell is not done, which it then stays; the inner one if it was cancelled or given an error.
    pub fn take(&mut self) -> Result<Result<T, FutureError<E>>, InvalidStateError> {
        if self.done() { mem::take(self).into_result() } else { Err(InvalidStateError) }
    }

    /// Makes the cell as new: drops its outcome, and callbacks that were not called.
    pub fn reset(&mut self) {
        drop(mem::take(self));
    }

    fn stage(&self) -> Stage {
        self.state.with(|state| state.stage.get())
    }

    /// Whether this call took the stage from `Pending` to `next`.
    fn leave_pending(&self, next: Stage) -> bool {
        self.state.with(|state| {
            let pending = state.stage.get() == Stage::Pending;
            if pending {
                state.stage.set(next);
            }
            pending
        })
    }

    /// # Safety
    /// The caller took the stage from `Pending` to `Claimed`.
    unsafe fn fill(&self, outcome: Result<T, E>) {
        // SAFETY: OUTCOME: nobody else writes, and nobody reads yet. What is overwritten is `None`.
        unsafe { self.outcome.get().write(Some(outcome)) };
        self.state.with(|state| state.stage.set(Stage::Set));
        self.tell();
    }

    /// Wakes all that wait and calls all callbacks, once it is done. Nobody comes behind them any more.
    fn tell(&self) {
        // A foreign waker may panic just as a callback does, and must not keep the rest from being told.
        let mut panics = Panics::new();
        while let Some(granted) = self.state.with(|state| state.waiters.grant()) {
            granted.wake_among(&mut panics);
        }
        while let Some(callback) = self.state.with(|state| state.callbacks.pop()) {
            // SAFETY: it was in this cell's list.
            panics.catch(|| unsafe { callback.call(self) });
        }
        panics.resume();
    }
}

impl<T, E, R: Flavour> Default for Future<T, E, R> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: fmt::Debug, E: fmt::Debug, R: Flavour> fmt::Debug for Future<T, E, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (waiters, callbacks) = self.state.with(|state| (state.waiters.len(), state.callbacks.len()));
        f.debug_struct("Future")
            .field("outcome", &self.result().ok())
            .field("waiters", &waiters)
            .field("callbacks", &callbacks)
            .finish()
    }
}
