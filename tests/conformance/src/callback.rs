use everloop_core::{CallbackInUse, DoneCallback, Duration, create_task, current_task, sleep, yield_now};

use crate::trace::Trace;

const TICK: Duration = Duration::from_millis(1);

static LOG: Trace = Trace::new();

pub async fn it_is_called_with_the_task_when_that_is_done() {
    static DONE: DoneCallback<u32> = DoneCallback::new(|task| {
        assert!(current_task().is_none());
        assert_eq!(task.result(), Ok(Ok(&7)));
        LOG.push(task.id().get());
    });
    LOG.clear();
    let task = create_task(async {
        sleep(TICK).await;
        7
    });
    task.add_static_done_callback(&DONE).unwrap();
    yield_now().await;
    LOG.expect(&[]);
    let id = task.id().get();
    assert_eq!(task.await, Ok(7));
    LOG.expect(&[id]);
}

pub async fn those_who_wait_are_told_in_their_order() {
    static FIRST: DoneCallback<()> = DoneCallback::new(|_| LOG.push(1));
    static SECOND: DoneCallback<()> = DoneCallback::new(|_| LOG.push(2));
    LOG.clear();
    let task = create_task(sleep(TICK));
    task.add_static_done_callback(&FIRST).unwrap();
    task.add_static_done_callback(&SECOND).unwrap();
    task.await.unwrap();
    LOG.push(3);
    LOG.expect(&[1, 2, 3]);
}

pub async fn it_is_called_for_a_cancelled_and_an_aborted_task() {
    static DONE: DoneCallback<()> = DoneCallback::new(|task| LOG.push(u32::from(task.cancelled())));
    LOG.clear();
    let cancelled = create_task(sleep(TICK));
    cancelled.add_static_done_callback(&DONE).unwrap();
    cancelled.cancel();
    assert!(cancelled.await.is_err());
    let aborted = create_task(sleep(TICK));
    // It was called, so it is free again.
    aborted.add_static_done_callback(&DONE).unwrap();
    assert!(aborted.abort());
    LOG.expect(&[1, 1]);
}

pub async fn a_removed_one_is_not_called() {
    static DONE: DoneCallback<()> = DoneCallback::new(|_| LOG.push(1));
    LOG.clear();
    let task = create_task(sleep(TICK));
    let id = task.add_static_done_callback(&DONE).unwrap();
    assert!(task.remove_done_callback(id));
    assert!(!task.remove_done_callback(id));
    task.await.unwrap();
    LOG.expect(&[]);
}

pub async fn one_in_use_is_refused() {
    static DONE: DoneCallback<()> = DoneCallback::new(|_| LOG.push(1));
    LOG.clear();
    let (one, other) = (create_task(sleep(TICK)), create_task(sleep(TICK * 2)));
    one.add_static_done_callback(&DONE).unwrap();
    assert_eq!(other.add_static_done_callback(&DONE), Err(CallbackInUse));
    one.await.unwrap();
    other.add_static_done_callback(&DONE).unwrap();
    other.await.unwrap();
    LOG.expect(&[1, 1]);
}

pub async fn on_a_done_task_it_is_called_at_once() {
    static DONE: DoneCallback<u32> = DoneCallback::new(|_| LOG.push(1));
    LOG.clear();
    let task = create_task(async { 1 });
    yield_now().await;
    assert!(task.done());
    let id = task.add_static_done_callback(&DONE).unwrap();
    LOG.expect(&[1]);
    assert!(!task.remove_done_callback(id));
}

pub async fn a_dropped_handle_keeps_it() {
    static DONE: DoneCallback<()> = DoneCallback::new(|_| LOG.push(1));
    LOG.clear();
    let task = create_task(sleep(TICK));
    task.add_static_done_callback(&DONE).unwrap();
    drop(task);
    sleep(TICK * 2).await;
    LOG.expect(&[1]);
}
