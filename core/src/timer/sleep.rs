use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::node::Timer;
use crate::task::wake_by_ref;
use crate::{Duration, Instant, WaitReason, current, waits_on};

/// Waits for `duration`, counted from the first poll. Zero lets everything that is ready run once, then returns.
///
/// # Cancel safety
/// Dropping the future takes its timer out.
///
/// # Allocation
/// None.
///
/// # Wakes from interrupts
/// None of its own: the loop's timer.
///
/// # Panics
/// Outside a running loop, when polled.
///
/// ```
/// # use everloop_core::{EventLoop, virtual_time::{UNPARKER, VirtualTime}};
/// # static LOOP: EventLoop = EventLoop::new(UNPARKER);
/// use everloop_core::{Duration, Instant, sleep};
/// # LOOP.run(&VirtualTime::new(), &[], async {
///
/// let start = Instant::now();
/// sleep(Duration::from_secs(3600)).await;
/// assert_eq!(start.elapsed(), Duration::from_secs(3600));
/// # }).unwrap();
/// ```
pub fn sleep(duration: Duration) -> Sleep {
    Sleep { when: When::After(duration), timer: Timer::new() }
}

/// Waits until `deadline`. One that has passed lets everything that is ready run once, then returns.
///
/// # Cancel safety
/// Dropping the future takes its timer out.
///
/// # Allocation
/// None.
///
/// # Wakes from interrupts
/// None of its own: the loop's timer.
///
/// # Panics
/// Outside a running loop, when polled.
pub fn sleep_until(deadline: Instant) -> Sleep {
    Sleep { when: When::At(deadline), timer: Timer::new() }
}

#[derive(Clone, Copy, Debug)]
enum When {
    /// Not polled yet: after this long.
    After(Duration),
    /// Not polled yet: then.
    At(Instant),
    /// Polled: its timer is set for then.
    Set(Instant),
    /// Polled with nothing to wait for: ready at the next poll.
    Yielded,
}

pin_project! {
    /// The future of [`sleep`] and [`sleep_until`].
    #[must_use = "futures do nothing unless awaited"]
    pub struct Sleep {
        when: When,
        #[pin]
        timer: Timer,
    }
}

impl Future for Sleep {
    type Output = ();

    #[track_caller]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        let timer = this.timer.as_ref();
        let deadline = match *this.when {
            When::Yielded => return Poll::Ready(()),
            When::Set(deadline) => {
                if sample() >= deadline {
                    timer.clear();
                    return Poll::Ready(());
                }
                deadline
            }
            When::After(duration) if !duration.is_zero() => Instant::now() + duration,
            When::At(deadline) if deadline > Instant::now() => deadline,
            When::After(_) | When::At(_) => {
                *this.when = When::Yielded;
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
        };
        *this.when = When::Set(deadline);
        timer.set(deadline, cx.waker());
        waits_on(WaitReason::Sleep);
        Poll::Pending
    }
}

#[track_caller]
fn sample() -> Instant {
    match current::with(|l| l.sample()) {
        Some(now) => now,
        None => panic!("no running event loop: a sleep is woken by the loop that polls it"),
    }
}

/// Lets everything that is ready run once, then returns.
///
/// # Cancel safety
/// Nothing is lost by dropping it.
///
/// # Allocation
/// None.
///
/// # Wakes from interrupts
/// None.
#[cfg_attr(feature = "std", inline)]
pub fn yield_now() -> YieldNow {
    YieldNow { yielded: false }
}

/// The future of [`yield_now`].
#[derive(Debug)]
#[must_use = "futures do nothing unless awaited"]
pub struct YieldNow {
    yielded: bool,
}

impl Future for YieldNow {
    type Output = ();

    #[cfg_attr(feature = "std", inline)]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.yielded {
            return Poll::Ready(());
        }
        self.yielded = true;
        wake_by_ref(cx.waker());
        Poll::Pending
    }
}

impl core::fmt::Debug for Sleep {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Sleep")
    }
}
