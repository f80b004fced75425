//! Panics that nobody awaits, and what is called with them.
#![cfg(all(feature = "std", feature = "alloc", not(loom)))]

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::process::Command;

use everloop_core::virtual_time::{UNPARKER, VirtualTime};
use everloop_core::{
    Duration, OwnedLoop, Task, TaskLocal, TaskState, call_exception_handler, catch_cancel, create_task,
    current_task, set_exception_handler, sleep, yield_now,
};

thread_local! {
    /// What the handler was told, in this test's thread.
    static TOLD: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

const TICK: Duration = Duration::from_millis(1);

/// Runs `main` with a handler that writes down what it is told, and gives that.
fn told(main: impl Future) -> Vec<String> {
    let with_handler = async {
        set_exception_handler(Some(&|unhandled| {
            TOLD.with_borrow_mut(|told| told.push(unhandled.to_string()))
        }));
        main.await
    };
    OwnedLoop::new(UNPARKER).run(&VirtualTime::new(), &[], with_handler).unwrap();
    TOLD.take()
}

fn panics(message: &'static str) -> Task<()> {
    create_task(async move { panic_any(message) })
}

#[test]
fn it_is_called_for_a_task_nobody_awaits() {
    let told = told(async {
        // Detached before it panics, or when it has panicked.
        drop(panics("first").named("one"));
        let task = panics("second");
        task.set_name("other");
        yield_now().await;
        TOLD.with_borrow(|told| assert_eq!(told.len(), 1));
        assert!(task.done());
        drop(task);
    });
    let expected =
        ["one panicked and nobody awaited it: first", "other panicked and nobody awaited it: second"];
    assert_eq!(told, expected);
}

#[test]
fn it_is_told_all_of_the_panic() {
    thread_local!(static SEEN: Cell<u32> = const { Cell::new(0) });
    told(async {
        set_exception_handler(Some(&|unhandled| {
            let task = unhandled.task().unwrap();
            assert_eq!((task.state(), task.polls()), (TaskState::Done, 2));
            assert_eq!(
                (unhandled.message(), unhandled.payload().unwrap().downcast_ref()),
                (None, Some(&7_u32))
            );
            assert!(unhandled.error().is_none());
            let shown = format!("{unhandled:?}");
            assert!(shown.contains("task: Some") && shown.contains("message: "), "{shown}");
            assert!(format!("{unhandled}").ends_with("no message"));
            SEEN.set(SEEN.get() + 1);
        }));
        drop(create_task(async {
            yield_now().await;
            panic_any(7_u32);
        }));
        sleep(TICK).await;
    });
    assert_eq!(SEEN.get(), 1);
}

#[test]
fn it_is_told_errors_too() {
    #[derive(Debug)]
    struct OutOfPaper;

    impl std::fmt::Display for OutOfPaper {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("out of paper")
        }
    }

    impl std::error::Error for OutOfPaper {}

    thread_local!(static SEEN: Cell<u32> = const { Cell::new(0) });
    told(async {
        set_exception_handler(Some(&|unhandled| {
            assert_eq!(unhandled.to_string(), "the printer waits: out of paper");
            assert_eq!(unhandled.message(), Some("the printer waits"));
            assert!(unhandled.error().unwrap().is::<OutOfPaper>());
            assert!(unhandled.payload().is_none());
            assert!(format!("{unhandled:?}").contains("error: OutOfPaper"), "{unhandled:?}");
            assert_eq!(unhandled.task().and_then(|task| task.name()), Some("printer"));
            SEEN.set(SEEN.get() + 1);
            panic!("a handler's own panic is dropped");
        }));
        let printer = async { call_exception_handler("the printer waits", &OutOfPaper) };
        create_task(printer).named("printer").await.unwrap();
    });
    assert_eq!(SEEN.get(), 1);
}

#[test]
fn it_is_not_called_for_one_that_is_awaited() {
    let told = told(async {
        let caught = create_task(async {
            let mut join = std::pin::pin!(IntoFuture::into_future(panics("awaited")));
            std::future::poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| join.as_mut().poll(cx))) {
                Ok(polled) => polled.map(|_| false),
                Err(_) => std::task::Poll::Ready(true),
            })
            .await
        });
        assert_eq!(caught.await, Ok(true));
    });
    assert_eq!(told, [""; 0]);
}

#[test]
fn it_is_not_called_after_a_cancel() {
    let told = told(async {
        let task = create_task(sleep(Duration::MAX));
        yield_now().await;
        task.cancel();
        drop(task);
        // Nor for one that never began.
        let task = panics("never");
        task.cancel();
        drop(task);
        // Nor when a cleanup ends by itself.
        drop(create_task(async {
            if let Err(cancelled) = catch_cancel(sleep(TICK)).await {
                cancelled.resume().await;
            }
        }));
        sleep(TICK).await;
    });
    assert_eq!(told, [""; 0]);
}

