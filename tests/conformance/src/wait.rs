use core::cell::Cell;
use core::future::{pending, poll_fn};
use core::pin::pin;
use core::task::Poll;

use everloop_core::{
    AnyTask, Duration, EmptySetError, Event, Instant, ReturnWhen, Shared, Task, catch_cancel, create_task,
    gather, sleep, try_wait, wait, wait_for, yield_now,
};

use crate::trace::Trace;

const TICK: Duration = Duration::from_millis(1);

fn after<T: 'static>(ticks: u32, value: T) -> Task<T> {
    create_task(async move {
        sleep(TICK * ticks).await;
        value
    })
}

fn values(tasks: &[Task<u32>]) -> heapless::Vec<u32, 12> {
    tasks.iter().map(|task| *task.result().unwrap().unwrap()).collect()
}

pub async fn all_completed_waits_for_all() {
    let start = Instant::now();
    let mut tasks = [after(15, 1), after(10, 2)];
    let (done, pending) = wait(&mut tasks, None, ReturnWhen::AllCompleted).await.unwrap();
    assert_eq!((values(done).as_slice(), pending.len()), ([1, 2].as_slice(), 0));
    assert_eq!(start.elapsed(), TICK * 15);
    // Once more takes no time, and does not even wait.
    let mut again = pin!(wait(&mut tasks, None, ReturnWhen::AllCompleted));
    let again = poll_fn(|cx| Poll::Ready(again.as_mut().poll(cx).is_ready())).await;
    assert!(again);
}

pub async fn all_completed_is_polled_at_the_last_end_only() {
    let mut tasks = [after(1, 1), after(2, 2), after(3, 3)];
    let polls = Cell::new(0);
    let mut all = pin!(wait(&mut tasks, None, ReturnWhen::AllCompleted));
    let counted = poll_fn(|cx| {
        polls.set(polls.get() + 1);
        all.as_mut().poll(cx)
    });
    assert_eq!(counted.await.unwrap().0.len(), 3);
    assert_eq!(polls.get(), 2);
}

pub async fn all_completed_waits_past_an_err() {
    let start = Instant::now();
    let mut tasks = [after(15, Ok(1)), after(10, Err(2)), create_task(async { Err::<u32, u32>(3) })];
    let (done, pending) = try_wait(&mut tasks, None, ReturnWhen::AllCompleted).await.unwrap();
    assert_eq!((done.len(), pending.len()), (3, 0));
    assert_eq!(done.iter().filter(|task| matches!(task.result(), Ok(Ok(Err(_))))).count(), 2);
    assert_eq!(start.elapsed(), TICK * 15);
}

pub async fn first_completed_tells_done_from_pending() {
    let start = Instant::now();
    let mut tasks = [after(30, 1), after(10, 2), after(20, 3)];
    let (done, pending) = wait(&mut tasks, None, ReturnWhen::FirstCompleted).await.unwrap();
    assert_eq!(values(done).as_slice(), [2]);
    assert!(pending.iter().all(|task| !task.done()));
    assert_eq!(start.elapsed(), TICK * 10);
    // What is pending can be waited for again.
    let [one, other] = pending else { panic!("two of three are pending") };
    let mut rest = [one, other];
    let (done, pending) = wait(&mut rest, None, ReturnWhen::FirstCompleted).await.unwrap();
    assert_eq!((done[0].result(), pending.len()), (Ok(Ok(&3)), 1));
    assert_eq!(start.elapsed(), TICK * 20);
}

pub async fn all_that_is_done_is_told() {
    // The second ends in the same turn as the first, after the wait was woken.
    let mut tasks = [after(5, 1), after(5, 2), after(6, 3)];
    let (done, pending) = wait(&mut tasks, None, ReturnWhen::FirstCompleted).await.unwrap();
    assert_eq!((values(done).as_slice(), pending.len()), ([1, 2].as_slice(), 1));
}

