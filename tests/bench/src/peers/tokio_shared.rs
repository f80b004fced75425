//! What tokio's runtimes have in common: included by each of them.

#[path = "borrowed.rs"]
mod borrowed;
#[path = "pipes.rs"]
mod pipes;

use std::future::Future;
use std::net::Ipv4Addr;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncReadExt as Reading, AsyncWriteExt as Writing};
use tokio::process::{Child, ChildStdin as Stdin, ChildStdout as Stdout, Command};
use tokio::sync::futures::Notified;
use tokio::sync::{Mutex, MutexGuard, Notify, Semaphore, SemaphorePermit};
use tokio::task::JoinError;

pub use borrowed::*;
pub use pipes::*;
pub use tokio::net::{TcpListener as Listener, TcpStream as Stream};
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

pub async fn listen() -> Listener {
    Listener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap()
}

pub fn port(listener: &Listener) -> u16 {
    listener.local_addr().unwrap().port()
}

pub async fn accept(listener: &mut Listener) -> Stream {
    listener.accept().await.unwrap().0
}

#[allow(dead_code, reason = "only on one thread")]
pub async fn connect(port: u16) -> Stream {
    Stream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap()
}

pub async fn process() {
    assert!(Command::new("/bin/true").status().await.unwrap().success());
}

pub async fn cat() -> (Child, Stdin, Stdout) {
    let mut cat = Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let (stdin, stdout) = (cat.stdin.take().unwrap(), cat.stdout.take().unwrap());
    (cat, stdin, stdout)
}

pub async fn ended(mut cat: Child) {
    assert!(cat.wait().await.unwrap().success());
}
