//! Servers: a listener or several, and a task for each connection.

mod accept;
mod clients;
mod error;
mod start;

use std::cell::{Cell, RefCell};
use std::fmt;
use std::io;
use std::rc::Rc;

use everloop_core::net::ServeError;
use everloop_core::{Task, catch_cancel, create_task};

use super::kind::Kind;
use super::{SocketReader, SocketWriter, StreamSocket, Tcp};
use crate::reactor;
use accept::CloseAtEnd;
#[cfg(all(unix, feature = "inspect"))]
pub(crate) use accept::bear;

pub(super) use clients::Clients;
pub use error::StartError;
pub(super) use start::at_each;
pub(crate) use start::listeners;
pub use start::start_server;
#[cfg(unix)]
pub use start::start_unix_server;

/// A server: it accepts connections and starts a task of its handler for each. asyncio's `Server`.
///
/// It is made by [`start_server`], by `start_unix_server`, or of listeners by [`new`](Self::new), and serves until it is
/// [closed](Self::close) or dropped. Its connections live on then; whoever wants to see them off calls
/// [`close_clients`](Self::close_clients) or [`abort_clients`](Self::abort_clients), and waits with
/// [`wait_closed`](Self::wait_closed).
///
/// Out of descriptors or memory it tells the loop's [exception handler](crate::set_exception_handler), waits for a second,
/// and goes on.
///
/// # Differs from asyncio
/// It accepts from the moment it is made. There is no `async with`: the end of its scope drops it, which closes it and
/// waits for nothing. Each listener is served by a task, named `server`; a server whose task was cancelled closes.
pub struct Server<K: Kind = Tcp> {
    inner: Rc<Inner<K>>,
}

struct Inner<K: Kind> {
    listeners: RefCell<Vec<Rc<K::Listener>>>,
    accepting: RefCell<Vec<Task<()>>>,
    clients: Rc<Clients<K>>,
    is_awaited: Cell<bool>,
}

impl<K: Kind> Server<K> {
    /// Serves `listeners`, with `handler` and with `limit` for its reader as [`start_server`] has them; for listeners
    /// with options of their own, or that were made elsewhere.
    ///
    /// # Errors
    /// A [`ReactorError`](crate::reactor::ReactorError) outside a running loop.
    ///
    /// # Panics
    /// If `limit` is 0.
    pub fn new<H>(listeners: Vec<K::Listener>, limit: usize, handler: H) -> io::Result<Self>
    where
        H: AsyncFn(SocketReader<K>, SocketWriter<K>) + 'static,
    {
        assert!(limit > 0, "the limit of a stream reader is at least one byte");
        Self::serving(listeners, async move |stream: StreamSocket<K>| {
            let (reader, writer) = stream.buffered(limit);
            handler(reader, writer).await;
        })
    }

    /// Starts a task of `serve` for each connection.
    pub(crate) fn serving<S>(listeners: Vec<K::Listener>, serve: S) -> io::Result<Self>
    where
        S: AsyncFn(StreamSocket<K>) + 'static,
    {
        reactor::current()?;
        let listeners: Vec<_> = listeners.into_iter().map(Rc::new).collect();
        let inner = Rc::new(Inner {
            listeners: RefCell::new(listeners.clone()),
            accepting: RefCell::default(),
            clients: Clients::new(),
            is_awaited: Cell::new(false),
        });
        let serve = Rc::new(serve);
        for listener in listeners {
            let task = accept::accept(CloseAtEnd(Rc::clone(&inner)), listener, Rc::clone(&serve));
            let task = create_task(task).named("server");
            inner.accepting.borrow_mut().push(task);
        }
        Ok(Self { inner })
    }

    /// The addresses it listens at, none once it is closed. asyncio's `sockets`.
    pub fn local_addrs(&self) -> Vec<K::Addr> {
        let listeners = self.inner.listeners.borrow();
        listeners.iter().filter_map(|listener| K::listens_at(listener).ok()).collect()
    }

    /// Whether it accepts connections: until it is closed.
    pub fn is_serving(&self) -> bool {
        !self.inner.clients.is_complete()
    }

    /// Stops listening, at once. Connections live on. Once it is closed this does nothing.
    pub fn close(&self) {
        self.inner.close();
    }

    /// Closes all connections in good order, as their handlers would: what was written and sent is still delivered, what still waits to be sent is not.
    /// The handlers go on; they read the end of the stream, and what they write is an error of kind
    /// [`BrokenPipe`](io::ErrorKind::BrokenPipe).
    ///
    /// It closes those that are there; a server that still serves gets new ones.
    pub fn close_clients(&self) {
        self.inner.clients.for_each(super::socket::Socket::close);
    }

    /// Resets all connections: what was not sent yet is lost, and the peers see an error. The handlers go on; what they
    /// read and write is an error of kind [`ConnectionAborted`](io::ErrorKind::ConnectionAborted).
    pub fn abort_clients(&self) {
        self.inner.clients.for_each(super::socket::Socket::abort);
    }

    /// Waits until the server is closed and all of its connections are, too: until [`close`](Self::close) was called, and
    /// both halves of each connection were dropped or it was closed or reset. Any number may wait.
    ///
    /// A handler that waits for this while it holds its connection waits for itself.
    ///
    /// # Cancel safety
    /// Dropping the future loses nothing.
    ///
    /// # Allocation
    /// None.
    ///
    /// # Wakes from interrupts
    /// None.
    pub async fn wait_closed(&self) {
        self.inner.clients.gone().await;
    }

    /// Waits as [`wait_closed`](Self::wait_closed) does; if it is cancelled, closes the server and its clients, waits for
    /// that, and only then surfaces.
    ///
    /// # Errors
    /// The server is closed already, or another task awaits this.
    ///
    /// # Cancel safety
    /// A cancellation closes the server. Dropping the future does not.
    ///
    /// # Allocation
    /// None.
    ///
    /// # Wakes from interrupts
    /// None.
    ///
    /// # Differs from asyncio
    /// If the server is closed meanwhile this returns, where asyncio's raises `CancelledError`.
    pub async fn serve_forever(&self) -> Result<(), ServeError> {
        if !self.is_serving() {
            return Err(ServeError::Closed);
        }
        if self.inner.is_awaited.replace(true) {
            return Err(ServeError::AlreadyAwaited);
        }
        let _awaited = Awaited(&self.inner.is_awaited);
        if let Err(cancelled) = catch_cancel(self.wait_closed()).await {
            self.close();
            self.close_clients();
            self.wait_closed().await;
            cancelled.resume().await;
        }
        Ok(())
    }
}

/// While it lives, somebody awaits [`Server::serve_forever`].
struct Awaited<'a>(&'a Cell<bool>);

impl Drop for Awaited<'_> {
    fn drop(&mut self) {
        self.0.set(false);
    }
}

impl<K: Kind> Inner<K> {
    fn close(&self) {
        if !self.clients.complete() {
            return;
        }
        // Taken out first: dropping the last of the handler runs foreign code.
        let accepting = self.accepting.take();
        let listeners = self.listeners.take();
        for task in &accepting {
            task.abort();
        }
        drop((accepting, listeners));
        self.clients.look();
    }
}

impl<K: Kind> Drop for Server<K> {
    fn drop(&mut self) {
        self.close();
    }
}

impl<K: Kind> fmt::Debug for Server<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("local", &self.local_addrs())
            .field("clients", &self.inner.clients.len())
            .finish_non_exhaustive()
    }
}