pub async fn done_and_pending_keep_the_order_of_the_arguments() {
    let mut tasks = [9, 2, 8, 3, 1, 7, 4].map(|ticks| after(ticks, ticks));
    let (done, pending) = wait(&mut tasks, Some(TICK * 5), ReturnWhen::AllCompleted).await.unwrap();
    assert_eq!(values(done).as_slice(), [2, 3, 1, 4]);
    sleep(TICK * 10).await;
    assert_eq!(values(pending).as_slice(), [9, 8, 7]);
}

pub async fn every_split_keeps_the_order() {
    for which in 0..16_u32 {
        let mut tasks = [0, 1, 2, 3].map(|n| after(if which >> n & 1 == 1 { 1 } else { 3 }, n));
        let (done, pending) = wait(&mut tasks, Some(TICK * 2), ReturnWhen::AllCompleted).await.unwrap();
        let first = values(done);
        sleep(TICK * 2).await;
        let rest = values(pending);
        assert!(first.iter().all(|n| which >> n & 1 == 1) && first.is_sorted());
        assert!(rest.iter().all(|n| which >> n & 1 == 0) && rest.is_sorted());
        assert_eq!(first.len() + rest.len(), 4);
    }
}

pub async fn without_an_exception_the_first_is_never() {
    let start = Instant::now();
    let mut tasks = [after(10, 1), after(20, 2)];
    let (done, _) = wait(&mut tasks, None, ReturnWhen::FirstException).await.unwrap();
    assert_eq!(done.len(), 2);
    let mut tasks = [after(10, Ok::<u32, u32>(1)), after(20, Ok(2))];
    let (done, _) = try_wait(&mut tasks, None, ReturnWhen::FirstException).await.unwrap();
    assert_eq!(done.len(), 2);
    assert_eq!(start.elapsed(), TICK * 40);
}

pub async fn an_err_is_an_exception_for_try_wait() {
    let start = Instant::now();
    let mut tasks = [after(30, Ok(1)), after(20, Err(2)), after(10, Ok(3))];
    let (done, pending) = try_wait(&mut tasks, None, ReturnWhen::FirstException).await.unwrap();
    assert_eq!((done.len(), pending.len()), (2, 1));
    assert_eq!((done[0].result(), done[1].result()), (Ok(Ok(&Err(2))), Ok(Ok(&Ok(3)))));
    assert_eq!(start.elapsed(), TICK * 20);
    // For `wait` it is a value as any other.
    let mut tasks = [after(10, Err(1)), after(20, Ok::<u32, u32>(2))];
    let (done, _) = wait(&mut tasks, None, ReturnWhen::FirstException).await.unwrap();
    assert_eq!(done.len(), 2);
}

pub async fn an_err_that_is_there_returns_at_once() {
    let mut tasks = [after(10, Ok::<u32, u32>(1)), create_task(async { Err(2) })];
    yield_now().await;
    let start = Instant::now();
    let (done, pending) = try_wait(&mut tasks, None, ReturnWhen::FirstException).await.unwrap();
    assert_eq!((done.len(), pending.len()), (1, 1));
    assert_eq!(start.elapsed(), Duration::ZERO);
}

pub async fn an_err_that_was_taken_is_not_looked_at() {
    let mut tasks = [after(10, Ok::<u32, u32>(1)), create_task(async { Err(2) })];
    assert_eq!((&mut tasks[1]).await, Ok(Err(2)));
    let (done, _) = try_wait(&mut tasks, None, ReturnWhen::FirstException).await.unwrap();
    assert_eq!(done.len(), 2);
}

pub async fn a_cancelled_task_is_done_but_no_exception() {
    let start = Instant::now();
    let mut tasks = [after(20, Ok::<u32, u32>(1)), create_task(pending())];
    tasks[1].cancel();
    let (done, _) = try_wait(&mut tasks, None, ReturnWhen::FirstException).await.unwrap();
    assert!(done.len() == 2 && done[1].cancelled());
    assert_eq!(start.elapsed(), TICK * 20);
    let mut tasks = [after(20, 1), create_task(pending())];
    tasks[1].cancel();
    let (done, pending) = wait(&mut tasks, None, ReturnWhen::FirstCompleted).await.unwrap();
    assert!(done.len() == 1 && done[0].cancelled() && pending.len() == 1);
}

