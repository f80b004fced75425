use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use embedded_io_async::{Read, Write};
use everloop_embedded::net::{Config, Connection, Error, Listener, Network, StartError, TcpConnection};
use everloop_embedded::{Duration, Instant, sleep, wait_for};

use crate::wire::Wire;
use crate::world::{CLIENT, PORT, SERVER, World, address, config, run_with};

pub const ANY: SocketAddr = SocketAddr::new(IpAddr::V6(Ipv6Addr::UNSPECIFIED), PORT);

pub fn global(side: usize) -> Ipv6Addr {
    Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, side as u16 + 1)
}

/// What the hardware address makes.
pub fn link_local(side: usize) -> Ipv6Addr {
    Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0xff, 0xfe00, side as u16 + 1)
}

fn both(side: usize) -> Config {
    config(side).ipv6(global(side), 64)
}

fn run<const S: usize>(test: impl AsyncFnOnce(World)) {
    run_with::<S, _>(Wire::new(), both, test);
}

fn at(ip: impl Into<IpAddr>) -> SocketAddr {
    SocketAddr::new(ip.into(), PORT)
}

async fn hello(client: &mut TcpConnection, server: &mut TcpConnection) {
    client.write_all(b"hello").await.unwrap();
    server.read_exact(&mut [0; 5]).await.unwrap();
    server.write_all(b"world").await.unwrap();
    client.read_exact(&mut [0; 5]).await.unwrap();
}

#[test]
fn addresses_of_an_interface() {
    run::<1>(async |world| {
        let have: Vec<IpAddr> = world.client.addresses().map(|address| address.ip).collect();
        assert_eq!(have, [address(1).into(), link_local(1).into(), IpAddr::from(global(1))]);
        assert_eq!(world.client.addresses().nth(2).unwrap().to_string(), "2001:db8::2/64");
        world.client.set_config(Config::none()).unwrap();
        assert_eq!(world.client.addresses().count(), 0);
    });
}

#[test]
fn from_its_address_to_the_peers() {
    run::<2>(async |world| {
        let listener = world.server.listen(at(global(SERVER))).await.unwrap();
        assert_eq!(listener.local_addr(), Ok(at(global(SERVER))));
        let mut client = world.client.connect(at(global(SERVER))).await.unwrap();
        let mut server = listener.accept().await.unwrap();
        assert_eq!(server.local_addr(), Ok(at(global(SERVER))));
        assert_eq!(server.peer_addr().unwrap().ip(), global(CLIENT));
        assert_eq!(server.peer_addr(), client.local_addr());
        hello(&mut client, &mut server).await;
    });
}

#[test]
fn on_the_link() {
    run::<2>(async |world| {
        let listener = world.server.listen(ANY).await.unwrap();
        let mut client = world.client.connect(at(link_local(SERVER))).await.unwrap();
        let mut server = listener.accept().await.unwrap();
        assert_eq!(client.local_addr().unwrap().ip(), link_local(CLIENT));
        hello(&mut client, &mut server).await;
    });
}

#[test]
fn a_listener_on_any_address_of_ipv6_serves_both_families() {
    run::<4>(async |world| {
        let listener = world.server.listen(ANY).await.unwrap();
        assert_eq!(listener.local_addr(), Ok(ANY));
        for to in [at(address(SERVER)), at(global(SERVER)), at(link_local(SERVER))] {
            let mut client = world.client.connect(to).await.unwrap();
            let mut server = listener.accept().await.unwrap();
            assert_eq!(server.local_addr(), Ok(to));
            hello(&mut client, &mut server).await;
        }
    });
}

#[test]
fn a_listener_on_any_address_of_ipv4_serves_it_alone() {
    run::<2>(async |world| {
        let _listener = world.server.listen(SocketAddr::from(([0, 0, 0, 0], PORT))).await.unwrap();
        assert_eq!(world.client.connect(at(global(SERVER))).await.unwrap_err(), Error::Refused);
        world.client.connect(at(address(SERVER))).await.unwrap();
        assert_eq!(world.server.listen(ANY).await.unwrap_err(), Error::PortInUse);
        assert_eq!(
            world.server.listen(SocketAddr::from((global(1), 8))).await.unwrap_err(),
            Error::Unaddressable
        );
    });
}

