//! everloop.

#[path = "../workloads/event.rs"]
mod event_workloads;
#[path = "../workloads/locks.rs"]
mod locks;
#[path = "../workloads/queues.rs"]
mod queues;
#[path = "../workloads/semaphore.rs"]
mod semaphore_workloads;
#[path = "../workloads/tasks.rs"]
mod tasks;
#[path = "../workloads/timers.rs"]
mod timers;

use crate::measure::{Count, Workload};
use ::everloop::{CancelledError, Event, EventWait, Local, Lock, LockGuard, Permit, Semaphore};
use std::future::Future;
use std::time::Duration;

pub use ::everloop::{create_task as spawn, yield_now};

pub const ALL: &[&[Workload]] =
    &[tasks::ALL, queues::ALL, event_workloads::ALL, locks::ALL, semaphore_workloads::ALL, timers::ALL];

pub fn run<T>(main: impl Future<Output = T>) -> T {
    ::everloop::run(main).unwrap()
}

pub fn output<T>(done: Result<T, CancelledError>) -> T {
    done.unwrap()
}

pub fn detach<T: 'static>(task: impl Future<Output = T> + 'static) {
    drop(spawn(task));
}

pub fn count(count: &Count) -> u64 {
    count.one_local()
}

pub fn event() -> Event {
    Event::new()
}

pub fn wait(event: &Event) -> EventWait<'_, Local> {
    event.wait()
}

pub fn set(event: &Event) {
    event.set();
}

pub fn lock<T>(value: T) -> Lock<T> {
    Lock::new(value)
}

pub fn acquire<T>(lock: &Lock<T>) -> impl Future<Output = LockGuard<'_, T>> {
    lock.acquire()
}

pub fn semaphore(permits: usize) -> Semaphore {
    Semaphore::new(permits)
}

pub fn permit(semaphore: &Semaphore) -> impl Future<Output = Permit<'_>> {
    semaphore.acquire()
}

pub mod bounded {
    use ::everloop::{Bounded, Queue};
    use std::rc::Rc;

    type Shared = Rc<Queue<u64, Bounded>>;

    pub fn new() -> (Shared, Shared) {
        let queue = Rc::new(Queue::bounded(64));
        (queue.clone(), queue)
    }

    pub async fn put(queue: &mut Shared, item: u64) {
        queue.put(item).await.unwrap();
    }

    pub async fn get(queue: &mut Shared) -> u64 {
        queue.get().await.unwrap()
    }
}

pub mod unbounded {
    use ::everloop::{Queue, Unbounded};
    use std::rc::Rc;

    type Shared = Rc<Queue<u64, Unbounded>>;

    pub fn new() -> (Shared, Shared) {
        let queue = Rc::new(Queue::new());
        (queue.clone(), queue)
    }

    pub async fn put(queue: &mut Shared, item: u64) {
        queue.put_nowait(item).unwrap();
    }

    pub async fn get(queue: &mut Shared) -> u64 {
        queue.get().await.unwrap()
    }
}

fn ticks(time: Duration) -> ::everloop::Duration {
    ::everloop::Duration::from_nanos(time.as_nanos() as u64)
}

pub fn sleep(time: Duration) -> ::everloop::Sleep {
    ::everloop::sleep(ticks(time))
}

/// Whether it was in time.
pub async fn timeout<T>(limit: Duration, task: impl Future<Output = T>) -> bool {
    ::everloop::wait_for(task, ticks(limit)).await.is_ok()
}
