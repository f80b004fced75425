//! What is told of tasks by `all_tasks`, which makes a list of them at once where there is a heap.

use core::future::{pending, poll_fn};
use core::pin::pin;
use core::task::Poll;

use everloop_core::{
    Duration, Event, Fixed, Future as Cell, Local, Queue, RemoteTask, ReturnWhen, Shared, TaskId, TaskInfo,
    TaskState, WaitReason, all_tasks, as_completed, catch_cancel, create_eager_task, create_task,
    current_task, gather, interval, run_coroutine_threadsafe, select, shield, sleep, task_group, timeout,
    wait, waits_on, yield_now,
};

use crate::send_cell::SendCell;
use crate::trace::Trace;
use crate::{REMOTE, elsewhere};

const TICK: Duration = Duration::from_millis(1);

fn info(id: TaskId) -> Option<TaskInfo> {
    all_tasks().find(|task| task.id() == id)
}

pub async fn tasks_are_listed_in_the_order_of_their_creation() {
    let ids = || all_tasks().map(|task| task.id()).collect::<heapless::Vec<_, 8>>();
    let main = current_task().unwrap().id();
    let [first, second, third] = [(); 3].map(|()| create_task(pending::<()>()));
    assert_eq!(ids(), [main, first.id(), second.id(), third.id()]);
    second.abort();
    assert_eq!(ids(), [main, first.id(), third.id()]);
    drop(second);
    // Wherever it lives: in a pool it gets the slot that was given back.
    let fourth = create_task(pending::<()>());
    first.abort();
    let fifth = create_eager_task(pending::<()>());
    assert_eq!(ids(), [main, third.id(), fourth.id(), fifth.id()]);
}

pub async fn an_eager_task_is_listed_from_its_first_step_to_its_end() {
    let done = create_eager_task(async {
        let own = current_task().unwrap().id();
        info(own).map(|info| info.state())
    });
    assert_eq!(done.result(), Ok(Ok(&Some(TaskState::Running))));
    assert_eq!(info(done.id()), None);
    let waits = create_eager_task(sleep(TICK));
    assert_eq!(info(waits.id()).unwrap().state(), TaskState::Waiting);
    let id = waits.id();
    waits.await.unwrap();
    assert_eq!(info(id), None);
}

pub async fn the_state_is_told() {
    let task = create_task(sleep(TICK)).named("sleeper");
    let own = current_task().unwrap();
    assert_eq!((own.state(), info(own.id()).unwrap().state()), (TaskState::Running, TaskState::Running));
    assert_eq!(info(task.id()).unwrap().state(), TaskState::Ready);
    assert_eq!(info(task.id()).unwrap().name(), Some("sleeper"));
    yield_now().await;
    assert_eq!(info(task.id()).unwrap().state(), TaskState::Waiting);
    // Inside an eager task its creator runs too.
    let seen = create_eager_task(async move { info(own.id()).unwrap().state() });
    assert_eq!(seen.await, Ok(TaskState::Running));
}

pub async fn polls_are_counted() {
    let task = create_task(async {
        for _ in 0..3 {
            yield_now().await;
        }
        pending::<()>().await;
    });
    let polls = || info(task.id()).unwrap().polls();
    assert_eq!(polls(), 0);
    for expected in [1, 2, 3, 4, 4] {
        yield_now().await;
        assert_eq!(polls(), expected);
    }
    let own = current_task().unwrap().polls();
    yield_now().await;
    assert_eq!(current_task().unwrap().polls(), own + 1);
    task.abort();
    drop(task);
    // Not those of the task before in the same slot.
    let next = create_task(pending::<()>());
    assert_eq!(info(next.id()).unwrap().polls(), 0);
    yield_now().await;
    assert_eq!(info(next.id()).unwrap().polls(), 1);
}

/// What a task waits on that runs `future` to where it waits.
async fn reason<F: Future + 'static>(future: F) -> Option<WaitReason>
where
    F::Output: 'static,
{
    let task = create_task(future);
    assert_eq!(info(task.id()).unwrap().waits_on(), None);
    let mut told = None;
    // Some take a turn or two before they wait.
    for _ in 0..4 {
        yield_now().await;
        told = info(task.id()).unwrap().waits_on();
        if told.is_some() {
            break;
        }
    }
    task.abort();
    told
}

pub async fn what_it_waits_on_is_told() {
    static EVENT: Event<Shared> = Event::new();
    static EMPTY: Queue<u32, Fixed<1>, Shared> = Queue::new();
    static FULL: Queue<u32, Fixed<1>, Shared> = Queue::new();
    EVENT.clear();
    if FULL.empty() {
        FULL.put_nowait(1).unwrap();
    }
    assert_eq!(reason(sleep(TICK)).await, Some(WaitReason::Sleep));
    assert_eq!(reason(EVENT.wait()).await, Some(WaitReason::Event));
    assert_eq!(reason(EMPTY.get()).await, Some(WaitReason::QueueGet));
    assert_eq!(reason(FULL.put(2)).await, Some(WaitReason::QueuePut));
    assert_eq!(reason(FULL.join()).await, Some(WaitReason::QueueJoin));
    let ticks = async {
        let mut ticks = interval(TICK);
        ticks.tick().await;
        ticks.tick().await;
    };
    assert_eq!(reason(ticks).await, Some(WaitReason::Sleep));
    let cell = async { Cell::<u32, Local>::new().wait().await.is_ok() };
    assert_eq!(reason(cell).await, Some(WaitReason::Future));
    let inside = async { timeout(TICK).run(EVENT.wait()).await };
    assert_eq!(reason(inside).await, Some(WaitReason::Event));
}

