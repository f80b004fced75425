use core::future::pending;

use everloop_core::{
    Duration, Fixed, Task, catch_cancel, create_task, gather, select, shield, sleep, task_group, wait_for,
    yield_now,
};

use crate::send_cell::SendCell;
use crate::trace::Trace;

const TICK: Duration = Duration::from_millis(1);

/// Waits for ever, and gives what the request says that ends it.
async fn told() -> Option<&'static str> {
    match catch_cancel(pending::<()>()).await {
        Ok(()) => unreachable!(),
        Err(cancelled) => cancelled.message(),
    }
}

pub async fn it_reaches_who_catches_the_request() {
    let task = create_task(told());
    yield_now().await;
    task.cancel_with("stop");
    // What swallowed it does not end cancelled.
    assert_eq!(task.await, Ok(Some("stop")));
}

pub async fn it_reaches_who_awaits_the_task() {
    let task = create_task(pending::<()>());
    yield_now().await;
    task.cancel_with("stop");
    yield_now().await;
    assert_eq!(task.result().unwrap().unwrap_err().message(), Some("stop"));
    assert_eq!(task.await.unwrap_err().message(), Some("stop"));
}

pub async fn before_the_first_step_too() {
    let task = create_task(pending::<()>());
    task.cancel_with("stop");
    assert_eq!(task.await.unwrap_err().message(), Some("stop"));
}

pub async fn without_one_there_is_none() {
    let task = create_task(told());
    yield_now().await;
    task.cancel();
    assert_eq!(task.await, Ok(None));
    let task = create_task(pending::<()>());
    task.cancel();
    assert_eq!(task.await.unwrap_err().message(), None);
}

pub async fn of_several_requests_the_last_ones_counts() {
    for (last, expected) in [(Some("second"), Some("second")), (None, None)] {
        let task = create_task(pending::<()>());
        yield_now().await;
        task.cancel_with("first");
        task.cancel_with(last);
        assert_eq!(task.await.unwrap_err().message(), expected);
    }
}

pub async fn one_taken_back_takes_its_message_with_it() {
    let task = create_task(told());
    yield_now().await;
    task.cancel_with("withdrawn");
    assert_eq!(task.uncancel(), 0);
    yield_now().await;
    assert!(!task.done());
    task.cancel();
    assert_eq!(task.await, Ok(None));
}

pub async fn it_goes_on_with_who_resumes() {
    let task = create_task(async {
        let Err(cancelled) = catch_cancel(pending::<()>()).await else { unreachable!() };
        sleep(TICK).await;
        cancelled.resume().await;
    });
    yield_now().await;
    task.cancel_with("stop");
    assert_eq!(task.await.unwrap_err().message(), Some("stop"));
}

pub async fn it_passes_through_a_chain_of_awaiters() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let outer = create_task(async {
        let middle = create_task(async {
            let inner = create_task(async {
                let Err(cancelled) = catch_cancel(pending::<()>()).await else { unreachable!() };
                assert_eq!(cancelled.message(), Some("stop"));
                LOG.push(1);
                cancelled.resume().await;
            });
            let Err(cancelled) = catch_cancel(inner).await else { unreachable!() };
            assert_eq!(cancelled.message(), Some("stop"));
            LOG.push(2);
            cancelled.resume().await;
        });
        let _ = middle.await;
    });
    sleep(TICK).await;
    outer.cancel_with("stop");
    assert_eq!(outer.await.unwrap_err().message(), Some("stop"));
    LOG.expect(&[1, 2]);
}

pub async fn it_reaches_every_part_of_a_scope() {
    static TOLD: [SendCell<Option<&'static str>>; 2] = [const { SendCell::new() }; 2];
    let task = create_task(async {
        let part = |n: usize| async move { TOLD[n].put(told().await) };
        let _ = gather((part(0), select((part(1), pending::<()>())))).await;
    });
    yield_now().await;
    task.cancel_with("stop");
    assert_eq!(task.await.unwrap_err().message(), Some("stop"));
    assert_eq!(TOLD.each_ref().map(SendCell::take), [Some("stop"); 2]);
}

pub async fn it_reaches_the_children_of_a_group() {
    static TOLD: SendCell<Option<&'static str>> = SendCell::new();
    let task = create_task(async {
        let _ = task_group(Fixed::<1>, async |group| {
            group.create_task(async {
                TOLD.put(told().await);
                Ok::<_, ()>(())
            });
            Ok(())
        })
        .await;
    });
    sleep(TICK).await;
    task.cancel_with("stop");
    assert_eq!(task.await.unwrap_err().message(), Some("stop"));
    assert_eq!(TOLD.take(), Some("stop"));
}

pub async fn held_back_by_a_shield_it_is_kept() {
    let task = create_task(async {
        shield(async { sleep(TICK * 3).await }).await;
        told().await
    });
    sleep(TICK).await;
    task.cancel_with("stop");
    assert_eq!(task.await, Ok(Some("stop")));
}

pub async fn one_for_the_task_is_not_that_of_a_timeout_inside() {
    let task = create_task(async {
        let timed_out = wait_for(told(), TICK).await;
        (timed_out, told().await)
    });
    sleep(TICK * 2).await;
    task.cancel_with("stop");
    let (timed_out, then) = task.await.unwrap();
    // The timeout's own request says nothing of the task's.
    assert_eq!((timed_out, then), (Ok(None), Some("stop")));
}

pub async fn the_next_task_in_the_slot_has_none() {
    for _ in 0..20 {
        let task: Task<()> = create_task(pending());
        task.cancel_with("before");
        assert_eq!(task.await.unwrap_err().message(), Some("before"));
        let next = create_task(async {});
        yield_now().await;
        assert!(next.done() && !next.cancelled());
        let next: Task<()> = create_task(pending());
        next.abort();
        assert_eq!(next.await.unwrap_err().message(), None);
    }
}