#[test]
fn a_handshake_too_many_gets_no_answer() {
    run::<1>(async |world| {
        let listener = world.server.listen(ANY).await.unwrap();
        let first = world.client.connect(at(global(SERVER))).await.unwrap();
        let second = world.client.connect(at(global(SERVER)));
        assert!(wait_for(second, Duration::from_secs(5)).await.is_err());
        assert_eq!(world.wire.resets(SERVER), 0);
        drop(first);
        drop(listener.accept().await.unwrap());
        world.client.connect(at(global(SERVER))).await.unwrap();
    });
}

#[test]
fn addresses_that_cannot_be_reached() {
    run::<1>(async |world| {
        for ip in [
            "::",
            "::1",
            "ff02::1",
            "2001:db8:1::1",
            "fe80:0:0:1::1",
            "::ffff:10.0.0.1",
            "2001:db8::2",
            "fe80::ff:fe00:2",
        ] {
            let ip: Ipv6Addr = ip.parse().unwrap();
            assert_eq!(world.client.connect(at(ip)).await.unwrap_err(), Error::Unaddressable, "{ip}");
        }
        assert_eq!(world.client.free_connections(), 16);
        // By way of a gateway.
        world.client.set_config(both(CLIENT).ipv6_gateway(global(SERVER))).unwrap();
        let far: Ipv6Addr = "2001:db8:1::1".parse().unwrap();
        assert!(wait_for(world.client.connect(at(far)), Duration::from_secs(1)).await.is_err());
        // With an address of the link alone there is none that could answer.
        world.client.set_config(config(CLIENT).ipv6(link_local(CLIENT), 64)).unwrap();
        assert_eq!(world.client.addresses().count(), 2);
        assert_eq!(world.client.connect(at(far)).await.unwrap_err(), Error::Unaddressable);
    });
}

#[test]
fn nobody_answers() {
    run::<1>(async |world| {
        let start = Instant::now();
        assert_eq!(world.client.connect(at(global(76))).await.unwrap_err(), Error::TimedOut);
        assert!(start.elapsed() < Duration::from_secs(62));
        assert!(world.wire.looks() < 2000);
    });
}

#[test]
fn without_ipv4() {
    let only = |side| Config::none().seed(side as u64).ipv6(global(side), 64);
    run_with::<2, _>(Wire::new(), only, async |world: World| {
        assert_eq!(world.client.address(), None);
        assert!(world.client.is_config_up());
        let listener = world.server.listen(ANY).await.unwrap();
        let mut client = world.client.connect(at(global(SERVER))).await.unwrap();
        let mut server = listener.accept().await.unwrap();
        hello(&mut client, &mut server).await;
        assert_eq!(world.client.connect(at(address(SERVER))).await.unwrap_err(), Error::Unaddressable);
    });
}

#[test]
fn over_a_link_without_hardware_addresses() {
    let wire = Wire::new();
    wire.set_ip();
    run_with::<2, _>(wire, both, async |world: World| {
        assert_eq!(world.client.addresses().count(), 2);
        let listener = world.server.listen(ANY).await.unwrap();
        let mut client = world.client.connect(at(global(SERVER))).await.unwrap();
        let mut server = listener.accept().await.unwrap();
        hello(&mut client, &mut server).await;
    });
}

#[test]
fn addresses_no_host_can_have() {
    run::<1>(async |world| {
        for ip in ["::", "::1", "ff02::1", "::ffff:10.0.0.1"] {
            let set = world.client.set_config(Config::none().ipv6(ip.parse().unwrap(), 64));
            assert_eq!(set, Err(StartError::InvalidAddress), "{ip}");
        }
        let set = |config: Config| world.client.set_config(config);
        assert_eq!(set(Config::none().ipv6(global(1), 129)), Err(StartError::InvalidAddress));
        assert_eq!(set(Config::none().ipv6(global(1), 128)), Ok(()));
        for ip in ["::", "2001:db8::2", "2001:db8:1::1", "ff02::1"] {
            let gateway = both(CLIENT).ipv6_gateway(ip.parse().unwrap());
            assert_eq!(set(gateway), Err(StartError::InvalidGateway), "{ip}");
        }
        assert_eq!(set(both(CLIENT).ipv6_gateway(link_local(0))), Ok(()));
    });
}

