use core::fmt;
use core::net::SocketAddr;

use everloop_core::net::Listener;

use super::binding::Binding;
use super::connection::TcpConnection;
use super::error::Error;
use super::stack::Stack;

/// A port that is listened on, from [`Network::listen`](super::Network::listen). Dropping it frees the port and resets
/// the connections that were not accepted.
///
/// On `0.0.0.0` it takes connections to any IPv4 address of the interface, on `[::]` those to any address of both
/// families, as asyncio's `start_server` without a host does; peers have the address of their own family. It stays when
/// addresses go and come: on a fixed address it serves again once the interface has that address again.
///
/// Any number of tasks may accept. Peers that connect have their connection made without waiting for `accept`, as long
/// as there are free ones; see the module's docs.
pub struct TcpListener {
    stack: Stack,
    index: usize,
}

impl TcpListener {
    pub(super) fn new(stack: Stack, index: usize) -> Self {
        Self { stack, index }
    }

    pub(super) fn binding(&self) -> &'static Binding {
        &self.stack.shared.bindings[self.index]
    }

    fn take(&self) -> Option<usize> {
        self.stack.shared.interface.borrow_mut().accept(self.index)
    }
}

impl Listener for TcpListener {
    type Error = Error;
    type Connection = TcpConnection;

    /// Gives the connection that was made first. One that the peer has reset meanwhile is passed over.
    ///
    /// # Errors
    /// None.
    ///
    /// # Cancel safety
    /// Dropping the future loses no connection.
    ///
    /// # Allocation
    /// None.
    ///
    /// # Wakes from interrupts
    /// None of its own: the runner, which the driver wakes.
    async fn accept(&self) -> Result<TcpConnection, Error> {
        loop {
            if let Some(index) = self.take() {
                return TcpConnection::new(self.stack, index);
            }
            let arrived = &self.binding().arrived;
            // All who wait are woken for each that arrives, and those who find it gone wait again.
            arrived.clear();
            arrived.wait().await;
        }
    }

    fn local_addr(&self) -> Result<SocketAddr, Error> {
        Ok(self.binding().local())
    }
}

impl Drop for TcpListener {
    fn drop(&mut self) {
        self.binding().free();
        self.stack.shared.interface.borrow_mut().unbind(self.index);
    }
}

impl fmt::Debug for TcpListener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TcpListener").field("port", &self.binding().port()).finish()
    }
}
