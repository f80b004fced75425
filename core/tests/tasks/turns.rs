//! A loop that is called instead of waiting: `run_until_idle`.
#![cfg(all(feature = "std", not(loom)))]

use everloop_core::platform::{Platform, Wait};
use everloop_core::*;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Wake, Waker};

/// A clock that is set, and a count of unparks.
struct Clock(AtomicU64);

impl Platform for &Clock {
    fn now(&self) -> Instant {
        Instant::from_ticks(self.0.load(Ordering::Relaxed))
    }

    fn park(&self, wait: Wait) {
        assert_eq!(wait, Wait::Poll, "it never waits");
    }
}

#[derive(Default)]
struct Unparks(AtomicU32);

impl Wake for Unparks {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

fn new() -> (&'static EventLoop, &'static Clock, Arc<Unparks>) {
    let unparks = Arc::new(Unparks::default());
    let event_loop: &'static _ = Box::leak(Box::new(EventLoop::new(Waker::from(unparks.clone()))));
    let clock: &'static _ = Box::leak(Box::new(Clock(AtomicU64::new(1))));
    // They stay for good, and are no leak to those who look for one.
    static KEPT: Mutex<Vec<(&EventLoop, &Clock)>> = Mutex::new(Vec::new());
    KEPT.lock().unwrap().push((event_loop, clock));
    (event_loop, clock, unparks)
}

fn unparks(of: &Unparks) -> u32 {
    of.0.load(Ordering::Relaxed)
}

#[test]
fn it_tells_when_its_next_timer_is_due() {
    static POOL: TaskPool<2, 256> = TaskPool::new();
    static DONE: AtomicU32 = AtomicU32::new(0);
    let (event_loop, clock, _) = new();
    let begin = || {
        POOL.create_task(async {
            sleep(Duration::from_ticks(10)).await;
            DONE.store(1, Ordering::Relaxed);
        });
    };
    let (mut open, ()) = event_loop.open_with(clock, &[&POOL], begin).unwrap();
    assert_eq!(open.run_until_idle(), Ok(Some(Instant::from_ticks(11))));
    assert_eq!(DONE.load(Ordering::Relaxed), 0);
    clock.0.store(10, Ordering::Relaxed);
    assert_eq!(open.run_until_idle(), Ok(Some(Instant::from_ticks(11))));
    clock.0.store(11, Ordering::Relaxed);
    assert_eq!(open.run_until_idle(), Ok(None));
    assert_eq!(DONE.load(Ordering::Relaxed), 1);
}

#[test]
fn what_wakes_it_between_turns_unparks_it_once() {
    static POOL: TaskPool<2, 256> = TaskPool::new();
    static EVENT: Event<Shared> = Event::new();
    static OTHER: Event<Shared> = Event::new();
    static WOKEN: AtomicU32 = AtomicU32::new(0);
    let (event_loop, clock, unparked) = new();
    let begin = || {
        for event in [&EVENT, &OTHER] {
            POOL.create_task(async move {
                event.wait().await;
                WOKEN.fetch_add(1, Ordering::Relaxed);
            });
        }
    };
    let (mut open, ()) = event_loop.open_with(clock, &[&POOL], begin).unwrap();
    assert_eq!((open.run_until_idle(), unparks(&unparked)), (Ok(None), 0));
    EVENT.set();
    OTHER.set();
    assert_eq!((WOKEN.load(Ordering::Relaxed), unparks(&unparked)), (0, 1));
    assert_eq!(open.run_until_idle(), Ok(None));
    assert_eq!(WOKEN.load(Ordering::Relaxed), 2);
}

#[test]
fn a_task_that_yields_for_ever_is_not_idle_and_timers_are_looked_at() {
    static POOL: TaskPool<2, 256> = TaskPool::new();
    static STOP: AtomicU32 = AtomicU32::new(0);
    let (event_loop, clock, _) = new();
    let begin = || {
        POOL.create_task(async move {
            while STOP.load(Ordering::Relaxed) == 0 {
                clock.0.fetch_add(1, Ordering::Relaxed);
                assert!(clock.0.load(Ordering::Relaxed) < 1000, "the timer does not fire");
                yield_now().await;
            }
        });
        POOL.create_task(async {
            sleep(Duration::from_ticks(5)).await;
            STOP.store(1, Ordering::Relaxed);
        });
    };
    let (mut open, ()) = event_loop.open_with(clock, &[&POOL], begin).unwrap();
    assert_eq!(open.run_until_idle(), Ok(None));
    assert_eq!(STOP.load(Ordering::Relaxed), 1);
}

#[test]
fn it_opens_on_top_of_a_running_loop_but_turns_outside_of_it() {
    static POOL: TaskPool<2, 256> = TaskPool::new();
    let (event_loop, clock, _) = new();
    let (outer, outer_clock, _) = new();
    let open = outer
        .run(&outer_clock, &[], async {
            let begin = || POOL.create_task(async {}).done();
            let (mut open, done) = event_loop.open_with(clock, &[&POOL], begin).unwrap();
            assert!(!done);
            assert_eq!(open.run_until_idle(), Err(RunError::Nested));
            // Not the loop that was opened, which has no such task.
            assert_eq!(all_tasks().count(), 1);
            assert!(current_task().is_some());
            open
        })
        .unwrap();
    let mut open = open;
    assert_eq!(open.run_until_idle(), Ok(None));
    assert_eq!(open.close(), Ok(()));
    assert_eq!(open.run_until_idle(), Err(RunError::Closed));
}

#[test]
fn closing_cancels_what_is_left() {
    static POOL: TaskPool<2, 256> = TaskPool::new();
    static ENDED: AtomicU32 = AtomicU32::new(0);
    let (event_loop, clock, _) = new();
    let begin = || {
        POOL.create_task(async {
            if catch_cancel(sleep(Duration::from_ticks(1000))).await.is_err() {
                ENDED.store(1, Ordering::Relaxed);
            }
        });
    };
    let (mut open, ()) = event_loop.open_with(clock, &[&POOL], begin).unwrap();
    assert!(open.run_until_idle().is_ok());
    open.close().unwrap();
    assert_eq!(ENDED.load(Ordering::Relaxed), 1);
}

#[test]
fn what_is_woken_from_elsewhere_has_its_place_in_the_order_of_wakes() {
    static POOL: TaskPool<4, 256> = TaskPool::new();
    static EVENT: Event<Shared> = Event::new();
    static ORDER: Mutex<String> = Mutex::new(String::new());
    fn note(what: char) {
        ORDER.lock().unwrap().push(what);
    }
    let (event_loop, clock, _) = new();
    let begin = || {
        POOL.create_task(async {
            EVENT.wait().await;
            note('w');
        });
        for (name, sets) in [('a', false), ('b', true), ('c', false)] {
            POOL.create_task(async move {
                note(name);
                yield_now().await;
                note(name);
                if sets {
                    std::thread::spawn(|| EVENT.set()).join().unwrap();
                }
                yield_now().await;
                note(name);
            });
        }
    };
    let (mut open, ()) = event_loop.open_with(clock, &[&POOL], begin).unwrap();
    assert_eq!(open.run_until_idle(), Ok(None));
    // It is woken after `a` and `b` have been polled for the second time, and before `c` has. What a task does at the
    // end of the poll in which that happens, and the wake, are at one time.
    assert_eq!(*ORDER.lock().unwrap(), "abcabcabwc");
}

/// Counts how often it is looked at while something is ready.
#[derive(Debug, Default)]
struct Looks(AtomicU32);

impl Platform for &Looks {
    fn now(&self) -> Instant {
        Instant::from_ticks(0)
    }

