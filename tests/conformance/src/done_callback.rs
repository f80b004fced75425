use core::future::pending;

use everloop_core::{
    CallbackInUse, CancelledError, DoneCallback, Duration, Event, Shared, Task, catch_cancel, create_task,
    current_task, sleep, yield_now,
};

use crate::send_cell::SendCell;
use crate::trace::Trace;

const TICK: Duration = Duration::from_millis(1);

pub async fn it_is_called_with_the_task_at_its_end() {
    static LOG: Trace = Trace::new();
    static CALLBACK: DoneCallback<u32> = DoneCallback::new(|task| {
        // It is called outside of any task.
        assert!(task.done() && current_task().is_none());
        LOG.push(**task.result().unwrap().as_ref().unwrap());
    });
    LOG.clear();
    let task = create_task(async {
        yield_now().await;
        LOG.push(1);
        7
    });
    task.add_static_done_callback(&CALLBACK).unwrap();
    let beside = create_task(async {
        yield_now().await;
        LOG.push(2);
    });
    LOG.expect(&[]);
    beside.await.unwrap();
    // At its end, not at the next turn.
    LOG.expect(&[1, 7, 2]);
    assert_eq!(task.await, Ok(7));
}

pub async fn it_is_called_however_the_task_ends() {
    static LOG: Trace = Trace::new();
    const fn says() -> DoneCallback<()> {
        DoneCallback::new(|task| LOG.push(if task.cancelled() { 1 } else { 2 }))
    }
    static CALLBACKS: [DoneCallback<()>; 4] = [const { says() }; 4];
    LOG.clear();
    let cleans_up = || async {
        if let Err(cancelled) = catch_cancel(pending::<()>()).await {
            sleep(TICK).await;
            LOG.push(3);
            cancelled.resume().await;
        }
    };
    let tasks = [create_task(cleans_up()), create_task(cleans_up()), create_task(cleans_up())];
    let detached = create_task(sleep(TICK));
    for (task, callback) in tasks.iter().chain([&detached]).zip(&CALLBACKS) {
        task.add_static_done_callback(callback).unwrap();
    }
    drop(detached);
    // Before its first step.
    tasks[0].cancel();
    yield_now().await;
    yield_now().await;
    LOG.expect(&[1]);
    tasks[1].abort();
    LOG.expect(&[1, 1]);
    tasks[2].cancel();
    sleep(TICK * 2).await;
    LOG.expect(&[1, 1, 2, 3, 1]);
}

pub async fn those_who_wait_are_told_in_the_order_they_came() {
    static LOG: Trace = Trace::new();
    static EVENT: Event<Shared> = Event::new();
    static CALLBACKS: [DoneCallback<()>; 3] = [
        DoneCallback::new(|_| LOG.push(1)),
        DoneCallback::new(|_| {
            LOG.push(2);
            EVENT.set();
        }),
        DoneCallback::new(|_| LOG.push(3)),
    ];
    LOG.clear();
    EVENT.clear();
    let task = create_task(sleep(TICK));
    for callback in &CALLBACKS {
        task.add_static_done_callback(callback).unwrap();
    }
    create_task(async move {
        task.await.unwrap();
        LOG.push(5);
    });
    create_task(async {
        EVENT.wait().await;
        LOG.push(4);
    });
    sleep(TICK * 2).await;
    // The one that the second callback wakes is woken before the awaiter, who came after that callback.
    LOG.expect(&[1, 2, 3, 4, 5]);
}

pub async fn on_a_done_task_it_is_called_at_once() {
    static LOG: Trace = Trace::new();
    static CALLBACK: DoneCallback<u32> = DoneCallback::new(|task| {
        assert_eq!(task.result(), Ok(Ok(&5)));
        assert!(current_task().is_none());
        LOG.push(1);
    });
    LOG.clear();
    let task = create_task(async { 5 });
    yield_now().await;
    for _ in 0..2 {
        let id = task.add_static_done_callback(&CALLBACK).unwrap();
        LOG.push(2);
        assert!(!task.remove_done_callback(id));
    }
    LOG.expect(&[1, 2, 1, 2]);
    // Back in the task that added it.
    assert!(current_task().is_some());
}

