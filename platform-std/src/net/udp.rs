use std::fmt;
use std::io;
use std::net::SocketAddr;

use mio::Interest;

use crate::reactor::{self, Registered, Side};

/// A UDP socket: it sends and receives datagrams, each whole or not at all.
///
/// Each call is tried at once, and waits for the operating system's word only if it would block. Any number of tasks may
/// send and receive.
///
/// It belongs to the loop that made it and is not `Send`. Waiting for it in another loop is an error that says so.
///
/// ```
/// use everloop::net::UdpSocket;
///
/// everloop::run(async {
///     let server = UdpSocket::bind("127.0.0.1:0".parse().unwrap())?;
///     let client = UdpSocket::bind("127.0.0.1:0".parse().unwrap())?;
///     client.connect(server.local_addr()?)?;
///
///     client.send(b"ping").await?;
///     let mut buf = [0; 16];
///     let (count, peer) = server.recv_from(&mut buf).await?;
///     server.send_to(&buf[..count], peer).await?;
///     assert_eq!(client.recv(&mut buf).await?, 4);
///     std::io::Result::Ok(())
/// }).unwrap().unwrap();
/// ```
pub struct UdpSocket {
    io: Registered<mio::net::UdpSocket>,
}

impl UdpSocket {
    /// Binds `address`: when it returns, datagrams to it are kept. Port 0 has the system choose one.
    ///
    /// # Errors
    /// The operating system's, and a [`ReactorError`](crate::reactor::ReactorError) outside a running loop.
    pub fn bind(address: SocketAddr) -> io::Result<Self> {
        // Asked first, so that outside a loop no port is taken for a moment.
        reactor::current()?;
        Self::from_std(std::net::UdpSocket::bind(address)?)
    }

    /// Takes over a socket made elsewhere, for instance with options of its own.
    ///
    /// # Errors
    /// The operating system's, and a [`ReactorError`](crate::reactor::ReactorError) outside a running loop.
    pub fn from_std(socket: std::net::UdpSocket) -> io::Result<Self> {
        let driver = reactor::current()?;
        socket.set_nonblocking(true)?;
        let io = mio::net::UdpSocket::from_std(socket);
        Ok(Self { io: Registered::new(driver, io, Interest::READABLE.add(Interest::WRITABLE))? })
    }

    /// Sets the peer: [`send`](Self::send) sends to it, and nothing is received from others. It does not wait, and
    /// nothing is sent; it may be called again with another peer.
    ///
    /// # Errors
    /// The operating system's.
    pub fn connect(&self, peer: SocketAddr) -> io::Result<()> {
        self.io.with(|io| io.connect(peer))
    }

    /// Sends `data` to the peer as one datagram. How many bytes were sent: all.
    ///
    /// # Errors
    /// The operating system's; among others if there is no peer, if `data` is too long for a datagram, and if the peer's
    /// machine refused an earlier one.
    ///
    /// # Cancel safety
    /// Dropped before it was ready, it has sent nothing.
    ///
    /// # Allocation
    /// None, unless several tasks wait for the same socket.
    ///
    /// # Wakes from interrupts
    /// None; the reactor wakes it on its own thread.
    pub async fn send(&self, data: &[u8]) -> io::Result<usize> {
        self.io.when_ready(Side::Write, |io| io.send(data)).await
    }

    /// Sends `data` to `target` as one datagram. How many bytes were sent: all.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    ///
    /// # Cancel safety
    /// Dropped before it was ready, it has sent nothing.
    ///
    /// # Allocation
    /// None, unless several tasks wait for the same socket.
    ///
    /// # Wakes from interrupts
    /// None; the reactor wakes it on its own thread.
    pub async fn send_to(&self, data: &[u8], target: SocketAddr) -> io::Result<usize> {
        self.io.when_ready(Side::Write, |io| io.send_to(data, target)).await
    }

    /// Receives a datagram into `buf`. How many bytes it had, which may be 0. What does not fit is lost; Windows makes an
    /// error of it.
    ///
    /// # Errors
    /// The operating system's; among others if the peer's machine refused a datagram that was sent to it. The socket stays
    /// usable.
    ///
    /// # Cancel safety
    /// Dropped before it was ready, it has received nothing.
    ///
    /// # Allocation
    /// None, unless several tasks wait for the same socket.
    ///
    /// # Wakes from interrupts
    /// None; the reactor wakes it on its own thread.
    pub async fn recv(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.io.when_ready(Side::Read, |io| io.recv(buf)).await
    }

    /// As [`recv`](Self::recv); also gives who sent it.
    ///
    /// # Errors
    /// As there.
    ///
    /// # Cancel safety
    /// Dropped before it was ready, it has received nothing.
    ///
    /// # Allocation
    /// None, unless several tasks wait for the same socket.
    ///
    /// # Wakes from interrupts
    /// None; the reactor wakes it on its own thread.
    pub async fn recv_from(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        self.io.when_ready(Side::Read, |io| io.recv_from(buf)).await
    }

    /// The address it is bound to, with the port that was chosen if port 0 was asked for.
    ///
    /// # Errors
    /// The operating system's.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.io.with(mio::net::UdpSocket::local_addr)
    }

    /// The peer's address.
    ///
    /// # Errors
    /// The operating system's; among others if there is none.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.io.with(mio::net::UdpSocket::peer_addr)
    }

    /// Whether datagrams to a broadcast address may be sent.
    ///
    /// # Errors
    /// The operating system's.
    pub fn broadcast(&self) -> io::Result<bool> {
        self.io.with(mio::net::UdpSocket::broadcast)
    }

    /// Lets datagrams be sent to a broadcast address.
    ///
    /// # Errors
    /// The operating system's.
    pub fn set_broadcast(&self, on: bool) -> io::Result<()> {
        self.io.with(|io| io.set_broadcast(on))
    }
}

impl fmt::Debug for UdpSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut s = f.debug_struct("UdpSocket");
        if let Ok(address) = self.local_addr() {
            s.field("local", &address);
        }
        if let Ok(address) = self.peer_addr() {
            s.field("peer", &address);
        }
        s.finish_non_exhaustive()
    }
}
