//! The traits of `embedded-nal-async`, for client crates that are written to them. Only with the feature `nal`.

#[cfg(feature = "udp")]
use core::net::IpAddr;
use core::net::SocketAddr;

use embedded_nal_async::TcpConnect;
#[cfg(feature = "dns")]
use embedded_nal_async::{AddrType, Dns};
#[cfg(feature = "udp")]
use embedded_nal_async::{ConnectedUdp, UdpStack, UnconnectedUdp};

use super::Network;
use super::connection::TcpConnection;
#[cfg(feature = "dns")]
use super::dns::{Kind, LookupError};
use super::error::Error;
use super::stack::Stack;
#[cfg(feature = "udp")]
use super::udp::UdpSocket;

impl TcpConnect for Stack {
    type Error = Error;
    type Connection<'a> = TcpConnection;

    async fn connect(&self, remote: SocketAddr) -> Result<TcpConnection, Error> {
        Network::connect(self, remote).await
    }
}

#[cfg(feature = "dns")]
impl Dns for Stack {
    type Error = LookupError;

    async fn get_host_by_name(
        &self,
        host: &str,
        addr_type: AddrType,
    ) -> Result<core::net::IpAddr, LookupError> {
        let mut addresses = match addr_type {
            AddrType::IPv4 => self.lookup_kind(host, Kind::V4).await?,
            #[cfg(feature = "ipv6")]
            AddrType::IPv6 => self.lookup_kind(host, Kind::V6).await?,
            #[cfg(not(feature = "ipv6"))]
            AddrType::IPv6 => return Err(LookupError::NoAddress),
            AddrType::Either => self.lookup(host).await?,
        };
        let fits = |ip: &core::net::IpAddr| match addr_type {
            AddrType::IPv4 => ip.is_ipv4(),
            AddrType::IPv6 => ip.is_ipv6(),
            AddrType::Either => true,
        };
        addresses.find(fits).ok_or(LookupError::NoAddress)
    }

    /// [`LookupError::Unsupported`].
    async fn get_host_by_address(&self, _: core::net::IpAddr, _: &mut [u8]) -> Result<usize, LookupError> {
        Err(LookupError::Unsupported)
    }
}

#[cfg(feature = "udp")]
impl UdpStack for Stack {
    type Error = Error;
    type Connected = UdpSocket;
    type UniquelyBound = UdpSocket;
    type MultiplyBound = UdpSocket;

    async fn connect_from(
        &self,
        local: SocketAddr,
        remote: SocketAddr,
    ) -> Result<(SocketAddr, UdpSocket), Error> {
        let socket = UdpSocket::bind(self, local)?;
        socket.connect(remote)?;
        let from = SocketAddr::new(socket.source(remote)?, socket.local_addr()?.port());
        Ok((from, socket))
    }

    /// An unspecified address stands for this host's first one of that family.
    async fn bind_single(&self, local: SocketAddr) -> Result<(SocketAddr, UdpSocket), Error> {
        let ip = match local.ip() {
            ip if !ip.is_unspecified() => ip,
            any => {
                let own = |ip: &IpAddr| ip.is_ipv4() == any.is_ipv4();
                self.addresses().map(|address| address.ip).find(own).ok_or(Error::Unaddressable)?
            }
        };
        let socket = UdpSocket::bind(self, SocketAddr::new(ip, local.port()))?;
        Ok((socket.local_addr()?, socket))
    }

    async fn bind_multiple(&self, local: SocketAddr) -> Result<UdpSocket, Error> {
        UdpSocket::bind(self, local)
    }
}

#[cfg(feature = "udp")]
impl ConnectedUdp for UdpSocket {
    type Error = Error;

    async fn send(&mut self, data: &[u8]) -> Result<(), Error> {
        Self::send(self, data).await.map(drop)
    }

    async fn receive_into(&mut self, buffer: &mut [u8]) -> Result<usize, Error> {
        Ok(self.receive(buffer).await.0)
    }
}

#[cfg(feature = "udp")]
impl UnconnectedUdp for UdpSocket {
    type Error = Error;

    /// `local` may be unspecified in part; what it says must be the socket's own.
    async fn send(&mut self, local: SocketAddr, remote: SocketAddr, data: &[u8]) -> Result<(), Error> {
        let own = self.local_addr()?;
        if local.port() != 0 && local.port() != own.port() {
            return Err(Error::Unaddressable);
        }
        if !local.ip().is_unspecified() {
            let fits =
                own.ip() == local.ip() || own.ip().is_unspecified() && self.source(remote)? == local.ip();
            if !fits {
                return Err(Error::Unaddressable);
            }
        }
        self.send_to(data, remote).await.map(drop)
    }

    async fn receive_into(&mut self, buffer: &mut [u8]) -> Result<(usize, SocketAddr, SocketAddr), Error> {
        let (len, from, to) = self.receive(buffer).await;
        Ok((len, SocketAddr::new(to, self.local_addr()?.port()), from))
    }
}
