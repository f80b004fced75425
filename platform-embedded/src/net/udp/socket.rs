use core::cell::Cell;
use core::fmt;
use core::net::{IpAddr, SocketAddr};

use everloop_core::Event;
use smoltcp::socket::udp::{SendError, UdpMetadata};

use super::super::address;
use super::super::error::Error;
use super::super::stack::Stack;
use super::table::Signals;

/// A UDP socket: it sends and receives datagrams, each whole or not at all. As that of everloop on std.
///
/// Any number of tasks may send and receive. Who drops it has what was handed over still sent.
///
/// ```no_run
/// # use core::net::SocketAddr;
/// use everloop_embedded::net::{Error, Stack, UdpResources, UdpSocket};
///
/// // Two sockets, each with buffers of half a kilobyte to receive and to send.
/// static UDP: UdpResources<2, 512, 512> = UdpResources::new();
///
/// async fn echo(stack: &Stack) -> Result<(), Error> {
///     stack.add_udp(&UDP)?;
///     let socket = UdpSocket::bind(stack, SocketAddr::from(([0, 0, 0, 0], 7)))?;
///     let mut buffer = [0; 512];
///     loop {
///         let (count, peer) = socket.recv_from(&mut buffer).await?;
///         socket.send_to(&buffer[..count], peer).await?;
///     }
/// }
/// ```
///
/// # What is lost
/// A datagram that comes while the buffer is full, as with any UDP. One that is sent to an address which no host of the
/// network answers for is given up after five seconds, with those behind it and those not yet received; the next
/// `send_to` then gives [`Error::Undelivered`] once.
pub struct UdpSocket {
    stack: Stack,
    index: usize,
    local: SocketAddr,
    peer: Cell<Option<SocketAddr>>,
    broadcast: Cell<bool>,
}

impl UdpSocket {
    /// Binds `local`: when it returns, datagrams to it are kept. Port 0 has a port chosen. `0.0.0.0` stands for any
    /// IPv4 address, `[::]` for any of both families.
    ///
    /// # Errors
    /// Another socket has the port, the address is not this host's, or all sockets are taken.
    pub fn bind(stack: &Stack, local: SocketAddr) -> Result<Self, Error> {
        let (index, local) = stack.shared.interface.borrow_mut().bind_udp(local)?;
        Ok(Self { stack: *stack, index, local, peer: Cell::new(None), broadcast: Cell::new(false) })
    }

    /// Sets the peer: [`send`](Self::send) sends to it, and nothing is received from others. It does not wait, and
    /// nothing is sent; it may be called again with another peer.
    ///
    /// # Errors
    /// The address can't be reached, or the port is 0.
    pub fn connect(&self, peer: SocketAddr) -> Result<(), Error> {
        self.source(peer)?;
        self.peer.set(Some(peer));
        Ok(())
    }

    /// Sends `data` to the peer as one datagram. How many bytes were sent: all. Waits while the buffer is full.
    ///
    /// # Errors
    /// As [`send_to`](Self::send_to), and if there is no peer.
    ///
    /// # Cancel safety
    /// Dropped before it was ready, it has sent nothing.
    ///
    /// # Allocation
    /// None.
    ///
    /// # Wakes from interrupts
    /// None of its own: the runner, which the driver wakes.
    pub async fn send(&self, data: &[u8]) -> Result<usize, Error> {
        self.send_to(data, self.peer_addr()?).await
    }

    /// Sends `data` to `target` as one datagram. How many bytes were sent: all. Waits while the buffer is full.
    ///
    /// # Errors
    /// The address can't be reached, the datagram is longer than the buffer or a packet, or former datagrams could not be
    /// delivered: then this one was not sent.
    ///
    /// # Cancel safety
    /// Dropped before it was ready, it has sent nothing.
    ///
    /// # Allocation
    /// None.
    ///
    /// # Wakes from interrupts
    /// None of its own: the runner, which the driver wakes.
    pub async fn send_to(&self, data: &[u8], target: SocketAddr) -> Result<usize, Error> {
        loop {
            if let Some(result) = self.try_send(data, target) {
                return result;
            }
            self.wait(|signals| &signals.writable).await;
        }
    }

