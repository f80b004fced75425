use std::sync::Mutex;
use std::thread;
use std::time;

use everloop_embedded::{
    Duration, Event, Instant, Loop, Shared, TaskPool, create_task, sleep, sleep_until, wait_for,
};

use crate::driver::{ring_early, scheduled};

/// The driver's queue is one for all, so those who look at it take turns.
static QUEUE: Mutex<()> = Mutex::new(());

#[test]
fn sleeps_in_real_time() {
    static LOOP: Loop = Loop::new();
    let start = time::Instant::now();
    let slept = LOOP.run(&[], async {
        let start = Instant::now();
        sleep(Duration::from_millis(50)).await;
        start.elapsed()
    });
    assert!(slept.unwrap() >= Duration::from_millis(50));
    let took = start.elapsed();
    assert!(took >= time::Duration::from_millis(49) && took < time::Duration::from_secs(5), "{took:?}");
}

#[test]
fn many_sleeps_in_order() {
    static LOOP: Loop = Loop::new();
    static POOL: TaskPool<10, 128> = TaskPool::new();
    LOOP.run(&[&POOL], async {
        // Late enough that all are waiting by then.
        let first = Instant::now() + Duration::from_millis(300);
        let order = std::rc::Rc::new(std::cell::RefCell::new(Vec::new()));
        let tasks: Vec<_> = (0..10u64)
            .rev()
            .map(|n| {
                let order = order.clone();
                create_task(async move {
                    sleep_until(first + Duration::from_millis(10 * n)).await;
                    order.borrow_mut().push(n);
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(*order.borrow(), (0..10).collect::<Vec<_>>());
    })
    .unwrap();
}

#[test]
fn early_rings_are_borne() {
    static LOOP: Loop = Loop::new();
    let _alone = QUEUE.lock().unwrap();
    let done = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let rings = thread::spawn({
        let done = done.clone();
        move || {
            while !done.load(std::sync::atomic::Ordering::Relaxed) {
                ring_early();
                thread::sleep(time::Duration::from_millis(3));
            }
        }
    });
    LOOP.run(&[], async {
        for _ in 0..3 {
            let start = Instant::now();
            sleep(Duration::from_millis(60)).await;
            assert!(start.elapsed() >= Duration::from_millis(60));
        }
    })
    .unwrap();
    done.store(true, std::sync::atomic::Ordering::Relaxed);
    rings.join().unwrap();
}

#[test]
fn a_deadline_that_is_given_up_does_not_hide_a_later_one() {
    static LOOP: Loop = Loop::new();
    static EVENT: Event<Shared> = Event::new();
    let setter = thread::spawn(|| {
        thread::sleep(time::Duration::from_millis(10));
        EVENT.set();
    });
    LOOP.run(&[], async {
        // The driver keeps the earlier of two times, and then rings for nothing; the later must be asked for again.
        let _ = wait_for(EVENT.wait(), Duration::from_millis(40)).await;
        let start = Instant::now();
        sleep(Duration::from_millis(80)).await;
        assert!(start.elapsed() >= Duration::from_millis(80));
    })
    .unwrap();
    setter.join().unwrap();
}

#[test]
fn one_entry_in_the_drivers_queue() {
    static LOOP: Loop = Loop::new();
    static POOL: TaskPool<10, 128> = TaskPool::new();
    let _alone = QUEUE.lock().unwrap();
    LOOP.run(&[&POOL], async {
        for n in 1..10 {
            create_task(async move { sleep(Duration::from_secs(1000 - n)).await });
        }
        sleep(Duration::from_millis(30)).await;
        create_task(sleep(Duration::from_secs(500)));
        sleep(Duration::from_millis(30)).await;
    })
    .unwrap();
    // This loop's and at most one of each other test that runs beside.
    assert!(scheduled() <= 8, "{}", scheduled());
}

#[test]
fn sleeps_shorter_than_it_takes_to_begin_them() {
    static LOOP: Loop = Loop::new();
    LOOP.run(&[], async {
        for nanos in 0..20_000 {
            sleep(Duration::from_nanos(nanos)).await;
        }
    })
    .unwrap();
}
