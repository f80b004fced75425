//! Options of TCP sockets.
#![allow(missing_docs)]

use std::net::SocketAddr;

use crate::support::{any_port, pair};
use everloop::Duration;
use everloop::net::{TcpListener, TcpSocket, TcpStream};

/// The same port, as an address of this machine.
fn loopback(is_v6: bool, port: u16) -> SocketAddr {
    if is_v6 { ([0, 0, 0, 0, 0, 0, 0, 1], port).into() } else { ([127, 0, 0, 1], port).into() }
}

/// None where there is no IPv6.
fn listen_everywhere(only_v6: bool) -> Option<TcpListener> {
    let socket = TcpSocket::v6().ok()?;
    socket.set_only_v6(only_v6).ok()?;
    socket.bind("[::]:0".parse().unwrap()).ok()?;
    Some(socket.listen(16).unwrap())
}

#[test]
fn options_of_a_connection_are_set_and_told() {
    everloop::run(async {
        let (near, _far) = pair().await;
        assert!(!near.keepalive().unwrap());
        near.set_keepalive(Some(Duration::from_secs(30))).unwrap();
        assert!(near.keepalive().unwrap());
        near.set_keepalive(None).unwrap();
        assert!(!near.keepalive().unwrap());

        near.set_ttl(7).unwrap();
        assert_eq!(near.ttl().unwrap(), 7);

        assert_eq!(near.linger().unwrap(), None);
        near.set_linger(Some(Duration::from_secs(2))).unwrap();
        assert_eq!(near.linger().unwrap(), Some(Duration::from_secs(2)));
        near.set_linger(None).unwrap();
        assert_eq!(near.linger().unwrap(), None);
    })
    .unwrap();
}

#[test]
fn a_linger_of_zero_resets() {
    use everloop::embedded_io_async::Read;

    everloop::run(async {
        let (near, mut far) = pair().await;
        near.set_linger(Some(Duration::from_ticks(0))).unwrap();
        drop(near);
        let error = far.read(&mut [0; 8]).await.unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    })
    .unwrap();
}

#[cfg(target_os = "linux")]
#[test]
fn options_set_before_connecting_and_listening_are_those_of_the_connection() {
    everloop::run(async {
        let socket = TcpSocket::v4().unwrap();
        socket.set_keepalive(Some(Duration::from_secs(30))).unwrap();
        socket.bind(any_port()).unwrap();
        let address = socket.local_addr().unwrap();
        let listener = socket.listen(4).unwrap();

        let socket = TcpSocket::for_address(address).unwrap();
        socket.set_ttl(9).unwrap();
        let near = socket.connect(address).await.unwrap();
        let (far, _) = listener.accept().await.unwrap();
        assert_eq!(near.ttl().unwrap(), 9);
        assert!(near.nodelay().unwrap() && far.nodelay().unwrap());
        assert!(far.keepalive().unwrap());
    })
    .unwrap();
}

#[test]
fn a_bound_socket_connects_from_its_address() {
    everloop::run(async {
        let listener = TcpListener::bind(any_port()).unwrap();
        let socket = TcpSocket::v4().unwrap();
        socket.bind(any_port()).unwrap();
        let local = socket.local_addr().unwrap();
        let near = socket.connect(listener.local_addr().unwrap()).await.unwrap();
        let (_far, peer) = listener.accept().await.unwrap();
        assert_eq!(peer, local);
        assert_eq!(near.local_addr().unwrap(), local);
    })
    .unwrap();
}

#[test]
fn connecting_a_socket_where_nobody_listens_is_refused() {
    everloop::run(async {
        let address = TcpListener::bind(any_port()).unwrap().local_addr().unwrap();
        let error = TcpSocket::v4().unwrap().connect(address).await.unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionRefused);
    })
    .unwrap();
}

#[cfg(target_os = "linux")]
#[test]
fn several_listeners_share_a_port_that_all_reuse() {
    everloop::run(async {
        let bind = |address| {
            let socket = TcpSocket::v4().unwrap();
            socket.set_reuse_port(true).unwrap();
            socket.bind(address).unwrap();
            socket.listen(16).unwrap()
        };
        let first = bind(any_port());
        let address = first.local_addr().unwrap();
        let second = bind(address);
        assert_eq!(second.local_addr().unwrap(), address);
        // One without it is refused.
        assert!(TcpListener::bind(address).is_err());
    })
    .unwrap();
}

#[test]
fn a_dual_stack_listener_takes_both_kinds() {
    everloop::run(async {
        let Some(listener) = listen_everywhere(false) else { return };
        let port = listener.local_addr().unwrap().port();
        for is_v6 in [false, true] {
            TcpStream::connect(loopback(is_v6, port)).await.unwrap();
            listener.accept().await.unwrap();
        }
    })
    .unwrap();
}

#[test]
fn an_only_v6_listener_leaves_ipv4_to_others() {
    everloop::run(async {
        let Some(listener) = listen_everywhere(true) else { return };
        let port = listener.local_addr().unwrap().port();
        assert!(TcpStream::connect(loopback(false, port)).await.is_err());
        let near = TcpStream::connect(loopback(true, port)).await.unwrap();
        near.set_ttl(5).unwrap();
        assert_eq!(near.ttl().unwrap(), 5);
        listener.accept().await.unwrap();
    })
    .unwrap();
}

#[test]
fn a_socket_outside_a_loop_does_not_listen() {
    let socket = TcpSocket::v4().unwrap();
    socket.bind(any_port()).unwrap();
    let address = socket.local_addr().unwrap();
    assert!(socket.listen(4).is_err());
    assert!(std::net::TcpStream::connect(address).is_err());
}
