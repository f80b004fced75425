//! The calls that are measured: a line each.

use crate::elapsed::nothing;
use crate::fresh::Fresh;
use crate::handed::Handed;
use crate::masked::Wakes::{All, None, One};
use crate::masked::{MANY, Row, begun, waiter};
use crate::meter::PHASES;
use core::cell::RefCell;
use core::convert::Infallible;
use core::fmt::{self, Write};
use core::future::{pending, poll_fn};
use core::hint::black_box;
use core::mem::forget;
use core::task::{Poll, Waker};
use critical_section::Mutex;
use everloop_embedded::{
    Barrier, Condition, Event, Fixed, Future, Lock, LockGuard, PriorityQueue, Queue, RemotePool, RemoteTask,
    Semaphore, Shared, run_coroutine_threadsafe,
};
use heapless::Vec;

/// How many wait where it may matter.
const SOME: &[usize] = &[0, 1, 10, 100];
/// So often something can be used up: in every phase, with each number of waiters, by two rows; the first is left out.
const USES: usize = PHASES as usize * SOME.len() * 2 + 1;

macro_rules! row {
    ($name:literal, $waiters:expr, $reset:expr, $wait:expr, $call:expr, $wakes:expr) => {
        Row {
            name: $name,
            waiters: $waiters,
            wakes: $wakes,
            reset: || ignore($reset),
            wait: || waiter(async { ignore($wait.await) }),
            arm: nothing,
            call: || ignore(black_box($call)),
        }
    };
}

/// Name, how many wait, what is done before, what they wait for, the call, and how many of them it wakes.
#[rustfmt::skip]
pub(crate) const ROWS: &[Row] = &[
    row!("Event::set", SOME, EVENT.clear(), EVENT.wait(), EVENT.set(), All),
    row!("Event::clear", SOME, EVENT.clear(), EVENT.wait(), EVENT.clear(), None),
    row!("Event::is_set", SOME, EVENT.clear(), EVENT.wait(), EVENT.is_set(), None),
    row!("Event as Debug", SOME, EVENT.clear(), EVENT.wait(), format(&EVENT), None),
    row!("Queue::put_nowait, to getters", SOME, empty(), QUEUE.get(), QUEUE.put_nowait(1), One),
    row!("Queue::put_nowait, refused", SOME, fill(&QUEUE), QUEUE.put(2), QUEUE.put_nowait(1), None),
    row!("Queue::get_nowait, from putters", SOME, fill(&QUEUE), QUEUE.put(2), QUEUE.get_nowait(), One),
    row!("Queue::get_nowait, refused", SOME, empty(), QUEUE.get(), QUEUE.get_nowait(), None),
    row!("Queue::task_done, the last", SOME, one_unfinished(), QUEUE.join(), QUEUE.task_done(), All),
    row!("Queue::task_done, not the last", SOME, fill(&QUEUE), QUEUE.join(), QUEUE.task_done(), None),
    row!("Queue::shutdown, getters", SOME, QUEUES.next(), QUEUES.get().get(), QUEUES.get().shutdown(false), All),
    row!("Queue::shutdown, putters", SOME, next_full(), QUEUES.get().put(2), QUEUES.get().shutdown(true), All),
    row!("Future::set_result", SOME, CELLS.next(), CELLS.get(), CELLS.get().set_result(1), All),
    row!("Future::cancel", SOME, CELLS.next(), CELLS.get(), CELLS.get().cancel(), All),
    row!("PriorityQueue::put_nowait", SOME, sorted_empty(), SORTED.get(), SORTED.put_nowait(1), One),
    row!("PriorityQueue::get_nowait", SOME, sorted_fill(), SORTED.put(2), SORTED.get_nowait(), One),
    row!("LockGuard::drop", SOME, hold(), held(), GUARD.take(), One),
    row!("Semaphore::release", SOME, exhaust(), permitted(), SEMAPHORE.release(), One),
    row!("Condition::notify, of one", SOME, (), notified(), CONDITION.notify(1), One),
    row!("Condition::notify_all", SOME, (), notified(), CONDITION.notify_all(), All),
    row!("Barrier::reset", SOME, (), BARRIER.wait(), BARRIER.reset(), All),
    Row { wait: submitted, ..row!("run_coroutine_threadsafe", SOME, (), pending::<()>(), submit(), None) },
    Row {
        wait: stale,
        arm: wake_stale,
        ..row!("run_coroutine_threadsafe, stale wakes", SOME, (), pending::<()>(), submit(), None)
    },
    Row { wait: submitted, ..row!("RemoteTask::cancel", SOME, keep_task(), pending::<()>(), cancel_kept(), None) },
    Row { arm: wake_all_but_one, ..row!("Waker::wake", &[1, 10, 100], WAKER.take(), a_wake(), wake_one(), All) },
];

