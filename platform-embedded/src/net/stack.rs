use core::cell::RefCell;
use core::fmt;
use core::future::poll_fn;
use core::net::{IpAddr, Ipv4Addr, SocketAddr};
use core::task::Poll;

use everloop_core::Event;
use everloop_core::net::Network;
use smoltcp::socket::tcp::State;

use super::binding::Binding;
use super::connection::TcpConnection;
use super::error::Error;
use super::interface::Interface;
use super::listener::TcpListener;

/// What the handles and the runner of one stack share.
pub(super) struct Shared {
    /// Borrowed for moments only, never across an await. Wakers are woken meanwhile: one that polls from inside `wake`,
    /// which no executor's does, would find it borrowed and panic.
    pub(super) interface: RefCell<Interface>,
    pub(super) bindings: &'static mut [Binding],
    /// Set while the driver has a link.
    pub(super) link: Event,
}

/// The handle of a network stack: connects and listens, through [`Network`]. Any number of copies may be made; they
/// stay on the loop that runs the [`Runner`](super::Runner), without which nothing moves.
#[derive(Clone, Copy)]
pub struct Stack {
    pub(super) shared: &'static Shared,
}

impl Stack {
    /// This host's address.
    pub fn address(&self) -> Ipv4Addr {
        self.shared.interface.borrow().config().address
    }

    /// Whether the driver has a link, as the runner found it at its last turn.
    pub fn is_link_up(&self) -> bool {
        self.shared.interface.borrow().link_up
    }

    /// Waits until the driver has a link.
    ///
    /// # Cancel safety
    /// Dropping the future loses nothing.
    ///
    /// # Allocation
    /// None.
    ///
    /// # Wakes from interrupts
    /// None of its own: the runner, which the driver wakes.
    pub async fn wait_link_up(&self) {
        self.shared.link.wait().await;
    }

    /// How many connections could be made or accepted now.
    pub fn free_connections(&self) -> usize {
        self.shared.interface.borrow().free()
    }
}

impl Network for Stack {
    type Error = Error;
    type Connection = TcpConnection;
    type Listener = TcpListener;

    /// Connects to `remote`, from a port that is not in use.
    ///
    /// # Errors
    /// All connections are taken, the address can't be reached, or the peer refuses or does not answer.
    ///
    /// # Cancel safety
    /// Dropping the future gives the attempt up and frees its slot.
    ///
    /// # Allocation
    /// None.
    ///
    /// # Wakes from interrupts
    /// None of its own: the runner, which the driver wakes.
    async fn connect(&self, remote: SocketAddr) -> Result<TcpConnection, Error> {
        let SocketAddr::V4(remote) = remote else { return Err(Error::Unaddressable) };
        let index = self.shared.interface.borrow_mut().connect(remote, &self.shared.bindings[..])?;
        // From here on, dropping the future closes the slot.
        let connection = TcpConnection::new(*self, index)?;
        poll_fn(|cx| {
            let mut interface = self.shared.interface.borrow_mut();
            let (slot, socket) = interface.connection(index);
            match socket.state() {
                State::SynSent | State::SynReceived => {
                    socket.register_send_waker(cx.waker());
                    Poll::Pending
                }
                State::Closed => Poll::Ready(Err(slot.fault().unwrap_or(Error::NotConnected))),
                _ => Poll::Ready(Ok(())),
            }
        })
        .await?;
        Ok(connection)
    }

    /// Listens on `local`, where the unspecified address stands for any. Ready at once.
    ///
    /// # Errors
    /// Another listener has the port, the port is 0, the address is not this host's, or too many ports are listened on.
    ///
    /// # Cancel safety
    /// Dropping the future binds nothing.
    ///
    /// # Allocation
    /// None.
    ///
    /// # Wakes from interrupts
    /// None.
    async fn listen(&self, local: SocketAddr) -> Result<TcpListener, Error> {
        let IpAddr::V4(ip) = local.ip() else { return Err(Error::Unaddressable) };
        if !ip.is_unspecified() && ip != self.address() {
            return Err(Error::Unaddressable);
        }
        if local.port() == 0 {
            return Err(Error::InvalidPort);
        }
        if self.shared.bindings.iter().any(|binding| binding.port() == local.port()) {
            return Err(Error::PortInUse);
        }
        let index = self.shared.bindings.iter().position(Binding::is_free).ok_or(Error::NoFreeListener)?;
        self.shared.bindings[index].bind((!ip.is_unspecified()).then_some(ip), local.port());
        Ok(TcpListener::new(*self, index))
    }
}

impl fmt::Debug for Stack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stack")
            .field("address", &self.address())
            .field("link_up", &self.is_link_up())
            .field("free_connections", &self.free_connections())
            .finish()
    }
}