pub async fn a_task_cancelled_meanwhile_counts_when_its_cleanup_has_ended() {
    let careful = create_task(async {
        if let Err(cancelled) = catch_cancel(pending::<()>()).await {
            sleep(TICK * 5).await;
            cancelled.resume().await;
        }
    });
    let start = Instant::now();
    let cancel = async {
        sleep(TICK * 3).await;
        careful.cancel();
    };
    let mut set = [&careful];
    let ((), ended) = {
        let both = gather((cancel, async {
            wait(&mut set, None, ReturnWhen::AllCompleted).await.unwrap();
            start.elapsed()
        }));
        let (cancelled, ended) = both.await;
        (cancelled.unwrap(), ended.unwrap())
    };
    assert_eq!(ended, TICK * 8);
    assert!(careful.cancelled());
}

pub async fn a_timeout_is_no_error() {
    let start = Instant::now();
    let mut tasks = [after(10, 1), after(15, 2)];
    let (done, pending) = wait(&mut tasks, Some(TICK * 11), ReturnWhen::AllCompleted).await.unwrap();
    assert_eq!((values(done).as_slice(), pending.len()), ([1].as_slice(), 1));
    assert_eq!(start.elapsed(), TICK * 11);
    // With nothing done, done is empty.
    let mut tasks = [after(10, 1), after(15, 2)];
    let (done, pending) = wait(&mut tasks, Some(TICK), ReturnWhen::FirstCompleted).await.unwrap();
    assert_eq!((done.len(), pending.len()), (0, 2));
    assert_eq!(start.elapsed(), TICK * 12);
}

pub async fn what_ends_first_at_the_deadline_is_done() {
    let mut tasks = [after(10, 1), after(15, 2)];
    // They sleep before the timeout is set.
    yield_now().await;
    let (done, pending) = wait(&mut tasks, Some(TICK * 10), ReturnWhen::AllCompleted).await.unwrap();
    assert_eq!((values(done).as_slice(), pending.len()), ([1].as_slice(), 1));
}

pub async fn a_zero_timeout_lets_what_is_ready_run() {
    let start = Instant::now();
    let mut tasks = [create_task(async { 1 }), after(1, 2)];
    let (done, pending) = wait(&mut tasks, Some(Duration::ZERO), ReturnWhen::AllCompleted).await.unwrap();
    assert_eq!((values(done).as_slice(), pending.len()), ([1].as_slice(), 1));
    assert_eq!(start.elapsed(), Duration::ZERO);
}

pub async fn an_unused_timeout_wakes_nobody() {
    let start = Instant::now();
    let mut tasks = [after(1, 1)];
    wait(&mut tasks, Some(TICK * 5), ReturnWhen::AllCompleted).await.unwrap();
    wait(&mut tasks, Some(TICK * 5), ReturnWhen::AllCompleted).await.unwrap();
    let polls = Cell::new(0);
    let mut rest = pin!(sleep(TICK * 20));
    poll_fn(|cx| {
        polls.set(polls.get() + 1);
        rest.as_mut().poll(cx)
    })
    .await;
    assert_eq!(polls.get(), 2);
    assert_eq!(start.elapsed(), TICK * 21);
}

pub async fn an_empty_set_is_an_error() {
    let mut none: [Task<u32>; 0] = [];
    assert_eq!(wait(&mut none, None, ReturnWhen::AllCompleted).await.unwrap_err(), EmptySetError);
    assert_eq!(wait(&mut none, Some(TICK), ReturnWhen::FirstCompleted).await.unwrap_err(), EmptySetError);
}

pub async fn cancelling_it_spares_the_tasks() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    static GO: Event<Shared> = Event::new();
    GO.clear();
    let mut outer = create_task(async {
        let inner = create_task(async {
            GO.wait().await;
            LOG.push(1);
        });
        let _ = wait(&mut [inner], None, ReturnWhen::AllCompleted).await;
        LOG.push(99);
    });
    sleep(TICK).await;
    outer.cancel();
    let start = Instant::now();
    assert!((&mut outer).await.is_err());
    assert_eq!(start.elapsed(), Duration::ZERO);
    GO.set();
    sleep(TICK).await;
    LOG.expect(&[1]);
}

