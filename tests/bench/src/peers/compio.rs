//! compio, on io_uring where there is one. It has no events; those of `event-listener` stand in.

#[path = "../workloads/echo.rs"]
mod echo;
#[path = "../workloads/event.rs"]
mod event_workloads;
#[path = "own_thread.rs"]
mod own_thread;
#[path = "owned.rs"]
mod owned;
#[path = "../workloads/processes.rs"]
mod processes;
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
use crate::sizes::BLOCK;
use ::compio::buf::{BufResult, IntoInner, IoBuf};
use ::compio::io::{AsyncRead, AsyncWriteExt};
use ::compio::process::{Child, ChildStdin, ChildStdout, Command};
use std::future::Future;
use std::net::Ipv4Addr;
use std::process::Stdio;
use std::time::Duration;

pub use crate::own_yield::yield_now;
pub use ::compio::net::{TcpListener as Listener, TcpStream as Stream};
pub use ::compio::runtime::spawn;
pub use ::compio::time::sleep;
pub use own_thread::thread;
pub use owned::*;

pub const ALL: &[&[Workload]] = &[
    tasks::ALL,
    turns::ALL,
    event_workloads::ALL,
    timers::ALL,
    echo::ALL,
    server::ALL,
    wake::ALL,
    processes::ALL,
];

pub fn run<T>(main: impl Future<Output = T>) -> T {
    ::compio::runtime::Runtime::new().unwrap().block_on(main)
}

pub fn output<T, E: std::fmt::Debug>(done: Result<T, E>) -> T {
    done.unwrap()
}

pub fn detach<T: 'static>(task: impl Future<Output = T> + 'static) {
    spawn(task).detach();
}

pub async fn timeout<T>(limit: Duration, task: impl Future<Output = T>) -> bool {
    ::compio::time::timeout(limit, task).await.is_ok()
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
    Listener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap()
}

pub fn port(listener: &Listener) -> u16 {
    listener.local_addr().unwrap().port()
}

pub async fn accept(listener: &mut Listener) -> Stream {
    listener.accept().await.unwrap().0
}

pub async fn connect(port: u16) -> Stream {
    Stream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap()
}

pub async fn read(stream: &mut impl AsyncRead, buffer: Vec<u8>) -> (usize, Vec<u8>) {
    let BufResult(count, buffer) = stream.read(buffer).await;
    (count.unwrap(), buffer)
}

/// So much of it.
pub async fn write(stream: &mut Stream, buffer: Vec<u8>, count: usize) -> Vec<u8> {
    let BufResult(done, slice) = stream.write_all(buffer.slice(..count)).await;
    done.unwrap();
    slice.into_inner()
}

pub async fn process() {
    assert!(Command::new("/bin/true").status().await.unwrap().success());
}

pub async fn cat() -> (Child, ChildStdin, ChildStdout) {
    let mut command = Command::new("cat");
    command.stdin(Stdio::piped()).unwrap().stdout(Stdio::piped()).unwrap();
    let mut cat = command.spawn().unwrap();
    let (stdin, stdout) = (cat.stdin.take().unwrap(), cat.stdout.take().unwrap());
    (cat, stdin, stdout)
}

pub async fn feed(mut stdin: ChildStdin, bytes: u64) {
    let mut block = vec![7; BLOCK];
    for _ in 0..bytes / BLOCK as u64 {
        let BufResult(done, written) = stdin.write_all(block).await;
        done.unwrap();
        block = written;
    }
}

pub async fn drain(mut stdout: ChildStdout) -> u64 {
    let (mut block, mut came) = (vec![0; BLOCK], 0);
    loop {
        match read(&mut stdout, block).await {
            (0, _) => return came,
            (count, filled) => (came, block) = (came + count as u64, filled),
        }
    }
}

pub async fn ended(cat: Child) {
    assert!(cat.wait().await.unwrap().success());
}
