use core::pin::Pin;
use core::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use super::sleep::{Sleep, sleep_until};
use super::ticks::Ticks;
use crate::{Duration, Instant};

/// Ticks once every `period`, for the first time as soon as it is asked to.
///
/// The ticks are due at `start + n * period`, where `start` is the first poll of the first [`tick`](Interval::tick), so
/// what is done between them adds no drift.
///
/// # Panics
/// If `period` is zero, which would tick without end.
///
/// ```
/// # use everloop_core::{EventLoop, virtual_time::{UNPARKER, VirtualTime}};
/// # static LOOP: EventLoop = EventLoop::new(UNPARKER);
/// use everloop_core::{Duration, Instant, interval, sleep};
/// # LOOP.run(&VirtualTime::new(), &[], async {
///
/// let start = Instant::now();
/// let mut seconds = interval(Duration::from_secs(1));
/// for n in 0..10 {
///     let due = seconds.tick().await;
///     assert_eq!(due, start + Duration::from_secs(1) * n);
///     sleep(Duration::from_millis(300)).await; // takes its time, and the next tick is in time all the same
/// }
/// # }).unwrap();
/// ```
#[track_caller]
pub fn interval(period: Duration) -> Interval {
    Interval::new(None, period)
}

/// Ticks once every `period`, for the first time at `start`. What of that has passed counts as missed.
///
/// # Panics
/// If `period` is zero, which would tick without end.
#[track_caller]
pub fn interval_at(start: Instant, period: Duration) -> Interval {
    Interval::new(Some(start), period)
}

/// What an [`Interval`] does about ticks that nobody could take in time: those that were past already when the one
/// before them was given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum MissedTicks {
    /// Gives them all, one after the other, until it has caught up.
    #[default]
    Burst,
    /// Leaves them out, and keeps to `start + n * period`.
    Skip,
    /// Gives the next one a period from now, and counts on from there.
    Delay,
}

/// A clock that ticks, made by [`interval`] and [`interval_at`].
#[derive(Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Interval {
    /// When the next tick is due; `None` is at once.
    next: Option<Instant>,
    period: Duration,
    missed: MissedTicks,
}

impl Interval {
    #[track_caller]
    fn new(next: Option<Instant>, period: Duration) -> Self {
        assert!(!period.is_zero(), "the period of an interval is zero: it would tick without end");
        Self { next, period, missed: MissedTicks::Burst }
    }

    /// Waits for the next tick, and gives the time at which it was due. One that is due already lets everything that is
    /// ready run once, then returns, so that one who is late starves nobody.
    ///
    /// A tick that would be due at [`Instant::FAR_FUTURE`] or later never comes.
    ///
    /// # Cancel safety
    /// Dropping the future loses nothing: the next call waits for the same tick.
    ///
    /// # Allocation
    /// None.
    ///
    /// # Wakes from interrupts
    /// None of its own: the loop's timer.
    ///
    /// # Panics
    /// Outside a running loop, when polled.
    pub fn tick(&mut self) -> Tick<'_> {
        Tick { interval: Some(self), sleep: None }
    }

    /// The ticks, one after the other, as a [`Stream`](futures_core::Stream) for the adapters of other crates. It never ends.
    ///
    /// # Cancel safety
    /// Dropping it, or a future that waits for its next item, loses nothing: the next call waits for the same tick.
    ///
    /// # Allocation
    /// None.
    ///
    /// # Wakes from interrupts
    /// None of its own: the loop's timer.
    ///
    /// # Panics
    /// Outside a running loop, when polled.
    pub fn ticks(&mut self) -> Ticks<'_> {
        Ticks::new(self)
    }

    /// Has the next tick come a period from now, and counts on from there.
    ///
    /// # Panics
    /// Outside a running loop.
    #[track_caller]
    pub fn reset(&mut self) {
        self.next = Some(Instant::now() + self.period);
    }

    /// The time from one tick to the next.
    pub fn period(&self) -> Duration {
        self.period
    }

    /// What is done about ticks that were missed.
    pub fn missed_ticks(&self) -> MissedTicks {
        self.missed
    }

    /// Says what to do about ticks that are missed from now on; [`MissedTicks::Burst`] if nothing is said.
    pub fn set_missed_ticks(&mut self, missed: MissedTicks) {
        self.missed = missed;
    }

    /// The tick of `given` is given.
    fn advance(&mut self, given: Instant) {
        let next = given + self.period;
        let now = Instant::now();
        self.next = Some(match self.missed {
            MissedTicks::Skip if next < now => {
                let since = now.duration_since(given).as_ticks() % self.period.as_ticks();
                // One that is due right now is not missed.
                if since == 0 { now } else { now - Duration::from_ticks(since) + self.period }
            }
            MissedTicks::Delay if next < now => now + self.period,
            _ => next,
        });
    }
}

pin_project! {
    /// The future of [`Interval::tick`].
    #[must_use = "futures do nothing unless awaited"]
    pub struct Tick<'a> {
        interval: Option<&'a mut Interval>,
        #[pin]
        sleep: Option<Sleep>,
    }
}

impl Future for Tick<'_> {
    type Output = Instant;

    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Instant> {
        let this = self.project();
        let Some(interval) = this.interval.as_mut() else { panic!("`tick` was polled after it was ready") };
        let due = ready!(poll_tick(interval, this.sleep, cx));
        *this.interval = None;
        Poll::Ready(due)
    }
}

/// One step of a wait for the next tick, which sleeps in `sleep`.
#[track_caller]
pub(super) fn poll_tick(
    interval: &mut Interval,
    mut sleep: Pin<&mut Option<Sleep>>,
    cx: &mut Context<'_>,
) -> Poll<Instant> {
    let due = *interval.next.get_or_insert_with(Instant::now);
    if sleep.is_none() {
        sleep.set(Some(sleep_until(due)));
    }
    if let Some(sleep) = sleep.as_mut().as_pin_mut() {
        ready!(sleep.poll(cx));
    }
    sleep.set(None);
    interval.advance(due);
    Poll::Ready(due)
}
