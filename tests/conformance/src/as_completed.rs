use core::cell::Cell;
use core::future::{pending, poll_fn};
use core::pin::{Pin, pin};
use core::task::{Context, Poll, Waker};

use everloop_core::{
    AnyTask, AsCompleted, Duration, Event, Instant, Shared, Task, TaskSet, as_completed, catch_cancel,
    create_task, gather, sleep, wait_for, yield_now,
};
use futures_core::{FusedStream, Stream};

use crate::trace::{OnDrop, Trace};

const TICK: Duration = Duration::from_millis(1);

fn after<T: 'static>(ticks: u32, value: T) -> Task<T> {
    create_task(async move {
        sleep(TICK * ticks).await;
        value
    })
}

/// The value of the next one, which is given when it is ready.
async fn value<S: TaskSet<Handle = Task<u32>>>(completed: &mut Pin<&mut AsCompleted<S>>) -> u32 {
    let task = completed.next().await.unwrap().unwrap();
    *task.result().unwrap().unwrap()
}

pub async fn they_come_in_the_order_of_their_ends() {
    let start = Instant::now();
    let mut completed = pin!(as_completed([after(3, 3), after(1, 1), after(2, 2)], None));
    for n in 1..4 {
        assert_eq!(value(&mut completed).await, n);
        assert_eq!(start.elapsed(), TICK * n);
    }
    assert!(completed.next().await.is_none());
    assert!(completed.next().await.is_none());
}

pub async fn the_order_is_kept_of_what_ends_before_the_first_poll() {
    let tasks = [6, 1, 5, 9, 2, 4, 3, 8, 7].map(|n| after(n, n));
    // The first have ended before the call, others before the first poll.
    sleep(TICK * 3).await;
    let mut completed = pin!(as_completed(tasks, None));
    sleep(TICK * 4).await;
    for n in 1..10 {
        assert_eq!(value(&mut completed).await, n);
    }
}

pub async fn the_order_is_kept_of_what_ends_between_two_polls() {
    let mut completed = pin!(as_completed([4, 2, 5, 1, 3].map(|n| after(n, n)), None));
    assert_eq!(value(&mut completed).await, 1);
    sleep(TICK * 10).await;
    for n in 2..6 {
        assert_eq!(value(&mut completed).await, n);
    }
}

pub async fn the_order_is_kept_of_what_ends_at_one_moment() {
    // All are woken by one event, in the order of their waits, which is not that of the arguments.
    static GO: Event<Shared> = Event::new();
    GO.clear();
    let tasks = [3, 1, 2].map(|n| {
        create_task(async move {
            sleep(TICK * n).await;
            GO.wait().await;
            n
        })
    });
    let mut completed = pin!(as_completed(tasks, None));
    let mut opened = false;
    sleep(TICK * 5).await;
    for n in 1..4 {
        if !core::mem::replace(&mut opened, true) {
            GO.set();
        }
        assert_eq!(value(&mut completed).await, n);
    }
}

pub async fn none_ends_at_once() {
    let none: [Task<u32>; 0] = [];
    let mut completed = pin!(as_completed(none, Some(TICK)));
    assert!(completed.is_terminated());
    assert!(completed.next().await.is_none());
    assert!(completed.take_remaining().next().is_none());
}

pub async fn what_is_given_is_what_was_taken() {
    let tasks = [after(2, 2), after(1, 1)];
    let ids = [tasks[1].id(), tasks[0].id()];
    let mut completed = pin!(as_completed(tasks, None));
    for id in ids {
        let task = completed.next().await.unwrap().unwrap();
        assert!(task.done());
        assert_eq!(task.id(), id);
    }
}

pub async fn what_was_given_can_be_awaited_together() {
    let mut completed = pin!(as_completed([after(5, 1), after(5, 2)], None));
    let (first, second) = (completed.next().await, completed.next().await);
    let both = gather((first.unwrap().unwrap(), second.unwrap().unwrap()));
    assert_eq!(both.await, (Ok(Ok(1)), Ok(Ok(2))));
}

pub async fn a_dropped_next_loses_nothing() {
    let mut completed = pin!(as_completed([after(10, 1), after(20, 2), after(30, 3)], None));
    // Dropped while it waits, and when it was woken already.
    assert!(wait_for(completed.next(), TICK).await.is_err());
    {
        let mut next = pin!(completed.next());
        poll_fn(|cx| {
            assert!(next.as_mut().poll(cx).is_pending());
            Poll::Ready(())
        })
        .await;
        sleep(TICK * 21).await;
    }
    for n in 1..4 {
        assert_eq!(value(&mut completed).await, n);
    }
}