pub async fn caught_the_handles_are_still_there() {
    let outer = create_task(async {
        let mut tasks = [after(20, 1), after(10, 2)];
        let caught = catch_cancel(wait(&mut tasks, None, ReturnWhen::AllCompleted)).await.is_err();
        let [one, other] = tasks;
        (caught, one.await, other.await)
    });
    sleep(TICK).await;
    outer.cancel();
    assert_eq!(outer.await, Ok((true, Ok(1), Ok(2))));
}

pub async fn an_outer_timeout_spares_the_tasks() {
    let mut tasks = [after(20, 1), after(10, 2)];
    assert!(wait_for(wait(&mut tasks, None, ReturnWhen::AllCompleted), TICK).await.is_err());
    let [one, other] = tasks;
    assert_eq!((one.await, other.await), (Ok(1), Ok(2)));
}

pub async fn dropping_it_midway_leaves_nothing_behind() {
    let mut tasks = [after(3, 1), after(2, 2), after(1, 3)];
    for return_when in [ReturnWhen::AllCompleted, ReturnWhen::FirstException, ReturnWhen::FirstCompleted] {
        let mut midway = pin!(Some(wait(&mut tasks, Some(TICK * 2), return_when)));
        poll_fn(|cx| {
            assert!(midway.as_mut().as_pin_mut().unwrap().poll(cx).is_pending());
            Poll::Ready(())
        })
        .await;
        midway.set(None);
    }
    // One is dropped when it was told already, and before it was polled again.
    {
        let mut told = pin!(wait(&mut tasks, None, ReturnWhen::FirstCompleted));
        poll_fn(|cx| {
            assert!(told.as_mut().poll(cx).is_pending());
            Poll::Ready(())
        })
        .await;
        sleep(TICK * 2).await;
    }
    let (done, pending) = wait(&mut tasks, None, ReturnWhen::AllCompleted).await.unwrap();
    assert_eq!((values(done).as_slice(), pending.len()), ([1, 2, 3].as_slice(), 0));
}

pub async fn never_polled_it_does_nothing() {
    let mut tasks = [after(1, 1)];
    drop(wait(&mut tasks, Some(TICK), ReturnWhen::AllCompleted));
    let [task] = tasks;
    assert_eq!(task.await, Ok(1));
}

pub async fn a_task_given_twice_is_told_twice() {
    let (one, other) = (after(1, 1), after(2, 2));
    let mut tasks = [&one, &other, &one];
    let (done, pending) = wait(&mut tasks, None, ReturnWhen::FirstCompleted).await.unwrap();
    assert_eq!((done[0].id(), done[1].id(), pending[0].id()), (one.id(), one.id(), other.id()));
    let mut tasks = [&other, &other];
    assert_eq!(wait(&mut tasks, None, ReturnWhen::AllCompleted).await.unwrap().0.len(), 2);
}

pub async fn several_may_wait_for_one_task() {
    let (one, other) = (after(2, 1), after(1, 2));
    let (mut first, mut second) = ([&one, &other], [&other, &one]);
    let start = Instant::now();
    let (first, second) = gather((
        async {
            wait(&mut first, None, ReturnWhen::AllCompleted).await.unwrap();
            start.elapsed()
        },
        async {
            wait(&mut second, None, ReturnWhen::FirstCompleted).await.unwrap();
            start.elapsed()
        },
    ))
    .await;
    assert_eq!((first, second), (Ok(TICK * 2), Ok(TICK)));
}

pub async fn tasks_of_different_outputs_in_one_set() {
    let (number, mut text) = (after(2, 1_u8), after(1, "text"));
    let mut both: [&dyn AnyTask; 2] = [&number, &text];
    let (done, pending) = wait(&mut both, None, ReturnWhen::FirstCompleted).await.unwrap();
    assert!(done[0].done() && !done[0].cancelled() && !pending[0].done());
    assert_eq!((done[0].id(), pending[0].id()), (text.id(), number.id()));
    assert_eq!((&mut text).await, Ok("text"));
    assert_eq!(number.await, Ok(1));
}
