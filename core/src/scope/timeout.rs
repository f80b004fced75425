use core::cell::Cell;
use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};

use pin_project_lite::pin_project;

use super::deadline::{Deadline, Limited, has_passed};
use super::error::{RescheduleError, TimeoutError};
use crate::{Duration, Instant, waker_cell};

/// A deadline that can be moved, `delay` after [`Timeout::run`] is first polled; `None` is never. asyncio's `timeout`.
///
/// ```
/// # use everloop_core::{EventLoop, virtual_time::{UNPARKER, VirtualTime}};
/// # static LOOP: EventLoop = EventLoop::new(UNPARKER);
/// use everloop_core::{Duration, Instant, sleep, timeout};
/// # LOOP.run(&VirtualTime::new(), &[], async {
///
/// let second = Duration::from_secs(1);
/// let watchdog = timeout(second * 2);
/// let result = watchdog.run(async {
///     for _ in 0..10 {
///         sleep(second).await; // each step may take its time, but not for ever
///         watchdog.reschedule(Instant::now() + second * 2).unwrap();
///     }
///     sleep(second * 100).await;
/// });
/// assert!(result.await.is_err());
/// assert!(watchdog.expired());
/// assert_eq!(watchdog.when(), Some(Instant::from_ticks(0) + second * 12));
/// # }).unwrap();
/// ```
pub fn timeout(delay: impl Into<Option<Duration>>) -> Timeout {
    match delay.into() {
        Some(delay) => Timeout::new(Instant::from_ticks(delay.as_ticks()), true),
        None => timeout_at(None),
    }
}

/// A deadline that can be moved, at a point in time; `None` and [`Instant::FAR_FUTURE`] are never. asyncio's
/// `timeout_at`.
pub fn timeout_at(when: impl Into<Option<Instant>>) -> Timeout {
    Timeout::new(when.into().unwrap_or(Instant::FAR_FUTURE), false)
}

/// A deadline for a part of a task, made by [`timeout`] and [`timeout_at`]. [`run`](Self::run) is that part; the
/// deadline can be looked at and moved from inside it, and from other tasks of the same loop.
///
/// Each is for one run, as in asyncio.
pub struct Timeout {
    /// Until it is run, with `after`, it is the delay, as if counted from zero.
    when: Cell<Instant>,
    after: bool,
    state: Cell<State>,
    /// The deadline had passed when it was set. The time that the loop last looked at may be earlier than that.
    due: Cell<bool>,
    /// The run is being polled, and will look at the deadline yet.
    inside: Cell<bool>,
    /// Who polls the run.
    waker: Cell<Option<Waker>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Created,
    Active,
    /// The time was up, and what runs was asked to end.
    Expiring,
    Expired,
    Finished,
}

impl Timeout {
    const fn new(when: Instant, after: bool) -> Self {
        Self {
            when: Cell::new(when),
            after,
            state: Cell::new(State::Created),
            due: Cell::new(false),
            inside: Cell::new(false),
            waker: Cell::new(None),
        }
    }

