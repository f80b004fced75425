use std::net::{Ipv4Addr, SocketAddr};

use embedded_io_async::{Read, Write};
use everloop_embedded::net::{Connection, ConnectionWriter, Error, Listener, Network};
use everloop_embedded::{Duration, create_task, sleep, wait_for};

use crate::world::{CLIENT, PORT, SERVER, World, address, run, server_addr};

#[test]
fn oldest_first() {
    run::<4, _>(async |world: World| {
        let listener = world.listen().await;
        let mut clients = Vec::new();
        for _ in 0..4 {
            clients.push(world.connect().await);
        }
        for client in &clients {
            let server = listener.accept().await.unwrap();
            assert_eq!(server.peer_addr(), client.local_addr());
        }
    });
}

#[test]
fn several_tasks_accept() {
    run::<8, _>(async |world: World| {
        let listener = std::rc::Rc::new(world.listen().await);
        let mut tasks = Vec::new();
        for _ in 0..4 {
            let listener = listener.clone();
            tasks.push(create_task(async move { listener.accept().await.unwrap() }));
        }
        let mut clients = Vec::new();
        for _ in 0..4 {
            clients.push(world.connect().await);
        }
        for task in tasks {
            task.await.unwrap();
        }
        wait_for(listener.accept(), Duration::from_secs(5)).await.unwrap_err();
        clients.push(world.connect().await);
        listener.accept().await.unwrap();
    });
}

#[test]
fn an_accept_that_is_given_up_loses_nothing() {
    run::<2, _>(async |world: World| {
        let listener = world.listen().await;
        wait_for(listener.accept(), Duration::from_secs(1)).await.unwrap_err();
        let client = world.connect().await;
        let server = listener.accept().await.unwrap();
        assert_eq!(server.peer_addr(), client.local_addr());
    });
}

#[test]
fn a_client_that_resets_in_the_queue() {
    run::<2, _>(async |world: World| {
        let listener = world.listen().await;
        for _ in 0..10 {
            let mut gone = world.connect().await;
            gone.abort();
            drop(gone);
            world.settle().await;
            assert_eq!(world.server.free_connections(), 2);
        }
        let client = world.connect().await;
        let server = listener.accept().await.unwrap();
        assert_eq!(server.peer_addr(), client.local_addr());
    });
}

#[test]
fn a_client_that_closes_in_the_queue_is_still_served() {
    run::<2, _>(async |world: World| {
        let listener = world.listen().await;
        let mut client = world.connect().await;
        client.write_all(b"hello").await.unwrap();
        drop(client);
        world.settle().await;
        let mut server = listener.accept().await.unwrap();
        let mut buffer = [0; 8];
        assert_eq!(server.read(&mut buffer).await, Ok(5));
        assert_eq!(server.read(&mut buffer).await, Ok(0));
        drop(server);
        world.settle().await;
        assert_eq!(world.server.free_connections(), 2);
    });
}

#[test]
fn a_listener_that_goes_resets_what_it_has_not_accepted() {
    run::<2, _>(async |world: World| {
        let listener = world.listen().await;
        let mut client = world.connect().await;
        drop(listener);
        assert_eq!(client.read(&mut [0; 8]).await, Err(Error::Reset));
        assert_eq!(world.server.free_connections(), 2);
        assert_eq!(world.client.connect(server_addr()).await.unwrap_err(), Error::Refused);
        // The port can be listened on again.
        let listener = world.listen().await;
        let _client = world.connect().await;
        listener.accept().await.unwrap();
    });
}

#[test]
fn listening_that_is_refused() {
    run::<2, _>(async |world: World| {
        let server = world.server;
        let any = |port| SocketAddr::from((Ipv4Addr::UNSPECIFIED, port));
        let first = server.listen(any(PORT)).await.unwrap();
        assert_eq!(first.local_addr(), Ok(any(PORT)));
        assert_eq!(server.listen(any(PORT)).await.unwrap_err(), Error::PortInUse);
        assert_eq!(server.listen(server_addr()).await.unwrap_err(), Error::PortInUse);
        assert_eq!(server.listen(any(0)).await.unwrap_err(), Error::InvalidPort);
        let foreign = SocketAddr::from((address(CLIENT), 8));
        assert_eq!(server.listen(foreign).await.unwrap_err(), Error::Unaddressable);
        let _second = server.listen(any(8)).await.unwrap();
        assert_eq!(server.listen(any(9)).await.unwrap_err(), Error::NoFreeListener);
        drop(first);
        server.listen(any(PORT)).await.unwrap();
    });
}

#[test]
fn two_ports() {
    run::<4, _>(async |world: World| {
        let other = SocketAddr::from((address(SERVER), 8));
        let first = world.listen().await;
        let second = world.server.listen(other).await.unwrap();
        let to_second = world.client.connect(other).await.unwrap();
        let to_first = world.connect().await;
        assert_eq!(second.accept().await.unwrap().peer_addr(), to_second.local_addr());
        assert_eq!(first.accept().await.unwrap().peer_addr(), to_first.local_addr());
    });
}

#[test]
fn half_open_connections_end() {
    run::<2, _>(async |world: World| {
        let listener = world.listen().await;
        // The first packet arrives, the answer does not.
        let probe = world.connect().await;
        drop(probe);
        drop(listener.accept().await.unwrap());
        world.settle().await;
        world.wire.cut(true);
        let frames = world.wire.sent(CLIENT).len();
        wait_for(world.client.connect(server_addr()), Duration::from_millis(100)).await.unwrap_err();
        let syn = world.wire.sent(CLIENT)[frames].clone();
        world.wire.inject(SERVER, syn.clone());
        world.settle().await;
        assert_eq!(world.server.free_connections(), 1);
        // A second copy of it is not a second peer.
        world.wire.inject(SERVER, syn);
        world.settle().await;
        assert_eq!(world.server.free_connections(), 1);
        sleep(Duration::from_secs(13)).await;
        assert_eq!(world.server.free_connections(), 2);
    });
}