pub async fn it_may_be_polled_by_different_tasks_in_turn() {
    let mut completed = pin!(as_completed([after(1, 1), after(2, 2)], Some(TICK * 9)));
    // As if another task had asked first, which nobody polls any more.
    let mut elsewhere = Context::from_waker(Waker::noop());
    assert!(completed.as_mut().poll_next(&mut elsewhere).is_pending());
    assert_eq!(value(&mut completed).await, 1);
    assert!(completed.as_mut().poll_next(&mut elsewhere).is_pending());
    assert_eq!(value(&mut completed).await, 2);
}

pub async fn after_the_deadline_each_of_the_rest_is_an_error() {
    let start = Instant::now();
    let tasks = [after(30, 3), after(10, 1), after(40, 4)];
    let mut completed = pin!(as_completed(tasks, Some(TICK * 15)));
    assert_eq!(value(&mut completed).await, 1);
    assert!(completed.next().await.unwrap().is_err());
    assert_eq!(start.elapsed(), TICK * 15);
    // Also if it has ended since.
    sleep(TICK * 20).await;
    assert!(completed.next().await.unwrap().is_err());
    assert!(completed.next().await.is_none());
    let late: heapless::Vec<_, 3> = completed.take_remaining().collect();
    assert_eq!(late.len(), 2);
    for (task, n) in late.into_iter().zip([3, 4]) {
        assert_eq!(task.await, Ok(n));
    }
}

pub async fn the_timeout_counts_from_the_call() {
    let start = Instant::now();
    let mut completed = pin!(as_completed([after(30, 3)], Some(TICK * 20)));
    sleep(TICK * 15).await;
    assert!(completed.next().await.unwrap().is_err());
    assert_eq!(start.elapsed(), TICK * 20);
}

pub async fn what_ended_in_time_is_given_after_the_deadline() {
    let tasks = [after(30, 3), after(2, 2), after(1, 1)];
    let mut completed = pin!(as_completed(tasks, Some(TICK * 3)));
    assert_eq!(value(&mut completed).await, 1);
    sleep(TICK * 10).await;
    assert_eq!(value(&mut completed).await, 2);
    assert!(completed.next().await.unwrap().is_err());
}

pub async fn what_ends_first_at_the_deadline_is_given() {
    let tasks = [after(6, 6), after(5, 5)];
    // They sleep before the timeout is set.
    yield_now().await;
    let mut completed = pin!(as_completed(tasks, Some(TICK * 5)));
    assert_eq!(value(&mut completed).await, 5);
    assert!(completed.next().await.unwrap().is_err());
}

pub async fn a_zero_timeout_lets_what_is_ready_run() {
    let tasks = [after(1, 1), create_task(async { 2 })];
    let mut completed = pin!(as_completed(tasks, Some(Duration::ZERO)));
    assert_eq!(value(&mut completed).await, 2);
    assert!(completed.next().await.unwrap().is_err());
    assert!(completed.next().await.is_none());
}

pub async fn an_unused_timeout_wakes_nobody() {
    let mut completed = pin!(as_completed([after(1, 1), after(2, 2)], Some(TICK * 5)));
    assert_eq!(value(&mut completed).await, 1);
    assert_eq!(value(&mut completed).await, 2);
    let polls = Cell::new(0);
    let mut rest = pin!(sleep(TICK * 20));
    poll_fn(|cx| {
        polls.set(polls.get() + 1);
        rest.as_mut().poll(cx)
    })
    .await;
    assert_eq!(polls.get(), 2);
}

pub async fn the_rest_can_be_taken_back() {
    let tasks = [after(3, 3), after(1, 1), after(2, 2), after(4, 4)];
    let mut completed = pin!(as_completed(tasks, Some(TICK * 9)));
    assert_eq!(value(&mut completed).await, 1);
    sleep(TICK).await;
    // In the order of the arguments, done or not; what is not taken at once is there later.
    let first = completed.take_remaining().next().unwrap();
    assert!(completed.next().await.is_none());
    sleep(TICK).await;
    let rest: heapless::Vec<_, 4> = completed.take_remaining().collect();
    assert_eq!(first.await, Ok(3));
    for (task, n) in rest.into_iter().zip([2, 4]) {
        assert_eq!(task.await, Ok(n));
    }
    assert!(completed.take_remaining().next().is_none());
}

pub async fn taken_back_before_the_first_poll_they_run_on() {
    let mut completed = pin!(as_completed([after(1, 1), after(2, 2)], None));
    let [one, two] = [0; 2].map(|_| completed.take_remaining().next().unwrap());
    assert_eq!((one.await, two.await), (Ok(1), Ok(2)));
}

