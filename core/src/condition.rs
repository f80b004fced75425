//! asyncio's `Condition`.

use core::pin::Pin;
use core::task::{Context, Poll};
use core::{fmt, mem};

use pin_project_lite::pin_project;

use crate::WaitReason;
use crate::flavour::{Flavour, Local};
use crate::guarded::Guarded;
use crate::lock::{LockGuard, Turn};
use crate::scope::{self, Scope, ScopeKind, current_branch};
use crate::waiter::{Acquire, Attempt, Granted, Source, WaitList};

/// Waits until something about the value of a [`Lock`](crate::Lock) has changed. asyncio's `Condition`.
///
/// It stands beside the lock, and any number may share one. [`wait`](Self::wait) releases the lock, waits for a
/// notification, and takes the lock again. Any number may wait. With the flavour [`Shared`](crate::Shared) it may stand in
/// a `static`, and be notified from another thread or from an interrupt.
///
/// ```
/// # use everloop_core::{EventLoop, TaskPool, virtual_time::{UNPARKER, VirtualTime}};
/// # static LOOP: EventLoop = EventLoop::new(UNPARKER);
/// # static POOL: TaskPool<1, 512> = TaskPool::new();
/// use everloop_core::{Condition, Lock, Shared, create_task};
///
/// static STOCK: Lock<u32, Shared> = Lock::new(0);
/// static MORE: Condition<Shared> = Condition::new();
/// # LOOP.run(&VirtualTime::new(), &[&POOL], async {
///
/// let buyer = create_task(async {
///     let mut stock = STOCK.acquire().await;
///     MORE.wait_for(&mut stock, |stock| *stock >= 3).await;
///     *stock -= 3;
/// });
/// for _ in 0..3 {
///     *STOCK.acquire().await += 1;
///     MORE.notify(1);
/// }
/// buyer.await.unwrap();
/// assert_eq!(*STOCK.acquire().await, 0);
/// # }).unwrap();
/// ```
///
/// # Cancellation
/// A wait is a scope. A request that reaches it, of a cancellation or of a timeout around it, ends the wait; the lock is
/// taken again all the same, however many requests come, and only then the cancellation goes on. So after
/// `catch_cancel(condition.wait(&mut guard)).await` and after `wait_for(condition.wait(&mut guard), time).await` the guard
/// holds the lock, whatever came of it. A notification that was given to such a wait goes to another.
///
/// Who drops the future of a wait before it is ready has a guard that holds nothing: see
/// [`LockGuard::reacquire`](crate::LockGuard::reacquire). A future that is forgotten while it waits keeps its place, and
/// takes the notification, or the lock, when its turn comes.
///
/// # Differs from asyncio
/// It has no lock of its own, and whoever notifies need not hold one; so an interrupt can.
pub struct Condition<R: Flavour = Local> {
    inner: Guarded<WaitList, R>,
}

impl<R: Flavour> Condition<R> {
    /// A condition that nobody waits for.
    pub const fn new() -> Self {
        Self { inner: Guarded::new(WaitList::new()) }
    }

    /// Releases the lock, waits for a notification, and takes the lock again.
    ///
    /// What is waited for need not be so when this returns: somebody else may have had the lock in between, and a
    /// notification may come for other reasons. [`wait_for`](Self::wait_for) looks.
    ///
    /// # Cancel safety
    /// Cancelled, it takes the lock again first. Dropped before it was ready, it leaves a guard that does not hold the
    /// lock; a notification that it was given goes to another.
    ///
    /// # Allocation
    /// None.
    ///
    /// # Wakes from interrupts
    /// With the flavour `Shared`: `notify` and `notify_all` may be called from one.
    ///
    /// # Panics
    /// If the guard does not [hold](LockGuard::is_held) the lock.
    pub fn wait<'a, T: ?Sized, Q: Flavour>(
        &'a self,
        guard: &'a mut LockGuard<'_, T, Q>,
    ) -> ConditionWait<'a, R, Q> {
        let (turn, held) = guard.parts();
        let step = Step::Notification { acquire: Acquire::new(Notified(self)) };
        ConditionWait { condition: self, turn, held, step, scope: Scope::new(ScopeKind::Condition) }
    }

    /// Waits until `predicate` says that the value is as it should be. It is asked at once, and after each notification,
    /// with the lock held; when this returns the lock is held, and the value still is so.
    ///
    /// # Cancel safety
    /// As [`wait`](Self::wait).
    ///
    /// # Allocation
    /// None.
    ///
    /// # Wakes from interrupts
    /// As [`wait`](Self::wait).
    ///
    /// # Panics
    /// If the guard does not [hold](LockGuard::is_held) the lock.
    pub async fn wait_for<T: ?Sized, Q: Flavour>(
        &self,
        guard: &mut LockGuard<'_, T, Q>,
        mut predicate: impl FnMut(&mut T) -> bool,
    ) {
        while !predicate(guard) {
            self.wait(guard).await;
        }
    }

    /// Notifies `n` of those who wait, first come first; all of them, if they are fewer. Nothing is kept for those who
    /// come later.
    ///
    /// They go on when they have the lock; if the caller holds it, that is after it has released it. The lock of a
    /// `Shared` condition itself is taken anew for each waiter, so that interrupts are never masked longer for there being
    /// many.
    pub fn notify(&self, n: usize) {
        if n == 0 {
            return;
        }
        // Whoever is woken may begin another, also in the middle of this.
        let epoch = self.inner.with(WaitList::begin_epoch);
        for _ in 0..n {
            let Some(granted) = self.inner.with(|waiters| waiters.grant_before(epoch)) else { return };
            granted.wake_aside();
        }
    }

    /// Notifies all who wait, as [`notify`](Self::notify).
    pub fn notify_all(&self) {
        self.notify(usize::MAX);
    }
}

