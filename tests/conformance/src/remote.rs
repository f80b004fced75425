//! Tasks that are submitted to the loop from an interrupt: on the host, where there are none, from another thread.

use core::future::pending;
use core::marker::PhantomData;

use everloop_core::{
    Duration, Event, RemotePool, RemoteTask, Shared, SubmitErrorKind, Task, catch_cancel, create_task,
    current_task, run_coroutine_threadsafe, sleep, yield_now,
};

use crate::send_cell::SendCell;
use crate::trace::{OnDrop, Trace};
use crate::{REMOTE, elsewhere};

const TICK: Duration = Duration::from_millis(1);

pub async fn an_interrupt_submits_and_the_loop_runs_it() {
    static TASK: SendCell<RemoteTask<u32>> = SendCell::new();
    elsewhere::run(|| {
        let task = run_coroutine_threadsafe(
            async || {
                // What it creates on the loop need not be `Send`.
                let stays_here = PhantomData::<*const ()>;
                sleep(TICK).await;
                assert!(current_task().is_some());
                let _ = stays_here;
                42
            },
            &REMOTE,
        );
        TASK.put(task.unwrap());
    });
    assert_eq!(TASK.take().await, Ok(42));
}

pub async fn it_begins_at_the_loops_next_turn() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    elsewhere::run(|| {
        drop(run_coroutine_threadsafe(
            || {
                // Called where the loop is, not where it was sent.
                assert!(current_task().is_some());
                LOG.push(1);
                async { LOG.push(2) }
            },
            &REMOTE,
        ));
        LOG.push(0);
    });
    LOG.expect(&[0]);
    yield_now().await;
    yield_now().await;
    LOG.expect(&[0, 1, 2]);
}

pub async fn several_begin_in_the_order_in_which_they_were_submitted() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    elsewhere::run(|| {
        for n in 0..REMOTE.capacity() as u32 {
            drop(run_coroutine_threadsafe(move || async move { LOG.push(n) }, &REMOTE));
        }
    });
    yield_now().await;
    yield_now().await;
    LOG.expect(&[0, 1]);
}

pub async fn it_is_cancelled_from_an_interrupt_and_cleans_up() {
    static LOG: Trace = Trace::new();
    static TASK: SendCell<RemoteTask<()>> = SendCell::new();
    LOG.clear();
    elsewhere::run(|| {
        let task = run_coroutine_threadsafe(
            async || {
                let Err(cancelled) = catch_cancel(pending::<()>()).await else { unreachable!() };
                LOG.push(1);
                sleep(TICK).await;
                LOG.push(2);
                cancelled.resume().await;
            },
            &REMOTE,
        );
        TASK.put(task.unwrap());
    });
    sleep(TICK).await;
    elsewhere::run(|| {
        let task = TASK.take();
        assert!(!task.done() && task.cancel());
        TASK.put(task);
    });
    LOG.expect(&[]);
    let mut task = TASK.take();
    assert!((&mut task).await.is_err());
    LOG.expect(&[1, 2]);
    assert!(task.done() && !task.cancel());
}

pub async fn cancelled_before_its_first_step_it_never_runs() {
    static LOG: Trace = Trace::new();
    static TASK: SendCell<RemoteTask<()>> = SendCell::new();
    LOG.clear();
    elsewhere::run(|| {
        let sent = OnDrop(&LOG, 1);
        let task = run_coroutine_threadsafe(
            move || {
                LOG.push(2);
                async move { drop(sent) }
            },
            &REMOTE,
        );
        let task = task.unwrap();
        assert!(task.cancel());
        TASK.put(task);
    });
    LOG.expect(&[]);
    assert!(TASK.take().await.is_err());
    LOG.expect(&[1]);
}

pub async fn a_full_pool_gives_back_what_was_sent() {
    static LOG: Trace = Trace::new();
    static TASKS: SendCell<[RemoteTask<u32>; 2]> = SendCell::new();
    LOG.clear();
    elsewhere::run(|| {
        assert_eq!(REMOTE.capacity(), 2);
        TASKS.put([1, 2].map(|n| {
            let made = move || async move {
                yield_now().await;
                n
            };
            run_coroutine_threadsafe(made, &REMOTE).unwrap()
        }));
        let sent = OnDrop(&LOG, 1);
        let refused = run_coroutine_threadsafe(move || async move { drop(sent) }, &REMOTE).unwrap_err();
        assert_eq!(refused.kind, SubmitErrorKind::PoolFull);
        LOG.expect(&[]);
        drop(refused.future);
        LOG.expect(&[1]);
    });
    let [first, second] = TASKS.take();
    assert_eq!((first.await, second.await), (Ok(1), Ok(2)));
    // There is room again.
    elsewhere::run(|| assert!(run_coroutine_threadsafe(async || {}, &REMOTE).is_ok()));
}