    /// Receives a datagram into `buf`. How many bytes it had, which may be 0.
    ///
    /// # Errors
    /// [`Error::Truncated`] if it did not fit: `buf` then has its beginning, and the rest is lost.
    ///
    /// # Cancel safety
    /// Dropped before it was ready, it has received nothing.
    ///
    /// # Allocation
    /// None.
    ///
    /// # Wakes from interrupts
    /// None of its own: the runner, which the driver wakes.
    pub async fn recv(&self, buf: &mut [u8]) -> Result<usize, Error> {
        self.recv_from(buf).await.map(|(count, _)| count)
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
    /// None.
    ///
    /// # Wakes from interrupts
    /// None of its own: the runner, which the driver wakes.
    pub async fn recv_from(&self, buf: &mut [u8]) -> Result<(usize, SocketAddr), Error> {
        let (len, from, _) = self.receive(buf).await;
        if len > buf.len() { Err(Error::Truncated) } else { Ok((len, from)) }
    }

    /// The address it is bound to, with the port that was chosen if port 0 was asked for.
    ///
    /// # Errors
    /// None.
    pub fn local_addr(&self) -> Result<SocketAddr, Error> {
        Ok(self.local)
    }

    /// The peer's address.
    ///
    /// # Errors
    /// [`Error::NotConnected`] if there is none.
    pub fn peer_addr(&self) -> Result<SocketAddr, Error> {
        self.peer.get().ok_or(Error::NotConnected)
    }

    /// Whether datagrams to a broadcast address may be sent.
    ///
    /// # Errors
    /// None.
    pub fn broadcast(&self) -> Result<bool, Error> {
        Ok(self.broadcast.get())
    }

    /// Lets datagrams be sent to a broadcast address.
    ///
    /// # Errors
    /// None.
    pub fn set_broadcast(&self, on: bool) -> Result<(), Error> {
        self.broadcast.set(on);
        Ok(())
    }

    /// Gives up what did not go yet, for instance since its receiver is gone, so that it holds up nothing.
    #[cfg(feature = "dns")]
    pub(in super::super) fn discard(&self) {
        if let Some(table) = self.stack.shared.interface.borrow_mut().udp_table() {
            table.discard(self.index);
        }
    }

    #[cfg(feature = "dns")]
    pub(in super::super) fn has_room_for(&self, received: usize, sent: usize) -> bool {
        let mut interface = self.stack.shared.interface.borrow_mut();
        let Some(table) = interface.udp_table() else { return false };
        let socket = table.socket(self.index);
        socket.payload_recv_capacity() >= received && socket.payload_send_capacity() >= sent
    }

    /// The whole length of a datagram, of which `buf` then has the beginning, who sent it, and to which address.
    pub(in super::super) async fn receive(&self, buf: &mut [u8]) -> (usize, SocketAddr, IpAddr) {
        loop {
            if let Some(received) = self.take(buf) {
                return received;
            }
            self.wait(|signals| &signals.readable).await;
        }
    }

    /// The whole length of the datagram, of which `buf` now has the beginning, who sent it, and to which address.
    fn take(&self, buf: &mut [u8]) -> Option<(usize, SocketAddr, IpAddr)> {
        let mut interface = self.stack.shared.interface.borrow_mut();
        let socket = interface.udp_table()?.socket(self.index);
        while let Ok((data, meta)) = socket.recv() {
            let from = SocketAddr::from(meta.endpoint);
            let to = meta.local_address.map_or(self.local.ip(), IpAddr::from);
            let meant = self.local.is_ipv6() || from.is_ipv4();
            if meant && self.peer.get().is_none_or(|peer| peer == from) {
                let count = data.len().min(buf.len());
                buf[..count].copy_from_slice(&data[..count]);
                return Some((data.len(), from, to));
            }
        }
        None
    }

    pub(in super::super) fn source(&self, target: SocketAddr) -> Result<IpAddr, Error> {
        if target.port() == 0 {
            return Err(Error::InvalidPort);
        }
        let interface = self.stack.shared.interface.borrow();
        let own = self.local.ip();
        if !own.is_unspecified() && !interface.has(own) {
            return Err(Error::AddressLost);
        }
        if self.local.is_ipv4() && target.is_ipv6() {
            return Err(Error::Unaddressable);
        }
        let from = interface.udp_source(target.ip(), self.broadcast.get()).ok_or(Error::Unaddressable)?;
        match (own.is_unspecified(), own.is_ipv4() == target.is_ipv4()) {
            (true, _) => Ok(from),
            (false, true) => Ok(own),
            (false, false) => Err(Error::Unaddressable),
        }
    }

    /// None if there is no room now.
    fn try_send(&self, data: &[u8], target: SocketAddr) -> Option<Result<usize, Error>> {
        let from = match self.source(target) {
            Ok(from) => from,
            Err(error) => return Some(Err(error)),
        };
        let mut interface = self.stack.shared.interface.borrow_mut();
        let most = interface.longest_datagram(target.is_ipv4());
        let now = interface.now();
        let table = interface.udp_table()?;
        if table.take_undelivered(self.index) {
            return Some(Err(Error::Undelivered));
        }
        let socket = table.socket(self.index);
        if data.len() > most.min(socket.payload_send_capacity()) {
            return Some(Err(Error::TooLong));
        }
        let (Some(to), Some(from)) = (address::to_smoltcp(target.ip()), address::to_smoltcp(from)) else {
            return Some(Err(Error::Unaddressable));
        };
        let mut meta = UdpMetadata::from((to, target.port()));
        meta.local_address = Some(from);
        match socket.send_slice(data, meta) {
            Ok(()) => {
                table.note_sent(self.index, data.len(), now);
                interface.touch();
                Some(Ok(data.len()))
            }
            Err(SendError::BufferFull) => {
                table.note_blocked(self.index);
                None
            }
            Err(SendError::Unaddressable) => Some(Err(Error::Unaddressable)),
        }
    }

    /// Waits for a datagram, or for room. All who wait are woken, and those who find nothing wait again.
    async fn wait(&self, event: impl FnOnce(&'static Signals) -> &'static Event) {
        // A stack that has a socket has the signals of it.
        let Some(signals) = self.stack.shared.udp_signals.get() else { return };
        let event = event(&signals[self.index]);
        event.clear();
        event.wait().await;
    }
}

impl Drop for UdpSocket {
    fn drop(&mut self) {
        self.stack.shared.interface.borrow_mut().close_udp(self.index);
    }
}

impl fmt::Debug for UdpSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut s = f.debug_struct("UdpSocket");
        s.field("local", &self.local);
        if let Some(peer) = self.peer.get() {
            s.field("peer", &peer);
        }
        s.finish_non_exhaustive()
    }
}
