use embedded_io_async::{Read, Write};
use everloop_embedded::net::{Connection, ConnectionWriter, Error, Listener};
use everloop_embedded::{Duration, Instant, sleep};

use crate::world::{BUFFER, CLIENT, SERVER, World, pattern, run};

#[test]
fn what_was_written_before_the_drop_is_delivered() {
    run::<2, _>(async |world: World| {
        let listener = world.listen().await;
        let mut client = world.connect().await;
        let mut server = listener.accept().await.unwrap();
        // More than the peer has room for, so that some is still here at the drop.
        let data = pattern(2 * BUFFER);
        server.write_all(&data).await.unwrap();
        drop(server);
        sleep(Duration::from_secs(5)).await;
        let mut got = vec![0; data.len()];
        client.read_exact(&mut got).await.unwrap();
        assert!(got == data);
        assert_eq!(client.read(&mut got).await, Ok(0));
        drop(client);
        sleep(Duration::from_secs(15)).await;
        assert_eq!(world.server.free_connections(), 2);
        assert_eq!(world.wire.resets(SERVER) + world.wire.resets(CLIENT), 0);
    });
}

#[test]
fn the_order_of_dropping_halves_does_not_matter() {
    run::<2, _>(async |world: World| {
        let listener = world.listen().await;
        for reader_first in [true, false] {
            let mut client = world.connect().await;
            let (reader, mut writer) = listener.accept().await.unwrap().split();
            writer.write_all(b"bye").await.unwrap();
            if reader_first {
                drop(reader);
                world.settle().await;
                drop(writer);
            } else {
                drop(writer);
                world.settle().await;
                drop(reader);
            }
            let mut buffer = [0; 8];
            assert_eq!(client.read(&mut buffer).await, Ok(3));
            assert_eq!(client.read(&mut buffer).await, Ok(0));
        }
    });
}

#[test]
fn one_half_alone_keeps_the_connection() {
    run::<2, _>(async |world: World| {
        let listener = world.listen().await;
        let mut client = world.connect().await;
        let (mut reader, writer) = listener.accept().await.unwrap().split();
        drop(writer);
        sleep(Duration::from_secs(100)).await;
        client.write_all(b"still there").await.unwrap();
        let mut buffer = [0; 16];
        assert_eq!(reader.read(&mut buffer).await, Ok(11));
    });
}

#[test]
fn a_peer_that_does_not_read_is_reset_in_the_end() {
    run::<2, _>(async |world: World| {
        let listener = world.listen().await;
        let mut client = world.connect().await;
        let mut server = listener.accept().await.unwrap();
        server.write_all(&pattern(2 * BUFFER)).await.unwrap();
        drop(server);
        let start = Instant::now();
        while world.server.free_connections() < 2 {
            sleep(Duration::from_millis(100)).await;
        }
        assert!(start.elapsed() >= Duration::from_secs(10) && start.elapsed() < Duration::from_secs(12));
        // What had come before can be read, then the reset is seen.
        let mut got = vec![0; BUFFER];
        client.read_exact(&mut got).await.unwrap();
        assert!(got == pattern(2 * BUFFER)[..BUFFER]);
        assert_eq!(client.read(&mut got).await, Err(Error::Reset));
        assert_eq!(client.write(b"x").await, Err(Error::Reset));
    });
}

#[test]
fn a_slow_peer_gets_everything() {
    run::<2, _>(async |world: World| {
        let listener = world.listen().await;
        let mut client = world.connect().await;
        let mut server = listener.accept().await.unwrap();
        let data = pattern(2 * BUFFER);
        server.write_all(&data).await.unwrap();
        drop(server);
        // It takes longer than the patience without progress, in all.
        let mut got = Vec::new();
        for _ in 0..8 {
            sleep(Duration::from_secs(6)).await;
            let mut part = [0; BUFFER / 4];
            client.read_exact(&mut part).await.unwrap();
            got.extend_from_slice(&part);
        }
        assert!(got == data);
        assert_eq!(client.read(&mut [0; 8]).await, Ok(0));
    });
}

#[test]
fn what_we_did_not_read_does_not_keep_the_slot() {
    run::<1, _>(async |world: World| {
        let listener = world.listen().await;
        for _ in 0..5 {
            let mut client = world.connect().await;
            let server = listener.accept().await.unwrap();
            client.write_all(&pattern(2 * BUFFER)).await.unwrap();
            world.settle().await;
            drop(server);
            // All of it goes through, to nobody.
            client.write_all(&pattern(10 * BUFFER)).await.unwrap();
            drop(client);
            world.settle().await;
            assert_eq!(world.server.free_connections(), 1);
        }
        assert_eq!(world.wire.resets(SERVER), 0);
    });
}

#[test]
fn a_peer_that_never_closes_is_reset_in_the_end() {
    run::<1, _>(async |world: World| {
        let listener = world.listen().await;
        let mut client = world.connect().await;
        drop(listener.accept().await.unwrap());
        assert_eq!(client.read(&mut [0; 8]).await, Ok(0));
        sleep(Duration::from_secs(13)).await;
        assert_eq!(world.server.free_connections(), 1);
        assert_eq!(client.write(b"x").await, Err(Error::Reset));
        // The peer's own end of stream came first, so that is what a reader is told.
        assert_eq!(client.read(&mut [0; 8]).await, Ok(0));
    });
}

#[test]
fn abort_resets() {
    run::<2, _>(async |world: World| {
        let listener = world.listen().await;
        let mut client = world.connect().await;
        let mut server = listener.accept().await.unwrap();
        client.write_all(b"unread").await.unwrap();
        world.settle().await;
        server.write_all(&pattern(BUFFER)).await.unwrap();
        server.abort();
        let mut buffer = [0; 8];
        assert_eq!(server.read(&mut buffer).await, Err(Error::Aborted));
        assert_eq!(server.write(b"x").await, Err(Error::Aborted));
        assert_eq!(server.flush().await, Err(Error::Aborted));
        assert_eq!(server.write_eof().await, Err(Error::Aborted));
        assert_eq!(client.read(&mut buffer).await, Err(Error::Reset));
        assert_eq!(client.write(b"x").await, Err(Error::Reset));
        assert_eq!(client.flush().await, Err(Error::Reset));
        drop((client, server));
        assert_eq!(world.server.free_connections(), 2);
        assert_eq!(world.client.free_connections(), 16);
    });
}

#[test]
fn an_abort_ends_a_read_that_waits() {
    run::<2, _>(async |world: World| {
        let listener = world.listen().await;
        let _client = world.connect().await;
        let (mut reader, mut writer) = listener.accept().await.unwrap().split();
        let waiting = everloop_embedded::create_task(async move { reader.read(&mut [0; 8]).await });
        world.settle().await;
        writer.abort();
        assert_eq!(waiting.await.unwrap(), Err(Error::Aborted));
    });
}
