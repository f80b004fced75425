//! `wait` and `as_completed`: what needs panics, an allocator, or many tasks.
#![cfg(all(feature = "std", feature = "alloc"))]

use std::cell::{Cell, RefCell};
use std::future::{pending, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use everloop_core::virtual_time::{UNPARKER, VirtualTime};
use everloop_core::{
    AnyTask, Duration, EmptySetError, Instant, OwnedLoop, ReturnWhen, Task, as_completed, create_task, sleep,
    try_wait, wait, yield_now,
};
use futures_core::Stream;

const TICK: Duration = Duration::from_millis(1);

fn run<F: Future>(main: F) -> F::Output {
    OwnedLoop::new(UNPARKER).run(&VirtualTime::new(), &[], main).unwrap()
}

fn after<T: 'static>(ticks: u32, value: T) -> Task<T> {
    create_task(async move {
        sleep(TICK * ticks).await;
        value
    })
}

fn panics(ticks: u32) -> Task<u32> {
    create_task(async move {
        sleep(TICK * ticks).await;
        panic!("in the task")
    })
}

/// A small generator of numbers, the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % u64::from(bound)) as u32
    }
}

#[test]
fn a_handle_tells_by_the_trait_what_it_tells_by_itself() {
    fn told(task: &impl AnyTask) -> (bool, bool) {
        (task.done(), task.cancelled())
    }
    run(async {
        let tasks = [after(1, 1), panics(1), after(1, 1)];
        assert_eq!(tasks.each_ref().map(told), [(false, false); 3]);
        tasks[2].cancel();
        sleep(TICK).await;
        yield_now().await;
        let expected = [(true, false), (true, false), (true, true)];
        assert_eq!(tasks.each_ref().map(told), expected);
        assert_eq!(tasks.each_ref().map(|task| told(&task)), expected);
    });
}

#[test]
fn a_panic_is_an_exception() {
    run(async {
        let start = Instant::now();
        let mut tasks = [after(30, 1), panics(20), after(10, 3)];
        let (done, pending) = wait(&mut tasks, None, ReturnWhen::FirstException).await.unwrap();
        assert_eq!((done.len(), pending.len()), (2, 1));
        assert_eq!(start.elapsed(), TICK * 20);
        // One that is there returns at once.
        let (done, _) = wait(&mut tasks, None, ReturnWhen::FirstException).await.unwrap();
        assert_eq!(done.len(), 2);
        assert_eq!(start.elapsed(), TICK * 20);
        // The set has been reordered: the one that panicked came first.
        let [failed, ..] = tasks;
        let caught = CatchUnwind(Box::pin(async { failed.await.unwrap() })).await;
        assert!(caught.is_err());
    });
}

#[test]
fn a_panic_is_an_exception_for_try_wait_too() {
    run(async {
        let mut tasks = [after(30, Ok::<u32, u32>(1)), create_task(async { panic!("in the task") })];
        let (done, pending) = try_wait(&mut tasks, None, ReturnWhen::FirstException).await.unwrap();
        assert_eq!((done.len(), pending.len()), (1, 1));
    });
}

#[test]
fn a_panic_is_a_completion() {
    run(async {
        let mut tasks = [after(30, 1), panics(20)];
        let (done, _) = wait(&mut tasks, None, ReturnWhen::FirstCompleted).await.unwrap();
        assert_eq!(done.len(), 1);
        let mut completed = Box::pin(as_completed(Vec::from(tasks), None));
        let mut completed = completed.as_mut();
        let failed = completed.next().await.unwrap().unwrap();
        assert!(CatchUnwind(Box::pin(async { failed.await.unwrap() })).await.is_err());
        assert_eq!(completed.next().await.unwrap().unwrap().await, Ok(1));
    });
}

/// Catches a panic of the future.
struct CatchUnwind<F>(Pin<Box<F>>);

