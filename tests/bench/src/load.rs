//! Who asks a server of echoes: a process of its own with bare sockets, kept to a core.
//!
//! It has a number of connections, and on each of them one message under way at a time.

use crate::epoll::{Epoll, NO_EVENTS};
use crate::sizes::MESSAGE;
use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Load that is on.
pub struct Load {
    child: Child,
}

impl Load {
    /// Asks at this port, over so many connections, for so many echoes, from this core.
    pub fn start(port: u16, connections: u64, echoes: u64, core: usize) -> Self {
        let program = std::env::current_exe().unwrap();
        let args = [u64::from(port), connections, echoes, core as u64].map(|arg| arg.to_string());
        let mut command = Command::new(program);
        command.arg("load").args(args).stdin(Stdio::null()).stdout(Stdio::piped());
        Self { child: command.spawn().unwrap() }
    }

    /// How long it took, when it is over: this waits for that, and so blocks.
    pub fn took(self) -> Duration {
        let output = self.child.wait_with_output().unwrap();
        assert!(output.status.success(), "the load failed: {}", output.status);
        Duration::from_nanos(String::from_utf8(output.stdout).unwrap().trim().parse().unwrap())
    }
}

/// How many echoes there are besides, before the time is taken.
pub fn warm_up(echoes: u64) -> u64 {
    echoes / 10
}

/// One end of a connection.
struct Connection {
    stream: TcpStream,
    /// Of the echo, so much is still to come.
    left: usize,
}

/// What the process does.
pub fn run(port: u16, connections: u64, echoes: u64, core: usize) {
    crate::limits::more_descriptors();
    crate::affinity::keep_to(&[core]);
    let epoll = Epoll::new();
    let mut all: Vec<Connection> = Vec::new();
    for number in 0..connections as usize {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_nonblocking(true).unwrap();
        epoll.add(&stream, number);
        all.push(Connection { stream, left: 0 });
    }
    ask(&epoll, &mut all, warm_up(echoes));
    let began = Instant::now();
    ask(&epoll, &mut all, echoes);
    println!("{}", began.elapsed().as_nanos());
}

fn ask(epoll: &Epoll, all: &mut [Connection], echoes: u64) {
    let (mut asked, mut answered) = (0, 0);
    let mut next = |connection: &mut Connection| {
        if asked < echoes {
            asked += 1;
            connection.left = MESSAGE;
            let written = connection.stream.write(&[7; MESSAGE]).unwrap();
            assert_eq!(written, MESSAGE, "the system has no room for a message");
        }
    };
    all.iter_mut().for_each(&mut next);
    let mut events = NO_EVENTS;
    while answered < echoes {
        for number in epoll.wait(&mut events) {
            let connection = &mut all[number];
            // With room for more than can come, so that a read says when nothing is left.
            match connection.stream.read(&mut [0; 2 * MESSAGE]) {
                Ok(0) => panic!("the server has closed a connection"),
                Ok(count) => connection.left -= count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => continue,
                Err(error) => panic!("{error}"),
            }
            if connection.left == 0 {
                answered += 1;
                next(connection);
            }
        }
    }
}
