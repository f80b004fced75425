//! `embassy-time` on a host, on everloop and without it.
#![allow(missing_docs)]

use std::panic::catch_unwind;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use embassy_time::{Duration, Instant, Ticker, Timer, with_timeout};
use embassy_time_driver::{TICK_HZ, now, schedule_wake};
use everloop::{Task, create_task};

/// Runs a future on this thread, which has no loop.
fn block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}

/// Counts its wakes.
#[derive(Default)]
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn a_timer_waits_at_least_as_long_as_it_says() {
    everloop::run(async {
        let start = Instant::now();
        Timer::after_millis(3).await;
        assert!(start.elapsed() >= Duration::from_millis(3));
        Timer::at(start + Duration::from_millis(6)).await;
        assert!(start.elapsed() >= Duration::from_millis(6));
    })
    .unwrap();
}

#[test]
fn a_ticker_ticks_no_earlier_than_due() {
    everloop::run(async {
        let start = Instant::now();
        let mut every = Ticker::every(Duration::from_millis(2));
        for n in 1..=5 {
            every.next().await;
            assert!(start.elapsed() >= Duration::from_millis(2) * n);
        }
    })
    .unwrap();
}

#[test]
fn the_clock_is_the_loops() {
    everloop::run(async {
        let loops = || everloop::Instant::now().as_ticks() / (everloop::TICK_HZ / TICK_HZ);
        let (before, here, after) = (loops(), now(), loops());
        assert!(before <= here && here <= after, "{before} {here} {after}");
    })
    .unwrap();
}

#[test]
fn the_timers_of_many_tasks_all_fire() {
    everloop::run(async {
        let tasks: Vec<Task<_>> = (0..500_u64)
            .map(|n| {
                create_task(async move {
                    let due = Instant::now() + Duration::from_micros(n * 7919 % 5000);
                    Timer::at(due).await;
                    assert!(Instant::now() >= due);
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    })
    .unwrap();
}

#[test]
fn a_task_is_woken_for_each_of_its_timers() {
    everloop::run(async {
        let start = Instant::now();
        let timer = |millis| async move {
            Timer::at(start + Duration::from_millis(millis)).await;
            Instant::now()
        };
        // All of one waker, and none of them in the order of its time.
        let (late, early, middle) = futures_util::join!(timer(9), timer(1), timer(5));
        // Not of each other: on a busy machine all may be due by the first poll.
        assert!(early >= start + Duration::from_millis(1));
        assert!(middle >= start + Duration::from_millis(5));
        assert!(late >= start + Duration::from_millis(9));
    })
    .unwrap();
}

#[test]
fn a_timeout_ends_what_waits() {
    everloop::run(async {
        let limit = Duration::from_millis(2);
        assert!(with_timeout(limit, std::future::pending::<()>()).await.is_err());
        assert_eq!(with_timeout(Duration::from_secs(3600), async { 42 }).await, Ok(42));
    })
    .unwrap();
}

#[test]
fn threads_without_a_loop_are_woken_too() {
    let threads = [1, 4, 2].map(|millis| {
        thread::spawn(move || {
            let start = Instant::now();
            block_on(Timer::after_millis(millis));
            assert!(start.elapsed() >= Duration::from_millis(millis));
        })
    });
    for thread in threads {
        thread.join().unwrap();
    }
}

#[test]
fn a_moment_that_has_passed_wakes_at_once() {
    let count = Arc::new(Count::default());
    schedule_wake(now(), &Waker::from(Arc::clone(&count)));
    schedule_wake(0, &Waker::from(Arc::clone(&count)));
    assert_eq!(count.0.load(Ordering::Relaxed), 2);
}

#[test]
fn a_waker_is_kept_once_with_its_earliest_time() {
    let count = Arc::new(Count::default());
    let waker = Waker::from(Arc::clone(&count));
    let hour = 3600 * TICK_HZ;
    for n in [3, 5, 2, 4] {
        schedule_wake(now() + n * hour, &waker);
    }
    // This one, the waker, and what the driver keeps.
    assert_eq!(Arc::strong_count(&count), 3);
    schedule_wake(now() + 1, &waker);
    block_on(async {
        while count.0.load(Ordering::Relaxed) == 0 {
            Timer::after_millis(1).await;
        }
        // The driver wakes one after the other, so by then it has let go of the one before.
        Timer::after_millis(1).await;
    });
    assert_eq!(count.0.load(Ordering::Relaxed), 1);
    assert_eq!(Arc::strong_count(&count), 2, "it is kept for the later times too");
}

#[test]
fn a_waker_that_is_woken_at_once_is_not_kept_for_later() {
    let count = Arc::new(Count::default());
    let waker = Waker::from(Arc::clone(&count));
    schedule_wake(now() + 3600 * TICK_HZ, &waker);
    schedule_wake(0, &waker);
    assert_eq!(count.0.load(Ordering::Relaxed), 1);
    assert_eq!(Arc::strong_count(&count), 2);
}

#[test]
fn a_moment_that_never_comes_keeps_no_waker() {
    let count = Arc::new(Count::default());
    let waker = Waker::from(Arc::clone(&count));
    schedule_wake(u64::MAX, &waker);
    assert_eq!(Arc::strong_count(&count), 2);
    // One that is very far off does no harm.
    schedule_wake(u64::MAX - 1, &waker);
    block_on(Timer::after_millis(1));
    assert_eq!(count.0.load(Ordering::Relaxed), 0);
}

#[test]
fn a_waker_that_panics_keeps_nobody_from_being_woken() {
    struct Panic;
    impl Wake for Panic {
        fn wake(self: Arc<Self>) {
            panic!("on purpose")
        }
    }
    let soon = now() + TICK_HZ / 500;
    // On a machine that is late it is woken here.
    let _ = catch_unwind(|| schedule_wake(soon, &Waker::from(Arc::new(Panic))));
    block_on(Timer::at(Instant::from_ticks(soon + 1)));
    block_on(Timer::after_millis(1));
}

#[test]
fn a_waker_may_schedule_another_from_inside() {
    struct Again(Arc<Count>);
    impl Wake for Again {
        fn wake(self: Arc<Self>) {
            if self.0.0.fetch_add(1, Ordering::Relaxed) < 3 {
                schedule_wake(now() + 1, &Waker::from(self));
            }
        }
    }
    let count = Arc::new(Count::default());
    schedule_wake(now() + 1, &Waker::from(Arc::new(Again(Arc::clone(&count)))));
    block_on(async {
        while count.0.load(Ordering::Relaxed) < 4 {
            Timer::after_millis(1).await;
        }
    });
}
