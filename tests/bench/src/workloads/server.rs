//! A TCP server alone on its core, and connections on which nothing happens.

use super as rt;
use crate::affinity::{cores, keep_to};
use crate::limits;
use crate::load::{Load, warm_up};
use crate::measure::{Count, Report, Workload, allocated, processor};
use crate::sizes::CONNECTIONS;
use std::net::{Ipv4Addr, TcpStream};

/// `n` is the number of echoes, or of connections.
pub const ALL: &[Workload] = &[
    Workload { name: "echo-server", n: 100_000, run: server },
    Workload { name: "connections", n: 100, run: connections },
    Workload { name: "idle-connection", n: 1_000, run: idle },
];

/// The server keeps to the first core, who asks to the last.
fn serve(connections: u64, echoes: u64) -> Report {
    limits::more_descriptors();
    let cores = cores();
    let (first, last) = (cores[0], cores[cores.len() - 1]);
    keep_to(&[first]);
    rt::run(async move {
        let mut listener = rt::listen().await;
        let load = Load::start(rt::port(&listener), connections, echoes, last);
        let mut tasks = Vec::new();
        for _ in 0..connections {
            let stream = rt::accept(&mut listener).await;
            tasks.push(rt::spawn(rt::answer(stream)));
        }
        let cpu = processor();
        for task in tasks {
            rt::output(task.await);
        }
        let cpu = processor() - cpu;
        let all = u128::from(echoes + warm_up(echoes));
        let rate = u128::from(echoes) * 1_000_000_000 / load.took().as_nanos().max(1);
        vec![("rate", rate as u64), ("cpu-ps", (cpu.as_nanos() * 1000 / all) as u64)]
    })
}

fn server(n: u64) -> Report {
    serve(CONNECTIONS, n)
}

/// As many echoes, however many connections they come over.
fn connections(n: u64) -> Report {
    serve(n, 100_000)
}

/// What the process itself holds for a connection and the task that serves it; the other ends are bare sockets.
fn idle(n: u64) -> Report {
    static BEGUN: Count = Count::new();
    /// So many come before, for what is made once and for all.
    const BEFORE: u64 = 16;
    limits::more_descriptors();
    rt::run(async move {
        let mut listener = rt::listen().await;
        let port = rt::port(&listener);
        let mut clients = Vec::with_capacity((BEFORE + n) as usize);
        let mut before = 0;
        for i in 0..BEFORE + n {
            if i == BEFORE {
                before = allocated();
            }
            clients.push(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap());
            let server = rt::accept(&mut listener).await;
            rt::detach(async {
                rt::count(&BEGUN);
                rt::answer(server).await;
            });
        }
        while BEGUN.get() < BEFORE + n {
            rt::output(rt::spawn(async {}).await);
        }
        vec![("bytes", (allocated() - before) / n)]
    })
}
