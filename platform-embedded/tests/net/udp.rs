use std::net::SocketAddr;

use everloop_embedded::net::{Error, Stack, UdpResources, UdpSocket};
use everloop_embedded::{Duration, create_task, sleep, wait_for};

use crate::world::{CLIENT, PORT, SERVER, World, address, config, host, run, run_loop, server_addr};

/// Gives both hosts two sockets with buffers of 64 bytes.
fn add(world: &World) {
    for stack in [world.server, world.client] {
        give(stack);
    }
}

fn give(stack: Stack) {
    let resources: &'static UdpResources<2, 64, 64> = Box::leak(Box::new(UdpResources::new()));
    stack.add_udp(resources).unwrap();
}

fn any(port: u16) -> SocketAddr {
    SocketAddr::from(([0; 4], port))
}

fn with_udp<T>(test: impl AsyncFnOnce(World, UdpSocket, UdpSocket) -> T) -> T {
    run::<1, _>(async |world: World| {
        add(&world);
        let server = UdpSocket::bind(&world.server, any(PORT)).unwrap();
        let client = UdpSocket::bind(&world.client, any(0)).unwrap();
        test(world, server, client).await
    })
}

#[test]
fn datagrams_go_both_ways() {
    with_udp(async |_, server, client| {
        for data in [&b"hello"[..], b"", b"world"] {
            assert_eq!(client.send_to(data, server_addr()).await, Ok(data.len()));
            let mut buffer = [0; 64];
            let (count, from) = server.recv_from(&mut buffer).await.unwrap();
            assert_eq!(&buffer[..count], data);
            assert_eq!(from, SocketAddr::from((address(CLIENT), client.local_addr().unwrap().port())));
            server.send_to(&buffer[..count], from).await.unwrap();
            assert_eq!(client.recv_from(&mut buffer).await, Ok((data.len(), server_addr())));
        }
    });
}

#[test]
fn a_peer_shuts_others_out() {
    with_udp(async |world, server, client| {
        let other = UdpSocket::bind(&world.client, any(0)).unwrap();
        assert_eq!(client.send(b"x").await, Err(Error::NotConnected));
        client.connect(server_addr()).unwrap();
        assert_eq!(client.peer_addr(), Ok(server_addr()));
        client.send(b"ping").await.unwrap();
        let mut buffer = [0; 64];
        let (_, from) = server.recv_from(&mut buffer).await.unwrap();
        let stranger = UdpSocket::bind(&world.server, any(99)).unwrap();
        stranger.send_to(b"bad", from).await.unwrap();
        world.settle().await;
        server.send_to(b"pong", from).await.unwrap();
        assert_eq!(client.recv(&mut buffer).await, Ok(4));
        assert_eq!(&buffer[..4], b"pong");
        drop(other);
    });
}

#[test]
fn ports_and_sockets_that_are_taken() {
    with_udp(async |world, server, _client| {
        assert_eq!(UdpSocket::bind(&world.server, any(PORT)).unwrap_err(), Error::PortInUse);
        let second = UdpSocket::bind(&world.server, any(0)).unwrap();
        assert!(second.local_addr().unwrap().port() >= 49152);
        assert_eq!(world.server.free_udp_sockets(), 0);
        assert_eq!(UdpSocket::bind(&world.server, any(8)).unwrap_err(), Error::NoFreeSocket);
        drop(server);
        assert_eq!(world.server.free_udp_sockets(), 1);
        UdpSocket::bind(&world.server, any(PORT)).unwrap();
    });
}

#[test]
fn memory_is_added_once() {
    run_loop(async {
        static MEMORY: UdpResources<1, 8, 8> = UdpResources::new();
        let wire = crate::wire::Wire::new();
        let [server, client] = [SERVER, CLIENT].map(|side| host::<1, 64>(&wire, side, config(side)));
        assert_eq!(UdpSocket::bind(&server, any(0)).unwrap_err(), Error::NoFreeSocket);
        server.add_udp(&MEMORY).unwrap();
        assert_eq!(client.add_udp(&MEMORY), Err(Error::AlreadyAdded));
        static OTHER: UdpResources<1, 8, 8> = UdpResources::new();
        assert_eq!(server.add_udp(&OTHER), Err(Error::AlreadyAdded));
        client.add_udp(&OTHER).unwrap();
    });
}