impl<F: Future> Future for CatchUnwind<F> {
    type Output = std::thread::Result<F::Output>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match catch_unwind(AssertUnwindSafe(|| self.0.as_mut().poll(cx))) {
            Ok(poll) => poll.map(Ok),
            Err(payload) => Poll::Ready(Err(payload)),
        }
    }
}

#[test]
fn slices_and_vecs_of_any_length() {
    const ALL: usize = if cfg!(miri) { 15 } else { 300 };
    run(async {
        let mut numbers = Numbers(1);
        let delays: Vec<_> = (0..ALL).map(|_| numbers.below(20)).collect();
        let mut tasks: Vec<_> = delays.iter().map(|&n| after(n, n)).collect();
        let start = Instant::now();
        let (done, pending) = wait(&mut tasks, Some(TICK * 10), ReturnWhen::AllCompleted).await.unwrap();
        assert!(done.iter().all(|task| *task.result().unwrap().unwrap() <= 10));
        assert!(pending.iter().all(|task| !task.done()));
        // In the order of the arguments, which is that of their numbers.
        assert!(done.is_sorted_by_key(|task| task.id()) && pending.is_sorted_by_key(|task| task.id()));
        let (done, pending) = (done.len(), pending.len());
        assert!(done > 0 && pending > 0 && done + pending == ALL);
        wait(&mut tasks[done..], None, ReturnWhen::AllCompleted).await.unwrap();
        assert_eq!(start.elapsed(), TICK * *delays.iter().max().unwrap());
        assert!(tasks.iter().all(Task::done));
    });
}

#[test]
fn an_empty_slice_is_an_error() {
    run(async {
        let mut none: Vec<Task<u32>> = Vec::new();
        assert_eq!(wait(&mut none, None, ReturnWhen::AllCompleted).await.unwrap_err(), EmptySetError);
        let none: &mut [Task<u32>] = &mut [];
        assert_eq!(wait(none, None, ReturnWhen::AllCompleted).await.unwrap_err(), EmptySetError);
    });
}

#[test]
fn a_loop_that_takes_the_done_ones_out() {
    run(async {
        let mut tasks: Vec<_> = (1..50).rev().map(|n| after(n, n)).collect();
        let mut order = Vec::new();
        while !tasks.is_empty() {
            let done = wait(&mut tasks, None, ReturnWhen::FirstCompleted).await.unwrap().0.len();
            for task in tasks.drain(..done) {
                order.push(task.await.unwrap());
            }
        }
        assert_eq!(order, (1..50).collect::<Vec<_>>());
    });
}

/// Any number of tasks, polled from any moment on, with and without pauses, come in the order of their ends.
#[test]
fn completion_order_at_random() {
    let mut numbers = Numbers(7);
    for _ in 0..if cfg!(miri) { 2 } else { 200 } {
        let count = 1 + numbers.below(40);
        let spread = 1 + numbers.below(30);
        let (before, pause) = (numbers.below(40), numbers.below(3));
        let ended = Rc::new(RefCell::new(Vec::new()));
        let waits: Vec<_> = (0..count).map(|_| numbers.below(spread)).collect();
        let log = ended.clone();
        let given = run(async move {
            let tasks: Vec<_> = (0..count)
                .zip(waits)
                .map(|(n, ticks)| {
                    let log = log.clone();
                    create_task(async move {
                        sleep(TICK * ticks).await;
                        log.borrow_mut().push(n);
                        n
                    })
                })
                .collect();
            sleep(TICK * (before / 2)).await;
            let mut completed = Box::pin(as_completed(tasks, None));
            let mut completed = completed.as_mut();
            sleep(TICK * (before - before / 2)).await;
            let mut given = Vec::new();
            while let Some(task) = completed.next().await {
                given.push(task.unwrap().await.unwrap());
                sleep(TICK * pause).await;
            }
            given
        });
        assert_eq!(given.len(), count as usize);
        assert_eq!(given, *ended.borrow());
    }
}

