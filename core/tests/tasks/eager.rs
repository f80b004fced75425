//! Eager tasks: their panics, and the pool they are created in.
#![cfg(all(feature = "std", feature = "alloc", not(loom)))]

use std::cell::Cell;
use std::future::{pending, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;

use everloop_core::virtual_time::{UNPARKER, VirtualTime};
use everloop_core::{
    CreateErrorKind, Duration, EventLoop, OwnedLoop, TaskPool, create_eager_task, current_task,
    set_exception_handler, sleep, try_create_eager_task, yield_now,
};

fn run<F: Future>(main: F) -> F::Output {
    OwnedLoop::new(UNPARKER).run(&VirtualTime::new(), &[], main).unwrap()
}

#[test]
fn a_panic_of_the_first_step_is_kept_for_the_awaiter() {
    run(async {
        let own = current_task().unwrap().id();
        let task = create_eager_task(async { panic!("at once") });
        // Its creator goes on, as itself.
        assert!(task.done() && !task.cancelled());
        assert_eq!(current_task().unwrap().id(), own);
        let mut join = pin!(IntoFuture::into_future(task));
        let told = poll_fn(|cx| {
            let polled: Result<Poll<Result<(), _>>, _> =
                catch_unwind(AssertUnwindSafe(|| join.as_mut().poll(cx)));
            Poll::Ready(polled.unwrap_err().downcast_ref::<&str>().copied())
        });
        assert_eq!(told.await, Some("at once"));
    });
}

#[test]
fn a_panic_of_one_that_nobody_awaits_goes_to_the_handler() {
    thread_local!(static HANDLED: Cell<u32> = const { Cell::new(0) });
    run(async {
        set_exception_handler(Some(&|unhandled| {
            assert_eq!(unhandled.message(), Some("at once"));
            HANDLED.set(HANDLED.get() + 1);
        }));
        let task = create_eager_task(async { panic!("at once") });
        assert_eq!(HANDLED.get(), 0);
        let _: &everloop_core::Task<()> = &task;
        drop(task);
        assert_eq!(HANDLED.get(), 1);
    });
}

#[test]
fn a_panic_inside_nested_ones_ends_only_its_own() {
    run(async {
        let outer = create_eager_task(async {
            let inner = create_eager_task(async { panic!("inside") });
            let _: &everloop_core::Task<()> = &inner;
            assert!(inner.done());
            sleep(Duration::from_millis(1)).await;
            7
        });
        assert_eq!(outer.await, Ok(7));
    });
}

#[test]
fn a_full_pool_gives_the_future_back_unpolled() {
    static POOL: TaskPool<1, 128> = TaskPool::new();
    static LOOP: EventLoop = EventLoop::new(UNPARKER);
    let polls = Rc::new(Cell::new(0));
    let counts = polls.clone();
    let main = async move {
        let first = POOL.try_create_eager_task(pending::<()>()).unwrap();
        let error = POOL
            .try_create_eager_task(async move {
                counts.set(counts.get() + 1);
                5
            })
            .unwrap_err();
        assert_eq!(error.kind, CreateErrorKind::PoolFull);
        assert_eq!(polls.get(), 0);
        assert_eq!(error.future.await, 5);
        assert_eq!(polls.get(), 1);
        first.abort();
        drop(first);
        // One that is done at once needs its slot no longer than its handle is there.
        for n in 0..10 {
            let task = POOL.try_create_eager_task(async move { n }).unwrap();
            assert_eq!(task.result(), Ok(Ok(&n)));
        }
        yield_now().await;
    };
    LOOP.run(&VirtualTime::new(), &[&POOL], main).unwrap();
}

#[test]
fn outside_a_loop_the_future_comes_back_unpolled() {
    let polled = Rc::new(Cell::new(false));
    let told = polled.clone();
    let error = try_create_eager_task(async move { told.set(true) }).unwrap_err();
    assert_eq!(error.kind, CreateErrorKind::NoRunningLoop);
    assert!(!polled.get());
}
