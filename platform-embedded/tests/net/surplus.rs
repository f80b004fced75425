use embedded_io_async::{Read, Write};
use everloop_embedded::net::{Connection, ConnectionWriter, Listener, Network};
use everloop_embedded::{Duration, Instant, create_task, sleep, wait_for};

use crate::world::{CLIENT, SERVER, World, run, server_addr};

#[test]
fn eight_at_once_and_the_ninth_waits() {
    run::<8, _>(async |world: World| {
        let listener = world.listen().await;
        let mut clients = Vec::new();
        for _ in 0..8 {
            let world = world.clone();
            clients.push(create_task(async move { world.connect().await }));
        }
        let mut connections = Vec::new();
        for client in clients {
            connections.push(client.await.unwrap());
        }
        let mut accepted = Vec::new();
        for _ in 0..8 {
            accepted.push(listener.accept().await.unwrap());
        }
        assert_eq!(world.server.free_connections(), 0);

        let ninth = create_task({
            let world = world.clone();
            async move { world.connect().await }
        });
        wait_for(listener.accept(), Duration::from_secs(5)).await.unwrap_err();
        assert!(!ninth.done());

        let left = connections.pop().unwrap();
        let peer = left.local_addr().unwrap();
        drop(left);
        accepted.retain(|connection| connection.peer_addr() != Ok(peer));
        let start = Instant::now();
        let mut server = listener.accept().await.unwrap();
        let mut client = ninth.await.unwrap();
        assert_eq!(server.peer_addr(), client.local_addr());
        assert!(start.elapsed() < Duration::from_secs(10));
        client.write_all(b"served").await.unwrap();
        let mut buffer = [0; 6];
        server.read_exact(&mut buffer).await.unwrap();
        assert_eq!(&buffer, b"served");
        // Nobody was turned away.
        assert_eq!(world.wire.resets(SERVER), 0);
    });
}

#[test]
fn surplus_handshakes_get_no_answer() {
    run::<1, _>(async |world: World| {
        let _listener = world.listen().await;
        let _first = world.connect().await;
        let second = world.client.connect(server_addr());
        wait_for(second, Duration::from_secs(20)).await.unwrap_err();
        let tcp = world.wire.tcp();
        assert!(tcp.iter().filter(|tcp| tcp.from == CLIENT && tcp.syn).count() > 2);
        assert_eq!(tcp.iter().filter(|tcp| tcp.from == SERVER && tcp.syn).count(), 1);
        assert_eq!(world.wire.resets(SERVER), 0);
    });
}

#[test]
fn ports_without_listener_refuse_also_when_all_are_taken() {
    run::<1, _>(async |world: World| {
        let _listener = world.listen().await;
        let _first = world.connect().await;
        let mut other = server_addr();
        other.set_port(8);
        world.client.connect(other).await.unwrap_err();
        assert_eq!(world.wire.resets(SERVER), 1);
    });
}

#[test]
fn connections_that_only_wait_for_late_packets_are_used_again() {
    run::<2, _>(async |world: World| {
        let listener = world.listen().await;
        let start = Instant::now();
        for n in 0..200u32 {
            let mut client = world.connect().await;
            let mut server = listener.accept().await.unwrap();
            server.write_all(&n.to_le_bytes()).await.unwrap();
            // The server closes first, so that its side is the one that waits.
            drop(server);
            let mut buffer = [0; 4];
            client.read_exact(&mut buffer).await.unwrap();
            assert_eq!(buffer, n.to_le_bytes());
            assert_eq!(client.read(&mut buffer).await, Ok(0));
            drop(client);
        }
        // Waiting out the ten seconds of each would take 1000.
        assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
        assert_eq!(world.wire.resets(SERVER), 0);
    });
}

#[test]
fn late_packets_are_waited_for_when_there_is_room() {
    run::<2, _>(async |world: World| {
        let listener = world.listen().await;
        let client = world.connect().await;
        drop(listener.accept().await.unwrap());
        world.settle().await;
        drop(client);
        world.settle().await;
        // One rests, the other is free: both can be used.
        assert_eq!(world.server.free_connections(), 2);
        let _second = world.connect().await;
        let _third = world.connect().await;
        assert_eq!(world.server.free_connections(), 0);
        sleep(Duration::from_secs(30)).await;
        assert_eq!(world.server.free_connections(), 0);
    });
}

#[test]
fn a_peer_that_returns_with_the_same_port_is_let_in() {
    run::<2, _>(async |world: World| {
        let listener = world.listen().await;
        let mut client = world.connect().await;
        let mut server = listener.accept().await.unwrap();
        world.settle().await;
        let frames = world.wire.sent(CLIENT);
        let syn = frames.iter().find(|frame| frame.len() > 47 && frame[47] == 0x02).unwrap().clone();
        server.write_eof().await.unwrap();
        world.settle().await;
        client.write_eof().await.unwrap();
        world.settle().await;
        let answers = || world.wire.tcp().iter().filter(|tcp| tcp.from == SERVER && tcp.syn).count();
        assert_eq!(answers(), 1);
        // While the connection is held its end can still be read, so it is not given up.
        world.wire.inject(SERVER, syn.clone());
        world.settle().await;
        assert_eq!(answers(), 1);
        assert_eq!(server.read(&mut [0; 8]).await, Ok(0));
        drop(server);
        world.wire.inject(SERVER, syn);
        world.settle().await;
        assert_eq!(answers(), 2);
    });
}
