use core::pin::Pin;
use core::task::Waker;

use pin_project_lite::pin_project;

use crate::timer::Timer;
use crate::{Instant, current};

pin_project! {
    /// A deadline, if there is one, and the timer that wakes for it.
    pub(super) struct Limit {
        deadline: Option<Instant>,
        #[pin]
        timer: Timer,
    }
}

impl Limit {
    pub(super) const fn new(deadline: Option<Instant>) -> Self {
        Self { deadline, timer: Timer::new() }
    }

    pub(super) fn start(self: Pin<&mut Self>, deadline: Instant) {
        *self.project().deadline = Some(deadline);
    }

    /// Whether the deadline has passed. Compared with the time that the loop last looked at, as all deadlines are.
    pub(super) fn has_passed(&self) -> bool {
        self.deadline.is_some_and(|deadline| current::with(|l| l.sample() >= deadline).unwrap_or(false))
    }

    /// Has `waker` woken at the deadline.
    pub(super) fn wake_with(self: Pin<&Self>, waker: &Waker) {
        let this = self.project_ref();
        if let Some(deadline) = *this.deadline {
            this.timer.set(deadline, waker);
        }
    }

    /// Wakes nobody any more.
    pub(super) fn clear(&self) {
        self.timer.clear();
    }
}