static EVENT: Event<Shared> = Event::new();
static QUEUE: Queue<u32, Fixed<8>, Shared> = Queue::new();
static QUEUES: Fresh<Queue<u32, Fixed<8>, Shared>, USES> = Fresh::new([const { Queue::new() }; USES]);
static CELLS: Fresh<Future<u32, Infallible, Shared>, USES> = Fresh::new([const { Future::new() }; USES]);
static SORTED: PriorityQueue<u32, Fixed<8>, Shared> = PriorityQueue::new();
static LOCKS: Fresh<Lock<(), Shared>, USES> = Fresh::new([const { Lock::new(()) }; USES]);
static GUARD: Handed<LockGuard<'static, (), Shared>> = Handed::new();
static SEMAPHORE: Semaphore<Shared> = Semaphore::new(0);
static CONDITION: Condition<Shared> = Condition::new();
static BARRIER: Barrier<Shared> = Barrier::new(MANY + 1);

/// Where tasks are submitted to.
pub(crate) static REMOTE: RemotePool<{ MANY + 2 }, 128> = RemotePool::new();
static TASK: Handed<RemoteTask<()>> = Handed::new();
static WAKER: Handed<Waker> = Handed::new();
static WAKERS: Mutex<RefCell<Vec<Waker, MANY>>> = Mutex::new(RefCell::new(Vec::new()));

fn ignore<T>(_: T) {}

/// As a text that nobody reads.
fn format(value: &impl fmt::Debug) -> fmt::Result {
    struct Nowhere;
    impl Write for Nowhere {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            black_box(text);
            Ok(())
        }
    }
    write!(Nowhere, "{value:?}")
}

/// Nothing is in it, and all is dealt with.
fn empty() {
    while QUEUE.get_nowait().is_ok() {}
    while QUEUE.task_done().is_ok() {}
}

/// Of what is in it nothing is dealt with.
fn fill(queue: &Queue<u32, Fixed<8>, Shared>) {
    while queue.get_nowait().is_ok() {}
    while queue.task_done().is_ok() {}
    while queue.put_nowait(1).is_ok() {}
}

fn sorted_empty() {
    while SORTED.get_nowait().is_ok() {}
}

fn sorted_fill() {
    sorted_empty();
    while SORTED.put_nowait(1).is_ok() {}
}

/// A lock is held that the call lets go.
fn hold() {
    LOCKS.next();
    let guard = LOCKS.get().try_acquire();
    GUARD.put(guard.expect("nobody had it"));
}

/// Keeps the lock for ever, so that nobody else is woken.
async fn held() {
    forget(LOCKS.get().acquire().await);
}

fn exhaust() {
    while let Some(permit) = SEMAPHORE.try_acquire() {
        permit.forget();
    }
}

async fn permitted() {
    SEMAPHORE.acquire().await.forget();
}

/// With a lock of its own, so that those who are notified need not wait for each other.
async fn notified() {
    let lock = Lock::<()>::new(());
    let mut guard = lock.acquire().await;
    CONDITION.wait(&mut guard).await;
}

fn next_full() {
    QUEUES.next();
    fill(QUEUES.get());
}

fn one_unfinished() {
    empty();
    ignore(QUEUE.put_nowait(1));
}

fn submit() {
    assert!(run_coroutine_threadsafe(async || (), &REMOTE).is_ok(), "there is room for one more");
}

/// A submitted task that waits.
fn submitted() {
    let submitted = run_coroutine_threadsafe(
        async || {
            begun();
            pending::<()>().await
        },
        &REMOTE,
    );
    drop(submitted.expect("there is room for all"));
}

/// A submitted task that has ended, and left a waker.
fn stale() {
    let submitted = run_coroutine_threadsafe(
        async || {
            begun();
            let waker = poll_fn(|cx| Poll::Ready(cx.waker().clone())).await;
            leave(waker);
        },
        &REMOTE,
    );
    drop(submitted.expect("there is room for all"));
}

fn leave(waker: Waker) {
    let left = critical_section::with(|cs| WAKERS.borrow_ref_mut(cs).push(waker));
    assert!(left.is_ok(), "there is room for all wakers");
}

fn left() -> Option<Waker> {
    critical_section::with(|cs| WAKERS.borrow_ref_mut(cs).pop())
}

fn wake_stale() {
    while let Some(waker) = left() {
        waker.wake();
    }
}

fn keep_task() {
    let task = run_coroutine_threadsafe(async || pending().await, &REMOTE);
    TASK.put(task.expect("there is room for one more"));
}

fn cancel_kept() {
    if let Some(task) = TASK.take() {
        task.cancel();
        TASK.put(task);
    }
}

/// Goes on when its waker, which it leaves, is woken.
async fn a_wake() {
    let mut left = false;
    poll_fn(|cx| {
        if left {
            return Poll::Ready(());
        }
        left = true;
        leave(cx.waker().clone());
        Poll::Pending
    })
    .await;
}

fn wake_all_but_one() {
    if let Some(waker) = left() {
        WAKER.put(waker);
    }
    wake_stale();
}

fn wake_one() {
    if let Some(waker) = WAKER.take() {
        waker.wake();
    }
}
