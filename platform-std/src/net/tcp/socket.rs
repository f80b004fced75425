use std::fmt;
use std::io;
use std::net::SocketAddr;

use everloop_core::Duration;
use socket2::{Domain, Protocol, Socket as RawSocket, Type};

use super::options;
use super::{Tcp, TcpListener, TcpStream};
use crate::net::socket::{self, Socket};
use crate::reactor;

/// A TCP socket that neither listens nor is connected yet, to set its options first.
///
/// ```
/// use everloop::{Duration, net::TcpSocket};
///
/// everloop::run(async {
///     let socket = TcpSocket::v4()?;
///     socket.set_keepalive(Some(Duration::from_secs(60)))?;
///     socket.bind("127.0.0.1:0".parse().unwrap())?;
///     let listener = socket.listen(16)?;
///     println!("listening at {}", listener.local_addr()?);
///     std::io::Result::Ok(())
/// }).unwrap().unwrap();
/// ```
pub struct TcpSocket {
    raw: RawSocket,
    is_v6: bool,
}

impl TcpSocket {
    /// A socket for IPv4.
    ///
    /// # Errors
    /// The operating system's.
    pub fn v4() -> io::Result<Self> {
        Self::new(Domain::IPV4)
    }

    /// A socket for IPv6, and for IPv4 too unless [`set_only_v6`](Self::set_only_v6) or the system says otherwise.
    ///
    /// # Errors
    /// The operating system's.
    pub fn v6() -> io::Result<Self> {
        Self::new(Domain::IPV6)
    }

    /// A socket that can be bound to `address`, or connected to it.
    ///
    /// # Errors
    /// The operating system's.
    pub fn for_address(address: SocketAddr) -> io::Result<Self> {
        Self::new(Domain::for_address(address))
    }

    fn new(domain: Domain) -> io::Result<Self> {
        let raw = RawSocket::new(domain, Type::STREAM, Some(Protocol::TCP))?;
        Ok(Self { raw, is_v6: domain == Domain::IPV6 })
    }

    /// Lets the port be bound while connections of a listener before are still closing. On Windows it would let another
    /// program steal the port, so there it has no effect.
    ///
    /// # Errors
    /// The operating system's.
    pub fn set_reuse_address(&self, on: bool) -> io::Result<()> {
        if cfg!(windows) { Ok(()) } else { self.raw.set_reuse_address(on) }
    }

    /// Lets several sockets that all have this set be bound to one port; on Linux the system spreads clients over them.
    ///
    /// # Errors
    /// The operating system's.
    #[cfg(unix)]
    pub fn set_reuse_port(&self, on: bool) -> io::Result<()> {
        self.raw.set_reuse_port(on)
    }

    /// Whether a socket for IPv6 leaves IPv4 to others (`true`), or takes it, too (dual stack).
    ///
    /// # Errors
    /// The operating system's.
    pub fn set_only_v6(&self, on: bool) -> io::Result<()> {
        self.raw.set_only_v6(on)
    }

    /// As [`TcpStream::set_keepalive`]. Connections of a listener have it from their listener, on most systems.
    ///
    /// # Errors
    /// The operating system's.
    pub fn set_keepalive(&self, idle: Option<Duration>) -> io::Result<()> {
        options::set_keepalive(&self.raw, idle)
    }

    /// How many routers a packet may pass.
    ///
    /// # Errors
    /// The operating system's.
    pub fn set_ttl(&self, hops: u32) -> io::Result<()> {
        options::set_ttl(&self.raw, self.is_v6, hops)
    }

    /// Asks for so many bytes for what is received and not yet read. Systems round it and have limits of their own.
    ///
    /// # Errors
    /// The operating system's.
    pub fn set_recv_buffer_size(&self, bytes: usize) -> io::Result<()> {
        self.raw.set_recv_buffer_size(bytes)
    }

    /// Asks for so many bytes for what is written and not yet sent. Systems round it and have limits of their own.
    ///
    /// # Errors
    /// The operating system's.
    pub fn set_send_buffer_size(&self, bytes: usize) -> io::Result<()> {
        self.raw.set_send_buffer_size(bytes)
    }

    /// Binds `address`. Port 0 has the system choose one.
    ///
    /// # Errors
    /// The operating system's.
    pub fn bind(&self, address: SocketAddr) -> io::Result<()> {
        self.raw.bind(&address.into())
    }

    /// Listens: when it returns, clients can connect. So many as `backlog` may wait to be accepted; the system may have a
    /// lower limit of its own.
    ///
    /// # Errors
    /// The operating system's, and a [`ReactorError`](crate::reactor::ReactorError) outside a running loop.
    pub fn listen(self, backlog: u32) -> io::Result<TcpListener> {
        // Asked first, so that outside a loop nobody can connect for a moment.
        let driver = reactor::current()?;
        self.raw.listen(i32::try_from(backlog).unwrap_or(i32::MAX))?;
        TcpListener::register(driver, self.raw.into())
    }

    /// Connects to `address`. As [`TcpStream::connect`].
    ///
    /// # Errors
    /// As there.
    ///
    /// # Cancel safety
    /// Dropping the future gives the attempt up.
    ///
    /// # Allocation
    /// The socket's state.
    ///
    /// # Wakes from interrupts
    /// None; the reactor wakes it on its own thread.
    pub async fn connect(self, address: SocketAddr) -> io::Result<TcpStream> {
        let driver = reactor::current()?;
        socket::begin_to_connect(&self.raw, &address.into())?;
        let socket = Socket::<Tcp>::new(driver, mio::net::TcpStream::from_std(self.raw.into()))?;
        socket.connected().await?;
        Ok(TcpStream::connected(socket))
    }

    /// The address it is bound to.
    ///
    /// # Errors
    /// The operating system's.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        options::local_addr(&self.raw)
    }
}

impl fmt::Debug for TcpSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut s = f.debug_struct("TcpSocket");
        if let Ok(address) = self.local_addr() {
            s.field("local", &address);
        }
        s.finish_non_exhaustive()
    }
}
