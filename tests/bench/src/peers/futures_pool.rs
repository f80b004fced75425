//! `LocalPool` of the crate `futures`, with its channels, and the lock of tokio, which is fair.

#[path = "../workloads/event.rs"]
mod event_workloads;
#[path = "../workloads/locks.rs"]
mod locks;
#[path = "own_thread.rs"]
mod own_thread;
#[path = "../workloads/queues.rs"]
mod queues;
#[path = "../workloads/tasks.rs"]
mod tasks;
#[path = "../workloads/turns.rs"]
mod turns;
#[path = "../workloads/wake.rs"]
mod wake;

use crate::measure::Workload;
use futures::executor::{LocalPool, LocalSpawner};
use futures::future::RemoteHandle;
use futures::task::LocalSpawnExt;
use std::cell::RefCell;
use std::future::Future;
use tokio::sync::{Mutex, MutexGuard};

pub use crate::own_yield::yield_now;
pub use own_thread::thread;

pub const ALL: &[&[Workload]] =
    &[tasks::ALL, turns::ALL, queues::ALL, event_workloads::ALL, locks::ALL, wake::ALL];

thread_local! {
    static SPAWNER: RefCell<Option<LocalSpawner>> = const { RefCell::new(None) };
}

pub fn run<T>(main: impl Future<Output = T>) -> T {
    let mut pool = LocalPool::new();
    SPAWNER.set(Some(pool.spawner()));
    pool.run_until(main)
}

pub fn spawn<T: 'static>(task: impl Future<Output = T> + 'static) -> RemoteHandle<T> {
    SPAWNER.with_borrow(|spawner| spawner.as_ref().unwrap().spawn_local_with_handle(task)).unwrap()
}

pub fn output<T>(done: T) -> T {
    done
}

pub fn detach(task: impl Future<Output = ()> + 'static) {
    SPAWNER.with_borrow(|spawner| spawner.as_ref().unwrap().spawn_local(task)).unwrap();
}

pub fn lock<T>(value: T) -> Mutex<T> {
    Mutex::new(value)
}

pub fn acquire<T>(lock: &Mutex<T>) -> impl Future<Output = MutexGuard<'_, T>> {
    lock.lock()
}

pub mod bounded {
    use futures::SinkExt;
    use futures::StreamExt;
    use futures::channel::mpsc::{Receiver, Sender, channel};

    pub fn new() -> (Sender<u64>, Receiver<u64>) {
        // It has a place for each sender besides.
        channel(63)
    }

    pub async fn put(queue: &mut Sender<u64>, item: u64) {
        queue.send(item).await.unwrap();
    }

    pub async fn get(queue: &mut Receiver<u64>) -> u64 {
        queue.next().await.unwrap()
    }
}

pub mod unbounded {
    use futures::StreamExt;
    use futures::channel::mpsc::{UnboundedReceiver, UnboundedSender};

    pub fn new() -> (UnboundedSender<u64>, UnboundedReceiver<u64>) {
        futures::channel::mpsc::unbounded()
    }

    pub async fn put(queue: &mut UnboundedSender<u64>, item: u64) {
        queue.unbounded_send(item).unwrap();
    }

    pub async fn get(queue: &mut UnboundedReceiver<u64>) -> u64 {
        queue.next().await.unwrap()
    }
}

pub fn event() -> event_listener::Event {
    event_listener::Event::new()
}

pub fn wait(event: &event_listener::Event) -> event_listener::EventListener {
    event.listen()
}

pub fn set(event: &event_listener::Event) {
    event.notify(usize::MAX);
}

pub fn count(count: &crate::measure::Count) -> u64 {
    count.one_local()
}
