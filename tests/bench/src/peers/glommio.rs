//! glommio. It has no lock and no events; those of `event-listener` stand in.

#[path = "borrowed.rs"]
mod borrowed;
#[path = "../workloads/echo.rs"]
mod echo;
#[path = "../workloads/event.rs"]
mod event_workloads;
#[path = "own_thread.rs"]
mod own_thread;
#[path = "../workloads/queues.rs"]
mod queues;
#[path = "../workloads/semaphore.rs"]
mod semaphore_workloads;
#[path = "../workloads/server.rs"]
mod server;
#[path = "../workloads/tasks.rs"]
mod tasks;
#[path = "../workloads/timers.rs"]
mod timers;
#[path = "../workloads/turns.rs"]
mod turns;
#[path = "../workloads/wake.rs"]
mod wake;

use crate::measure::Workload;
use ::glommio::sync::{Permit, Semaphore};
use ::glommio::timer::sleep as glommio_sleep;
use ::glommio::{GlommioError, LocalExecutorBuilder, Placement};
use futures::{AsyncReadExt as Reading, AsyncWriteExt as Writing};
use std::future::Future;
use std::net::Ipv4Addr;
use std::time::Duration;

pub use crate::own_yield::yield_now;
pub use ::glommio::net::{TcpListener as Listener, TcpStream as Stream};
pub use ::glommio::spawn_local as spawn;
pub use borrowed::*;
pub use own_thread::thread;

pub const ALL: &[&[Workload]] = &[
    tasks::ALL,
    turns::ALL,
    queues::ALL,
    event_workloads::ALL,
    semaphore_workloads::ALL,
    timers::ALL,
    echo::ALL,
    server::ALL,
    wake::ALL,
];

pub fn run<T>(main: impl Future<Output = T>) -> T {
    LocalExecutorBuilder::new(Placement::Unbound).make().unwrap().run(main)
}

pub fn output<T>(done: T) -> T {
    done
}

pub fn detach<T: 'static>(task: impl Future<Output = T> + 'static) {
    spawn(task).detach();
}

pub async fn sleep(time: Duration) {
    glommio_sleep(time).await;
}

pub async fn timeout<T>(limit: Duration, task: impl Future<Output = T>) -> bool {
    let task = async { Ok::<T, GlommioError<()>>(task.await) };
    ::glommio::timer::timeout(limit, task).await.is_ok()
}

pub fn semaphore(permits: usize) -> Semaphore {
    Semaphore::new(permits as u64)
}

pub async fn permit(semaphore: &Semaphore) -> Permit<'_> {
    semaphore.acquire_permit(1).await.unwrap()
}

pub mod bounded {
    use ::glommio::channels::local_channel::{LocalReceiver, LocalSender, new_bounded};

    pub fn new() -> (LocalSender<u64>, LocalReceiver<u64>) {
        new_bounded(64)
    }

    pub async fn put(queue: &mut LocalSender<u64>, item: u64) {
        queue.send(item).await.unwrap();
    }

    pub async fn get(queue: &mut LocalReceiver<u64>) -> u64 {
        queue.recv().await.unwrap()
    }
}

pub mod unbounded {
    use ::glommio::channels::local_channel::{LocalReceiver, LocalSender, new_unbounded};

    pub fn new() -> (LocalSender<u64>, LocalReceiver<u64>) {
        new_unbounded()
    }

    pub async fn put(queue: &mut LocalSender<u64>, item: u64) {
        queue.try_send(item).unwrap();
    }

    pub async fn get(queue: &mut LocalReceiver<u64>) -> u64 {
        queue.recv().await.unwrap()
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

pub async fn listen() -> Listener {
    Listener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap()
}

pub fn port(listener: &Listener) -> u16 {
    listener.local_addr().unwrap().port()
}

pub async fn accept(listener: &mut Listener) -> Stream {
    listener.accept().await.unwrap()
}

pub async fn connect(port: u16) -> Stream {
    Stream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap()
}
