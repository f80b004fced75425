//! Servers: a listener, and a task for each connection.

mod accept;
mod serving;

use core::cell::Cell;
use core::fmt;
use core::iter;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use everloop_core::net::{Buffers, Network, NetworkReader, NetworkWriter, ServeError, StreamServer, Streams};
use everloop_core::{Task, catch_cancel, try_create_task};

use super::open::{self, ConnectError, StartServerError};
use super::stack::Stack;
use accept::TellAtEnd;

/// A server: it accepts connections and starts a task of its handler for each. asyncio's `Server`.
///
/// [`Streams::start_server`] makes it, and it serves until it is [closed](StreamServer::close) or dropped. Its connections
/// live on then; whoever wants to see them off calls [`close_clients`](StreamServer::close_clients) or
/// [`abort_clients`](StreamServer::abort_clients), and waits with [`wait_closed`](StreamServer::wait_closed).
///
/// # Tasks
/// One, named `server`, accepts; if it is cancelled, the server closes. Each connection has one, named `connection`, in a
/// slot of the loop's pools. While none is free a peer waits, connected, and so do those behind it. A handler that is too
/// large for every slot is told to the loop's [exception handler](crate::set_exception_handler), and its connection is
/// reset.
pub struct Server {
    stack: Stack,
    /// Tells it from all other servers of the stack.
    serial: u32,
    local: SocketAddr,
    accepting: Task<()>,
    is_awaited: Cell<bool>,
}

impl Streams for Stack {
    type Server = Server;
    type ConnectError = ConnectError;
    type StartError = StartServerError;

    /// Connects to a host. A name takes the feature `dns`, and a free UDP socket: see `Stack::lookup`.
    ///
    /// # Errors
    /// See [`ConnectError`].
    ///
    /// # Cancel safety
    /// Dropping the future gives the attempt up.
    ///
    /// # Allocation
    /// None.
    ///
    /// # Wakes from interrupts
    /// None of its own: the runner, which the driver wakes.
    async fn open_connection<const RX: usize, const TX: usize>(
        &self,
        host: &str,
        port: u16,
        buffers: Buffers<RX, TX>,
    ) -> Result<(NetworkReader<Self, RX>, NetworkWriter<Self, TX>), ConnectError> {
        let addresses = open::addresses(self, host).await?;
        let connection = open::at_one(addresses, port, async |address| self.connect(address).await).await?;
        Ok(buffers.of(connection))
    }

    /// Serves, as [`Server`] says. An empty host stands for all addresses, of both families if there is IPv6, also those to
    /// come. Of several addresses of a name it is the first that can be listened at.
    ///
    /// # Errors
    /// See [`StartServerError`].
    ///
    /// # Cancel safety
    /// Dropping the future starts nothing.
    ///
    /// # Allocation
    /// None.
    ///
    /// # Wakes from interrupts
    /// None of its own: the runner, which the driver wakes.
    async fn start_server<H, const RX: usize, const TX: usize>(
        &self,
        handler: H,
        host: &str,
        port: u16,
        buffers: Buffers<RX, TX>,
    ) -> Result<Server, StartServerError>
    where
        H: AsyncFn(NetworkReader<Self, RX>, NetworkWriter<Self, TX>) + Clone + 'static,
    {
        let stack = *self;
        let listen = async |address| stack.listen(address).await;
        let listener = if host.is_empty() {
            let any: IpAddr = if cfg!(feature = "ipv6") {
                Ipv6Addr::UNSPECIFIED.into()
            } else {
                Ipv4Addr::UNSPECIFIED.into()
            };
            open::at_one(iter::once(any), port, listen).await
        } else {
            match open::addresses(&stack, host).await {
                Ok(addresses) => open::at_one(addresses, port, listen).await,
                Err(error) => Err(error),
            }
        };
        let listener = listener.map_err(StartServerError::Listen)?;
        let local = listener.binding().local();
        let serial = stack.shared.next_server();
        let end = TellAtEnd(stack);
        let accepting = try_create_task(accept::accept(end, listener, serial, handler, buffers));
        let accepting = accepting.map_err(|error| StartServerError::Task(error.kind))?.named("server");
        Ok(Server { stack, serial, local, accepting, is_awaited: Cell::new(false) })
    }
}

impl Server {
    fn clients(&self) -> usize {
        self.stack.shared.interface.borrow().clients(self.serial)
    }
}

impl StreamServer for Server {
    fn local_addr(&self) -> Option<SocketAddr> {
        self.is_serving().then_some(self.local)
    }

    fn is_serving(&self) -> bool {
        !self.accepting.done()
    }

    fn close(&self) {
        self.accepting.abort();
    }

    fn close_clients(&self) {
        self.stack.shared.interface.borrow_mut().close_clients(self.serial, false);
        self.stack.shared.gone.set();
    }

    fn abort_clients(&self) {
        self.stack.shared.interface.borrow_mut().close_clients(self.serial, true);
        self.stack.shared.gone.set();
    }

    async fn wait_closed(&self) {
        let gone = &self.stack.shared.gone;
        while self.is_serving() || self.clients() > 0 {
            // All who wait are woken for each that goes, and those who find others left wait again.
            gone.clear();
            gone.wait().await;
        }
    }

    async fn serve_forever(&self) -> Result<(), ServeError> {
        if !self.is_serving() {
            return Err(ServeError::Closed);
        }
        if self.is_awaited.replace(true) {
            return Err(ServeError::AlreadyAwaited);
        }
        let _awaited = Awaited(&self.is_awaited);
        if let Err(cancelled) = catch_cancel(self.wait_closed()).await {
            self.close();
            self.close_clients();
            self.wait_closed().await;
            cancelled.resume().await;
        }
        Ok(())
    }
}

/// While it lives, somebody awaits [`StreamServer::serve_forever`].
struct Awaited<'a>(&'a Cell<bool>);

impl Drop for Awaited<'_> {
    fn drop(&mut self) {
        self.0.set(false);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.close();
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server")
            .field("local", &self.local_addr())
            .field("clients", &self.clients())
            .finish_non_exhaustive()
    }
}
