//! Sleeping in real time. A machine may always be slow, so nothing here says how long it takes at most.
#![allow(missing_docs)]

use std::cell::RefCell;
use std::rc::Rc;

use everloop::{Duration, Instant, create_task, sleep, wait_for};

#[test]
fn sleepers_wake_in_the_order_of_their_deadlines() {
    let order = Rc::new(RefCell::new(Vec::new()));
    everloop::run(async {
        let tasks: Vec<_> = [30, 10, 20, 0, 25]
            .map(|millis| {
                let order = order.clone();
                create_task(async move {
                    sleep(Duration::from_millis(millis)).await;
                    order.borrow_mut().push(millis);
                })
            })
            .into();
        for task in tasks {
            task.await.unwrap();
        }
    })
    .unwrap();
    assert_eq!(*order.borrow(), [0, 10, 20, 25, 30]);
}

#[test]
fn no_sleep_ends_early() {
    everloop::run(async {
        for nanos in [1, 999, 100_000, 999_999, 1_000_001, 2_500_000] {
            let span = Duration::from_nanos(nanos);
            let (start, clock) = (Instant::now(), std::time::Instant::now());
            sleep(span).await;
            assert!(start.elapsed() >= span);
            assert!(clock.elapsed() >= std::time::Duration::from(span));
        }
    })
    .unwrap();
}

#[test]
fn a_deadline_ends_a_wait_for_ever() {
    everloop::run(async {
        let forever = std::future::pending::<()>();
        assert!(wait_for(forever, Duration::from_micros(100)).await.is_err());
    })
    .unwrap();
}

#[test]
fn instants_of_one_loop_are_comparable_with_anothers() {
    let before = everloop::run(async { Instant::now() }).unwrap();
    let on_thread = std::thread::spawn(|| everloop::run(async { Instant::now() }).unwrap()).join().unwrap();
    let after = everloop::run(async { Instant::now() }).unwrap();
    assert!(before <= on_thread && on_thread <= after);
}
