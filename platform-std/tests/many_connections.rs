//! Many connections at once in one process. Their clients are in another, since each end takes a descriptor.
#![allow(missing_docs)]
#![cfg(target_os = "linux")]

mod support;

use std::cell::Cell;
use std::io::{Read as _, Write as _};
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::rc::Rc;

use everloop::embedded_io_async::{Read, Write};
use everloop::net::TcpStream;
use everloop::{Event, create_task, start_server};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use support::any_port;

const NAME: &str = "ten_thousand_idle_and_a_thousand_active_connections_hold";
/// The server's address, for the process of the clients.
const SERVER: &str = "EVERLOOP_TEST_SERVER";
const IDLE: usize = 10_000;
const ACTIVE: usize = 1_000;
/// What an active connection asks, one question after the other.
fn questions() -> usize {
    support::many(50)
}
/// Each active connection asks so often, and in the end each idle one once.
fn asked() -> usize {
    ACTIVE * questions() + IDLE
}

#[derive(Default)]
struct Served {
    connections: Cell<usize>,
    answers: Cell<usize>,
    /// All was asked, or nobody is left to ask.
    over: Event,
}

#[test]
fn ten_thousand_idle_and_a_thousand_active_connections_hold() {
    take_all_descriptors();
    if let Ok(address) = std::env::var(SERVER) {
        return ask(address.parse().unwrap());
    }
    let before = open_descriptors();
    let served = Rc::new(Served::default());
    let serve = served.clone();
    everloop::run(async {
        let server = start_server(
            async move |mut reader, writer| {
                let served = &*serve;
                served.connections.set(served.connections.get() + 1);
                let mut question = [0; 8];
                while reader.readexactly(&mut question).await.is_ok() {
                    writer.write(&question).unwrap();
                    writer.drain().await.unwrap();
                    served.answers.set(served.answers.get() + 1);
                    if served.answers.get() == asked() {
                        served.over.set();
                    }
                }
                served.connections.set(served.connections.get() - 1);
                if served.connections.get() == 0 {
                    served.over.set();
                }
            },
            any_port(),
        );
        let server = server.await.unwrap();
        let mut again = Command::new(std::env::current_exe().unwrap());
        again.args(["--exact", NAME, "--nocapture"]).env(SERVER, server.local_addrs()[0].to_string());
        let mut clients = again.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        served.over.wait().await;
        assert_eq!((served.answers.get(), served.connections.get()), (asked(), IDLE + ACTIVE));
        // Only now the clients let go of their connections.
        served.over.clear();
        clients.stdin.take().unwrap().write_all(b"x").unwrap();
        served.over.wait().await;
        assert_eq!((served.answers.get(), served.connections.get()), (asked(), 0));
        assert!(clients.wait().unwrap().success());
        server.close();
        server.wait_closed().await;
    })
    .unwrap();
    assert_eq!(open_descriptors(), before);
}

/// The clients: all connect, some talk while the others are silent, and then each of those still gets its answer.
fn ask(server: SocketAddr) {
    everloop::run(async {
        let mut idle = Vec::with_capacity(IDLE);
        for _ in 0..IDLE {
            idle.push(TcpStream::connect(server).await.unwrap());
        }
        let mut active = Vec::with_capacity(ACTIVE);
        for number in 0..ACTIVE {
            let mut stream = TcpStream::connect(server).await.unwrap();
            active.push(create_task(async move {
                for question in 0..questions() {
                    answered(&mut stream, number * questions() + question).await;
                }
                stream
            }));
        }
        let mut done = Vec::with_capacity(ACTIVE);
        for task in active {
            done.push(task.await.unwrap());
        }
        for (number, stream) in idle.iter_mut().enumerate() {
            answered(stream, number).await;
        }
        std::io::stdin().read_exact(&mut [0]).unwrap();
    })
    .unwrap();
}

async fn answered(stream: &mut TcpStream, question: usize) {
    let question = (question as u64).to_be_bytes();
    stream.write_all(&question).await.unwrap();
    let mut answer = [0; 8];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer, question);
}

/// As many descriptors as this process may have.
fn take_all_descriptors() {
    let maximum = getrlimit(Resource::Nofile).maximum;
    let needed = (IDLE + ACTIVE + 100) as u64;
    assert!(
        maximum.is_none_or(|most| most >= needed),
        "it takes {needed} descriptors: raise the hard limit (ulimit -Hn)"
    );
    setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }).unwrap();
}

fn open_descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}