impl<R: Flavour> Default for Condition<R> {
    fn default() -> Self {
        Self::new()
    }
}

impl<R: Flavour> fmt::Debug for Condition<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Condition").field("waiters", &self.inner.with(WaitList::len)).finish()
    }
}

/// Bits of the scope's own byte.
mod state {
    /// A request ended the wait, and goes on outwards once the lock is taken again.
    pub(super) const CANCELLED: u8 = 1;
    /// It has gone on outwards: pending for good.
    pub(super) const SURFACED: u8 = 2;
}

pin_project! {
    /// The future of [`Condition::wait`].
    #[must_use = "futures do nothing unless awaited"]
    pub struct ConditionWait<'a, R: Flavour, Q: Flavour> {
        condition: &'a Condition<R>,
        turn: &'a Turn<Q>,
        // The guard's, with HELD.
        held: &'a mut bool,
        #[pin]
        step: Step<'a, R, Q>,
        #[pin]
        scope: Scope,
    }
}

pin_project! {
    #[project = StepProjection]
    enum Step<'a, R: Flavour, Q: Flavour> {
        Notification { #[pin] acquire: Acquire<Notified<'a, R>> },
        // Dropped in this order: who gets the notification finds the lock free, or is behind those who waited for it.
        Turn { #[pin] acquire: Acquire<&'a Turn<Q>>, notification: Option<Notification<'a, R>> },
    }
}

impl<R: Flavour, Q: Flavour> Future for ConditionWait<'_, R, Q> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut this = self.project();
        let scope = this.scope.as_ref();
        if scope.is(state::SURFACED) {
            return Poll::Pending;
        }
        // SAFETY: SCOPE: pinned, and polled under the branch that is being polled.
        unsafe {
            scope::arrive(scope.get_ref(), current_branch(), cx.waker());
            if scope.is_asked() {
                // Each further request is one with the first.
                scope::take_request(scope::as_branch(scope.get_ref()));
                scope.mark(state::CANCELLED);
                // Taking the lock again is a cleanup: a sibling that surfaces waits for it.
                scope.set_taken();
            }
        }
        if let StepProjection::Notification { acquire } = this.step.as_mut().project() {
            let mut notification = None;
            if !scope.is(state::CANCELLED) {
                let poll = acquire.poll(cx);
                // Only now, so that whoever has the lock next finds this one among those who wait.
                if mem::replace(*this.held, false) {
                    this.turn.release();
                }
                if poll.is_pending() {
                    return Poll::Pending;
                }
                notification = Some(Notification(this.condition));
            }
            this.step.set(Step::Turn { notification, acquire: this.turn.acquire() });
        }
        let StepProjection::Turn { notification, acquire } = this.step.project() else { unreachable!() };
        if !**this.held {
            if acquire.poll(cx).is_pending() {
                return Poll::Pending;
            }
            **this.held = true;
        }
        let notification = notification.take();
        if scope.is(state::CANCELLED) {
            scope.mark(state::SURFACED);
            // Goes to another.
            drop(notification);
            // SAFETY: SCOPE: there is no inner future.
            unsafe { scope::surface(scope.get_ref()) };
            return Poll::Pending;
        }
        mem::forget(notification);
        // SAFETY: as above.
        unsafe { scope::finish(scope.get_ref()) };
        Poll::Ready(())
    }
}

/// Was given to a waiter. If it is dropped, the next one has it.
struct Notification<'a, R: Flavour>(&'a Condition<R>);

impl<R: Flavour> Drop for Notification<'_, R> {
    fn drop(&mut self) {
        if let Some(next) = self.0.inner.with(WaitList::grant) {
            next.wake_aside();
        }
    }
}

struct Notified<'a, R: Flavour>(&'a Condition<R>);

impl<R: Flavour> Source for Notified<'_, R> {
    type Flavour = R;
    type State = WaitList;
    const REASON: WaitReason = WaitReason::Condition;

    fn guarded(&self) -> &Guarded<WaitList, R> {
        &self.0.inner
    }

    fn waiters(state: &WaitList) -> &WaitList {
        state
    }

    fn try_take(_: &WaitList) -> Attempt {
        Attempt::Wait
    }

    fn give_back(state: &WaitList) -> Option<Granted> {
        state.grant()
    }
}
