//! What is looked at between the polls of a turn: there no task is being polled, whatever was polled before.
#![cfg(all(feature = "std", feature = "alloc", not(loom)))]

use std::future::{Future, IntoFuture};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};
use std::task::{Context, Wake, Waker};
use std::thread;

use everloop_core::platform::{Platform, Wait};
use everloop_core::*;

/// How often something was looked at between polls, and how often a task was then said to be polled.
#[derive(Default)]
struct Seen {
    looks: AtomicU32,
    tasks: AtomicU32,
}

impl Seen {
    fn look(&self) {
        self.looks.fetch_add(1, Relaxed);
        self.tasks.fetch_add(u32::from(current_task().is_some()), Relaxed);
    }

    /// How often it was looked at, of which no time a task was polled.
    fn looks(&self) -> u32 {
        assert_eq!(self.tasks.load(Relaxed), 0, "a task was said to be polled");
        self.looks.load(Relaxed)
    }
}

/// As the waker of no task.
impl Wake for Seen {
    fn wake(self: Arc<Self>) {
        self.look();
    }
}

/// A clock that goes on whenever it is read.
#[derive(Default)]
struct Ticking {
    now: AtomicU64,
    parks: Seen,
}

impl Platform for &Ticking {
    fn now(&self) -> Instant {
        Instant::from_ticks(self.now.fetch_add(1, Relaxed))
    }

    fn park(&self, _: Wait) {
        self.parks.look();
    }
}

/// Runs `main` and tasks that give way so long that timers and input are looked at in the middle of turns.
fn run_among_others<T>(main: impl Future<Output = T>) -> T {
    let platform = Ticking::default();
    let done = OwnedLoop::new(Waker::noop().clone()).run(&&platform, &[], async {
        for _ in 0..100 {
            create_task(async {
                for _ in 0..20 {
                    yield_now().await;
                }
            });
        }
        main.await
    });
    assert!(platform.parks.looks() > 5);
    done.unwrap()
}

/// Polls `future` once, with `seen` as its waker.
fn poll_for<F: Future>(seen: &Arc<Seen>, future: Pin<&mut F>) {
    let waker = Waker::from(seen.clone());
    assert!(future.poll(&mut Context::from_waker(&waker)).is_pending());
}

#[test]
fn a_timer_is_fired_outside_of_tasks() {
    let seen = Arc::new(Seen::default());
    run_among_others(async {
        let mut sleep = pin!(sleep(Duration::from_ticks(5)));
        poll_for(&seen, sleep.as_mut());
        for _ in 0..10 {
            yield_now().await;
        }
        assert_eq!(seen.looks(), 1);
    });
}

#[test]
fn who_awaits_a_task_is_woken_outside_of_tasks() {
    let seen = Arc::new(Seen::default());
    run_among_others(async {
        let ends = create_task(async { yield_now().await });
        let cancelled = create_task(std::future::pending::<()>());
        let other = create_task(async { yield_now().await });
        let (mut ends, mut other) = (pin!(ends.into_future()), pin!(other.into_future()));
        poll_for(&seen, ends.as_mut());
        poll_for(&seen, other.as_mut());
        // What a task that was asked to end does is no plain step.
        cancelled.cancel();
        let mut cancelled = pin!(cancelled.into_future());
        poll_for(&seen, cancelled.as_mut());
        for _ in 0..5 {
            yield_now().await;
        }
        assert_eq!(seen.looks(), 3);
    });
}

#[test]
fn a_task_from_another_thread_inherits_from_nobody() {
    static LOCAL: TaskLocal<u32> = TaskLocal::new();
    static INHERITED: AtomicU32 = AtomicU32::new(u32::MAX);
    run_among_others(async {
        let handle = LoopHandle::current().unwrap();
        create_task(async move {
            LOCAL.set(7).unwrap();
            let submit = move || {
                let look = async || INHERITED.store(LOCAL.get().unwrap_or(0), Relaxed);
                drop(run_coroutine_threadsafe(look, &handle).unwrap());
            };
            thread::spawn(submit).join().unwrap();
            // Another is polled in this turn, and before that the new task is taken in.
            yield_now().await;
        });
        create_task(async { yield_now().await });
        for _ in 0..5 {
            yield_now().await;
        }
    });
    assert_eq!(INHERITED.load(Relaxed), 0);
}
