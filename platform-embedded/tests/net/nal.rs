use embedded_io_async::{Read, Write};
use embedded_nal_async::{AddrType, ConnectedUdp, Dns, TcpConnect, UdpStack, UnconnectedUdp};
use everloop_embedded::create_task;
use everloop_embedded::net::{Error, Listener, LookupError};
use std::net::{IpAddr, SocketAddr};

use crate::dns::run;
use crate::world::{CLIENT, PORT, SERVER, World, address};

/// As a client crate would be written, which knows nothing of us.
async fn ask<N: TcpConnect + Dns>(net: &N, host: &str, port: u16) -> [u8; 4] {
    let ip = net.get_host_by_name(host, AddrType::IPv4).await.unwrap();
    let mut connection = net.connect(SocketAddr::new(ip, port)).await.unwrap();
    connection.write_all(b"ping").await.unwrap();
    connection.flush().await.unwrap();
    let mut answer = [0; 4];
    connection.read_exact(&mut answer).await.unwrap();
    answer
}

#[test]
fn a_client_connects_by_name() {
    run(async |world: World| {
        let listener = world.listen().await;
        let server = create_task(async move {
            let mut connection = listener.accept().await.unwrap();
            let mut heard = [0; 4];
            connection.read_exact(&mut heard).await.unwrap();
            connection.write_all(&heard.map(|byte| byte.to_ascii_uppercase())).await.unwrap();
        });
        assert_eq!(&ask(&world.client, "good.test", PORT).await, b"PING");
        server.await.unwrap();
    });
}

#[test]
fn names_and_families() {
    run(async |world: World| {
        let by_name = |name, kind| Dns::get_host_by_name(&world.client, name, kind);
        let server: IpAddr = address(SERVER).into();
        assert_eq!(by_name("good.test", AddrType::Either).await, Ok(server));
        assert_eq!(by_name("10.0.0.1", AddrType::IPv6).await, Err(LookupError::NoAddress));
        assert_eq!(by_name("unknown.test", AddrType::IPv4).await, Err(LookupError::NoSuchName));
        let by_address = Dns::get_host_by_address(&world.client, server, &mut []);
        assert_eq!(by_address.await, Err(LookupError::Unsupported));
    });
}

async fn exchange<N: UdpStack>(client: &N, server: &N, at: SocketAddr) -> (SocketAddr, SocketAddr) {
    let (bound, mut server) = server.bind_single(SocketAddr::from(([0; 4], 9))).await.unwrap();
    assert_eq!(bound, at);
    let (local, mut client) = client.connect(at).await.unwrap();
    client.send(b"hello").await.unwrap();
    let mut buffer = [0; 3];
    // The whole length tells that it was cut.
    let (len, to, from) = server.receive_into(&mut buffer).await.unwrap();
    assert_eq!((len, &buffer, to), (5, b"hel", at));
    server.send(to, from, b"back").await.unwrap();
    assert_eq!(client.receive_into(&mut buffer).await.unwrap(), 4);
    (local, from)
}

#[test]
fn datagrams_connected_and_bound() {
    run(async |world: World| {
        let at = SocketAddr::from((address(SERVER), 9));
        let (local, from) = exchange(&world.client, &world.server, at).await;
        assert_eq!(local, from);
        assert_eq!(local.ip(), IpAddr::from(address(CLIENT)));
    });
}

#[test]
fn a_socket_sends_from_its_own_address_only() {
    run(async |world: World| {
        let any = SocketAddr::from(([0; 4], 0));
        let mut socket = UdpStack::bind_multiple(&world.client, any).await.unwrap();
        let to = SocketAddr::from((address(SERVER), 9));
        for from in [SocketAddr::from(([10, 0, 0, 9], 0)), SocketAddr::from(([0; 4], 1))] {
            assert_eq!(UnconnectedUdp::send(&mut socket, from, to, b"x").await, Err(Error::Unaddressable));
        }
        UnconnectedUdp::send(&mut socket, any, to, b"x").await.unwrap();
    });
}
