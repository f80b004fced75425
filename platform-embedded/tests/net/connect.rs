use std::net::SocketAddr;

use embedded_io_async::{Read, Write};
use everloop_embedded::net::{Connection, ConnectionWriter, Error, Listener, Network};
use everloop_embedded::{Duration, Instant, create_task, sleep, wait_for};

use crate::world::{CLIENT, PORT, SERVER, World, address, run, server_addr};

#[test]
fn echo() {
    run::<2, _>(async |world: World| {
        let listener = world.listen().await;
        let server = create_task(async move {
            let mut connection = listener.accept().await.unwrap();
            let mut buffer = [0; 64];
            loop {
                match connection.read(&mut buffer).await.unwrap() {
                    0 => return,
                    n => connection.write_all(&buffer[..n]).await.unwrap(),
                }
            }
        });
        let mut connection = world.connect().await;
        let mut buffer = [0; 5];
        for word in [b"hello", b"world"] {
            connection.write_all(word).await.unwrap();
            connection.read_exact(&mut buffer).await.unwrap();
            assert_eq!(&buffer, word);
        }
        drop(connection);
        server.await.unwrap();
    });
}

#[test]
fn addresses_of_both_ends() {
    run::<2, _>(async |world: World| {
        let listener = world.listen().await;
        assert_eq!(listener.local_addr(), Ok(server_addr()));
        let client = world.connect().await;
        let server = listener.accept().await.unwrap();
        assert_eq!(client.peer_addr(), Ok(server_addr()));
        assert_eq!(server.local_addr(), Ok(server_addr()));
        assert_eq!(server.peer_addr(), client.local_addr());
        let local = client.local_addr().unwrap();
        assert_eq!(local.ip(), address(CLIENT));
        assert!(local.port() >= 49152);
    });
}

#[test]
fn a_port_without_listener_refuses() {
    run::<2, _>(async |world: World| {
        assert_eq!(world.client.connect(server_addr()).await.unwrap_err(), Error::Refused);
        assert_eq!(world.client.free_connections(), 16);
    });
}

#[test]
fn addresses_that_cannot_be_reached() {
    run::<2, _>(async |world: World| {
        for address in [
            "0.0.0.0:7",
            "255.255.255.255:7",
            "10.0.0.255:7",
            "224.0.0.1:7",
            "10.0.0.2:7",
            "10.1.0.1:7",
            "[::1]:7",
        ] {
            let address: SocketAddr = address.parse().unwrap();
            assert_eq!(world.client.connect(address).await.unwrap_err(), Error::Unaddressable, "{address}");
        }
        let zero = SocketAddr::from((address(SERVER), 0));
        assert_eq!(world.client.connect(zero).await.unwrap_err(), Error::InvalidPort);
        assert_eq!(world.client.free_connections(), 16);
    });
}

#[test]
fn nobody_answers() {
    run::<2, _>(async |world: World| {
        let nobody = SocketAddr::from(([10, 0, 0, 77], PORT));
        let start = Instant::now();
        assert_eq!(world.client.connect(nobody).await.unwrap_err(), Error::TimedOut);
        assert!(start.elapsed() >= Duration::from_secs(60) && start.elapsed() < Duration::from_secs(62));
        // The reset can't be delivered either, so the slot is taken a little longer, if it is not needed.
        sleep(Duration::from_secs(5)).await;
        assert_eq!(world.client.free_connections(), 16);
        // And the peer's hardware address is no longer asked for.
        let frames = world.wire.sent(CLIENT).len();
        sleep(Duration::from_secs(60)).await;
        assert_eq!(world.wire.sent(CLIENT).len(), frames);
    });
}

#[test]
fn all_connections_taken() {
    run::<16, _>(async |world: World| {
        let _listener = world.listen().await;
        let mut connections = Vec::new();
        for _ in 0..16 {
            connections.push(world.connect().await);
        }
        assert_eq!(world.client.connect(server_addr()).await.unwrap_err(), Error::NoFreeConnection);
        // The peer never accepts and so never closes: the connection is given up after a while.
        connections.pop();
        sleep(Duration::from_secs(13)).await;
        world.connect().await;
    });
}

#[test]
fn an_attempt_that_is_given_up_frees_its_slot() {
    run::<2, _>(async |world: World| {
        world.wire.cut(true);
        let attempt = world.client.connect(server_addr());
        wait_for(attempt, Duration::from_millis(100)).await.unwrap_err();
        assert_eq!(world.client.free_connections(), 16);
        world.wire.cut(false);
        let _listener = world.listen().await;
        world.connect().await;
    });
}

#[test]
fn ports_of_own_connections_differ() {
    run::<16, _>(async |world: World| {
        let _listener = world.listen().await;
        let mut ports = std::collections::HashSet::new();
        let mut connections = Vec::new();
        for _ in 0..16 {
            let connection = world.connect().await;
            assert!(ports.insert(connection.local_addr().unwrap().port()));
            connections.push(connection);
        }
    });
}

#[test]
fn ports_in_use_are_not_chosen() {
    run::<16, _>(async |world: World| {
        let _listener = world.listen().await;
        let mut held = Vec::new();
        for _ in 0..15 {
            held.push(world.connect().await);
        }
        // By chance alone two or three of so many would be the same.
        for _ in 0..3000 {
            let mut connection = world.connect().await;
            let port = connection.local_addr().unwrap().port();
            assert!(held.iter().all(|other| other.local_addr().unwrap().port() != port));
            connection.abort();
            drop(connection);
            sleep(Duration::from_millis(1)).await;
        }
    });
}
