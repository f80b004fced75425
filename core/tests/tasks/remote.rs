//! Tasks that are submitted from other threads.
#![cfg(all(feature = "std", feature = "alloc", not(loom)))]

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration as StdDuration;

use crate::support::Parking;
use everloop_core::{
    Duration, EventLoop, LoopHandle, OwnedLoop, RemotePool, RemoteTask, SubmitErrorKind, WaitError,
    catch_cancel, run_coroutine_threadsafe, sleep, yield_now,
};

/// Runs `main` on this thread's loop while `elsewhere` runs on another thread with a way in. The loop goes on until
/// that thread has ended.
fn beside<T: Send + 'static>(elsewhere: impl FnOnce(LoopHandle) -> T + Send + 'static) -> T {
    let (platform, unparker) = Parking::new();
    let event_loop = OwnedLoop::new(unparker);
    let handle = event_loop.handle();
    event_loop
        .run(&platform, &[], async {
            let thread = thread::spawn(move || elsewhere(handle));
            while !thread.is_finished() {
                sleep(Duration::from_micros(200)).await;
            }
            thread.join()
        })
        .unwrap()
        .unwrap()
}

#[test]
fn a_thread_gets_the_output() {
    let value = beside(|handle| {
        let mut task = run_coroutine_threadsafe(
            async || {
                // What it creates on the loop need not be `Send`.
                let counter = Rc::new(Cell::new(40));
                sleep(Duration::from_millis(1)).await;
                counter.set(counter.get() + 2);
                counter.get()
            },
            &handle,
        )
        .unwrap();
        task.wait().unwrap()
    });
    assert_eq!(value, Ok(42));
}

#[test]
fn a_wait_has_a_timeout_and_can_be_waited_again() {
    beside(|handle| {
        let mut task = run_coroutine_threadsafe(
            async || {
                sleep(Duration::from_millis(20)).await;
                7
            },
            &handle,
        )
        .unwrap();
        assert_eq!(task.wait_timeout(StdDuration::from_micros(1)), Err(WaitError::Timeout));
        assert!(!task.done());
        assert_eq!(task.wait_timeout(StdDuration::from_secs(60)), Ok(Ok(7)));
        assert!(task.done() && !task.cancel());
    });
}

#[test]
fn it_is_cancelled_from_the_thread_and_cleans_up() {
    static CLEANED: AtomicUsize = AtomicUsize::new(0);
    static STARTED: AtomicUsize = AtomicUsize::new(0);
    beside(|handle| {
        let mut task = run_coroutine_threadsafe(
            async || {
                STARTED.store(1, Ordering::SeqCst);
                if let Err(cancelled) = catch_cancel(sleep(Duration::MAX)).await {
                    sleep(Duration::from_millis(1)).await;
                    CLEANED.fetch_add(1, Ordering::SeqCst);
                    cancelled.resume().await;
                }
            },
            &handle,
        )
        .unwrap();
        while STARTED.load(Ordering::SeqCst) == 0 {
            thread::yield_now();
        }
        assert!(task.cancel());
        assert!(task.wait().unwrap().is_err());
        assert_eq!(CLEANED.load(Ordering::SeqCst), 1);
    });
}

#[test]
fn cancelled_before_its_first_step_the_body_never_runs() {
    beside(|handle| {
        for _ in 0..if cfg!(miri) { 10 } else { 200 } {
            let mut task = run_coroutine_threadsafe(
                async || {
                    yield_now().await;
                    yield_now().await;
                },
                &handle,
            )
            .unwrap();
            task.cancel();
            // Either it was in time or it was not, but it ends.
            let _ = task.wait().unwrap();
        }
    });
}

#[test]
fn a_panic_goes_on_in_the_waiter() {
    beside(|handle| {
        let mut task = run_coroutine_threadsafe(async || panic!("on the loop"), &handle).unwrap();
        let caught = catch_unwind(AssertUnwindSafe(|| {
            let _: Result<Result<(), _>, _> = task.wait();
        }));
        assert_eq!(caught.unwrap_err().downcast_ref(), Some(&"on the loop"));
    });
}

#[test]
fn a_closed_loop_gives_what_was_sent_back() {
    let (platform, unparker) = Parking::new();
    let event_loop = OwnedLoop::new(unparker);
    let handle = event_loop.handle();
    let sent = Arc::new(());
    let kept = sent.clone();
    let refused = run_coroutine_threadsafe(move || async move { drop(kept) }, &handle).unwrap_err();
    assert_eq!(refused.kind, SubmitErrorKind::LoopClosed);
    assert_eq!(Arc::strong_count(&sent), 2);
    drop(refused);
    assert_eq!(Arc::strong_count(&sent), 1);
    event_loop.run(&platform, &[], async {}).unwrap();
    drop(event_loop);
    // The loop is gone, the handle leads nowhere.
    let refused = run_coroutine_threadsafe(async || 1, &handle.clone()).unwrap_err();
    assert_eq!(refused.kind, SubmitErrorKind::LoopClosed);
}

