//! Sockets and io_uring.

use super::sockets::{listen, pairs, told};
use crate::affinity::{cores, keep_to};
use crate::load::Load;
use crate::measure::{Report, Workload, begin, processor};
use crate::sizes::{CONNECTIONS, MESSAGE};
use io_uring::{IoUring, opcode, squeue, types};
use std::net::TcpStream;
use std::os::fd::AsRawFd;

/// As in the workloads of the others.
pub const ALL: &[&[Workload]] = &[&[
    Workload { name: "echo", n: 100_000, run: both_ends },
    Workload { name: "echo-server", n: 100_000, run: serve },
]];

/// Connections, each with a buffer to read into and one to write from, so that both can be under way.
struct Ring {
    ring: IoUring,
    streams: Vec<TcpStream>,
    received: Vec<[u8; MESSAGE]>,
    sent: Vec<[u8; MESSAGE]>,
    /// Those that a read has ended on, and how many bytes it gave.
    done: Vec<(usize, usize)>,
}

/// What a completion says that is of no interest: it only comes when a write has failed.
const WRITE: u64 = u64::MAX;

impl Ring {
    fn new(streams: Vec<TcpStream>) -> Self {
        let count = streams.len();
        let mut builder = IoUring::builder();
        builder.setup_single_issuer().setup_defer_taskrun();
        let mut this = Self {
            ring: builder.build(512).unwrap(),
            streams,
            received: vec![[0; MESSAGE]; count],
            sent: vec![[7; MESSAGE]; count],
            done: Vec::new(),
        };
        (0..count).for_each(|number| this.read(number));
        this
    }

    fn push(&mut self, entry: &squeue::Entry) {
        // SAFETY: the buffers of reads and writes live as long as the ring, and nobody else touches them meanwhile.
        while unsafe { self.ring.submission().push(entry) }.is_err() {
            self.ring.submit().unwrap();
        }
    }

    fn read(&mut self, number: usize) {
        let fd = types::Fd(self.streams[number].as_raw_fd());
        let buffer = &mut self.received[number];
        let entry = opcode::Recv::new(fd, buffer.as_mut_ptr(), MESSAGE as u32).build();
        self.push(&entry.user_data(number as u64));
    }

    /// Writes what is in its buffer.
    fn write(&mut self, number: usize) {
        let fd = types::Fd(self.streams[number].as_raw_fd());
        let entry = opcode::Send::new(fd, self.sent[number].as_ptr(), MESSAGE as u32).build();
        self.push(&entry.user_data(WRITE).flags(squeue::Flags::SKIP_SUCCESS));
    }

    /// Sends back what was read, and reads on.
    fn answer(&mut self, number: usize, count: usize) {
        assert_eq!(count, MESSAGE);
        self.sent[number] = self.received[number];
        self.write(number);
        self.read(number);
    }

    /// Waits until reads have ended.
    fn wait(&mut self) {
        self.ring.submit_and_wait(1).unwrap();
        for entry in self.ring.completion() {
            let count = entry.result();
            assert!(count >= 0, "{}", std::io::Error::from_raw_os_error(-count));
            assert_ne!(entry.user_data(), WRITE);
            self.done.push((entry.user_data() as usize, count as usize));
        }
    }
}

fn both_ends(n: u64) -> Report {
    let mut ring = Ring::new(pairs(CONNECTIONS));
    let mut echoes = |n: u64| {
        let (mut asked, mut answered) = (0, 0);
        let mut ask = |ring: &mut Ring, number| {
            if asked < n {
                asked += 1;
                ring.write(number);
            }
        };
        (0..ring.streams.len()).step_by(2).for_each(|number| ask(&mut ring, number));
        while answered < n {
            ring.wait();
            for (number, count) in std::mem::take(&mut ring.done) {
                if number % 2 == 1 {
                    ring.answer(number, count);
                } else {
                    answered += 1;
                    ring.read(number);
                    ask(&mut ring, number);
                }
            }
        }
    };
    echoes(n / 10);
    let began = begin();
    echoes(n);
    vec![("ps", began.each(n))]
}

fn serve(n: u64) -> Report {
    let cores = cores();
    keep_to(&cores[..1]);
    let (listener, port) = listen();
    let load = Load::start(port, CONNECTIONS, n, cores[cores.len() - 1]);
    let streams = (0..CONNECTIONS).map(|_| listener.accept().unwrap().0).collect();
    let mut ring = Ring::new(streams);
    let cpu = processor();
    let mut open = CONNECTIONS;
    while open > 0 {
        ring.wait();
        for (number, count) in std::mem::take(&mut ring.done) {
            match count {
                0 => open -= 1,
                count => ring.answer(number, count),
            }
        }
    }
    told(processor() - cpu, n, load)
}