pub async fn of_several_things_it_is_what_joins_them() {
    assert_eq!(reason(gather((sleep(TICK), pending::<()>()))).await, Some(WaitReason::Gather));
    assert_eq!(reason(select((sleep(TICK), pending::<()>()))).await, Some(WaitReason::Select));
    let group = task_group(Fixed::<1>, async |group| {
        group.create_task(async {
            sleep(TICK).await;
            Ok::<_, ()>(())
        });
        Ok(())
    });
    assert_eq!(reason(group).await, Some(WaitReason::TaskGroup));
}

pub async fn for_other_tasks_it_waits_on_them() {
    let task = || create_task(sleep(TICK));
    assert_eq!(reason(async move { task().await }).await, Some(WaitReason::Task));
    assert_eq!(reason(async move { shield(task()).await }).await, Some(WaitReason::Task));
    let all = async move { wait(&mut [task()], None, ReturnWhen::AllCompleted).await.is_ok() };
    assert_eq!(reason(all).await, Some(WaitReason::Tasks));
    let first = async move { pin!(as_completed([task()], None)).next().await.is_some() };
    assert_eq!(reason(first).await, Some(WaitReason::Tasks));
}

pub async fn a_future_of_others_may_say_what_it_waits_on() {
    assert_eq!(reason(pending::<()>()).await, Some(WaitReason::Other));
    let says = poll_fn(|_| {
        waits_on(WaitReason::Lock);
        Poll::<()>::Pending
    });
    assert_eq!(reason(says).await, Some(WaitReason::Lock));
    // What one poll said does not stay.
    let mut polls = 0;
    let once = poll_fn(move |cx| {
        polls += 1;
        if polls == 1 {
            waits_on(WaitReason::Barrier);
            cx.waker().wake_by_ref();
        }
        Poll::<()>::Pending
    });
    let task = create_task(once);
    yield_now().await;
    yield_now().await;
    assert_eq!(info(task.id()).unwrap().waits_on(), Some(WaitReason::Other));
}

pub async fn what_an_eager_task_waits_on_is_not_its_creators() {
    let creator = poll_fn(|_| {
        waits_on(WaitReason::Condition);
        drop(create_eager_task(sleep(TICK)));
        Poll::<()>::Pending
    });
    assert_eq!(reason(creator).await, Some(WaitReason::Condition));
}

pub async fn requests_are_counted() {
    let task = create_task(async {
        let _ = catch_cancel(pending::<()>()).await;
        pending::<()>().await;
    });
    yield_now().await;
    for requests in 1..=3 {
        task.cancel();
        assert_eq!(info(task.id()).unwrap().cancelling(), requests);
    }
    task.uncancel();
    assert_eq!(info(task.id()).unwrap().cancelling(), 2);
    assert_eq!(current_task().unwrap().cancelling(), 0);
    task.abort();
}

pub async fn a_task_is_cancelled_by_what_is_told_of_it() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let mut task = create_task(async {
        let Err(cancelled) = catch_cancel(pending::<()>()).await else { unreachable!() };
        LOG.push(1);
        cancelled.resume().await;
    });
    let told = info(task.id()).unwrap();
    yield_now().await;
    // What was told does not change, and still means the task.
    assert_eq!(told.polls(), 0);
    assert!(told.cancel_with("enough"));
    assert_eq!((&mut task).await.unwrap_err().message(), Some("enough"));
    LOG.expect(&[1]);
    assert!(!told.cancel());
    drop(task);
    // A later task in the same slot is another one.
    let next = create_task(async { yield_now().await });
    assert!(!told.cancel());
    assert_eq!(next.await, Ok(()));
    // All but oneself, as asyncio's programs end.
    let tasks = [(); 3].map(|()| create_task(pending::<()>()));
    let own = current_task().unwrap().id();
    for other in all_tasks().filter(|task| task.id() != own) {
        assert!(other.cancel());
    }
    for task in tasks {
        assert!(task.await.is_err());
    }
}

pub async fn a_submitted_task_is_listed_too() {
    static TASK: SendCell<RemoteTask<()>> = SendCell::new();
    elsewhere::run(|| TASK.put(run_coroutine_threadsafe(async || sleep(TICK).await, &REMOTE).unwrap()));
    let before = all_tasks().count();
    yield_now().await;
    yield_now().await;
    let told = all_tasks().last().unwrap();
    assert_eq!((before, all_tasks().count()), (1, 2));
    assert_eq!((told.state(), told.waits_on()), (TaskState::Waiting, Some(WaitReason::Sleep)));
    assert!(told.cancel_with("by the loop"));
    assert_eq!(TASK.take().await.unwrap_err().message(), Some("by the loop"));
}
