use std::future::poll_fn;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::thread;
use std::time;

use everloop_embedded::{Duration, Event, Instant, Loop, RunError, Shared, TaskPool, create_task, sleep};

#[test]
fn another_thread_unparks_a_loop_without_timers() {
    static LOOP: Loop = Loop::new();
    static EVENT: Event<Shared> = Event::new();
    let setter = thread::spawn(|| {
        thread::sleep(time::Duration::from_millis(30));
        EVENT.set();
    });
    LOOP.run(&[], async {
        let start = Instant::now();
        EVENT.wait().await;
        assert!(start.elapsed() >= Duration::from_millis(25));
    })
    .unwrap();
    setter.join().unwrap();
}

#[test]
fn another_thread_unparks_a_loop_with_a_timer() {
    static LOOP: Loop = Loop::new();
    static POOL: TaskPool<2, 128> = TaskPool::new();
    static EVENT: Event<Shared> = Event::new();
    let setter = thread::spawn(|| {
        thread::sleep(time::Duration::from_millis(30));
        EVENT.set();
    });
    let start = time::Instant::now();
    LOOP.run(&[&POOL], async {
        create_task(sleep(Duration::from_secs(1000)));
        EVENT.wait().await;
    })
    .unwrap();
    assert!(start.elapsed() < time::Duration::from_secs(100));
    setter.join().unwrap();
}

#[test]
fn no_wake_is_lost() {
    static LOOP: Loop = Loop::new();
    const ROUNDS: u32 = 20_000;
    let shared = Arc::new(Mutex::new((0u32, None::<std::task::Waker>)));
    let other = thread::spawn({
        let shared = shared.clone();
        move || {
            let mut woken = 0;
            while woken < ROUNDS {
                let waker = {
                    let mut shared = shared.lock().unwrap();
                    shared.1.take().inspect(|_| shared.0 += 1)
                };
                match waker {
                    Some(waker) => {
                        woken += 1;
                        waker.wake();
                    }
                    None => thread::yield_now(),
                }
            }
        }
    });
    LOOP.run(&[], async {
        for round in 1..=ROUNDS {
            poll_fn(|cx| {
                let mut shared = shared.lock().unwrap();
                if shared.0 >= round {
                    return Poll::Ready(());
                }
                shared.1 = Some(cx.waker().clone());
                Poll::Pending
            })
            .await;
        }
    })
    .unwrap();
    other.join().unwrap();
}

#[test]
fn a_loop_runs_again_and_not_twice_at_once() {
    static LOOP: Loop = Loop::new();
    for n in 0..3 {
        let nested = LOOP.run(&[], async move {
            sleep(Duration::from_millis(1)).await;
            assert_eq!(LOOP.run(&[], async {}), Err(RunError::Nested));
            let elsewhere = thread::spawn(|| LOOP.run(&[], async {})).join().unwrap();
            assert_eq!(elsewhere, Err(RunError::AlreadyRunning));
            n
        });
        assert_eq!(nested, Ok(n));
    }
}

#[test]
fn loops_of_several_threads() {
    static LOOPS: [Loop; 4] = [const { Loop::new() }; 4];
    let threads: Vec<_> = LOOPS
        .iter()
        .map(|event_loop| {
            thread::spawn(move || {
                event_loop.run(&[], async {
                    for _ in 0..20 {
                        let start = Instant::now();
                        sleep(Duration::from_millis(2)).await;
                        assert!(start.elapsed() >= Duration::from_millis(2));
                    }
                })
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap().unwrap();
    }
}
