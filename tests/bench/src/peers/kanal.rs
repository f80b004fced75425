//! The queues of kanal, the fastest there are, between tasks of `LocalPool`.

#[path = "../workloads/queues.rs"]
mod queues;

use crate::measure::Workload;
use futures::executor::{LocalPool, LocalSpawner};
use futures::future::RemoteHandle;
use futures::task::LocalSpawnExt;
use std::cell::RefCell;
use std::future::Future;

pub const ALL: &[&[Workload]] = &[queues::ALL];

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

pub mod bounded {
    use ::kanal::{AsyncReceiver, AsyncSender, bounded_async};

    pub fn new() -> (AsyncSender<u64>, AsyncReceiver<u64>) {
        bounded_async(64)
    }

    pub async fn put(queue: &mut AsyncSender<u64>, item: u64) {
        queue.send(item).await.unwrap();
    }

    pub async fn get(queue: &mut AsyncReceiver<u64>) -> u64 {
        queue.recv().await.unwrap()
    }
}

pub mod unbounded {
    use ::kanal::{AsyncReceiver, AsyncSender, unbounded_async};

    pub fn new() -> (AsyncSender<u64>, AsyncReceiver<u64>) {
        unbounded_async()
    }

    pub async fn put(queue: &mut AsyncSender<u64>, item: u64) {
        queue.send(item).await.unwrap();
    }

    pub async fn get(queue: &mut AsyncReceiver<u64>) -> u64 {
        queue.recv().await.unwrap()
    }
}
