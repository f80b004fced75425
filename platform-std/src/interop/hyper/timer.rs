use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration as StdDuration, Instant as StdInstant};

use everloop_core::{Duration, Instant, sleep_until};

use super::home::Home;
use crate::reactor;

/// hyper's timer on the timers of the running loop.
///
/// It tells the loop's own time, as a point of std's clock: where the loop's time is virtual, so are hyper's timeouts.
/// Outside a running loop it tells the system's time.
#[derive(Clone, Copy, Debug, Default)]
pub struct Timer;

impl hyper::rt::Timer for Timer {
    fn sleep(&self, duration: StdDuration) -> Pin<Box<dyn hyper::rt::Sleep>> {
        let deadline = match (Instant::try_now(), Duration::try_from(duration)) {
            (Some(now), Ok(duration)) => now + duration,
            (None, Ok(duration)) => to_loop(StdInstant::now()) + duration,
            // In more than 500 years.
            (_, Err(_)) => Instant::FAR_FUTURE,
        };
        Box::pin(Sleep::until(deadline))
    }

    fn sleep_until(&self, deadline: StdInstant) -> Pin<Box<dyn hyper::rt::Sleep>> {
        Box::pin(Sleep::until(to_loop(deadline)))
    }

    fn now(&self) -> StdInstant {
        Instant::try_now().and_then(from_loop).unwrap_or_else(StdInstant::now)
    }

    fn reset(&self, sleep: &mut Pin<Box<dyn hyper::rt::Sleep>>, deadline: StdInstant) {
        match sleep.as_mut().downcast_mut_pin::<Sleep>() {
            Some(sleep) => sleep.reset(to_loop(deadline)),
            None => *sleep = self.sleep_until(deadline),
        }
    }
}

/// The same point by the loop's clock, whose zero is the same for all loops.
fn to_loop(at: StdInstant) -> Instant {
    match Duration::try_from(at.saturating_duration_since(reactor::start())) {
        Ok(since) => Instant::from_ticks(0) + since,
        Err(_) => Instant::FAR_FUTURE,
    }
}

fn from_loop(at: Instant) -> Option<StdInstant> {
    reactor::start().checked_add((at - Instant::from_ticks(0)).into())
}

/// What a [`Timer`] gives hyper to wait for.
///
/// hyper asks for it to be `Send` and `Sync`, which a timer of a loop is not. So it belongs to the thread that it was made
/// on, and looks: polled on another, it panics. Dropped on another, it leaves its timer where it is, and that memory is
/// never freed; in time its task is woken once for nothing. Neither happens unless a program moves hyper's futures between
/// threads, and with sockets in them they can't be moved.
///
/// # Cancel safety
/// Dropping it takes its timer out.
///
/// # Allocation
/// Itself, in a box, as hyper asks, and its timer, in another.
///
/// # Wakes from interrupts
/// None; it is the loop's timer.
///
/// # Panics
/// Polled outside a running loop, or on another thread than it was made on.
pub struct Sleep {
    inner: Home<everloop_core::Sleep>,
}

impl Sleep {
    fn until(deadline: Instant) -> Self {
        Self { inner: Home::new(sleep_until(deadline)) }
    }

    /// Waits for another point, without a new allocation if it can be.
    fn reset(mut self: Pin<&mut Self>, deadline: Instant) {
        match self.inner.get() {
            Some(mut sleep) => sleep.set(sleep_until(deadline)),
            None => self.set(Self::until(deadline)),
        }
    }
}

impl Future for Sleep {
    type Output = ();

    #[track_caller]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        match self.inner.get() {
            Some(sleep) => sleep.poll(cx),
            None => {
                panic!("a sleep of everloop's hyper timer is polled on another thread than it was made on")
            }
        }
    }
}

impl hyper::rt::Sleep for Sleep {}

impl fmt::Debug for Sleep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sleep").finish_non_exhaustive()
    }
}
