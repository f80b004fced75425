//! Wakers of other executors that do what they like when they are cloned and woken. Worth running under Miri.
#![cfg(all(feature = "std", feature = "alloc"))]

use everloop_core::virtual_time::{UNPARKER, VirtualTime};
use everloop_core::*;
use std::cell::{Cell, RefCell};
use std::future::{Future, pending, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll, RawWaker, RawWakerVTable, Waker};

fn run<F: Future>(main: F) -> Result<F::Output, RunError> {
    OwnedLoop::new(UNPARKER).run(&VirtualTime::new(), &[], main)
}

type Boxed = Pin<Box<dyn Future<Output = ()>>>;

thread_local! {
    static CHILD: RefCell<Option<Boxed>> = const { RefCell::new(None) };
    static ARMED: Cell<bool> = const { Cell::new(false) };
    static CLONES: Cell<u32> = const { Cell::new(0) };
}

/// Once armed, drops the child.
fn strike() {
    if ARMED.get() {
        let child = CHILD.take();
        drop(child);
    }
}

static STRIKES: RawWakerVTable = RawWakerVTable::new(
    |data| {
        CLONES.set(CLONES.get() + 1);
        strike();
        RawWaker::new(data, &STRIKES)
    },
    |_| strike(),
    |_| strike(),
    |_| {},
);

#[test]
fn a_waker_may_drop_the_scope_that_it_is_kept_in() {
    let waker = unsafe { Waker::new(std::ptr::null(), &STRIKES) };
    let ended = run(async {
        let task = create_task(async move {
            CHILD.set(Some(Box::pin(async { drop(catch_cancel(pending::<()>()).await) })));
            poll_fn(|_| {
                CHILD.with_borrow_mut(|child| {
                    if let Some(child) = child {
                        assert!(child.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
                    }
                });
                Poll::<()>::Pending
            })
            .await;
        });
        yield_now().await;
        ARMED.set(true);
        let clones = CLONES.get();
        task.cancel();
        assert!(task.await.is_err());
        assert!(CHILD.take().is_none());
        CLONES.get() - clones
    });
    assert_eq!(ended, Ok(0), "a clone is foreign code too, and nothing needs one");
}
