use core::future::pending;

use everloop_core::{
    DoneCallback, Duration, ReturnWhen, Task, catch_cancel, create_task, gather, sleep, wait, yield_now,
};

use crate::send_cell::SendCell;
use crate::trace::{OnDrop, Trace};

const TICK: Duration = Duration::from_millis(1);

pub async fn the_task_is_dropped_here_and_now() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let mut task = create_task(async {
        let _outside = OnDrop(&LOG, 2);
        let _ = catch_cancel(async {
            let _inside = OnDrop(&LOG, 1);
            sleep(TICK).await;
        })
        .await;
        // No cleanup.
        LOG.push(3);
    });
    yield_now().await;
    assert!(task.abort());
    LOG.expect(&[1, 2]);
    assert!(task.done() && task.cancelled());
    assert!((&mut task).await.is_err());
    sleep(TICK * 2).await;
    LOG.expect(&[1, 2]);
}

pub async fn before_the_first_step_too() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let captured = OnDrop(&LOG, 1);
    let task = create_task(async move {
        LOG.push(2);
        drop(captured);
    });
    assert!(task.abort());
    LOG.expect(&[1]);
    yield_now().await;
    assert!(task.await.is_err());
    LOG.expect(&[1]);
}

pub async fn of_a_done_task_it_is_false() {
    let task = create_task(async { 7 });
    yield_now().await;
    assert!(!task.abort() && !task.cancelled());
    assert_eq!(task.await, Ok(7));
    let task = create_task(pending::<()>());
    assert!(task.abort() && !task.abort());
}

pub async fn of_the_running_task_it_cancels() {
    static LOG: Trace = Trace::new();
    static OWN: SendCell<Task<()>> = SendCell::new();
    LOG.clear();
    OWN.put(create_task(async {
        OWN.with(|own| {
            assert!(!own.abort());
            assert!(!own.done());
            assert_eq!(own.cancelling(), 1);
        });
        LOG.push(1);
        let Err(cancelled) = catch_cancel(pending::<()>()).await else { unreachable!() };
        sleep(TICK).await;
        LOG.push(2);
        cancelled.resume().await;
    }));
    sleep(TICK * 2).await;
    assert!(OWN.take().await.is_err());
    LOG.expect(&[1, 2]);
}

pub async fn in_the_midst_of_a_cleanup_it_ends_that() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let task = create_task(async {
        let _ = catch_cancel(pending::<()>()).await;
        let _cleanup = OnDrop(&LOG, 1);
        pending::<()>().await;
    });
    yield_now().await;
    task.cancel_with("a request");
    yield_now().await;
    assert!(!task.done());
    assert!(task.abort());
    LOG.expect(&[1]);
    // It did not end by that request.
    assert_eq!(task.await.unwrap_err().message(), None);
}

pub async fn who_waits_for_it_goes_on() {
    static LOG: Trace = Trace::new();
    static DONE: DoneCallback<()> = DoneCallback::new(|task| LOG.push(if task.cancelled() { 1 } else { 9 }));
    LOG.clear();
    let task = create_task(pending::<()>());
    task.add_static_done_callback(&DONE).unwrap();
    let aborts = async {
        sleep(TICK).await;
        assert!(task.abort());
        LOG.push(2);
    };
    let waits = async {
        wait(&mut [&task], None, ReturnWhen::AllCompleted).await.unwrap();
        LOG.push(3);
    };
    assert_eq!(gather((waits, aborts)).await, (Ok(()), Ok(())));
    LOG.expect(&[1, 2, 3]);
}
