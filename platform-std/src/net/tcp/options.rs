//! Options that a socket has before and after it is connected.

use std::io;
use std::net::SocketAddr;

use everloop_core::Duration;
use socket2::{Socket as RawSocket, TcpKeepalive};

pub(super) fn set_keepalive(socket: &RawSocket, idle: Option<Duration>) -> io::Result<()> {
    match idle {
        // It also turns it on.
        Some(idle) => socket.set_tcp_keepalive(&TcpKeepalive::new().with_time(idle.into())),
        None => socket.set_keepalive(false),
    }
}

pub(super) fn ttl(socket: &RawSocket, is_v6: bool) -> io::Result<u32> {
    if is_v6 { socket.unicast_hops_v6() } else { socket.ttl_v4() }
}

pub(super) fn set_ttl(socket: &RawSocket, is_v6: bool, hops: u32) -> io::Result<()> {
    if is_v6 { socket.set_unicast_hops_v6(hops) } else { socket.set_ttl_v4(hops) }
}

pub(super) fn local_addr(socket: &RawSocket) -> io::Result<SocketAddr> {
    let address = socket.local_addr()?;
    address.as_socket().ok_or_else(|| io::Error::other("a TCP socket has an address that is none of IP"))
}
