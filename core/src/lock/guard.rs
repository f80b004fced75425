use core::fmt;
use core::marker::PhantomData;
use core::ops::{Deref, DerefMut};

use super::{Lock, Turn};
use crate::flavour::{Flavour, Local};

/// Holds a [`Lock`], lends its value, and releases it when it is dropped.
///
/// Only a wait on a [`Condition`](crate::Condition) that was dropped before its end leaves a guard that does not hold its
/// lock: then the value can't be reached until [`reacquire`](Self::reacquire) has taken the lock again.
///
/// Invariant **HELD**: while `held` is set the lock's turn is this guard's (TURN). It is cleared before the turn is let
/// go of, and set after it was taken, by whoever has the guard by `&mut`.
#[must_use = "a guard that is dropped at once releases the lock at once"]
pub struct LockGuard<'a, T: ?Sized = (), R: Flavour = Local> {
    lock: &'a Lock<T, R>,
    held: bool,
    // It lends the value as a `&mut` to it would, and so is `Send` and `Sync` as that would be, if the lock may be used
    // from elsewhere at all.
    _value: PhantomData<&'a mut T>,
}

impl<'a, T: ?Sized, R: Flavour> LockGuard<'a, T, R> {
    /// For whose turn it is.
    pub(super) fn new(lock: &'a Lock<T, R>) -> Self {
        Self { lock, held: true, _value: PhantomData }
    }

    /// Whether it holds the lock. It does, unless a wait on a [`Condition`](crate::Condition) with it was dropped.
    pub fn is_held(&self) -> bool {
        self.held
    }

    /// Takes the lock again, waiting for it, if a wait on a [`Condition`](crate::Condition) was dropped. The value may
    /// have changed meanwhile.
    ///
    /// # Cancel safety
    /// A future dropped before it was ready has taken nothing.
    ///
    /// # Allocation
    /// None.
    ///
    /// # Wakes from interrupts
    /// As [`Lock::acquire`].
    pub async fn reacquire(&mut self) {
        if !self.held {
            if !self.lock.turn.try_acquire() {
                // Nobody is refused.
                let _ = self.lock.turn.acquire_later().await;
            }
            self.held = true;
        }
    }

    /// What of the guard a wait needs: with HELD, who clears the flag may then end the turn.
    pub(crate) fn parts(&mut self) -> (&'a Turn<R>, &mut bool) {
        self.assert_held();
        (&self.lock.turn, &mut self.held)
    }

    #[track_caller]
    fn assert_held(&self) {
        assert!(
            self.held,
            "this guard does not hold its lock: a wait on a condition was dropped before it had taken the lock again. \
             Await `reacquire` first"
        );
    }
}

/// # Panics
/// If the lock is not [held](LockGuard::is_held).
impl<T: ?Sized, R: Flavour> Deref for LockGuard<'_, T, R> {
    type Target = T;

    fn deref(&self) -> &T {
        self.assert_held();
        // SAFETY: HELD and TURN: nobody else reaches the value, and what was lent before borrows the guard.
        unsafe { &*self.lock.value.get() }
    }
}

/// # Panics
/// If the lock is not [held](LockGuard::is_held).
impl<T: ?Sized, R: Flavour> DerefMut for LockGuard<'_, T, R> {
    fn deref_mut(&mut self) -> &mut T {
        self.assert_held();
        // SAFETY: as in `deref`.
        unsafe { &mut *self.lock.value.get() }
    }
}

impl<T: ?Sized, R: Flavour> Drop for LockGuard<'_, T, R> {
    fn drop(&mut self) {
        if self.held {
            self.lock.turn.release();
        }
    }
}

impl<T: ?Sized + fmt::Debug, R: Flavour> fmt::Debug for LockGuard<'_, T, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.held { (**self).fmt(f) } else { f.write_str("<not held>") }
    }
}

impl<T: ?Sized + fmt::Display, R: Flavour> fmt::Display for LockGuard<'_, T, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.held { (**self).fmt(f) } else { f.write_str("<not held>") }
    }
}
