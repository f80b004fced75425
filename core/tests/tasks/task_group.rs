//! Panics in task groups.
#![cfg(all(feature = "std", feature = "alloc", not(loom)))]

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::future::pending;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use everloop_core::virtual_time::{UNPARKER, VirtualTime};
use everloop_core::{
    Duration, OwnedLoop, RunError, Unbounded, catch_cancel, create_task, set_exception_handler, sleep,
    task_group,
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
