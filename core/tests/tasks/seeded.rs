//! The order of the tasks of a turn, at random but repeatable.
#![cfg(all(feature = "std", feature = "alloc", not(loom)))]

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use everloop_core::platform::{Platform, Wait};
use everloop_core::virtual_time::{UNPARKER, VirtualTime};
use everloop_core::{Duration, Instant, OwnedLoop, create_task, sleep, yield_now};

/// Runs five tasks that each yield once and then sleep to one moment, and says in which order they ran.
fn order(platform: &dyn Platform) -> Vec<u32> {
    let order = Rc::new(RefCell::new(Vec::new()));
    let tasks = order.clone();
    OwnedLoop::new(UNPARKER)
        .run(platform, &[], async move {
            let handles: Vec<_> = (0..5)
                .map(|n| {
                    let order = tasks.clone();
                    create_task(async move {
                        order.borrow_mut().push(n);
                        yield_now().await;
                        order.borrow_mut().push(10 + n);
                        sleep(Duration::from_millis(1)).await;
                        order.borrow_mut().push(20 + n);
                    })
                })
                .collect();
            for handle in handles {
                handle.await.unwrap();
            }
        })
        .unwrap();
    Rc::try_unwrap(order).unwrap().into_inner()
}

#[test]
fn without_a_seed_it_is_first_come_first_served() {
    let expected: Vec<u32> = (0..5).chain(10..15).chain(20..25).collect();
    assert_eq!(order(&VirtualTime::new()), expected);
}

#[test]
fn the_same_seed_gives_the_same_order() {
    for seed in 0..if cfg!(miri) { 2 } else { 20 } {
        assert_eq!(order(&VirtualTime::seeded(seed)), order(&VirtualTime::seeded(seed)));
    }
}

#[test]
fn seeds_give_many_orders_and_no_task_leaves_its_turn() {
    let seeds = if cfg!(miri) { 10 } else { 200 };
    let orders: BTreeSet<_> = (0..seeds).map(|seed| order(&VirtualTime::seeded(seed))).collect();
    assert!(orders.len() > seeds as usize * 3 / 4, "only {} orders", orders.len());
    for order in orders {
        for (turn, tens) in order.chunks(5).zip([0, 10, 20]) {
            let mut turn = turn.to_vec();
            turn.sort_unstable();
            assert_eq!(turn, (tens..tens + 5).collect::<Vec<_>>());
        }
    }
}

#[test]
#[cfg_attr(miri, ignore = "it is about what many seeds draw")]
fn every_place_of_a_turn_is_drawn() {
    let all: Vec<_> = (0..100).map(|seed| order(&VirtualTime::seeded(seed))).collect();
    let firsts: BTreeSet<_> = all.iter().map(|order| order[0]).collect();
    let lasts: BTreeSet<_> = all.iter().map(|order| order[4]).collect();
    assert_eq!((firsts.len(), lasts.len()), (5, 5));
}

#[test]
fn what_only_lends_a_platform_is_one() {
    assert_eq!(order(&&VirtualTime::new()), order(&VirtualTime::new()));
    for seed in 0..10 {
        assert_eq!(order(&&VirtualTime::seeded(seed)), order(&VirtualTime::seeded(seed)));
    }
}

/// Would choose, but does not say how.
struct Undecided(VirtualTime);

impl Platform for Undecided {
    fn now(&self) -> Instant {
        self.0.now()
    }

    fn park(&self, wait: Wait) {
        self.0.park(wait);
    }

    fn shuffles(&self) -> bool {
        true
    }
}

#[test]
fn who_does_not_choose_takes_the_first() {
    assert_eq!(order(&Undecided(VirtualTime::new())), order(&VirtualTime::new()));
}
