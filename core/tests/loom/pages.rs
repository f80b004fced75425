//! Blocks of heap tasks that other threads give back, and the loop that uses them again, under every interleaving that loom
//! finds.
#![cfg(all(loom, feature = "std", feature = "alloc"))]

use std::cell::Cell;
use std::future::poll_fn;
use std::rc::Rc;
use std::sync::atomic::AtomicUsize;
use std::task::{Poll, Waker};

use crate::model::Model;
use everloop_core::{OpenLoop, OwnedLoop, create_task};
use loom::sync::Arc;
use loom::sync::atomic::{AtomicBool, Ordering};
use loom::thread::{self, JoinHandle};

/// So large that the first page of a loop has one block.
const WIDE: usize = 700;

fn open() -> OpenLoop<OwnedLoop, Model> {
    let (platform, unparker) = Model::new();
    OwnedLoop::new(unparker).open(platform, &[]).unwrap()
}

/// The wakers of tasks that ended, which are all that is left of them.
fn left_over<const N: usize>(l: &mut OpenLoop<OwnedLoop, Model>) -> [Waker; N] {
    l.run(async {
        let mut left = Vec::new();
        for _ in 0..N {
            let (waker, bytes) = (Rc::new(Cell::new(None)), [1u8; WIDE]);
            let leave = waker.clone();
            let task = create_task(poll_fn(move |cx| {
                leave.set(Some(cx.waker().clone()));
                Poll::Ready(bytes.iter().map(|&byte| usize::from(byte)).sum())
            }));
            assert_eq!(task.await, Ok(WIDE));
            left.extend(waker.take());
        }
        left.try_into().unwrap()
    })
    .unwrap()
}

/// Drops them, each in a thread of its own.
///
/// A thread tells when it has. That orders nothing, but loom only looks for schedules in which a thread is ahead of what others
/// do with the same thing, and of the list of blocks it knows but the last access.
fn dropped_elsewhere<const N: usize>(wakers: [Waker; N]) -> [(JoinHandle<()>, Arc<AtomicBool>); N] {
    wakers.map(|waker| {
        let gone = Arc::new(AtomicBool::new(false));
        let tell = gone.clone();
        let thread = thread::spawn(move || {
            drop(waker);
            tell.store(true, Ordering::Relaxed);
        });
        (thread, gone)
    })
}

/// The most of `N` blocks, dropped elsewhere, that `M` new tasks use again.
fn again<const N: usize, const M: usize>() -> usize {
    static MOST: AtomicUsize = AtomicUsize::new(0);
    MOST.store(0, Ordering::Relaxed);
    loom::model(|| {
        let mut l = open();
        let wakers = left_over::<N>(&mut l);
        let before = wakers.each_ref().map(|waker| waker.data());
        let threads = dropped_elsewhere(wakers);
        for (_, gone) in &threads {
            gone.load(Ordering::Relaxed);
        }
        let wakers = left_over::<M>(&mut l);
        let again = wakers.iter().filter(|waker| before.contains(&waker.data())).count();
        MOST.fetch_max(again, Ordering::Relaxed);
        for (thread, _) in threads {
            thread.join().unwrap();
        }
    });
    MOST.load(Ordering::Relaxed)
}

#[test]
fn a_block_is_used_again_as_another_thread_gives_it_back() {
    assert_eq!(again::<1, 1>(), 1);
}

#[test]
fn blocks_are_used_again_as_two_threads_give_them_back() {
    // The second page has twice the first one's room, so that one new task needs none of theirs.
    assert_eq!(again::<2, 3>(), 2);
}

#[test]
fn a_block_is_given_back_while_the_loop_closes_and_goes() {
    loom::model(|| {
        let mut l = open();
        let [(thread, gone)] = dropped_elsewhere(left_over(&mut l));
        gone.load(Ordering::Relaxed);
        l.close().unwrap();
        drop(l);
        thread.join().unwrap();
    });
}
