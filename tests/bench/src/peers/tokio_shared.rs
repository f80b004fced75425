//! What tokio's runtimes have in common: included by each of them.

use std::future::Future;
use std::time::Duration;
use tokio::sync::futures::Notified;
use tokio::sync::{Mutex, MutexGuard, Notify, Semaphore, SemaphorePermit};
use tokio::task::JoinError;

pub use tokio::task::yield_now;
pub use tokio::time::sleep;

pub fn output<T>(done: Result<T, JoinError>) -> T {
    done.unwrap()
}

/// A `Notify` that is told once and stays silent after.
pub fn event() -> Notify {
    Notify::new()
}

pub fn wait(event: &Notify) -> Notified<'_> {
    event.notified()
}

pub fn set(event: &Notify) {
    event.notify_waiters();
}

pub fn lock<T>(value: T) -> Mutex<T> {
    Mutex::new(value)
}

pub fn acquire<T>(lock: &Mutex<T>) -> impl Future<Output = MutexGuard<'_, T>> {
    lock.lock()
}

pub fn semaphore(permits: usize) -> Semaphore {
    Semaphore::new(permits)
}

pub async fn permit(semaphore: &Semaphore) -> SemaphorePermit<'_> {
    semaphore.acquire().await.unwrap()
}

pub mod bounded {
    use tokio::sync::mpsc::{Receiver, Sender, channel};

    pub fn new() -> (Sender<u64>, Receiver<u64>) {
        channel(64)
    }

    pub async fn put(queue: &mut Sender<u64>, item: u64) {
        queue.send(item).await.unwrap();
    }

    pub async fn get(queue: &mut Receiver<u64>) -> u64 {
        queue.recv().await.unwrap()
    }
}

pub mod unbounded {
    use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

    pub fn new() -> (UnboundedSender<u64>, UnboundedReceiver<u64>) {
        unbounded_channel()
    }

    pub async fn put(queue: &mut UnboundedSender<u64>, item: u64) {
        queue.send(item).unwrap();
    }

    pub async fn get(queue: &mut UnboundedReceiver<u64>) -> u64 {
        queue.recv().await.unwrap()
    }
}

pub async fn timeout<T>(limit: Duration, task: impl Future<Output = T>) -> bool {
    tokio::time::timeout(limit, task).await.is_ok()
}
