//! The memory of heap tasks, when handles, wakers and loops go in an unlucky order. Worth running under Miri.
#![cfg(all(feature = "std", feature = "alloc"))]

use everloop_core::virtual_time::{UNPARKER, VirtualTime};
use everloop_core::*;
use std::cell::Cell;
use std::future::poll_fn;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Poll, Waker};
use std::thread;

/// A task of a loop that is gone: its handle and its waker are all that keep it.
fn left_over<const N: usize>() -> (Task<()>, Waker) {
    OwnedLoop::new(UNPARKER)
        .run(&VirtualTime::new(), &[], async {
            let waker = Rc::new(Cell::new(None));
            let (leave, bytes) = (waker.clone(), [0u8; N]);
            let task = create_task(poll_fn(move |cx| {
                assert_eq!(bytes[N - 1], 0);
                leave.set(Some(cx.waker().clone()));
                Poll::Ready(())
            }));
            yield_now().await;
            (task, waker.take().unwrap())
        })
        .unwrap()
}

fn last_two<const N: usize>() {
    for _ in 0..if cfg!(miri) { 1 } else { 1000 } {
        let (task, waker) = left_over::<N>();
        let go = Arc::new(AtomicBool::new(false));
        let thread = {
            let go = go.clone();
            thread::spawn(move || {
                while !go.load(Ordering::Relaxed) {
                    thread::yield_now();
                }
                drop(waker);
            })
        };
        go.store(true, Ordering::Relaxed);
        drop(task);
        thread.join().unwrap();
    }
}

#[test]
fn the_last_handle_goes_while_the_last_waker_does() {
    last_two::<1>();
}

#[test]
fn so_it_does_of_a_task_in_a_block_of_its_own() {
    last_two::<3000>();
}
