//! `Event` between threads, with waiters that leave, under every interleaving that loom finds.
#![cfg(all(loom, feature = "std", feature = "alloc"))]

use crate::model::{Sent, block_on, join_all, poll_once, waits};
use everloop_core::{Event, Shared};
use loom::sync::Arc;
use loom::thread::{self, JoinHandle};

type Flag = Arc<Event<Shared>>;

fn flag() -> Flag {
    Arc::new(Event::new())
}

fn wait(event: &Flag) -> Sent<()> {
    let event = event.clone();
    Box::pin(async move { event.wait().await })
}

fn with(event: &Flag, act: impl FnOnce(Flag) + 'static) -> JoinHandle<()> {
    let event = event.clone();
    thread::spawn(move || act(event))
}

#[test]
fn a_clear_takes_nothing_from_who_waited_at_the_set() {
    loom::model(|| {
        let event = flag();
        let mut waiter = wait(&event);
        waits(&mut waiter);
        let others = [with(&event, |event| event.set()), with(&event, |event| event.clear())];
        block_on(waiter);
        join_all(others);
    });
}

#[test]
fn who_comes_between_a_set_and_a_clear_passes_or_waits_for_the_next_set() {
    loom::model(|| {
        let event = flag();
        let others = [with(&event, |event| event.set()), with(&event, |event| event.clear())];
        let mut waiter = wait(&event);
        let passed = poll_once(&mut waiter).is_some();
        join_all(others);
        if passed {
            return;
        }
        // It came before the set, or between the clear and the next set.
        if poll_once(&mut waiter).is_none() {
            assert!(!event.is_set());
            event.set();
            block_on(waiter);
        }
    });
}

#[test]
fn a_set_wakes_waiters_in_two_threads() {
    loom::model(|| {
        let event = flag();
        let others = [(); 2].map(|()| with(&event, |event| block_on(event.wait())));
        event.set();
        join_all(others);
    });
}

#[test]
fn who_leaves_during_a_set_does_not_stop_it() {
    loom::model(|| {
        let event = flag();
        let [mut first, mut leaves, mut last] = [(); 3].map(|()| wait(&event));
        waits(&mut first);
        waits(&mut leaves);
        waits(&mut last);
        let leaver = thread::spawn(move || drop(leaves));
        let setter = with(&event, |event| event.set());
        block_on(last);
        block_on(first);
        leaver.join().unwrap();
        setter.join().unwrap();
    });
}

#[test]
fn two_that_set_wake_all_between_them() {
    loom::model(|| {
        let event = flag();
        let [mut first, mut second] = [(); 2].map(|()| wait(&event));
        waits(&mut first);
        waits(&mut second);
        let setters = [(); 2].map(|()| with(&event, |event| event.set()));
        block_on(second);
        block_on(first);
        join_all(setters);
    });
}

#[test]
fn a_set_reaches_the_waker_that_came_last() {
    loom::model(|| {
        let event = flag();
        let setter = with(&event, |event| event.set());
        let mut waiter = wait(&event);
        // With one waker, then another.
        if poll_once(&mut waiter).is_none() {
            block_on(waiter);
        }
        setter.join().unwrap();
    });
}
