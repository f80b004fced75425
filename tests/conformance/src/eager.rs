use core::future::{pending, poll_fn};
use core::pin::pin;
use core::task::Poll;

use everloop_core::{
    CreateErrorKind, Duration, Event, Shared, Task, catch_cancel, create_eager_task, create_task,
    current_task, sleep, try_create_eager_task, wait_for, yield_now,
};

use crate::send_cell::SendCell;
use crate::trace::Trace;

const TICK: Duration = Duration::from_millis(1);

pub async fn the_first_step_runs_inside_the_call() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let before = create_task(async { LOG.push(4) });
    let task = create_eager_task(async {
        LOG.push(1);
        yield_now().await;
        LOG.push(5);
        7
    });
    LOG.push(2);
    assert!(!task.done() && !before.done());
    LOG.push(3);
    assert_eq!(task.await, Ok(7));
    // From then on it takes its turn behind what was ready before.
    LOG.expect(&[1, 2, 3, 4, 5]);
}

pub async fn one_that_never_waits_is_done_at_once() {
    let task = create_eager_task(async { 7 });
    assert_eq!(task.result(), Ok(Ok(&7)));
    assert!(!task.cancel() && !task.cancelled());
    assert_eq!(task.await, Ok(7));
}

pub async fn one_that_never_waits_was_never_queued() {
    // In one step of this task: many times more than there are slots, none of which waits for a turn to come back.
    for n in 0..200 {
        let task = create_eager_task(async move { n });
        assert_eq!(task.result(), Ok(Ok(&n)));
    }
    for _ in 0..200 {
        drop(create_eager_task(async {}));
    }
}

pub async fn one_that_waits_goes_on_like_any_task() {
    static EVENT: Event<Shared> = Event::new();
    EVENT.clear();
    let task = create_eager_task(async {
        sleep(TICK).await;
        EVENT.wait().await;
        2
    });
    let waker = create_eager_task(async {
        sleep(TICK * 3).await;
        EVENT.set();
        1
    });
    assert!(!task.done() && !waker.done());
    assert_eq!((task.await, waker.await), (Ok(2), Ok(1)));
}

pub async fn its_creator_may_await_what_it_set_in_its_first_step() {
    static EVENT: Event<Shared> = Event::new();
    EVENT.clear();
    let task = create_eager_task(async { EVENT.set() });
    assert!(task.done());
    // It does not even wait.
    let mut wait = pin!(EVENT.wait());
    assert!(poll_fn(|cx| Poll::Ready(wait.as_mut().poll(cx).is_ready())).await);
}

pub async fn it_is_the_current_task_and_then_its_creator_is_again() {
    let creator = current_task().unwrap().id();
    let task = create_eager_task(async move {
        let own = current_task().unwrap().id();
        assert_ne!(own, creator);
        sleep(TICK).await;
        assert_eq!(current_task().unwrap().id(), own);
        own
    });
    assert_eq!(current_task().unwrap().id(), creator);
    let id = task.id();
    assert_eq!(task.await, Ok(id));
    let done = create_eager_task(async { current_task().unwrap().id() });
    assert_eq!(current_task().unwrap().id(), creator);
    assert_eq!(done.result(), Ok(Ok(&done.id())));
}

pub async fn they_nest() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let task = create_eager_task(async {
        LOG.push(1);
        let outer = current_task().unwrap().id();
        let middle = create_eager_task(async {
            LOG.push(2);
            let inner = create_eager_task(async {
                LOG.push(3);
                yield_now().await;
                LOG.push(6);
            });
            LOG.push(4);
            inner.await.unwrap();
            LOG.push(7);
        });
        assert_eq!(current_task().unwrap().id(), outer);
        LOG.push(5);
        middle.await.unwrap();
        LOG.push(8);
    });
    LOG.expect(&[1, 2, 3, 4, 5]);
    task.await.unwrap();
    LOG.expect(&[1, 2, 3, 4, 5, 6, 7, 8]);
}