#[test]
fn a_loop_that_closes_cancels_what_was_submitted() {
    // Whatever the moment, each submission is refused, runs to its end, or is cancelled; and it is dropped.
    for round in 0..if cfg!(miri) { 5 } else { 50 } {
        let (platform, unparker) = Parking::new();
        let event_loop = OwnedLoop::new(unparker);
        let handle = event_loop.handle();
        let alive = Arc::new(());
        let witness = alive.clone();
        let submitter = thread::spawn(move || {
            let mut ended = 0;
            for _ in 0..if cfg!(miri) { 10 } else { 100 } {
                let inside = witness.clone();
                let made = move || async move {
                    let _inside = inside;
                    sleep(Duration::from_micros(1)).await;
                };
                if let Ok(mut task) = run_coroutine_threadsafe(made, &handle) {
                    let _ = task.wait().unwrap();
                    ended += 1;
                }
            }
            ended
        });
        event_loop.run(&platform, &[], sleep(Duration::from_micros(20 * round))).unwrap();
        drop(event_loop);
        submitter.join().unwrap();
        assert_eq!(Arc::strong_count(&alive), 1);
    }
}

#[test]
fn a_dropped_handle_detaches() {
    static RAN: AtomicUsize = AtomicUsize::new(0);
    beside(|handle| {
        for _ in 0..10 {
            drop(run_coroutine_threadsafe(
                async || {
                    yield_now().await;
                    RAN.fetch_add(1, Ordering::SeqCst);
                },
                &handle,
            ));
        }
        let mut last = run_coroutine_threadsafe(sleep_a_bit, &handle).unwrap();
        last.wait().unwrap().unwrap();
    });
    assert_eq!(RAN.load(Ordering::SeqCst), 10);
}

async fn sleep_a_bit() {
    sleep(Duration::from_millis(1)).await;
}

#[test]
fn a_blocking_wait_inside_a_loop_is_refused() {
    beside(|handle| {
        let mut task = run_coroutine_threadsafe(
            async || {
                let handle = LoopHandle::current().unwrap();
                let mut own = run_coroutine_threadsafe(async || 5, &handle).unwrap();
                assert_eq!(own.wait(), Err(WaitError::InLoop));
                own.await
            },
            &handle,
        )
        .unwrap();
        assert_eq!(task.wait().unwrap(), Ok(Ok(5)));
    });
}

#[test]
fn another_loop_may_await_it() {
    let value = beside(|handle| {
        let (platform, unparker) = Parking::new();
        OwnedLoop::new(unparker)
            .run(&platform, &[], async {
                let task: RemoteTask<u32> = run_coroutine_threadsafe(
                    async || {
                        sleep(Duration::from_millis(1)).await;
                        9
                    },
                    &handle,
                )
                .unwrap();
                task.await
            })
            .unwrap()
    });
    assert_eq!(value, Ok(9));
}

/// A pool in a static, for a loop in a static.
#[test]
fn a_pool_takes_them_without_an_allocator() {
    static POOL: RemotePool<2, 256> = RemotePool::new();
    let (platform, unparker) = Parking::new();
    let event_loop: &'static EventLoop = Box::leak(Box::new(EventLoop::new(unparker)));

    let refused = run_coroutine_threadsafe(async || 1, &POOL).unwrap_err();
    assert_eq!(refused.kind, SubmitErrorKind::LoopClosed);
    for _ in 0..3 {
        event_loop
            .run(&platform, &[&POOL], async {
                let thread = thread::spawn(|| {
                    let mut first = run_coroutine_threadsafe(async || 1, &POOL).unwrap();
                    let second = run_coroutine_threadsafe(async || 2, &POOL).unwrap();
                    let refused = run_coroutine_threadsafe(async || 3, &POOL).unwrap_err();
                    assert_eq!(refused.kind, SubmitErrorKind::PoolFull);
                    assert_eq!(first.wait().unwrap(), Ok(1));
                    drop((first, second));
                    // Slots come back when the task has ended and the handle is gone.
                    let mut sum = 0;
                    for n in 0..if cfg!(miri) { 10 } else { 200 } {
                        let mut tries = run_coroutine_threadsafe(move || async move { n }, &POOL);
                        while let Err(again) = tries {
                            assert_eq!(again.kind, SubmitErrorKind::PoolFull);
                            thread::yield_now();
                            tries = run_coroutine_threadsafe(again.future, &POOL);
                        }
                        let mut task = tries.unwrap();
                        if n % 3 == 0 {
                            task.cancel();
                        }
                        sum += task.wait().unwrap().unwrap_or(0);
                    }
                    assert!(sum > 0);
                });
                while !thread.is_finished() {
                    sleep(Duration::from_micros(200)).await;
                }
                thread.join().unwrap();
            })
            .unwrap();
        let refused = run_coroutine_threadsafe(async || 1, &POOL).unwrap_err();
        assert_eq!(refused.kind, SubmitErrorKind::LoopClosed);
    }
}