#[test]
fn addresses_that_make_no_sense() {
    with_udp(async |world, _server, client| {
        let foreign = SocketAddr::from(([10, 0, 0, 99], 5));
        assert_eq!(UdpSocket::bind(&world.client, foreign).unwrap_err(), Error::Unaddressable);
        for target in
            ["10.9.9.9:7", "255.255.255.255:7", "10.0.0.255:7", "0.0.0.0:7", "10.0.0.2:7", "[::1]:7"]
        {
            let target: SocketAddr = target.parse().unwrap();
            assert_eq!(client.send_to(b"x", target).await, Err(Error::Unaddressable), "{target}");
            assert_eq!(client.connect(target), Err(Error::Unaddressable), "{target}");
        }
        let zero = SocketAddr::from((address(SERVER), 0));
        assert_eq!(client.send_to(b"x", zero).await, Err(Error::InvalidPort));
    });
}

#[test]
fn broadcast_only_if_it_was_asked_for() {
    with_udp(async |_, server, client| {
        client.set_broadcast(true).unwrap();
        for to in [[255; 4], [10, 0, 0, 255]] {
            client.send_to(b"all", SocketAddr::from((to, PORT))).await.unwrap();
            assert_eq!(server.recv(&mut [0; 8]).await, Ok(3));
        }
    });
}

#[test]
fn truncation_is_told() {
    with_udp(async |_, server, client| {
        client.send_to(b"12345678", server_addr()).await.unwrap();
        client.send_to(b"next", server_addr()).await.unwrap();
        let mut buffer = [0; 4];
        assert_eq!(server.recv_from(&mut buffer).await, Err(Error::Truncated));
        assert_eq!(&buffer, b"1234");
        assert_eq!(server.recv(&mut buffer).await, Ok(4));
        assert_eq!(&buffer, b"next");
    });
}

#[test]
fn datagrams_too_long_for_the_buffer_or_a_packet() {
    with_udp(async |_, _server, client| {
        assert_eq!(client.send_to(&[0; 65], server_addr()).await, Err(Error::TooLong));
        assert_eq!(client.send_to(&[0; 64], server_addr()).await, Ok(64));
    });
    run::<1, _>(async |world: World| {
        let memory: &'static UdpResources<1, 64, 4096> = Box::leak(Box::new(UdpResources::new()));
        world.client.add_udp(memory).unwrap();
        let client = UdpSocket::bind(&world.client, any(0)).unwrap();
        assert_eq!(client.send_to(&[0; 1473], server_addr()).await, Err(Error::TooLong));
        assert_eq!(client.send_to(&[0; 1472], server_addr()).await, Ok(1472));
        world.settle().await;
        assert!(world.wire.sent(CLIENT).iter().any(|frame| frame.len() == 1514));
    });
}

#[test]
fn sending_waits_while_the_buffer_is_full() {
    with_udp(async |world, server, client| {
        client.send_to(b"hello", server_addr()).await.unwrap();
        assert_eq!(server.recv(&mut [0; 64]).await, Ok(5));
        world.wire.set_room(0);
        client.send_to(&[1; 40], server_addr()).await.unwrap();
        // Two tasks wait; a third one's future is dropped, and has sent nothing.
        let client = std::rc::Rc::new(client);
        let tasks = [2, 3].map(|n| {
            let client = client.clone();
            create_task(async move { client.send_to(&[n; 40], server_addr()).await })
        });
        let dropped = client.send_to(&[9; 40], server_addr());
        wait_for(dropped, Duration::from_millis(100)).await.unwrap_err();
        world.wire.set_room(usize::MAX);
        // A driver that forgot to wake is asked again after a second.
        let mut seen = Vec::new();
        for _ in 0..3 {
            let mut buffer = [0; 64];
            assert_eq!(server.recv(&mut buffer).await, Ok(40));
            seen.push(buffer[0]);
        }
        assert_eq!(seen, [1, 2, 3]);
        for task in tasks {
            assert_eq!(task.await.unwrap(), Ok(40));
        }
        assert!(wait_for(server.recv(&mut [0; 64]), Duration::from_secs(9)).await.is_err());
    });
}

