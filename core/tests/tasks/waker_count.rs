//! Counts of references that one context takes and others give back, as often as a long-lived program does it.
#![cfg(all(feature = "std", feature = "alloc", not(loom)))]

use std::future::poll_fn;
use std::sync::mpsc;
use std::task::{Poll, Waker};
use std::thread;

use crate::support::Parking;
use everloop_core::{OwnedLoop, create_task};

/// More than a count could hold of wakers that are there at one time.
const MANY: usize = (1 << 28) + (1 << 21);
const BATCH: usize = 1 << 16;

/// Where `MANY` wakers of one task are cloned and dropped, never more than a few batches of them at one time.
fn pass_on(clone_elsewhere: bool) {
    let (platform, unparker) = Parking::new();
    let done = OwnedLoop::new(unparker).run(&platform, &[], async {
        create_task(poll_fn(move |cx| {
            let own = cx.waker().clone();
            let (sender, receiver) = mpsc::sync_channel::<Vec<Waker>>(2);
            let batches = MANY / BATCH;
            if clone_elsewhere {
                let thread = thread::spawn(move || {
                    for _ in 0..batches {
                        sender.send(vec![own.clone(); BATCH]).unwrap();
                    }
                });
                receiver.iter().for_each(drop);
                thread.join().unwrap();
            } else {
                let thread = thread::spawn(move || receiver.iter().for_each(drop));
                for _ in 0..batches {
                    sender.send(vec![own.clone(); BATCH]).unwrap();
                }
                drop(sender);
                thread.join().unwrap();
            }
            Poll::Ready(())
        }))
        .await
    });
    assert_eq!(done, Ok(Ok(())));
}

#[test]
#[ignore = "takes a while: hundreds of millions of wakers"]
fn wakers_that_the_loop_clones_and_threads_drop_do_not_add_up() {
    pass_on(false);
}

#[test]
#[ignore = "takes a while: hundreds of millions of wakers"]
fn wakers_that_threads_clone_and_the_loop_drops_do_not_add_up() {
    pass_on(true);
}