/// There the request comes too late: the task has panicked, and nobody has asked.
#[test]
fn a_cancel_that_comes_too_late_changes_nothing() {
    let told = told(async {
        let task = panics("before").named("it");
        yield_now().await;
        assert!(!task.cancel());
    });
    assert_eq!(told, ["it panicked and nobody awaited it: before"]);
}

#[test]
fn it_is_called_for_a_callback_that_panics() {
    let told = told(async {
        let task = create_task(async {}).named("its task");
        task.add_done_callback(|_| panic!("in the callback"));
        task.await.unwrap();
        let task = create_task(async {}).named("done");
        yield_now().await;
        task.add_done_callback(|_| panic!("at once"));
    });
    assert_eq!(told.len(), 2);
    assert!(told[0].starts_with("its task") && told[0].ends_with("in the callback"));
    assert!(told[1].starts_with("done") && told[1].ends_with("at once"));
}

#[test]
fn it_is_called_for_a_task_local_whose_drop_panics() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("in a drop");
        }
    }
    static LOCAL: TaskLocal<Bomb> = TaskLocal::new();
    let told = told(async {
        let task = create_task(async {
            LOCAL.set(Bomb).unwrap();
            7
        });
        // It has its output all the same.
        assert_eq!(task.await, Ok(7));
    });
    assert_eq!(told.len(), 1);
    assert!(told[0].ends_with("in a drop"));
}

#[test]
fn one_that_panics_itself_ends_nothing() {
    thread_local!(static CALLS: Cell<u32> = const { Cell::new(0) });
    told(async {
        set_exception_handler(Some(&|_| {
            CALLS.set(CALLS.get() + 1);
            panic!("in the handler");
        }));
        for _ in 0..3 {
            drop(panics("in a task"));
            yield_now().await;
        }
        assert!(current_task().is_some());
    });
    assert_eq!(CALLS.get(), 3);
}

#[test]
fn it_may_create_and_cancel_tasks() {
    let told = told(async {
        thread_local!(static NEXT: RefCell<Option<Task<u32>>> = const { RefCell::new(None) });
        set_exception_handler(Some(&|_| {
            NEXT.set(Some(create_task(async { 5 })));
            set_exception_handler(Some(&|again| TOLD.with_borrow_mut(|told| told.push(again.to_string()))));
        }));
        drop(panics("first"));
        yield_now().await;
        assert_eq!(NEXT.take().unwrap().await, Ok(5));
        drop(panics("second").named("it"));
        yield_now().await;
    });
    assert_eq!(told, ["it panicked and nobody awaited it: second"]);
}

#[test]
fn it_is_its_loops_and_is_kept_until_that_closes() {
    let event_loop = OwnedLoop::new(UNPARKER);
    for sets in [true, false] {
        let main = async {
            if sets {
                set_exception_handler(Some(&|unhandled| {
                    TOLD.with_borrow_mut(|told| told.push(unhandled.to_string()));
                }));
            }
            drop(panics("again"));
            yield_now().await;
        };
        event_loop.run(&VirtualTime::new(), &[], main).unwrap();
        // The next run has the default again, which writes a line.
        assert_eq!(TOLD.take().len(), usize::from(sets));
    }
}

#[test]
fn at_the_end_of_a_loop_it_is_still_called() {
    let told = told(async {
        drop(create_task(async {
            let _ = catch_cancel(sleep(Duration::MAX)).await;
            panic!("in the cleanup");
        }));
        yield_now().await;
    });
    assert_eq!(told.len(), 1);
    assert!(told[0].ends_with("in the cleanup"));
}

#[test]
fn outside_a_loop_it_can_not_be_set() {
    let caught = catch_unwind(|| set_exception_handler(None));
    assert!(caught.unwrap_err().downcast_ref::<&str>().unwrap().contains("no running event loop"));
}

/// Set for the process that the next test starts.
const CHILD: &str = "EVERLOOP_TEST_UNHANDLED";

#[test]
#[cfg_attr(miri, ignore = "Miri starts no process")]
fn the_default_writes_a_line() {
    if std::env::var_os(CHILD).is_some() {
        told(async {
            drop(panics("not written by the default"));
            yield_now().await;
            // Back to the default.
            set_exception_handler(None);
            drop(panics("out of paper").named("printer"));
            yield_now().await;
        });
        return;
    }
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "unhandled::the_default_writes_a_line", "--nocapture"])
        .env(CHILD, "1")
        .output()
        .unwrap();
    let written = String::from_utf8(child.stderr).unwrap();
    assert!(child.status.success(), "{written}");
    let lines: Vec<_> = written.lines().filter(|line| line.contains("nobody awaited it")).collect();
    assert_eq!(lines, ["printer panicked and nobody awaited it: out of paper"]);
}