pub async fn dropping_it_detaches_the_tasks() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let tasks = [3, 1, 2].map(|n| {
        create_task(async move {
            sleep(TICK * n).await;
            LOG.push(n);
            OnDrop(&LOG, n + 10)
        })
    });
    {
        let mut completed = pin!(as_completed(tasks, Some(TICK * 5)));
        assert!(completed.next().await.unwrap().is_ok());
        // The second has ended and is not given; the third still runs.
        sleep(TICK).await;
    }
    LOG.expect(&[1, 11, 2, 12]);
    sleep(TICK * 5).await;
    LOG.expect(&[1, 11, 2, 12, 3, 13]);
}

pub async fn cancelling_the_one_who_waits_spares_the_tasks() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let mut outer = create_task(async {
        let tasks = [2, 3].map(|n| {
            create_task(async move {
                sleep(TICK * n).await;
                LOG.push(n);
            })
        });
        let mut completed = pin!(as_completed(tasks, None));
        let _ = completed.next().await;
        LOG.push(99);
    });
    sleep(TICK).await;
    outer.cancel();
    let start = Instant::now();
    assert!((&mut outer).await.is_err());
    assert_eq!(start.elapsed(), Duration::ZERO);
    sleep(TICK * 5).await;
    LOG.expect(&[2, 3]);
}

pub async fn caught_it_goes_on() {
    let outer = create_task(async {
        let mut completed = pin!(as_completed([after(20, 2), after(10, 1)], None));
        let caught = catch_cancel(completed.next()).await.is_err();
        (caught, value(&mut completed).await, value(&mut completed).await)
    });
    sleep(TICK).await;
    outer.cancel();
    assert_eq!(outer.await, Ok((true, 1, 2)));
}

pub async fn a_cancelled_task_is_given_too() {
    let tasks = [after(5, 5), create_task(pending()), create_task(pending())];
    tasks[1].cancel();
    let late = after(2, ());
    let mut completed = pin!(as_completed(tasks.each_ref(), None));
    assert!(completed.next().await.unwrap().unwrap().cancelled());
    late.await.unwrap();
    tasks[2].cancel();
    assert_eq!(completed.next().await.unwrap().unwrap().id(), tasks[2].id());
    assert_eq!(completed.next().await.unwrap().unwrap().id(), tasks[0].id());
    assert!(completed.next().await.is_none());
}

pub async fn tasks_of_different_outputs_by_reference() {
    let (number, text) = (after(2, 1_u8), after(1, "text"));
    {
        let mut completed = pin!(as_completed([&number as &dyn AnyTask, &text], None));
        assert_eq!(completed.next().await.unwrap().unwrap().id(), text.id());
        assert_eq!(completed.next().await.unwrap().unwrap().id(), number.id());
    }
    assert_eq!((number.await, text.await), (Ok(1), Ok("text")));
}

pub async fn a_task_given_twice_comes_twice() {
    let (one, two) = (after(1, 1), after(2, 2));
    let mut completed = pin!(as_completed([&one, &two, &one], None));
    for task in [&one, &one, &two] {
        assert_eq!(completed.next().await.unwrap().unwrap().id(), task.id());
    }
    assert!(completed.next().await.is_none());
}

pub async fn two_at_once_over_the_same_tasks() {
    let (one, two) = (after(2, 1), after(1, 2));
    let first = async {
        let mut completed = pin!(as_completed([&one, &two], None));
        let first = completed.next().await.unwrap().unwrap().id();
        (first, completed.next().await.unwrap().unwrap().id())
    };
    let second = async {
        let mut completed = pin!(as_completed([&two, &one], None));
        completed.next().await.unwrap().unwrap().id()
    };
    assert_eq!(gather((first, second)).await, (Ok((two.id(), one.id())), Ok(two.id())));
}

pub async fn it_is_a_stream() {
    let mut completed = pin!(as_completed([after(9, 9), after(1, 1)], Some(TICK * 2)));
    assert_eq!(completed.size_hint(), (2, Some(2)));
    let first = poll_fn(|cx| completed.as_mut().poll_next(cx)).await;
    assert_eq!(first.unwrap().unwrap().await, Ok(1));
    assert_eq!(completed.size_hint(), (1, Some(1)));
    assert!(!completed.is_terminated());
    assert!(poll_fn(|cx| completed.as_mut().poll_next(cx)).await.unwrap().is_err());
    assert_eq!(completed.size_hint(), (0, Some(0)));
    assert!(completed.is_terminated());
    assert!(poll_fn(|cx| completed.as_mut().poll_next(cx)).await.is_none());
}
