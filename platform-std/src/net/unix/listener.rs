use std::cell::Cell;
use std::fmt;
use std::io;
use std::path::Path;
use std::rc::Rc;

use mio::Interest;

#[cfg(doc)]
use super::PathError;
use super::path::{self, Bound};
use super::{Unix, UnixAddr, UnixStream};
use crate::net::socket::Socket;
use crate::net::{BACKLOG, Incoming};
use crate::reactor::{self, Registered, Side};

/// A Unix socket that hands out connections.
///
/// It belongs to the loop that made it and is not `Send`.
///
/// Dropping it removes its path, unless somebody has put something else there meanwhile.
pub struct UnixListener {
    // First, so that the file is gone when the socket is: who then connects finds nothing rather than nobody.
    bound: Cell<Option<Bound>>,
    io: Registered<mio::net::UnixListener>,
}

impl UnixListener {
    /// Binds `path` and listens: when it returns, clients can connect.
    ///
    /// A socket that a program before has left at the path, and at which nobody listens, is replaced. To find that out a
    /// connection to it is tried. Of several who do so at once, in any processes, one gets the path; that takes a folder
    /// that can be locked (`flock`), which not every network file system has.
    ///
    /// On Linux a path that begins with a NUL byte is an abstract name, which is no file and goes with its listener.
    ///
    /// # Errors
    /// A [`PathError`] if anything else is at the path: a file, a directory, a link, or a socket at which somebody
    /// listens; it is left alone. Else the operating system's, and a
    /// [`ReactorError`](crate::reactor::ReactorError) outside a running loop.
    ///
    /// # Differs from asyncio
    /// That replaces a socket also if somebody listens, who then gets no client any more and is not told.
    pub fn bind(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref();
        // Asked first, so that outside a loop no path is taken for a moment.
        let driver = reactor::current()?;
        let (listener, bound) = bind(path)?;
        Self::register(driver, listener, bound)
    }

    /// Takes over a listener made elsewhere. Its path is removed when this is dropped, as one of [`bind`](Self::bind).
    ///
    /// # Errors
    /// The operating system's, and a [`ReactorError`](crate::reactor::ReactorError) outside a running loop.
    pub fn from_std(listener: std::os::unix::net::UnixListener) -> io::Result<Self> {
        let driver = reactor::current()?;
        // If the file is gone already there is none to remove.
        let bound = listener.local_addr()?.as_pathname().and_then(|path| Bound::new(path).ok());
        Self::register(driver, listener, bound)
    }

    fn register(
        driver: Rc<reactor::Driver>,
        listener: std::os::unix::net::UnixListener,
        bound: Option<Bound>,
    ) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        let io = mio::net::UnixListener::from_std(listener);
        Ok(Self { io: Registered::new(driver, io, Interest::READABLE)?, bound: Cell::new(bound) })
    }

    /// Leaves the path where it is when the listener is dropped.
    pub fn keep_path(&self) {
        if let Some(bound) = self.bound.take() {
            bound.keep();
        }
    }

    /// Waits for the next connection. Any number of tasks may wait.
    ///
    /// # Errors
    /// As for [`TcpListener::accept`](crate::net::TcpListener::accept).
    ///
    /// # Cancel safety
    /// Dropping the future loses no connection.
    ///
    /// # Allocation
    /// The socket's state.
    ///
    /// # Wakes from interrupts
    /// None; the reactor wakes it on its own thread.
    pub async fn accept(&self) -> io::Result<UnixStream> {
        // A client that bound no address of its own, as most, has none to tell.
        let (io, _) = self.io.when_ready(Side::Read, mio::net::UnixListener::accept).await?;
        self.accepted(io)
    }

    /// The connections as a [`Stream`](futures_core::Stream), for the adapters of other crates.
    pub fn incoming(&self) -> Incoming<'_, Unix> {
        Incoming::new(self, self.io.waiter(Side::Read), |listener: &Self, cx, waiter| {
            let accepted = listener.io.poll_waiting(cx, waiter, mio::net::UnixListener::accept);
            accepted.map(|accepted| listener.accepted(accepted?.0))
        })
    }

    fn accepted(&self, io: mio::net::UnixStream) -> io::Result<UnixStream> {
        Ok(UnixStream::new(Socket::new(Rc::clone(self.io.driver()), io)?))
    }

    /// The address it is bound to.
    ///
    /// # Errors
    /// The operating system's.
    pub fn local_addr(&self) -> io::Result<UnixAddr> {
        self.io.with(mio::net::UnixListener::local_addr)
    }
}

/// Binds `path` and listens, without a loop: what [`UnixListener::bind`] says of the path.
pub(in crate::net) fn bind(path: &Path) -> io::Result<(std::os::unix::net::UnixListener, Option<Bound>)> {
    let socket = path::listen(path, BACKLOG as i32)?;
    let bound = if path::is_abstract(path) { None } else { Some(Bound::new(path)?) };
    Ok((socket.into(), bound))
}

impl fmt::Debug for UnixListener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut s = f.debug_struct("UnixListener");
        if let Ok(address) = self.local_addr() {
            s.field("local", &address);
        }
        s.finish_non_exhaustive()
    }
}
