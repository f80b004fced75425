//! Configurations that are set while the stack runs.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use embedded_io_async::{Read, Write};
use everloop_embedded::net::{Config, Error, Listener, Network, StartError};
#[cfg(feature = "udp")]
use everloop_embedded::net::{UdpResources, UdpSocket};
use everloop_embedded::{Duration, create_task, sleep, wait_for};

use crate::world::{PORT, World, address, config, run, server_addr};

const OTHER: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 77);

#[test]
fn another_address_ends_the_connections_of_the_former() {
    run::<4, _>(async |world: World| {
        let any = world.server.listen(SocketAddr::from(([0, 0, 0, 0], PORT))).await.unwrap();
        let fixed = world.server.listen(SocketAddr::from((address(0), 8))).await.unwrap();
        let mut client = world.connect().await;
        let mut server = any.accept().await.unwrap();
        client.write_all(b"not read").await.unwrap();
        world.settle().await;
        // One that is not accepted yet.
        let _waiting = world.connect().await;

        world.server.set_config(Config::new(OTHER, 24)).unwrap();
        assert_eq!(server.read(&mut [0; 16]).await, Err(Error::AddressLost));
        drop(server);
        assert_eq!(world.server.free_connections(), 4);
        assert!(wait_for(any.accept(), Duration::from_secs(1)).await.is_err());
        let sent = world.wire.resets(0);
        sleep(Duration::from_secs(5)).await;
        assert_eq!(world.wire.resets(0), sent, "nothing is sent from an address that is not ours");

        let mut client = world.client.connect(SocketAddr::from((OTHER, PORT))).await.unwrap();
        let mut server = any.accept().await.unwrap();
        client.write_all(b"hello").await.unwrap();
        server.read_exact(&mut [0; 5]).await.unwrap();

        // The listener on the address that is gone serves when it is there again.
        assert!(world.client.connect(SocketAddr::from((OTHER, 8))).await.is_err());
        world.server.set_config(config(0)).unwrap();
        world.client.connect(SocketAddr::from((address(0), 8))).await.unwrap();
        fixed.accept().await.unwrap();
    });
}

#[test]
fn the_same_address_keeps_connections() {
    run::<2, _>(async |world: World| {
        let listener = world.listen().await;
        let mut client = world.connect().await;
        let mut server = listener.accept().await.unwrap();
        let gateway = Ipv4Addr::new(10, 0, 0, 254);
        world.server.set_config(config(0).gateway(gateway)).unwrap();
        client.write_all(b"hello").await.unwrap();
        server.read_exact(&mut [0; 5]).await.unwrap();
        let far = SocketAddr::from(([192, 0, 2, 1], PORT));
        assert!(wait_for(world.server.connect(far), Duration::from_secs(1)).await.is_err());
        world.server.set_config(config(0)).unwrap();
        assert_eq!(world.server.connect(far).await.unwrap_err(), Error::Unaddressable);
    });
}

#[test]
fn another_patience_holds_for_connections_that_are_there() {
    run::<2, _>(async |world: World| {
        let listener = world.listen().await;
        let mut client = world.connect().await;
        let mut server = listener.accept().await.unwrap();
        let both = |seconds| {
            let timeout = Duration::from_secs(seconds);
            world.server.set_config(config(0).timeout(timeout)).unwrap();
            world.client.set_config(config(1).timeout(timeout)).unwrap();
        };
        both(600);
        sleep(Duration::from_secs(500)).await;
        client.write_all(b"hello").await.unwrap();
        server.read_exact(&mut [0; 5]).await.unwrap();
        both(20);
        world.wire.cut(true);
        let lost = wait_for(server.read(&mut [0; 5]), Duration::from_secs(22)).await.unwrap();
        assert_eq!(lost, Err(Error::TimedOut));
    });
}

#[test]
fn a_configuration_without_sense_changes_nothing() {
    run::<2, _>(async |world: World| {
        let _listener = world.listen().await;
        let mut client = world.connect().await;
        let bad = Config::new(Ipv4Addr::BROADCAST, 24);
        assert_eq!(world.client.set_config(bad), Err(StartError::InvalidAddress));
        let gateway = Config::none().gateway(OTHER);
        assert_eq!(world.client.set_config(gateway), Err(StartError::InvalidGateway));
        assert_eq!(world.client.address(), Some(address(1)));
        client.write_all(b"hello").await.unwrap();
        client.flush().await.unwrap();
    });
}

#[test]
fn who_waits_for_addresses_is_woken() {
    run::<2, _>(async |world: World| {
        let client = world.client;
        client.wait_config_up().await;
        let turns = create_task(async move {
            client.wait_config_down().await;
            client.wait_config_up().await;
        });
        world.settle().await;
        assert!(!turns.done());
        client.set_config(Config::none()).unwrap();
        assert!(!client.is_config_up());
        assert_eq!(client.connect(server_addr()).await.unwrap_err(), Error::Unaddressable);
        world.settle().await;
        assert!(!turns.done());
        client.set_config(config(1)).unwrap();
        wait_for(turns, Duration::from_secs(1)).await.unwrap().unwrap();
    });
}

#[test]
fn dns_servers_that_are_configured() {
    run::<1, _>(async |world: World| {
        let servers = [[9, 9, 9, 9], [8, 8, 8, 8], [1, 1, 1, 1]].map(IpAddr::from);
        let with = |servers: &[IpAddr]| servers.iter().fold(config(1), |config, ip| config.dns_server(*ip));
        world.client.set_config(with(&servers)).unwrap();
        assert!(world.client.dns_servers().eq(servers));
        let four = with(&[servers[0], servers[1], servers[2], servers[0]]);
        assert_eq!(world.client.set_config(four), Err(StartError::InvalidDnsServers));
        let none = config(1).dns_server(Ipv4Addr::BROADCAST.into());
        assert_eq!(world.client.set_config(none), Err(StartError::InvalidDnsServers));
    });
}

#[test]
fn frames_to_a_stack_without_address() {
    run::<2, _>(async |world: World| {
        let _listener = world.listen().await;
        let mut client = world.connect().await;
        client.write_all(b"hello").await.unwrap();
        world.settle().await;
        world.server.set_config(Config::none()).unwrap();
        for frame in world.wire.sent(1) {
            world.wire.inject(0, frame);
        }
        let sent = world.wire.sent(0).len();
        world.settle().await;
        assert_eq!(world.wire.sent(0).len(), sent);
        assert_eq!(world.server.free_connections(), 2);
    });
}

#[cfg(feature = "udp")]
#[test]
fn the_port_of_the_dhcp_client_is_free_with_a_fixed_address() {
    run::<1, _>(async |world: World| {
        for stack in [world.server, world.client] {
            let resources: &'static UdpResources<1, 64, 64> = Box::leak(Box::new(UdpResources::new()));
            stack.add_udp(resources).unwrap();
        }
        let client = UdpSocket::bind(&world.client, SocketAddr::from((address(1), 68))).unwrap();
        let server = UdpSocket::bind(&world.server, SocketAddr::from((address(0), 67))).unwrap();
        server.send_to(b"hello", SocketAddr::from((address(1), 68))).await.unwrap();
        let received = wait_for(client.recv(&mut [0; 8]), Duration::from_secs(1)).await;
        assert_eq!(received, Ok(Ok(5)));
    });
}