#[test]
fn what_comes_while_the_buffer_is_full_is_lost_and_the_rest_is_whole() {
    with_udp(async |world, server, client| {
        for n in 0..20 {
            client.send_to(&[n; 20], server_addr()).await.unwrap();
        }
        world.settle().await;
        let mut count = 0;
        let mut buffer = [0; 64];
        while let Ok(got) = wait_for(server.recv(&mut buffer), Duration::from_secs(1)).await {
            assert_eq!(got, Ok(20));
            assert!(buffer[..20].iter().all(|byte| *byte == buffer[0]));
            count += 1;
        }
        assert!((1..=3).contains(&count), "{count}");
        client.send_to(b"more", server_addr()).await.unwrap();
        assert_eq!(server.recv(&mut buffer).await, Ok(4));
    });
}

#[test]
fn what_was_handed_over_is_sent_after_the_drop() {
    with_udp(async |world, server, client| {
        client.send_to(b"first", server_addr()).await.unwrap();
        client.send_to(b"last", server_addr()).await.unwrap();
        let port = client.local_addr().unwrap().port();
        drop(client);
        assert_eq!(world.client.free_udp_sockets(), 1);
        // Bound again before it was sent, it takes over the socket.
        let again = UdpSocket::bind(&world.client, any(port)).unwrap();
        let mut buffer = [0; 64];
        assert_eq!(server.recv(&mut buffer).await, Ok(5));
        let (count, from) = server.recv_from(&mut buffer).await.unwrap();
        assert_eq!(&buffer[..count], b"last");
        server.send_to(b"back", from).await.unwrap();
        assert_eq!(again.recv(&mut buffer).await, Ok(4));
        drop(again);
        assert_eq!(world.client.free_udp_sockets(), 2);
    });
}

#[test]
fn two_tasks_receive() {
    with_udp(async |world, server, client| {
        let server = std::rc::Rc::new(server);
        let tasks = [(); 2].map(|()| {
            let server = server.clone();
            create_task(async move { server.recv(&mut [0; 64]).await })
        });
        world.settle().await;
        client.send_to(b"a", server_addr()).await.unwrap();
        client.send_to(b"b", server_addr()).await.unwrap();
        for task in tasks {
            assert_eq!(task.await.unwrap(), Ok(1));
        }
    });
}

#[test]
fn an_address_that_nobody_has_does_not_hold_up_the_socket() {
    with_udp(async |world, server, client| {
        let nobody = SocketAddr::from(([10, 0, 0, 77], PORT));
        client.send_to(b"lost", nobody).await.unwrap();
        sleep(Duration::from_secs(7)).await;
        assert_eq!(client.send_to(b"x", server_addr()).await, Err(Error::Undelivered));
        client.send_to(b"found", server_addr()).await.unwrap();
        assert_eq!(server.recv(&mut [0; 8]).await, Ok(5));
        // And a socket that was dropped with such a datagram comes free.
        client.send_to(b"lost", nobody).await.unwrap();
        drop(client);
        assert_eq!(world.client.free_udp_sockets(), 1);
        sleep(Duration::from_secs(7)).await;
        assert_eq!(world.client.free_udp_sockets(), 2);
        let frames = world.wire.sent(CLIENT).len();
        sleep(Duration::from_secs(60)).await;
        assert_eq!(world.wire.sent(CLIENT).len(), frames);
    });
}

#[test]
fn more_datagrams_without_bytes_than_there_are_places_all_go() {
    with_udp(async |_, server, client| {
        let receiving = create_task(async move {
            for _ in 0..10 {
                assert_eq!(server.recv(&mut [0; 8]).await, Ok(0));
            }
        });
        for _ in 0..10 {
            let sent = wait_for(client.send_to(b"", server_addr()), Duration::from_secs(1)).await;
            assert_eq!(sent, Ok(Ok(0)));
        }
        wait_for(receiving, Duration::from_secs(1)).await.unwrap().unwrap();
    });
}

#[test]
fn datagrams_without_bytes_to_nobody_do_not_hold_up_the_socket() {
    // At once, and one a second: then they fill the places while the first are already waited for.
    for pause in [0, 1] {
        with_udp(async |_, server, client| {
            let nobody = SocketAddr::from(([10, 0, 0, 77], PORT));
            for _ in 0..8 {
                assert_eq!(client.send_to(b"", nobody).await, Ok(0));
                sleep(Duration::from_secs(pause)).await;
            }
            let sent = wait_for(client.send_to(b"", nobody), Duration::from_secs(7)).await;
            assert_eq!(sent, Ok(Err(Error::Undelivered)));
            client.send_to(b"found", server_addr()).await.unwrap();
            assert_eq!(server.recv(&mut [0; 8]).await, Ok(5));
        });
    }
}