pub async fn it_may_cancel_its_creator() {
    static LOG: Trace = Trace::new();
    static CREATOR: SendCell<Task<()>> = SendCell::new();
    LOG.clear();
    CREATOR.put(create_task(async {
        let child = create_eager_task(async {
            CREATOR.with(|creator| assert!(creator.cancel_with("by the child")));
            LOG.push(1);
            sleep(TICK).await;
            LOG.push(4);
        });
        // It runs to its next await.
        LOG.push(2);
        let Err(cancelled) = catch_cancel(pending::<()>()).await else { unreachable!() };
        LOG.push(3);
        assert_eq!(cancelled.message(), Some("by the child"));
        assert!(!child.done());
        cancelled.resume().await;
    }));
    sleep(TICK * 2).await;
    assert!(CREATOR.take().await.is_err());
    LOG.expect(&[1, 2, 3, 4]);
}

pub async fn it_can_not_abort_its_creator() {
    static LOG: Trace = Trace::new();
    static CREATOR: SendCell<Task<()>> = SendCell::new();
    LOG.clear();
    CREATOR.put(create_task(async {
        // Its creator can't be dropped under its own feet: it is asked to end.
        drop(create_eager_task(async { CREATOR.with(|creator| assert!(!creator.abort())) }));
        LOG.push(1);
        yield_now().await;
        LOG.push(2);
    }));
    yield_now().await;
    yield_now().await;
    assert!(CREATOR.take().await.is_err());
    LOG.expect(&[1]);
}

pub async fn cancelled_after_its_first_step_it_says_why() {
    let mut task = create_eager_task(sleep(TICK));
    assert!(task.cancel_with("enough"));
    assert_eq!(task.cancelling(), 1);
    assert_eq!((&mut task).await.unwrap_err().message(), Some("enough"));
}

pub async fn the_scopes_of_its_creator_are_not_its_own() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let outcome = wait_for(
        async {
            drop(create_eager_task(async {
                sleep(TICK * 3).await;
                LOG.push(2);
            }));
            pending::<()>().await;
        },
        TICK,
    );
    assert!(outcome.await.is_err());
    LOG.push(1);
    sleep(TICK * 3).await;
    LOG.expect(&[1, 2]);
}

pub async fn its_own_scopes_leave_those_of_its_creator_alone() {
    // The creator's deadline passes, and the child's own one later.
    let mut child = None;
    let outcome = wait_for(
        async {
            child = Some(create_eager_task(wait_for(pending::<()>(), TICK * 3)));
            pending::<()>().await;
        },
        TICK,
    );
    assert!(outcome.await.is_err());
    let child = child.unwrap();
    assert!(!child.done());
    assert!(child.await.unwrap().is_err());
}

pub async fn it_may_be_created_while_a_future_is_polled() {
    let mut child = None;
    poll_fn(|cx| {
        if child.is_none() {
            child = Some(create_eager_task(async { yield_now().await }));
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(())
    })
    .await;
    child.unwrap().await.unwrap();
}

/// Without `alloc` it is the pool that ends; with it the heap takes over and there is no end.
pub async fn a_full_pool_gives_the_future_back_unpolled() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let mut handles = heapless::Vec::<_, 40>::new();
    for n in 0..40_u32 {
        match try_create_eager_task(async move {
            LOG.push(n);
            sleep(TICK).await;
            n
        }) {
            Ok(task) => assert!(handles.push(task).is_ok()),
            Err(error) => {
                assert_eq!(error.kind, CreateErrorKind::PoolFull);
                assert_eq!(error.future.await, n);
                break;
            }
        }
    }
    assert!(handles.len() >= crate::TASKS - 1);
    let created = handles.len() as u32;
    for (n, task) in handles.into_iter().enumerate() {
        assert_eq!(task.await, Ok(n as u32));
    }
    // One that came back was begun only when it was awaited, so none was begun twice.
    let mut expected = heapless::Vec::<u32, 40>::new();
    expected.extend((0..40).take_while(|n| *n <= created));
    LOG.expect(&expected);
}