    fn park(&self, wait: Wait) {
        assert_eq!(wait, Wait::Poll, "something is ready all the time");
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// As many tasks as that, each of which gives way so often.
#[cfg(feature = "alloc")]
fn give_way(tasks: u32, times: u32) {
    for _ in 0..tasks {
        create_task(async move {
            for _ in 0..times {
                yield_now().await;
            }
        });
    }
}

#[cfg(feature = "alloc")]
#[test]
fn a_long_turn_and_many_short_ones_look_at_the_platform_every_64_polls() {
    // Miri takes a minute for as many.
    let sizes = if cfg!(miri) { [(65, 1), (1, 130), (7, 18)] } else { [(640, 1), (1, 1280), (7, 182)] };
    for (tasks, times) in sizes {
        // A step of its own ends each, and the main task gives way as often and once more.
        let polls = (tasks + 1) * (times + 1) + 1;
        let expected = polls / 64 - 1..=polls / 64 + 2;

        let looks = Looks::default();
        let main = async {
            give_way(tasks, times);
            for _ in 0..=times {
                yield_now().await;
            }
        };
        OwnedLoop::new(Waker::noop().clone()).run(&&looks, &[], main).unwrap();
        assert!(
            expected.contains(&looks.0.load(Ordering::Relaxed)),
            "{tasks} tasks: {looks:?}, {expected:?}"
        );

        let (event_loop, _, _) = new();
        let looks = Looks::default();
        let (mut open, ()) = event_loop.open_with(&looks, &[], || give_way(tasks + 1, times)).unwrap();
        open.run_until_idle().unwrap();
        assert!(
            expected.contains(&looks.0.load(Ordering::Relaxed)),
            "{tasks} tasks: {looks:?}, {expected:?}"
        );
    }
}