const MANY: u32 = if cfg!(miri) { 50 } else { 5000 };

#[test]
fn many_that_have_ended_before_are_sorted() {
    run(async {
        let mut numbers = Numbers(3);
        let mut ticks: Vec<u32> = (0..MANY).collect();
        for at in (1..ticks.len()).rev() {
            ticks.swap(at, numbers.below(at as u32 + 1) as usize);
        }
        let tasks: Vec<_> = ticks.into_iter().map(|n| after(n, n)).collect();
        sleep(TICK * MANY).await;
        let mut completed = Box::pin(as_completed(tasks, None));
        let mut completed = completed.as_mut();
        for n in 0..MANY {
            assert_eq!(completed.next().await.unwrap().unwrap().await, Ok(n));
        }
        assert!(completed.next().await.is_none());
    });
}

/// Polls once, and returns what it was at that.
async fn poll_once<F: Future>(mut future: Pin<&mut F>) -> Poll<F::Output> {
    poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx))).await
}

#[test]
fn forgotten_midway_they_hurt_nobody() {
    run(async {
        let (one, two) = (after(5, 1), after(6, 2));
        let mut set = [&one, &two];
        let mut forgotten = Box::pin(wait(&mut set, Some(TICK * 3), ReturnWhen::AllCompleted));
        assert!(poll_once(forgotten.as_mut()).await.is_pending());
        std::mem::forget(forgotten);
        let mut forgotten = Box::pin(as_completed([&one, &two], Some(TICK * 3)));
        assert!(poll_once(std::pin::pin!(forgotten.as_mut().next())).await.is_pending());
        std::mem::forget(forgotten);
        assert_eq!((one.await, two.await), (Ok(1), Ok(2)));
        sleep(TICK * 10).await;
    });
}

#[test]
fn different_tasks_take_turns() {
    let given = run(async {
        let completed = Rc::new(RefCell::new(Box::pin(as_completed(
            (1..9).rev().map(|n| after(n, n)).collect::<Vec<_>>(),
            None,
        ))));
        let given = Rc::new(RefCell::new(Vec::new()));
        for who in 0..8 {
            // One asks first, and is cancelled while it waits.
            let all = completed.clone();
            let asks = create_task(async move {
                poll_fn(|cx| all.borrow_mut().as_mut().poll_next(cx).map(drop)).await;
            });
            yield_now().await;
            assert!(asks.cancel());
            assert!(asks.await.is_err());
            // Each of these takes one, and leaves the rest to the next.
            let (all, given) = (completed.clone(), given.clone());
            let takes = create_task(async move {
                let task = poll_fn(|cx| all.borrow_mut().as_mut().poll_next(cx)).await;
                let value = task.unwrap().unwrap().await.unwrap();
                given.borrow_mut().push((who, value));
            });
            takes.await.unwrap();
        }
        given.take()
    });
    assert_eq!(given, (0..8).map(|n| (n, n + 1)).collect::<Vec<_>>());
}

/// A waker that counts.
struct Counts(std::sync::atomic::AtomicU32);

impl Wake for Counts {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    }
}

