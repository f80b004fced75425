use core::future::pending;

use everloop_core::{
    Duration, Event, TaskState, WaitReason, all_tasks, catch_cancel, create_task, current_task, gather,
    sleep, yield_now,
};

use crate::trace::{OnDrop, Trace};

const TICK: Duration = Duration::from_millis(1);

pub async fn it_says_what_each_task_waits_on() {
    let tasks = [
        create_task(sleep(TICK)).named("sleep"),
        create_task(async { Event::<everloop_core::Local>::new().wait().await }).named("event"),
        create_task(pending()).named("other"),
        create_task(async {
            gather((pending::<()>(), sleep(TICK))).await;
        })
        .named("gather"),
    ];
    yield_now().await;
    for (name, reason) in [
        ("sleep", WaitReason::Sleep),
        ("event", WaitReason::Event),
        ("other", WaitReason::Other),
        ("gather", WaitReason::Gather),
    ] {
        let info = all_tasks().find(|task| task.name() == Some(name)).unwrap();
        assert_eq!((info.state(), info.waits_on()), (TaskState::Waiting, Some(reason)), "{name}");
        assert_eq!(info.polls(), 1);
    }
    assert_eq!(current_task().unwrap().waits_on(), None);
    drop(tasks);
}

pub async fn all_tasks_come_in_the_order_of_their_creation() {
    let tasks: [_; 4] = core::array::from_fn(|_| create_task(sleep(TICK)));
    let mut listed = all_tasks().map(|task| task.id());
    assert_eq!(listed.next(), Some(current_task().unwrap().id()));
    for task in &tasks {
        assert_eq!(listed.next(), Some(task.id()));
    }
    assert_eq!(listed.next(), None);
}

pub async fn polls_are_counted() {
    let task = create_task(async {
        for _ in 0..9 {
            yield_now().await;
        }
        current_task().unwrap().polls()
    });
    // The one that asks is not over yet.
    assert_eq!(task.await, Ok(9));
}

pub async fn a_listed_task_can_be_cancelled() {
    let task = create_task(pending::<()>());
    let info = all_tasks().last().unwrap();
    assert_eq!((info.id(), info.cancelling()), (task.id(), 0));
    assert!(info.cancel_with("from the list"));
    assert_eq!(all_tasks().last().unwrap().cancelling(), 1);
    assert_eq!(task.await.unwrap_err().message(), Some("from the list"));
    assert!(!info.cancel());
}

pub async fn the_message_reaches_who_catches_and_who_awaits() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let task = create_task(async {
        if let Err(cancelled) = catch_cancel(pending::<()>()).await {
            assert_eq!(cancelled.message(), Some("second"));
            LOG.push(1);
            cancelled.resume().await;
        }
    });
    yield_now().await;
    task.cancel_with("first");
    task.cancel_with("second");
    assert_eq!(task.await.unwrap_err().message(), Some("second"));
    LOG.expect(&[1]);
}

pub async fn the_message_is_handed_on_to_an_awaited_task() {
    let inner = create_task(pending::<()>());
    let id = inner.id();
    let outer = create_task(inner.into_future());
    yield_now().await;
    outer.cancel_with("stop");
    let error = outer.await.unwrap_err();
    assert_eq!(error.message(), Some("stop"));
    assert!(all_tasks().all(|task| task.id() != id));
}

pub async fn abort_drops_at_once_without_cleanup() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let task = create_task(async {
        let _dropped = OnDrop(&LOG, 1);
        if catch_cancel(pending::<()>()).await.is_err() {
            LOG.push(2);
        }
    });
    yield_now().await;
    assert!(task.abort());
    LOG.expect(&[1]);
    assert!(task.done() && task.cancelled() && !task.abort() && !task.cancel());
    assert_eq!(task.await.unwrap_err().message(), None);
    LOG.expect(&[1]);
}
