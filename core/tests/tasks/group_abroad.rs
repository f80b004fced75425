//! A group whose future is carried out of the loop that its children belong to.
#![allow(clippy::async_yields_async)] // a future is the output, on purpose
#![cfg(all(feature = "std", feature = "alloc"))]

use everloop_core::virtual_time::{UNPARKER, VirtualTime};
use everloop_core::*;
use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

type Boxed = Pin<Box<dyn Future<Output = u32>>>;

fn open() -> OpenLoop<OwnedLoop, VirtualTime> {
    OwnedLoop::new(UNPARKER).open(VirtualTime::new(), &[]).unwrap()
}

/// Where a child waits.
#[derive(Clone, Default)]
struct Gate {
    ready: Rc<Cell<bool>>,
    waker: Rc<RefCell<Option<Waker>>>,
    dropped: Rc<Cell<bool>>,
}

impl Gate {
    /// Waits, and says when it is dropped.
    async fn pass(self) {
        struct Says(Rc<Cell<bool>>);
        impl Drop for Says {
            fn drop(&mut self) {
                self.0.set(true);
            }
        }
        let _says = Says(self.dropped.clone());
        poll_fn(|cx| {
            *self.waker.borrow_mut() = Some(cx.waker().clone());
            if self.ready.get() { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }

    fn open(&self) {
        self.ready.set(true);
        let waker = self.waker.borrow_mut().take();
        waker.unwrap().wake();
    }
}

/// A group whose child waits at `gate`.
fn group(gate: Gate, borrows: bool) -> Boxed {
    Box::pin(async move {
        let result = task_group(Unbounded, async |group| {
            let child = if borrows {
                group.create_task(async {
                    gate.clone().pass().await;
                    Ok::<_, ()>(())
                })
            } else {
                let gate = gate.clone();
                group.create_static_task(async {
                    gate.pass().await;
                    Ok::<_, ()>(())
                })
            };
            child.await.unwrap();
            Ok(7)
        });
        result.await.unwrap()
    })
}

/// Polls `group` until its child waits.
async fn begin(group: &mut Boxed) {
    for _ in 0..3 {
        assert!(poll_fn(|cx| Poll::Ready(group.as_mut().poll(cx).is_pending())).await);
        yield_now().await;
    }
}

fn ends_abroad(borrows: bool) {
    let gate = Gate::default();
    let mut home = open();
    let mut carried = home
        .run(async {
            let mut group = group(gate.clone(), borrows);
            begin(&mut group).await;
            group
        })
        .unwrap();
    let mut abroad = open();
    let polled = catch_unwind(AssertUnwindSafe(|| abroad.run(async { carried.as_mut().await })));
    let message = *polled.unwrap_err().downcast::<&str>().unwrap();
    assert!(message.contains("another event loop"), "{message}");
    drop(carried);
    assert!(gate.dropped.get(), "a child outlived its group");
    abroad.run(async {}).unwrap();
    home.run(async {}).unwrap();
    home.close().unwrap();
}

#[test]
fn a_group_that_is_polled_in_another_loop_than_its_children_s_panics_instead_of_waiting_for_ever() {
    ends_abroad(true);
}

#[test]
fn a_group_of_children_that_borrow_nothing_panics_too() {
    ends_abroad(false);
}

#[test]
fn a_wake_is_not_lost_to_a_poll_outside_the_loop() {
    let gate = Gate::default();
    let mut home = open();
    let mut carried = home
        .run(async {
            let mut group = group(gate.clone(), true);
            begin(&mut group).await;
            gate.open();
            // The loop hands the child to its group, which is not polled here.
            yield_now().await;
            yield_now().await;
            group
        })
        .unwrap();
    assert!(carried.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    let value = home.run(async { wait_for(carried, Duration::from_secs(1)).await });
    assert_eq!(value, Ok(Ok(7)));
}
