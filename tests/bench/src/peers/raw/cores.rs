//! A server on several threads, each with an epoll of its own; the connections are dealt out to them in turns.

#[path = "../../workloads/cores.rs"]
mod workload;

use super::sockets::{listen, read, write};
use crate::epoll::{Epoll, NO_EVENTS};
use crate::sizes::MESSAGE;
use std::mem::ManuallyDrop;
use std::net::TcpStream;
use std::os::fd::{AsRawFd, FromRawFd};
use std::thread::spawn;

pub use workload::ALL;

/// A server on so many threads, while that is done with its port. Its threads last as long as the program.
pub fn serve<T>(threads: usize, during: impl FnOnce(u16) -> T) -> T {
    let (listener, port) = listen();
    let epolls: &[_] = (0..threads).map(|_| Epoll::new()).collect::<Vec<_>>().leak();
    for epoll in epolls {
        spawn(|| answer(epoll));
    }
    spawn(move || {
        for epoll in epolls.iter().cycle() {
            // Whom it was dealt to drops it.
            let stream = ManuallyDrop::new(listener.accept().unwrap().0);
            stream.set_nonblocking(true).unwrap();
            epoll.add(&*stream, stream.as_raw_fd() as usize);
        }
    });
    during(port)
}

fn answer(epoll: &Epoll) {
    let mut events = NO_EVENTS;
    let mut buffer = [0; 2 * MESSAGE];
    loop {
        for number in epoll.wait(&mut events) {
            // SAFETY: it is open until this drops it, and known to nobody else once it was added.
            let stream = ManuallyDrop::new(unsafe { TcpStream::from_raw_fd(number as i32) });
            match read(&stream, &mut buffer) {
                Some([]) => drop(ManuallyDrop::into_inner(stream)),
                Some(message) => write(&stream, message),
                None => {}
            }
        }
    }
}
