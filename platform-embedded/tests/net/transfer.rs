use embedded_io_async::{Read, ReadReady, Write, WriteReady};
use everloop_embedded::net::{Connection, ConnectionWriter, Error, Listener};
use everloop_embedded::{Duration, Instant, create_task, sleep, wait_for};

use crate::wire::Wire;
use crate::world::{BUFFER, CLIENT, SERVER, World, config, host, pattern, run, run_loop, run_on};

/// Sends so much both ways at once, and checks that it arrives.
async fn both_ways(world: World, len: usize) {
    let listener = world.listen().await;
    let client = world.connect().await;
    let server = listener.accept().await.unwrap();
    let mut tasks = Vec::new();
    for connection in [client, server] {
        let (mut reader, mut writer) = connection.split();
        tasks.push(create_task(async move {
            writer.write_all(&pattern(len)).await.unwrap();
            writer.write_eof().await.unwrap();
            writer.flush().await.unwrap();
        }));
        tasks.push(create_task(async move {
            let mut got = Vec::new();
            let mut buffer = [0; 300];
            loop {
                match reader.read(&mut buffer).await.unwrap() {
                    0 => break,
                    n => got.extend_from_slice(&buffer[..n]),
                }
            }
            assert!(got == pattern(len));
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
}

#[test]
fn much_both_ways() {
    run::<2, _>(async |world| {
        let start = Instant::now();
        both_ways(world, 200_000).await;
        assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
    });
}

#[test]
fn a_reader_that_makes_room_tells_the_peer() {
    run::<2, _>(async |world: World| {
        let listener = world.listen().await;
        let mut client = world.connect().await;
        let mut server = listener.accept().await.unwrap();
        let sender = create_task(async move { client.write_all(&pattern(10 * BUFFER)).await });
        let mut got = vec![0; BUFFER];
        for _ in 0..10 {
            world.settle().await;
            let start = Instant::now();
            server.read_exact(&mut got).await.unwrap();
            // The peer need not ask whether there is room again.
            assert!(start.elapsed() < Duration::from_millis(1), "{:?}", start.elapsed());
        }
        sender.await.unwrap().unwrap();
    });
}

#[test]
fn large_buffers() {
    run_loop(async {
        let wire = Wire::new();
        let server = host::<1, 65536>(&wire, SERVER, config(SERVER));
        let client = host::<1, 65536>(&wire, CLIENT, config(CLIENT));
        both_ways(World { wire, server, client }, 2_000_000).await;
    });
}

#[test]
fn more_than_is_sent_in_one_turn() {
    run_loop(async {
        let wire = Wire::new();
        let server = host::<1, 65536>(&wire, SERVER, config(SERVER));
        let client = host::<1, 65536>(&wire, CLIENT, config(CLIENT));
        let world = World { wire, server, client };
        let _listener = world.listen().await;
        let mut client = world.connect().await;
        world.settle().await;
        // No answer of the peer has the runner take another turn.
        world.wire.cut_from(SERVER);
        let before = world.wire.sent(CLIENT).len();
        client.write_all(&pattern(50_000)).await.unwrap();
        sleep(Duration::from_micros(1)).await;
        assert!(world.wire.sent(CLIENT).len() - before >= 50_000 / 1460);
    });
}

#[test]
fn little_is_sent_at_once() {
    run::<2, _>(async |world: World| {
        let listener = world.listen().await;
        let mut client = world.connect().await;
        let mut server = listener.accept().await.unwrap();
        world.settle().await;
        let start = Instant::now();
        for _ in 0..3 {
            client.write_all(b"x").await.unwrap();
            assert_eq!(server.read(&mut [0; 8]).await, Ok(1));
        }
        assert!(start.elapsed() < Duration::from_millis(1), "{:?}", start.elapsed());
    });
}

#[test]
fn over_a_wire_that_loses_frames() {
    let wire = Wire::new();
    wire.lose(13);
    run_on::<2, _>(wire, async |world| both_ways(world, 50_000).await);
}

#[test]
fn with_room_for_one_frame_at_a_time() {
    let wire = Wire::new();
    wire.set_room(1);
    run_on::<2, _>(wire, async |world: World| {
        let start = Instant::now();
        both_ways(world, 50_000).await;
        // Nothing is lost for want of room: there was no wait for a repetition.
        assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
    });
}

#[test]
fn over_ip_without_ethernet() {
    let wire = Wire::new();
    wire.set_ip();
    run_on::<2, _>(wire, async |world| both_ways(world, 20_000).await);
}

#[test]
fn a_read_that_is_given_up_loses_nothing() {
    run::<2, _>(async |world: World| {
        let listener = world.listen().await;
        let mut client = world.connect().await;
        let mut server = listener.accept().await.unwrap();
        let sender = create_task(async move {
            for byte in pattern(100) {
                sleep(Duration::from_millis(35)).await;
                client.write_all(&[byte]).await.unwrap();
            }
            client
        });
        let mut got = Vec::new();
        let mut given_up = 0;
        while got.len() < 100 {
            let mut buffer = [0; 3];
            match wait_for(server.read(&mut buffer), Duration::from_millis(10)).await {
                Ok(read) => got.extend_from_slice(&buffer[..read.unwrap()]),
                Err(_) => given_up += 1,
            }
        }
        assert!(got == pattern(100));
        assert!(given_up > 100);
        sender.await.unwrap();
    });
}

#[test]
fn a_write_that_is_given_up_writes_nothing() {
    run::<2, _>(async |world: World| {
        let listener = world.listen().await;
        let mut client = world.connect().await;
        let mut server = listener.accept().await.unwrap();
        // Both buffers are filled.
        let data = pattern(10 * BUFFER);
        let mut written = 0;
        while let Ok(n) = wait_for(client.write(&data[written..]), Duration::from_secs(1)).await {
            written += n.unwrap();
        }
        assert_eq!(written, 2 * BUFFER);
        let mut got = vec![0; written];
        server.read_exact(&mut got).await.unwrap();
        assert!(got == data[..written]);
        client.write_all(b"!").await.unwrap();
        assert_eq!(server.read(&mut got).await, Ok(1));
    });
}

#[test]
fn flush_waits_for_the_peer() {
    run::<2, _>(async |world: World| {
        let listener = world.listen().await;
        let mut client = world.connect().await;
        let _server = listener.accept().await.unwrap();
        world.settle().await;
        world.wire.cut(true);
        client.write_all(b"hello").await.unwrap();
        let back = create_task({
            let wire = world.wire.clone();
            async move {
                sleep(Duration::from_secs(5)).await;
                wire.cut(false);
            }
        });
        let start = Instant::now();
        client.flush().await.unwrap();
        assert!(start.elapsed() >= Duration::from_secs(5));
        back.await.unwrap();
        client.flush().await.unwrap();
        world.wire.cut(true);
        client.write_eof().await.unwrap();
        let back = create_task({
            let wire = world.wire.clone();
            async move {
                sleep(Duration::from_secs(5)).await;
                wire.cut(false);
            }
        });
        let start = Instant::now();
        client.flush().await.unwrap();
        assert!(start.elapsed() >= Duration::from_secs(5));
        back.await.unwrap();
    });
}

#[test]
fn half_closed_both_ways() {
    run::<2, _>(async |world: World| {
        let listener = world.listen().await;
        let mut client = world.connect().await;
        let mut server = listener.accept().await.unwrap();
        let mut buffer = [0; 16];

        client.write_all(b"last words").await.unwrap();
        client.write_eof().await.unwrap();
        assert_eq!(client.write(b"more").await, Err(Error::WriteAfterEof));
        client.write_eof().await.unwrap();
        assert_eq!(server.read(&mut buffer).await, Ok(10));
        assert_eq!(server.read(&mut buffer).await, Ok(0));
        assert_eq!(server.read(&mut buffer).await, Ok(0));

        // The other way is still open, as long as one likes.
        sleep(Duration::from_secs(300)).await;
        server.write_all(b"answer").await.unwrap();
        assert_eq!(client.read(&mut buffer).await, Ok(6));
        server.write_eof().await.unwrap();
        assert_eq!(client.read(&mut buffer).await, Ok(0));

        drop((client, server));
        sleep(Duration::from_secs(15)).await;
        assert_eq!(world.server.free_connections(), 2);
        assert_eq!(world.client.free_connections(), 16);
        assert_eq!(world.wire.resets(0) + world.wire.resets(1), 0);
    });
}

#[test]
fn what_was_not_read_yet_outlives_the_close_of_both_sides() {
    run::<2, _>(async |world: World| {
        let listener = world.listen().await;
        let mut client = world.connect().await;
        let mut server = listener.accept().await.unwrap();
        client.write_eof().await.unwrap();
        world.settle().await;
        server.write_all(&pattern(500)).await.unwrap();
        drop(server);
        // Far longer than TCP itself remembers a connection.
        sleep(Duration::from_secs(100)).await;
        let mut got = vec![0; 500];
        client.read_exact(&mut got).await.unwrap();
        assert!(got == pattern(500));
        assert_eq!(client.read(&mut got).await, Ok(0));
        drop(client);
        world.settle().await;
        assert_eq!(world.client.free_connections(), 16);
    });
}

#[test]
fn the_end_is_remembered_too() {
    run::<2, _>(async |world: World| {
        let listener = world.listen().await;
        let mut client = world.connect().await;
        client.write_eof().await.unwrap();
        drop(listener.accept().await.unwrap());
        sleep(Duration::from_secs(100)).await;
        assert_eq!(client.read(&mut [0; 8]).await, Ok(0));
        assert_eq!(client.write(b"x").await, Err(Error::WriteAfterEof));
        client.flush().await.unwrap();
    });
}

#[test]
fn readiness() {
    run::<2, _>(async |world: World| {
        let listener = world.listen().await;
        let (mut reader, mut writer) = world.connect().await.split();
        let mut server = listener.accept().await.unwrap();
        assert_eq!((reader.read_ready(), writer.write_ready()), (Ok(false), Ok(true)));
        assert_eq!((server.read_ready(), server.write_ready()), (Ok(false), Ok(true)));
        server.write_all(b"x").await.unwrap();
        world.settle().await;
        assert_eq!(reader.read_ready(), Ok(true));
        writer.write_all(&[0; BUFFER]).await.unwrap();
        assert_eq!(writer.write_ready(), Ok(false));
        world.settle().await;
        assert_eq!(server.read_ready(), Ok(true));
        server.read_exact(&mut [0; BUFFER]).await.unwrap();
        world.settle().await;
        assert_eq!(writer.write_ready(), Ok(true));
        reader.read(&mut [0; 1]).await.unwrap();
        drop(server);
        world.settle().await;
        assert_eq!(reader.read_ready(), Ok(true));
        assert_eq!(reader.read(&mut []).await, Ok(0));
        assert_eq!(writer.write(&[]).await, Ok(0));
    });
}