pub async fn a_slot_is_free_once_the_task_and_its_handle_are_gone() {
    static TASK: SendCell<RemoteTask<u32>> = SendCell::new();
    fn submit() {
        TASK.put(run_coroutine_threadsafe(async || 1, &REMOTE).unwrap());
    }
    for _ in 0..100 {
        elsewhere::run(submit);
        assert_eq!(TASK.take().await, Ok(1));
    }
    // The handle is what keeps it now: where it is dropped does not matter.
    static HANDLES: SendCell<[RemoteTask<u32>; 2]> = SendCell::new();
    for _ in 0..20 {
        elsewhere::run(|| {
            HANDLES.put([(); 2].map(|()| run_coroutine_threadsafe(async || 1, &REMOTE).unwrap()));
        });
        yield_now().await;
        yield_now().await;
        elsewhere::run(|| {
            let refused = run_coroutine_threadsafe(async || 1, &REMOTE).unwrap_err();
            assert_eq!(refused.kind, SubmitErrorKind::PoolFull);
            let handles = HANDLES.take();
            assert!(handles.iter().all(RemoteTask::done));
        });
    }
}

pub async fn a_dropped_handle_detaches() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    elsewhere::run(|| {
        drop(run_coroutine_threadsafe(
            async || {
                sleep(TICK).await;
                LOG.push(1);
                OnDrop(&LOG, 2)
            },
            &REMOTE,
        ));
    });
    sleep(TICK * 2).await;
    // An output that nobody takes is dropped.
    LOG.expect(&[1, 2]);
}

pub async fn cancelling_the_awaiter_spares_it() {
    static LOG: Trace = Trace::new();
    static TASK: SendCell<RemoteTask<()>> = SendCell::new();
    LOG.clear();
    elsewhere::run(|| {
        let task = run_coroutine_threadsafe(
            async || {
                sleep(TICK * 2).await;
                LOG.push(2);
            },
            &REMOTE,
        );
        TASK.put(task.unwrap());
    });
    let awaiter = create_task(async { TASK.take().await });
    sleep(TICK).await;
    awaiter.cancel();
    assert!(awaiter.await.is_err());
    LOG.push(1);
    sleep(TICK * 2).await;
    LOG.expect(&[1, 2]);
}

pub async fn an_interrupt_may_wake_what_it_waits_for() {
    static EVENT: Event<Shared> = Event::new();
    static TASK: SendCell<RemoteTask<u32>> = SendCell::new();
    EVENT.clear();
    elsewhere::run(|| {
        let task = run_coroutine_threadsafe(
            async || {
                EVENT.wait().await;
                5
            },
            &REMOTE,
        );
        TASK.put(task.unwrap());
    });
    for _ in 0..3 {
        yield_now().await;
    }
    elsewhere::run(|| EVENT.set());
    assert_eq!(TASK.take().await, Ok(5));
}

pub async fn a_pool_that_no_running_loop_has_refuses() {
    static NOBODYS: RemotePool<1, 128> = RemotePool::new();
    static LOG: Trace = Trace::new();
    LOG.clear();
    fn submit() {
        let sent = OnDrop(&LOG, 1);
        let refused = run_coroutine_threadsafe(move || async move { drop(sent) }, &NOBODYS).unwrap_err();
        assert_eq!(refused.kind, SubmitErrorKind::LoopClosed);
        LOG.push(0);
    }
    elsewhere::run(submit);
    submit();
    LOG.expect(&[0, 1, 0, 1]);
}

pub async fn submitted_by_the_loop_itself_it_runs_too() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let task = run_coroutine_threadsafe(
        async || {
            LOG.push(2);
            yield_now().await;
            3
        },
        &REMOTE,
    )
    .unwrap();
    LOG.push(1);
    assert!(!task.done());
    assert_eq!(task.await, Ok(3));
    LOG.expect(&[1, 2]);
}

pub async fn it_creates_tasks_that_outlive_it() {
    static LOG: Trace = Trace::new();
    static CHILD: SendCell<Task<u32>> = SendCell::new();
    LOG.clear();
    elsewhere::run(|| {
        drop(run_coroutine_threadsafe(
            async || {
                CHILD.put(create_task(async {
                    sleep(TICK * 2).await;
                    7
                }));
                LOG.push(1);
            },
            &REMOTE,
        ));
    });
    sleep(TICK).await;
    LOG.expect(&[1]);
    assert_eq!(CHILD.take().await, Ok(7));
}
