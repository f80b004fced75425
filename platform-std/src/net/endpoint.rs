use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};

use crate::try_to_thread;

/// Where to connect to or to listen at: a host by name or by address and a port, or socket addresses.
///
/// It is made from `("example.org", 80)`, from `("::1", 80)`, from `(ip, 80)`, from a [`SocketAddr`], or from several
/// of those. An empty host name stands for this machine: for connecting its loopback addresses, for listening all that it
/// has. That and IP addresses need no name service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    host: Host,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Host {
    Addresses(Vec<SocketAddr>),
    Name(String, u16),
    Unspecified(u16),
}

impl Endpoint {
    /// The host by the name that was given, if it is by name.
    #[cfg(feature = "tls")]
    pub(crate) fn name(&self) -> Option<&str> {
        match &self.host {
            Host::Name(name, _) => Some(name),
            Host::Addresses(_) | Host::Unspecified(_) => None,
        }
    }

    /// The addresses to connect to.
    pub(super) async fn remote(self) -> io::Result<Vec<SocketAddr>> {
        self.addresses([Ipv6Addr::LOCALHOST.into(), Ipv4Addr::LOCALHOST.into()]).await
    }

    /// The addresses to listen at.
    pub(super) async fn local(self) -> io::Result<Vec<SocketAddr>> {
        self.addresses([Ipv6Addr::UNSPECIFIED.into(), Ipv4Addr::UNSPECIFIED.into()]).await
    }

    async fn addresses(self, unspecified: [IpAddr; 2]) -> io::Result<Vec<SocketAddr>> {
        match self.host {
            Host::Addresses(addresses) => Ok(addresses),
            Host::Name(name, port) => lookup_host(name, port).await,
            Host::Unspecified(port) => Ok(unspecified.map(|ip| SocketAddr::new(ip, port)).into()),
        }
    }
}

impl From<SocketAddr> for Endpoint {
    fn from(address: SocketAddr) -> Self {
        vec![address].into()
    }
}

impl From<Vec<SocketAddr>> for Endpoint {
    fn from(addresses: Vec<SocketAddr>) -> Self {
        Self { host: Host::Addresses(addresses) }
    }
}

impl<const N: usize> From<[SocketAddr; N]> for Endpoint {
    fn from(addresses: [SocketAddr; N]) -> Self {
        addresses.to_vec().into()
    }
}

impl From<&[SocketAddr]> for Endpoint {
    fn from(addresses: &[SocketAddr]) -> Self {
        addresses.to_vec().into()
    }
}

impl From<(IpAddr, u16)> for Endpoint {
    fn from((ip, port): (IpAddr, u16)) -> Self {
        SocketAddr::new(ip, port).into()
    }
}

impl From<(Ipv4Addr, u16)> for Endpoint {
    fn from((ip, port): (Ipv4Addr, u16)) -> Self {
        (IpAddr::from(ip), port).into()
    }
}

impl From<(Ipv6Addr, u16)> for Endpoint {
    fn from((ip, port): (Ipv6Addr, u16)) -> Self {
        (IpAddr::from(ip), port).into()
    }
}

impl From<(&str, u16)> for Endpoint {
    fn from((name, port): (&str, u16)) -> Self {
        let host = if name.is_empty() {
            Host::Unspecified(port)
        } else if let Ok(ip) = name.parse::<IpAddr>() {
            return (ip, port).into();
        } else {
            Host::Name(name.to_owned(), port)
        };
        Self { host }
    }
}

impl From<(String, u16)> for Endpoint {
    fn from((name, port): (String, u16)) -> Self {
        (name.as_str(), port).into()
    }
}

/// Asks the system for the addresses of a host, each with `port`, in the order in which they are to be tried, none
/// twice. asyncio's `loop.getaddrinfo`, for TCP.
///
/// The system's call blocks, so it is made on another thread: see [`to_thread`](fn@crate::to_thread).
///
/// # Errors
/// There is no such host, the name service gives no answer, or no thread could be started.
///
/// # Cancel safety
/// Dropping the future gives the question up. A call that is under way goes on on its thread, and its answer is dropped.
///
/// # Allocation
/// The addresses; what [`to_thread`](fn@crate::to_thread) takes.
///
/// # Wakes from interrupts
/// None; the thread wakes the task.
pub async fn lookup_host(name: impl Into<String>, port: u16) -> io::Result<Vec<SocketAddr>> {
    let name = name.into();
    let found = try_to_thread(move || {
        let mut addresses = Vec::new();
        for address in (name.as_str(), port).to_socket_addrs()? {
            if !addresses.contains(&address) {
                addresses.push(address);
            }
        }
        Ok(addresses)
    });
    found.await.map_err(|refused| refused.error)?
}
