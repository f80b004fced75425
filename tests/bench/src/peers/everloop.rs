//! everloop.

#[path = "borrowed.rs"]
mod borrowed;
#[path = "../workloads/cores.rs"]
mod cores;
#[path = "../workloads/echo.rs"]
mod echo;
#[path = "../workloads/event.rs"]
mod event_workloads;
#[path = "../workloads/locks.rs"]
mod locks;
#[path = "own_thread.rs"]
mod own_thread;
#[path = "../workloads/processes.rs"]
mod processes;
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

use crate::measure::{Count, Workload};
use crate::sizes::{BLOCK, MESSAGE};
use ::everloop::embedded_io_async::{Read as Reading, Write as Writing};
use ::everloop::net::{ServerThreads, SocketReader, SocketWriter};
use ::everloop::process::{Process, ProcessReader, ProcessWriter, Stdio};
use ::everloop::{
    CancelledError, Event, EventWait, Local, Lock, LockGuard, Permit, Semaphore, create_subprocess_exec,
    to_thread,
};
use std::future::Future;
use std::net::Ipv4Addr;
use std::time::Duration;

pub use ::everloop::net::{TcpListener as Listener, TcpStream as Stream};
pub use ::everloop::{create_task as spawn, yield_now};
pub use borrowed::*;
pub use own_thread::thread;

const NO_ARGS: [&str; 0] = [];

pub const ALL: &[&[Workload]] = &[
    tasks::ALL,
    turns::ALL,
    queues::ALL,
    event_workloads::ALL,
    locks::ALL,
    semaphore_workloads::ALL,
    timers::ALL,
    echo::ALL,
    server::ALL,
    cores::ALL,
    wake::ALL,
    processes::ALL,
];

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

pub async fn listen() -> Listener {
    Listener::bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap()
}

pub fn port(listener: &Listener) -> u16 {
    listener.local_addr().unwrap().port()
}

pub async fn accept(listener: &mut Listener) -> Stream {
    listener.accept().await.unwrap().0
}

pub async fn connect(port: u16) -> Stream {
    Stream::connect((Ipv4Addr::LOCALHOST, port).into()).await.unwrap()
}

pub async fn process() {
    let process = create_subprocess_exec("/bin/true", NO_ARGS).await.unwrap();
    assert_eq!(process.wait().await, 0);
}

pub async fn cat() -> (Process, ProcessWriter, ProcessReader) {
    let cat = create_subprocess_exec("cat", NO_ARGS).stdin(Stdio::Pipe).stdout(Stdio::Pipe);
    let mut cat = cat.await.unwrap();
    let (stdin, stdout) = (cat.stdin.take().unwrap(), cat.stdout.take().unwrap());
    (cat, stdin, stdout)
}

pub async fn feed(stdin: ProcessWriter, bytes: u64) {
    let block = vec![7; BLOCK];
    for _ in 0..bytes / BLOCK as u64 {
        stdin.write(&block).unwrap();
        stdin.drain().await.unwrap();
    }
    stdin.close();
    stdin.wait_closed().await.unwrap();
}

pub async fn drain(mut stdout: ProcessReader) -> u64 {
    let (mut block, mut came) = (vec![0; BLOCK], 0);
    loop {
        match stdout.read(&mut block).await.unwrap() {
            0 => return came,
            count => came += count as u64,
        }
    }
}

pub async fn ended(cat: Process) {
    assert_eq!(cat.wait().await, 0);
}

/// A server on so many loops, while that is done with its port.
pub fn serve<T: Send + 'static>(loops: usize, during: impl FnOnce(u16) -> T + Send + 'static) -> T {
    let make = || {
        async |mut reader: SocketReader, writer: SocketWriter| {
            while let Ok(message @ [_, ..]) = reader.read_some(MESSAGE).await {
                writer.write(message).unwrap();
                writer.drain().await.unwrap();
            }
        }
    };
    run(async {
        let threads = ServerThreads::new().threads(loops.try_into().unwrap());
        let server = threads.start(make, (Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = server.local_addrs()[0].port();
        let value = to_thread(move || during(port)).await;
        server.close();
        server.close_clients();
        server.wait_closed().await.unwrap();
        value
    })
}
