//! A network in memory with one port.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::task::{Poll, Waker};

use embedded_io::ErrorKind;
use everloop_core::net;

use super::client::Client;
use super::pipe::{Sink, Source, pipe};

/// How much a connection holds in either direction.
const CAPACITY: usize = 1024;

#[derive(Default)]
struct State {
    backlog: RefCell<VecDeque<Connection>>,
    listener: Cell<Option<Waker>>,
    failures: Cell<u32>,
}

#[derive(Clone, Default)]
pub struct Network(Rc<State>);

impl Network {
    pub fn listener(&self) -> Listener {
        Listener(self.0.clone())
    }

    /// Makes the next accepts fail.
    pub fn fail(&self, times: u32) {
        self.0.failures.set(times);
        self.wake();
    }

    pub fn connect(&self) -> Client {
        self.connect_with(CAPACITY)
    }

    /// Connects with little room for what the other end sends.
    pub fn connect_with(&self, capacity: usize) -> Client {
        let (far_source, near_sink) = pipe(CAPACITY);
        let (near_source, far_sink) = pipe(capacity);
        self.0.backlog.borrow_mut().push_back(Connection { source: far_source, sink: far_sink });
        self.wake();
        Client::new(near_source, near_sink)
    }

    /// How many connections wait to be accepted.
    pub fn waiting(&self) -> usize {
        self.0.backlog.borrow().len()
    }

    fn wake(&self) {
        if let Some(waker) = self.0.listener.take() {
            waker.wake();
        }
    }
}

pub struct Listener(Rc<State>);

impl net::Listener for Listener {
    type Error = ErrorKind;
    type Connection = Connection;

    async fn accept(&self) -> Result<Connection, ErrorKind> {
        poll_fn(|cx| {
            if let Some(left) = self.0.failures.get().checked_sub(1) {
                self.0.failures.set(left);
                return Poll::Ready(Err(ErrorKind::OutOfMemory));
            }
            match self.0.backlog.borrow_mut().pop_front() {
                Some(connection) => Poll::Ready(Ok(connection)),
                None => {
                    self.0.listener.set(Some(cx.waker().clone()));
                    Poll::Pending
                }
            }
        })
        .await
    }

    fn local_addr(&self) -> Result<SocketAddr, ErrorKind> {
        Ok(ADDRESS)
    }
}

const ADDRESS: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 7000);

pub struct Connection {
    source: Source,
    sink: Sink,
}

impl net::Connection for Connection {
    type Error = ErrorKind;
    type Reader = Source;
    type Writer = Sink;

    fn split(self) -> (Source, Sink) {
        (self.source, self.sink)
    }

    fn peer_addr(&self) -> Result<SocketAddr, ErrorKind> {
        Ok(ADDRESS)
    }

    fn local_addr(&self) -> Result<SocketAddr, ErrorKind> {
        Ok(ADDRESS)
    }
}
