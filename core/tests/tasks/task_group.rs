//! Panics in task groups.
#![cfg(all(feature = "std", feature = "alloc", not(loom)))]

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::future::{pending, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use everloop_core::virtual_time::{UNPARKER, VirtualTime};
use everloop_core::{
    CreateErrorKind, Duration, OwnedLoop, RunError, Unbounded, catch_cancel, create_task,
    set_exception_handler, sleep, task_group, yield_now,
};

const TICK: Duration = Duration::from_millis(1);

fn run<F: Future>(main: F) -> Result<F::Output, RunError> {
    OwnedLoop::new(UNPARKER).run(&VirtualTime::new(), &[], main)
}

/// The panic with which `main` ends.
fn panic_of(main: impl Future) -> String {
    let Err(payload) = catch_unwind(AssertUnwindSafe(|| run(main).map(drop))) else { panic!("it returned") };
    let text: Box<dyn Any> = payload;
    (*text.downcast_ref::<&str>().unwrap()).to_owned()
}

/// Waits until it is asked to end, and takes its time for it.
async fn cleans_up(ended: Rc<Cell<u32>>) -> Result<(), &'static str> {
    if let Err(cancelled) = catch_cancel(pending::<()>()).await {
        sleep(TICK).await;
        ended.set(ended.get() + 1);
        cancelled.resume().await;
    }
    Ok(())
}

#[test]
fn a_panic_of_a_child_goes_on_when_all_have_ended() {
    let ended = Rc::new(Cell::new(0));
    let told = panic_of(async {
        let _ = task_group(Unbounded, async |group| {
            group.create_task(cleans_up(ended.clone()));
            group.create_task(async {
                sleep(TICK).await;
                panic!("in a child")
            }) as everloop_core::Task<()>;
            cleans_up(ended.clone()).await
        })
        .await;
    });
    assert_eq!((told.as_str(), ended.get()), ("in a child", 2));
}

#[test]
fn a_panic_of_the_body_drops_the_children() {
    struct OnDrop(Rc<Cell<u32>>);
    impl Drop for OnDrop {
        fn drop(&mut self) {
            self.0.set(self.0.get() + 1);
        }
    }
    let dropped = Rc::new(Cell::new(0));
    let told = panic_of(async {
        let _ = task_group(Unbounded, async |group| {
            let inside = OnDrop(dropped.clone());
            group.create_task(async move {
                let _inside = inside;
                pending::<()>().await;
                Ok::<_, ()>(())
            });
            sleep(TICK).await;
            if dropped.get() == 0 {
                panic!("in the body");
            }
            Ok(())
        })
        .await;
    });
    assert_eq!((told.as_str(), dropped.get()), ("in the body", 1));
}

#[test]
fn a_panic_wins_over_errors_and_a_cancellation() {
    let told = panic_of(async {
        let task = create_task(async {
            let _ = task_group(Unbounded, async |group| {
                group.create_task(async {
                    let _ = catch_cancel(pending::<()>()).await;
                    Err("an error")
                }) as everloop_core::Task<()>;
                let _ = catch_cancel(pending::<()>()).await;
                panic!("in the body's cleanup");
                #[allow(unreachable_code, reason = "the type of the body")]
                Ok(())
            })
            .await;
        });
        sleep(TICK).await;
        task.cancel();
        let _ = task.await;
    });
    assert_eq!(told, "in the body's cleanup");
}

#[test]
fn further_panics_go_to_the_handler() {
    thread_local!(static TOLD: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) });
    let told = panic_of(async {
        set_exception_handler(Some(&|unhandled| {
            TOLD.with_borrow_mut(|told| told.push(unhandled.message().unwrap().to_owned()));
        }));
        let _ = task_group(Unbounded, async |group| {
            for message in ["first", "second", "third"] {
                group.create_task(async move {
                    let _ = catch_cancel(sleep(TICK)).await;
                    std::panic::panic_any(message)
                }) as everloop_core::Task<()>;
            }
            Ok::<_, ()>(())
        })
        .await;
    });
    assert_eq!(told, "first");
    TOLD.with_borrow(|told| assert_eq!(*told, ["second", "third"]));
}

/// Fails, and panics when it is dropped.
struct FailsAndPanics;

impl Future for FailsAndPanics {
    type Output = Result<(), &'static str>;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        Poll::Ready(Err("error"))
    }
}

impl Drop for FailsAndPanics {
    fn drop(&mut self) {
        panic!("in the drop");
    }
}

#[test]
fn a_panic_in_the_drop_of_a_child_that_failed_is_its_group_s() {
    let told = panic_of(async {
        let _ = task_group(Unbounded, async |group| {
            drop(group.create_task(FailsAndPanics));
            Ok(())
        })
        .await;
    });
    assert_eq!(told, "in the drop");
}

/// It has nobody else whom it could tell.
#[test]
fn a_child_that_ends_its_group_and_panics_tells_the_handler() {
    thread_local!(static TOLD: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) });
    type Boxed = Pin<Box<dyn Future<Output = ()>>>;
    let group: Rc<RefCell<Option<Boxed>>> = Rc::default();
    let ends = group.clone();
    run(async move {
        set_exception_handler(Some(&|unhandled| {
            TOLD.with_borrow_mut(|told| told.push(unhandled.message().unwrap().to_owned()));
        }));
        let mut whole: Boxed = Box::pin(async move {
            let _ = task_group(Unbounded, async |group| {
                drop(group.create_static_task(async move {
                    yield_now().await;
                    drop(ends.take());
                    if true {
                        panic!("on its own");
                    }
                    Ok::<_, ()>(())
                }));
                pending::<()>().await;
                Ok(())
            })
            .await;
        });
        assert!(poll_fn(|cx| Poll::Ready(whole.as_mut().poll(cx))).await.is_pending());
        *group.borrow_mut() = Some(whole);
        sleep(TICK).await;
        assert!(group.borrow().is_none());
    })
    .unwrap();
    TOLD.with_borrow(|told| assert_eq!(*told, ["on its own"]));
}

/// Starts a group as it is dropped, with a loop that takes no tasks any more.
struct Starts(Rc<Cell<bool>>);

impl Drop for Starts {
    fn drop(&mut self) {
        let mut whole = pin!(task_group(Unbounded, async |group| {
            let refused = group.try_create_task(async { Ok::<_, ()>(5) }).map(drop).unwrap_err();
            assert_eq!(refused.kind, CreateErrorKind::LoopClosed);
            refused.future.await
        }));
        let polled = whole.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        self.0.set(matches!(polled, Poll::Ready(Ok(5))));
    }
}

#[test]
fn a_child_that_its_loop_does_not_take_comes_back() {
    let came_back = Rc::new(Cell::new(false));
    let starts = Starts(came_back.clone());
    // What is left after that is dropped as it is.
    let deadlock = catch_unwind(AssertUnwindSafe(|| {
        run(async {
            drop(create_task(async move {
                let _starts = starts;
                pending::<()>().await;
            }));
            pending::<()>().await;
        })
    }));
    assert!(deadlock.is_err() && came_back.get());
}
