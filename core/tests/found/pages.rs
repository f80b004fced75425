//! The memory of heap tasks, when handles, wakers and loops go in an unlucky order. Worth running under Miri.
#![cfg(all(feature = "std", feature = "alloc"))]

use everloop_core::virtual_time::{UNPARKER, VirtualTime};
use everloop_core::*;
use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
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

thread_local! {
    static KEPT: RefCell<Option<Task<()>>> = const { RefCell::new(None) };
    static SLEEP: RefCell<Option<Pin<Box<Sleep>>>> = const { RefCell::new(None) };
}

/// A waker of nothing that runs code when it is dropped.
struct Dropped(fn());
impl Wake for Dropped {
    fn wake(self: Arc<Self>) {}
}
impl Drop for Dropped {
    fn drop(&mut self) {
        (self.0)();
    }
}

static LOOP: EventLoop = EventLoop::new(UNPARKER);
static RAN: AtomicBool = AtomicBool::new(false);

/// Runs while `LOOP` closes: the last handle of one of its tasks goes inside another loop.
fn while_it_closes() {
    let (inner, ()) = {
        static INNER: EventLoop = EventLoop::new(UNPARKER);
        INNER.open_with(VirtualTime::new(), &[], || drop(KEPT.take())).unwrap()
    };
    let other = thread::spawn(|| LOOP.run(&VirtualTime::new(), &[], async {})).join().unwrap();
    RAN.store(other == Ok(()), Ordering::Relaxed);
    drop(inner);
}

#[test]
fn a_loop_that_closes_is_nobody_elses() {
    LOOP.run(&VirtualTime::new(), &[], async {
        let task = create_task(async {});
        yield_now().await;
        assert!(task.done());
        KEPT.set(Some(task));
        // Stays among the timers until the loop closes.
        let waker = Waker::from(Arc::new(Dropped(while_it_closes)));
        let mut sleep: Pin<Box<_>> = Box::pin(sleep(Duration::from_secs(1)));
        assert!(sleep.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        drop(waker);
        SLEEP.set(Some(sleep));
    })
    .unwrap();
    assert!(KEPT.take().is_none());
    drop(SLEEP.take());
    assert!(!RAN.load(Ordering::Relaxed), "another thread ran it meanwhile");
    assert_eq!(LOOP.run(&VirtualTime::new(), &[], async {}), Ok(()));
}
