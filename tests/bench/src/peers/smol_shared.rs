//! What smol's executors have in common: included by each of them.

#[path = "borrowed.rs"]
mod borrowed;
#[path = "pipes.rs"]
mod pipes;

use event_listener::{Event, EventListener};
use smol::io::{AsyncReadExt as Reading, AsyncWriteExt as Writing};
use smol::lock::{Mutex, MutexGuard, Semaphore, SemaphoreGuard};
use smol::process::{Child, ChildStdin as Stdin, ChildStdout as Stdout, Command};
use std::future::Future;
use std::net::Ipv4Addr;
use std::process::Stdio;
use std::time::Duration;

pub use borrowed::*;
pub use pipes::*;
pub use smol::future::yield_now;
pub use smol::net::{TcpListener as Listener, TcpStream as Stream};

pub fn output<T>(done: T) -> T {
    done
}

pub fn event() -> Event {
    Event::new()
}

pub fn wait(event: &Event) -> EventListener {
    event.listen()
}

pub fn set(event: &Event) {
    event.notify(usize::MAX);
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

pub fn permit(semaphore: &Semaphore) -> impl Future<Output = SemaphoreGuard<'_>> {
    semaphore.acquire()
}

pub mod bounded {
    use smol::channel::{Receiver, Sender, bounded};

    pub fn new() -> (Sender<u64>, Receiver<u64>) {
        bounded(64)
    }

    pub async fn put(queue: &mut Sender<u64>, item: u64) {
        queue.send(item).await.unwrap();
    }

    pub async fn get(queue: &mut Receiver<u64>) -> u64 {
        queue.recv().await.unwrap()
    }
}

pub mod unbounded {
    use smol::channel::{Receiver, Sender};

    pub fn new() -> (Sender<u64>, Receiver<u64>) {
        smol::channel::unbounded()
    }

    pub async fn put(queue: &mut Sender<u64>, item: u64) {
        queue.try_send(item).unwrap();
    }

    pub async fn get(queue: &mut Receiver<u64>) -> u64 {
        queue.recv().await.unwrap()
    }
}

pub async fn sleep(time: Duration) {
    smol::Timer::after(time).await;
}

/// smol has no call for it; its documentation does it so.
pub async fn timeout<T>(limit: Duration, task: impl Future<Output = T>) -> bool {
    smol::future::or(
        async {
            task.await;
            true
        },
        async {
            smol::Timer::after(limit).await;
            false
        },
    )
    .await
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
    assert!(cat.status().await.unwrap().success());
}