/// Puts an extension header between that of IPv6 and what follows.
fn extend(frame: &[u8], kind: u8, header: &[u8]) -> Vec<u8> {
    let mut extended = frame[..54].to_vec();
    let len = u16::from_be_bytes([frame[18], frame[19]]) + header.len() as u16;
    extended[18..20].copy_from_slice(&len.to_be_bytes());
    extended[20] = kind;
    extended.extend(header);
    extended[54] = frame[20];
    extended.extend(&frame[54..]);
    extended
}

#[test]
fn handshakes_behind_extension_headers() {
    run::<2>(async |world| {
        let listener = world.server.listen(ANY).await.unwrap();
        drop(world.client.connect(at(global(SERVER))).await.unwrap());
        drop(listener.accept().await.unwrap());
        sleep(Duration::from_secs(30)).await;
        assert_eq!(world.server.free_connections(), 2);
        let sent = world.wire.sent(CLIENT);
        let syn = sent.iter().find(|frame| frame.len() > 67 && frame[20] == 6 && frame[67] == 2).unwrap();
        let resets = world.wire.resets(SERVER);
        // Options that may be skipped: padding.
        let padding = [0, 0, 1, 4, 0, 0, 0, 0];
        let answers = || world.wire.tcp().iter().filter(|tcp| tcp.from == SERVER && tcp.syn).count();
        let before = answers();
        world.wire.inject(SERVER, extend(syn, 0, &padding));
        world.settle().await;
        assert_eq!(answers(), before + 1, "it is read as a handshake");
        // The peer, who knows nothing of it, has refused.
        assert_eq!(world.server.free_connections(), 2);
        // One that must be understood, one that says to be longer than the packet, and other kinds of headers.
        let unknown = [0, 0, 0xc7, 4, 0, 0, 0, 0];
        let long = [0, 200, 1, 4, 0, 0, 0, 0];
        for (kind, header) in
            [(0, unknown), (0, long), (43, padding), (44, padding), (60, padding), (51, padding)]
        {
            let frame = extend(syn, kind, &header);
            for end in [frame.len(), 60, 56, 55, 54] {
                world.wire.inject(SERVER, frame[..end].to_vec());
                world.settle().await;
                assert_eq!(world.server.free_connections(), 2, "{kind} {header:?} {end}");
            }
        }
        assert_eq!(world.wire.resets(SERVER), resets);
        let mut client = world.client.connect(at(global(SERVER))).await.unwrap();
        let mut server = listener.accept().await.unwrap();
        hello(&mut client, &mut server).await;
    });
}

#[test]
fn packets_to_addresses_that_end_as_ours_are_not_ours() {
    run::<2>(async |world| {
        world.client.set_config(both(CLIENT).ipv6_gateway(global(SERVER))).unwrap();
        let _listener = world.server.listen(ANY).await.unwrap();
        let similar: Ipv6Addr = "2001:db8:1::1".parse().unwrap();
        for port in [PORT, PORT + 1] {
            let attempt = world.client.connect(SocketAddr::from((similar, port)));
            assert!(wait_for(attempt, Duration::from_secs(5)).await.is_err());
        }
        assert!(world.wire.tcp().iter().all(|tcp| tcp.from == CLIENT));
    });
}

#[test]
fn loopback_addresses_from_the_wire() {
    run::<2>(async |world| {
        let _listener = world.server.listen(ANY).await.unwrap();
        drop(world.client.connect(at(global(SERVER))).await.unwrap());
        world.settle().await;
        sleep(Duration::from_secs(30)).await;
        let free = world.server.free_connections();
        let frames = world.wire.sent(CLIENT);
        let before = world.wire.sent(SERVER).len();
        for place in [22..38, 38..54] {
            for mut frame in frames.iter().filter(|frame| frame[12..14] == [0x86, 0xdd]).cloned() {
                frame[place.clone()].copy_from_slice(&Ipv6Addr::LOCALHOST.octets());
                world.wire.inject(SERVER, frame);
            }
        }
        world.settle().await;
        assert_eq!(world.wire.sent(SERVER).len(), before);
        assert_eq!(world.server.free_connections(), free);
    });
}