pub async fn a_removed_one_is_not_called() {
    static LOG: Trace = Trace::new();
    static CALLBACKS: [DoneCallback<()>; 3] = [
        DoneCallback::new(|_| LOG.push(1)),
        DoneCallback::new(|_| LOG.push(2)),
        DoneCallback::new(|_| LOG.push(3)),
    ];
    LOG.clear();
    for removed in 0..3 {
        let task = create_task(async {});
        let mut ids = heapless::Vec::<_, 3>::new();
        for callback in &CALLBACKS {
            ids.push(task.add_static_done_callback(callback).unwrap()).unwrap();
        }
        assert!(task.remove_done_callback(ids[removed]));
        assert!(!task.remove_done_callback(ids[removed]));
        task.await.unwrap();
    }
    LOG.expect(&[2, 3, 1, 3, 1, 2]);
}

pub async fn a_called_one_can_not_be_removed() {
    static LOG: Trace = Trace::new();
    static CALLBACK: DoneCallback<()> = DoneCallback::new(|_| LOG.push(1));
    LOG.clear();
    let task = create_task(async {});
    let id = task.add_static_done_callback(&CALLBACK).unwrap();
    yield_now().await;
    LOG.expect(&[1]);
    assert!(!task.remove_done_callback(id));
}

pub async fn one_that_is_taken_is_refused() {
    static LOG: Trace = Trace::new();
    static CALLBACK: DoneCallback<u32> =
        DoneCallback::new(|task| LOG.push(**task.result().unwrap().as_ref().unwrap()));
    LOG.clear();
    let (one, other) = (create_task(async { 1 }), create_task(async { 2 }));
    let id = one.add_static_done_callback(&CALLBACK).unwrap();
    assert_eq!(other.add_static_done_callback(&CALLBACK), Err(CallbackInUse));
    assert_eq!(one.add_static_done_callback(&CALLBACK), Err(CallbackInUse));
    // An id is of one task only, and not of a task that has the same callback later.
    assert!(!other.remove_done_callback(id));
    assert!(one.remove_done_callback(id));
    let later = other.add_static_done_callback(&CALLBACK).unwrap();
    assert_ne!(id, later);
    assert!(!other.remove_done_callback(id) && !one.remove_done_callback(later));
    sleep(TICK).await;
    LOG.expect(&[2]);
}

pub async fn called_it_may_be_added_anew() {
    static LOG: Trace = Trace::new();
    static NEXT: SendCell<Task<u32>> = SendCell::new();
    static CALLBACK: DoneCallback<u32> = DoneCallback::new(|task| {
        let Ok(Ok(&n)) = task.result() else { panic!("it returned") };
        LOG.push(n);
        // Also by itself, since it is free before it is called.
        if n == 1 {
            let next = NEXT.take();
            next.add_static_done_callback(&CALLBACK).unwrap();
            NEXT.put(next);
        }
    });
    LOG.clear();
    NEXT.put(create_task(async {
        sleep(TICK).await;
        2
    }));
    let first = create_task(async { 1 });
    first.add_static_done_callback(&CALLBACK).unwrap();
    assert_eq!(first.await, Ok(1));
    assert_eq!(NEXT.take().await, Ok(2));
    LOG.expect(&[1, 2]);
}

pub async fn it_may_end_and_create_other_tasks() {
    static LOG: Trace = Trace::new();
    static OTHER: SendCell<Task<()>> = SendCell::new();
    static FIRST: DoneCallback<()> = DoneCallback::new(|_| {
        LOG.push(1);
        let other = OTHER.take();
        // Its callback is called inside this one.
        assert!(other.abort());
        LOG.push(3);
        drop(create_task(async { LOG.push(4) }));
    });
    static SECOND: DoneCallback<()> = DoneCallback::new(|_| LOG.push(2));
    LOG.clear();
    let other = create_task(pending());
    other.add_static_done_callback(&SECOND).unwrap();
    OTHER.put(other);
    let task = create_task(async {});
    task.add_static_done_callback(&FIRST).unwrap();
    assert_eq!(task.await, Ok::<_, CancelledError>(()));
    yield_now().await;
    LOG.expect(&[1, 2, 3, 4]);
}
