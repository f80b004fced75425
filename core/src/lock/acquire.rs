use core::pin::Pin;
use core::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use super::{Lock, LockGuard, Turn};
use crate::flavour::Flavour;
use crate::waiter::Acquire;

pin_project! {
    /// The future of [`Lock::acquire`]: mostly the lock is free, and it is ready at once.
    pub(super) struct Acquiring<'a, T: ?Sized, R: Flavour> {
        lock: &'a Lock<T, R>,
        // Only one who came in vain has a waiter.
        #[pin]
        waits: Option<Acquire<&'a Turn<R>>>,
    }
}

impl<'a, T: ?Sized, R: Flavour> Acquiring<'a, T, R> {
    #[cfg_attr(feature = "std", inline)]
    pub(super) fn new(lock: &'a Lock<T, R>) -> Self {
        Self { lock, waits: None }
    }
}

impl<'a, T: ?Sized, R: Flavour> Future for Acquiring<'a, T, R> {
    type Output = LockGuard<'a, T, R>;

    #[cfg_attr(feature = "std", inline)]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let lock: &'a Lock<T, R> = this.lock;
        if this.waits.as_mut().as_pin_mut().is_none() {
            if lock.turn.try_acquire() {
                return Poll::Ready(LockGuard::new(lock));
            }
            this.waits.set(Some(Acquire::after_attempt(&lock.turn)));
        }
        if let Some(waits) = this.waits.as_mut().as_pin_mut() {
            // Nobody is refused.
            let _ = ready!(waits.poll(cx));
        }
        Poll::Ready(LockGuard::new(lock))
    }
}