    /// Runs `future` until the deadline. asyncio's `async with timeout(...)`.
    ///
    /// When the time is up, `future` is polled once more, so that a result that races the deadline is not lost, nor a
    /// [`reschedule`](Self::reschedule); then it is asked to end, as by a cancellation, and its cleanup runs to its end
    /// before the error is given. If the time is up from the start, `future` is asked at its first await. Of timeouts in
    /// each other whose time is up at the same moment only the outermost reports.
    ///
    /// # Errors
    /// [`TimeoutError`] if the time was up and `future` gave no value, not even out of its cleanup.
    ///
    /// # Differs from asyncio
    /// After a cancellation from outside the deadline cuts nothing, also if `future` swallows the request and works on.
    ///
    /// # Cancel safety
    /// As `future` is. A cancellation from outside reaches `future`, waits for its cleanup, and then surfaces; it is not
    /// a timeout.
    ///
    /// # Allocation
    /// None.
    ///
    /// # Wakes from interrupts
    /// As `future` does, and by the loop's timer.
    ///
    /// # Panics
    /// When polled: outside a running loop, and if this timeout was run before, or is being run. It stays as it was then.
    pub fn run<F: IntoFuture>(&self, future: F) -> TimeoutRun<'_, F::IntoFuture> {
        TimeoutRun { timeout: self, limited: Limited::new(future.into_future()) }
    }

    /// The deadline; `None` if there is none, and as long as it is not known, since a delay counts from the start of the
    /// run.
    pub fn when(&self) -> Option<Instant> {
        let when = self.when.get();
        let unknown = self.after && self.state.get() == State::Created;
        (!unknown && when < Instant::FAR_FUTURE).then_some(when)
    }

    /// Moves the deadline: later, earlier, or, with `None`, away. One in the past asks what runs to end at its next
    /// await. May be called from inside the run, and from other tasks of the same loop.
    ///
    /// As long as the run has not been polled since the time was up, it can still be moved. After a cancellation from
    /// outside, and after a run that was forgotten, it is of no effect.
    ///
    /// # Errors
    /// Before the first poll of the run, when the time was up, and after the run; nothing is changed then.
    pub fn reschedule(&self, when: impl Into<Option<Instant>>) -> Result<(), RescheduleError> {
        match self.state.get() {
            State::Active => {}
            State::Created => return Err(RescheduleError::NotRunning),
            State::Expiring | State::Expired => return Err(RescheduleError::Expired),
            State::Finished => return Err(RescheduleError::Finished),
        }
        self.set(when.into().unwrap_or(Instant::FAR_FUTURE));
        if !self.inside.get() {
            // SAFETY: `self` is borrowed until the end of this call.
            unsafe { waker_cell::wake(&raw const self.waker) };
        }
        Ok(())
    }

    /// Whether the time was up before the run had ended. So it is from the moment at which what runs is asked to end,
    /// and also if that gave a value all the same.
    pub fn expired(&self) -> bool {
        matches!(self.state.get(), State::Expiring | State::Expired)
    }

    fn set(&self, when: Instant) {
        self.when.set(when);
        self.due.set(Instant::try_now().is_some_and(|now| when <= now));
    }

    fn enter(&self) {
        assert!(
            self.state.get() == State::Created,
            "a `Timeout` is for one run, and this one was run before"
        );
        let when = self.when.get();
        self.set(if self.after { Instant::now() + Duration::from_ticks(when.as_ticks()) } else { when });
        self.state.set(State::Active);
    }

    fn leave(&self) {
        self.state.set(match self.state.get() {
            State::Expiring | State::Expired => State::Expired,
            _ => State::Finished,
        });
        self.waker.take();
    }
}

impl Deadline for Timeout {
    fn is_due(&self) -> bool {
        self.due.get() || has_passed(self.when.get())
    }

    fn arm(&self) -> Instant {
        self.inside.set(false);
        self.when.get()
    }

    fn expire(&self) {
        self.state.set(State::Expiring);
    }
}

impl fmt::Debug for Timeout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timeout").field("state", &self.state.get()).field("when", &self.when()).finish()
    }
}

/// While it lives, the run of its timeout is being polled, and does not need to be woken unless its timer is set.
struct Inside<'a>(&'a Timeout);

impl<'a> Inside<'a> {
    fn new(timeout: &'a Timeout) -> Self {
        timeout.inside.set(true);
        Self(timeout)
    }
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        self.0.inside.set(false);
    }
}

pin_project! {
    /// The future of [`Timeout::run`].
    #[must_use = "futures do nothing unless awaited"]
    pub struct TimeoutRun<'a, F> {
        timeout: &'a Timeout,
        #[pin]
        limited: Limited<F>,
    }

    impl<F> PinnedDrop for TimeoutRun<'_, F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            this.limited.as_mut().drop_inner();
            if this.limited.as_mut().is_started() {
                this.timeout.leave();
            }
        }
    }
}

impl<F: Future> Future for TimeoutRun<'_, F> {
    type Output = Result<F::Output, TimeoutError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let timeout: &Timeout = this.timeout;
        if !this.limited.as_mut().is_started() {
            timeout.enter();
            this.limited.as_mut().start();
        }
        let _inside = Inside::new(timeout);
        waker_cell::refresh(&timeout.waker, cx.waker());
        let result = this.limited.as_mut().poll(timeout, "Timeout::run", cx);
        if result.is_ready() || this.limited.as_mut().has_surfaced() {
            timeout.leave();
        }
        result
    }
}
