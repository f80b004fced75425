//! The life of a run: its value, its errors, and what becomes of what is left over.
#![allow(missing_docs)]

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use everloop::{Duration, RunError, catch_cancel, create_task, sleep, yield_now};

/// A task that ends only when it is cancelled, and then takes some time to clean up.
async fn cleans_up(done: Rc<Cell<bool>>) {
    if let Err(cancelled) = catch_cancel(sleep(Duration::from_secs(3600))).await {
        sleep(Duration::from_millis(5)).await;
        done.set(true);
        cancelled.resume().await;
    }
}

#[test]
fn gives_the_value_of_main() {
    assert_eq!(everloop::run(async { 42 }).unwrap(), 42);
}

#[test]
fn main_may_borrow_and_be_neither_send_nor_static() {
    let lent = RefCell::new(String::from("a"));
    let shared = Rc::new(1);
    everloop::run(async {
        yield_now().await;
        lent.borrow_mut().push_str(&shared.to_string());
    })
    .unwrap();
    assert_eq!(lent.into_inner(), "a1");
}

#[test]
fn runs_again_on_the_same_thread() {
    for i in 0..10 {
        let task = async move { create_task(async move { i }).await.unwrap() };
        assert_eq!(everloop::run(task).unwrap(), i);
    }
}

#[test]
fn a_nested_run_names_the_mistake() {
    let ran = Cell::new(false);
    let error = everloop::run(async { everloop::run(async { ran.set(true) }) }).unwrap().unwrap_err();
    assert!(matches!(error, RunError::Nested));
    assert!(error.to_string().contains("inside a running event loop"), "{error}");
    assert!(!ran.get());
    // The outer loop went on, and the thread can run another.
    everloop::run(async {}).unwrap();
}

#[test]
fn what_is_left_over_cleans_up_before_run_returns() {
    let done: Vec<_> = (0..3).map(|_| Rc::new(Cell::new(false))).collect();
    everloop::run(async {
        for flag in &done {
            create_task(cleans_up(flag.clone()));
        }
        // A task that was not polled yet has nothing to clean up.
        yield_now().await;
    })
    .unwrap();
    assert!(done.iter().all(|flag| flag.get()));
}

#[test]
fn a_panic_of_main_goes_on_after_the_cleanup() {
    let done = Rc::new(Cell::new(false));
    let flag = done.clone();
    let payload = catch_unwind(AssertUnwindSafe(|| {
        everloop::run(async {
            create_task(cleans_up(flag));
            yield_now().await;
            panic!("on purpose");
        })
    }))
    .unwrap_err();
    assert_eq!(payload.downcast_ref::<&str>(), Some(&"on purpose"));
    assert!(done.get());
    everloop::run(async {}).unwrap();
}
