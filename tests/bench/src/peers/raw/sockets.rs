//! Sockets and epoll.

use crate::affinity::{cores, keep_to};
use crate::epoll::{Epoll, NO_EVENTS};
use crate::limits;
use crate::load::{Load, warm_up};
use crate::measure::{Report, Workload, begin, processor};
use crate::sizes::{CONNECTIONS, MESSAGE};
use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};

/// As in the workloads of the others.
pub const ALL: &[Workload] = &[
    Workload { name: "echo", n: 100_000, run: both_ends },
    Workload { name: "echo-server", n: 100_000, run: |n| serve(CONNECTIONS, n) },
    Workload { name: "connections", n: 100, run: |n| serve(n, 100_000) },
];

/// A listener, and its port.
pub fn listen() -> (TcpListener, u16) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

/// Connections with both of their ends: first that of who asks, then that of who answers.
pub fn pairs(count: u64) -> Vec<TcpStream> {
    let (listener, port) = listen();
    let pair = |_| {
        let client = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
        [client, listener.accept().unwrap().0]
    };
    (0..count).flat_map(pair).collect()
}

/// What there is to read; nothing at the end of the stream.
pub fn read<'a>(mut stream: &TcpStream, buffer: &'a mut [u8]) -> Option<&'a [u8]> {
    match stream.read(buffer) {
        Ok(count) => Some(&buffer[..count]),
        Err(error) if error.kind() == ErrorKind::WouldBlock => None,
        Err(error) => panic!("{error}"),
    }
}

pub fn write(mut stream: &TcpStream, message: &[u8]) {
    assert_eq!(stream.write(message).unwrap(), message.len());
}

/// Four calls of the system for each echo, and one for many.
fn both_ends(n: u64) -> Report {
    let ends = pairs(CONNECTIONS);
    let epoll = Epoll::new();
    let mut events = NO_EVENTS;
    for (number, end) in ends.iter().enumerate() {
        end.set_nonblocking(true).unwrap();
        epoll.add(end, number);
    }
    let mut echoes = |n: u64| {
        let (mut asked, mut answered) = (0, 0);
        let mut ask = |client: &TcpStream| {
            if asked < n {
                asked += 1;
                write(client, &[7; MESSAGE]);
            }
        };
        ends.iter().step_by(2).for_each(&mut ask);
        // With room for more than can come, so that a read says when nothing is left.
        let mut buffer = [0; 2 * MESSAGE];
        while answered < n {
            for number in epoll.wait(&mut events) {
                let Some(message) = read(&ends[number], &mut buffer) else { continue };
                assert_eq!(message.len(), MESSAGE);
                if number % 2 == 1 {
                    write(&ends[number], message);
                } else {
                    answered += 1;
                    ask(&ends[number]);
                }
            }
        }
    };
    echoes(n / 10);
    let began = begin();
    echoes(n);
    vec![("ps", began.each(n))]
}

fn serve(connections: u64, echoes: u64) -> Report {
    limits::more_descriptors();
    let cores = cores();
    keep_to(&cores[..1]);
    let (listener, port) = listen();
    let load = Load::start(port, connections, echoes, cores[cores.len() - 1]);
    let epoll = Epoll::new();
    let mut events = NO_EVENTS;
    let mut streams = Vec::new();
    for number in 0..connections as usize {
        let stream = listener.accept().unwrap().0;
        stream.set_nonblocking(true).unwrap();
        epoll.add(&stream, number);
        streams.push(Some(stream));
    }
    let cpu = processor();
    let mut open = connections;
    let mut buffer = [0; 2 * MESSAGE];
    while open > 0 {
        for number in epoll.wait(&mut events) {
            let Some(stream) = &streams[number] else { continue };
            match read(stream, &mut buffer) {
                // Closed at once, since an end may be told of twice.
                Some([]) => {
                    streams[number] = None;
                    open -= 1;
                }
                Some(message) => write(stream, message),
                None => {}
            }
        }
    }
    told(processor() - cpu, echoes, load)
}

/// What came of it.
pub fn told(cpu: std::time::Duration, echoes: u64, load: Load) -> Report {
    let all = u128::from(echoes + warm_up(echoes));
    let rate = u128::from(echoes) * 1_000_000_000 / load.took().as_nanos().max(1);
    vec![("rate", rate as u64), ("cpu-ps", (cpu.as_nanos() * 1000 / all) as u64)]
}
