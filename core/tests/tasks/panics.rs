//! A panic is caught in its task and goes on in whoever awaits it.
#![cfg(all(feature = "std", feature = "alloc"))]

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::atomic::{AtomicU32, Ordering};

use everloop_core::virtual_time::{UNPARKER, VirtualTime};
use everloop_core::{
    Duration, OwnedLoop, RunError, Task, catch_cancel, create_task, shield, sleep, wait_for,
};

fn run<F: Future>(main: F) -> Result<F::Output, RunError> {
    OwnedLoop::new(UNPARKER).run(&VirtualTime::new(), &[], main)
}

fn message(payload: Box<dyn std::any::Any + Send>) -> String {
    payload
        .downcast_ref::<&str>()
        .map(ToString::to_string)
        .or_else(|| payload.downcast_ref().cloned())
        .unwrap()
}

#[test]
fn a_panic_goes_on_in_the_awaiter() {
    let caught = catch_unwind(AssertUnwindSafe(|| {
        run(async {
            let task = create_task(async { panic!("in the task") });
            let _: Result<(), _> = task.await;
        })
    }));
    assert_eq!(message(caught.unwrap_err()), "in the task");
}

#[test]
fn a_detached_task_that_panics_does_not_stop_the_loop() {
    let value = run(async {
        drop(create_task(async { panic!("nobody awaits this") }));
        let task = create_task(async { panic!("nor this") });
        sleep(Duration::from_millis(1)).await;
        assert!(task.done() && !task.cancelled());
        let _: &everloop_core::Task<()> = &task;
        7
    });
    assert_eq!(value, Ok(7));
}

#[test]
fn main_panics_after_the_rest_has_cleaned_up() {
    static CLEANED: AtomicU32 = AtomicU32::new(0);
    let caught = catch_unwind(AssertUnwindSafe(|| {
        run(async {
            create_task(async {
                if let Err(cancelled) = catch_cancel(sleep(Duration::MAX)).await {
                    sleep(Duration::from_secs(1)).await;
                    CLEANED.fetch_add(1, Ordering::Relaxed);
                    cancelled.resume().await;
                }
            });
            sleep(Duration::from_millis(1)).await;
            panic!("in main");
        })
    }));
    assert_eq!(message(caught.unwrap_err()), "in main");
    assert_eq!(CLEANED.load(Ordering::Relaxed), 1);
}

#[test]
fn a_drop_that_panics_ends_only_its_task() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("in a drop");
        }
    }
    let value = run(async {
        let mut task = create_task(async {
            let _bomb = Bomb;
            sleep(Duration::MAX).await;
        });
        sleep(Duration::from_millis(1)).await;
        task.cancel();
        let caught = catch_unwind(AssertUnwindSafe(|| ()));
        assert!(caught.is_ok());
        assert!(wait_for(sleep(Duration::from_millis(1)), Duration::from_secs(1)).await.is_ok());
        assert!(task.done());
        let joined = std::future::poll_fn(|cx| {
            let mut join = std::pin::pin!(IntoFuture::into_future(&mut task));
            let polled = catch_unwind(AssertUnwindSafe(|| join.as_mut().poll(cx).map(|_| ())));
            std::task::Poll::Ready(polled.is_err())
        });
        joined.await
    });
    assert_eq!(value, Ok(true));
}

#[test]
fn a_panic_of_a_cleanup_is_how_the_task_ends() {
    let value = run(async {
        let mut task = create_task(async {
            if catch_cancel(sleep(Duration::MAX)).await.is_err() {
                panic!("in the cleanup");
            }
        });
        sleep(Duration::from_millis(1)).await;
        task.cancel();
        assert!(!task.done());
        sleep(Duration::from_millis(1)).await;
        assert!(task.done() && !task.cancelled());
        let joined = std::future::poll_fn(|cx| {
            let mut join = std::pin::pin!(IntoFuture::into_future(&mut task));
            let polled = catch_unwind(AssertUnwindSafe(|| join.as_mut().poll(cx).map(|_| ())));
            std::task::Poll::Ready(message(polled.unwrap_err()))
        });
        joined.await
    });
    assert_eq!(value.unwrap(), "in the cleanup");
}

/// What a task hears that polls what `wait` makes of its own handle.
fn told_of_itself<F: Future>(wait: impl FnOnce(Task<()>) -> F + 'static) -> String {
    let own: Rc<Cell<Option<Task<()>>>> = Rc::default();
    let told = Rc::new(Cell::new(String::new()));
    let (own_handle, tells) = (own.clone(), told.clone());
    run(async move {
        let task = create_task(async move {
            let mut waits = std::pin::pin!(wait(own_handle.take().unwrap()));
            let polled = std::future::poll_fn(|cx| {
                let polled = catch_unwind(AssertUnwindSafe(|| waits.as_mut().poll(cx).map(|_| ())));
                std::task::Poll::Ready(polled)
            });
            tells.set(message(polled.await.unwrap_err()));
        });
        own.set(Some(task));
        sleep(Duration::from_millis(1)).await;
    })
    .unwrap();
    told.take()
}

#[test]
fn a_task_that_awaits_itself_is_told_so() {
    assert_eq!(told_of_itself(IntoFuture::into_future), "a task can't await itself");
}

#[test]
fn a_deadlock_in_virtual_time_is_a_panic_and_drops_everything() {
    static DROPPED: AtomicU32 = AtomicU32::new(0);
    struct OnDrop;
    impl Drop for OnDrop {
        fn drop(&mut self) {
            DROPPED.fetch_add(1, Ordering::Relaxed);
        }
    }
    let caught = catch_unwind(AssertUnwindSafe(|| {
        run(async {
            let _main = OnDrop;
            create_task(async {
                let _task = OnDrop;
                std::future::pending::<()>().await;
            });
            std::future::pending::<()>().await;
        })
    }));
    assert!(message(caught.unwrap_err()).starts_with("deadlock"));
    assert_eq!(DROPPED.load(Ordering::Relaxed), 2);
    // The context is free again.
    assert_eq!(run(async { 1 }), Ok(1));
}

#[test]
fn a_task_that_shields_itself_is_told_so() {
    assert_eq!(told_of_itself(shield), "a task can't await itself");
}

/// Panics in its poll, and once more in its drop, with a payload whose drop panics as well.
struct Thrice;

struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            panic!("in the drop of the payload");
        }
    }
}

impl Future for Thrice {
    type Output = ();

    fn poll(self: std::pin::Pin<&mut Self>, _: &mut std::task::Context<'_>) -> std::task::Poll<()> {
        panic!("in the poll");
    }
}

impl Drop for Thrice {
    fn drop(&mut self) {
        std::panic::panic_any(Bomb);
    }
}

#[test]
fn a_payload_that_nobody_sees_is_dropped_without_harm_though_that_panics() {
    let value = run(async {
        let task = create_task(Thrice);
        sleep(Duration::from_millis(1)).await;
        assert!(task.done());
        7
    });
    assert_eq!(value, Ok(7));
}

#[test]
fn a_sleep_without_an_end_is_no_timer() {
    let slept = catch_unwind(AssertUnwindSafe(|| run(sleep(Duration::MAX))));
    assert!(message(slept.unwrap_err()).starts_with("deadlock"));
    let waited =
        catch_unwind(AssertUnwindSafe(|| run(wait_for(std::future::pending::<()>(), Duration::MAX))));
    assert!(message(waited.unwrap_err()).starts_with("deadlock"));
}