#[test]
fn only_what_matters_wakes() {
    run(async {
        let mut tasks = [after(1, Ok::<(), ()>(())), after(2, Ok(())), after(3, Err(())), after(4, Ok(()))];
        for (return_when, wakes) in [(ReturnWhen::AllCompleted, 0), (ReturnWhen::FirstCompleted, 1)] {
            let counts = Arc::new(Counts(0.into()));
            let waker = Waker::from(counts.clone());
            let mut waiting = Box::pin(try_wait(&mut tasks, None, return_when));
            assert!(waiting.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
            // Two end; whoever was woken once is not woken again before it polls.
            sleep(TICK * 2).await;
            yield_now().await;
            assert_eq!(counts.0.load(std::sync::atomic::Ordering::Relaxed), wakes);
            drop(waiting);
            let ended = tasks.iter().filter(|task| task.done()).count();
            assert_eq!(ended, 2);
            tasks = [after(1, Ok(())), after(2, Ok(())), after(3, Err(())), after(4, Ok(()))];
        }
    });
}

#[test]
fn a_handle_that_is_dropped_with_it_detaches() {
    run(async {
        let ended = Rc::new(Cell::new(0));
        let tasks: Vec<_> = (1..4)
            .map(|n| {
                let ended = ended.clone();
                create_task(async move {
                    sleep(TICK * n).await;
                    ended.set(ended.get() + 1);
                })
            })
            .collect();
        let mut completed = Box::pin(as_completed(tasks, None));
        drop(completed.as_mut().next().await);
        drop(completed);
        sleep(TICK * 5).await;
        assert_eq!(ended.get(), 3);
    });
}

#[test]
fn outside_a_loop_only_a_timeout_needs_a_clock() {
    let none: [Task<()>; 0] = [];
    drop(as_completed(none, None));
    let none: [Task<()>; 0] = [];
    assert!(catch_unwind(AssertUnwindSafe(|| drop(as_completed(none, Some(TICK))))).is_err());
}

#[test]
fn a_loop_that_closes_ends_what_waits() {
    // Left over at the end: a task that waits for tasks that wait for nothing.
    run(async {
        drop(create_task(async {
            let mut tasks: Vec<Task<()>> = (0..3).map(|_| create_task(pending())).collect();
            let _ = wait(&mut tasks, None, ReturnWhen::AllCompleted).await;
        }));
        drop(create_task(async {
            let tasks: Vec<Task<()>> = (0..3).map(|_| create_task(pending())).collect();
            let mut completed = Box::pin(as_completed(tasks, None));
            while completed.as_mut().next().await.is_some() {}
        }));
        sleep(TICK).await;
    });
}

#[test]
fn tasks_of_different_outputs_in_one_vec() {
    run(async {
        let (number, text) = (after(2, 1), after(1, "text"));
        let mut all: Vec<&dyn AnyTask> = vec![&number, &text];
        let (done, _) = wait(&mut all, None, ReturnWhen::FirstCompleted).await.unwrap();
        assert_eq!(done[0].id(), text.id());
    });
}

/// Whoever is told of an end may look at once who else has ended, and in which order.
#[test]
fn what_ends_just_now_comes_after_what_ended_before() {
    let order = run(async {
        let order = Rc::new(RefCell::new(Vec::new()));
        let both: Rc<Cell<Option<[Task<u32>; 2]>>> = Rc::default();
        let (first, second) = (after(1, 1), after(2, 2));
        let (log, tasks) = (order.clone(), both.clone());
        second.add_done_callback(move |_| {
            let mut completed = Box::pin(as_completed(tasks.take().unwrap(), None));
            let mut cx = Context::from_waker(Waker::noop());
            while let Poll::Ready(Some(task)) = std::pin::pin!(completed.as_mut().next()).poll(&mut cx) {
                log.borrow_mut().push(*task.unwrap().result().unwrap().unwrap());
            }
        });
        both.set(Some([second, first]));
        sleep(TICK * 3).await;
        order.take()
    });
    assert_eq!(order, [1, 2]);
}

/// The time being up is told when nothing that has ended is left to be given.
#[test]
fn what_ends_before_the_time_is_seen_to_be_up_is_given() {
    run(async {
        let mut completed = Box::pin(as_completed([after(3, 1), after(7, 2), after(9, 3)], Some(TICK * 5)));
        assert!(poll_once(std::pin::pin!(completed.as_mut().next())).await.is_pending());
        let mut given = Vec::new();
        for wait in [6, 2, 2] {
            sleep(TICK * wait).await;
            let next = completed.as_mut().next().await.unwrap();
            given.push(next.ok().map(|task| *task.result().unwrap().unwrap()));
        }
        assert_eq!(given, [Some(1), Some(2), Some(3)]);
    });
}
