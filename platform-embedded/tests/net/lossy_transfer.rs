//! A network that loses, corrupts, doubles and reorders frames.

use embedded_io_async::{Read, Write};
use everloop_embedded::net::{Connection, ConnectionWriter, Error, Listener, Network};
use everloop_embedded::{Duration, create_task, sleep};

use crate::lossy::{Counts, Faults};
use crate::wire::Wire;
use crate::world::{
    CLIENT, PORT, SERVER, World, address, config, host, pattern, run, run_loop, run_with, server_addr,
};

/// A share of the 200 seeds, each a megabyte both ways at once, so that they run beside each other.
fn seeds(of: std::ops::Range<u32>) {
    let data: &'static [u8] = pattern(1 << 20).leak();
    let mut all = Counts::default();
    let mut all_resets = 0;
    for seed in of {
        let (Counts { frames, lost, corrupt, twice, late }, resets) = megabyte(seed, data);
        all_resets += resets;
        all.frames += frames;
        all.lost += lost;
        all.corrupt += corrupt;
        all.twice += twice;
        all.late += late;
    }
    assert!(all_resets <= 3, "{all_resets} resets");
    // All of it has happened, and as often as it should.
    for count in [all.lost, all.corrupt, all.twice, all.late] {
        let thousandths = count * 1000 / all.frames;
        assert!((35..60).contains(&thousandths), "{all:?}");
    }
}

fn megabyte(seed: u32, data: &'static [u8]) -> (Counts, usize) {
    run_loop(async move {
        let wire = Wire::new();
        wire.forget();
        wire.set_faults(Faults::new(seed, 5));
        let server = host::<1, 16384>(&wire, SERVER, config(SERVER));
        let client = host::<1, 16384>(&wire, CLIENT, config(CLIENT));
        let listener = server.listen(server_addr()).await.unwrap();
        let accepting = create_task(async move { listener.accept().await.unwrap() });
        let connection = client.connect(server_addr()).await.unwrap();
        let mut transfers = Vec::new();
        for connection in [connection, accepting.await.unwrap()] {
            let (mut reader, mut writer) = connection.split();
            transfers.push(create_task(async move {
                writer.write_all(data).await.unwrap();
                writer.write_eof().await.unwrap();
                // Once in a while all that acknowledges the end is lost until the peer, which has everything, waits for
                // late packets no longer, and resets. That nobody can prevent; the reader tells if all was delivered.
                let flushed = writer.flush().await;
                assert!(matches!(flushed, Ok(()) | Err(Error::Reset)), "seed {seed}: {flushed:?}");
                usize::from(flushed.is_err())
            }));
            transfers.push(create_task(async move {
                let mut buffer = [0; 4096];
                let mut at = 0;
                loop {
                    let read = reader.read(&mut buffer).await.unwrap();
                    if read == 0 {
                        break;
                    }
                    assert!(data[at..].starts_with(&buffer[..read]), "seed {seed}: wrong after byte {at}");
                    at += read;
                }
                assert_eq!(at, data.len(), "seed {seed}: not all of it came");
                0
            }));
        }
        let mut resets = 0;
        for transfer in transfers {
            resets += transfer.await.unwrap();
        }
        (wire.heal(), resets)
    })
}

#[test]
fn a_megabyte_both_ways_seeds_0_to_99() {
    seeds(0..100);
}

#[test]
fn a_megabyte_both_ways_seeds_100_to_199() {
    seeds(100..200);
}

#[test]
fn many_short_connections_leave_none_taken() {
    for seed in 0..4 {
        run::<4, _>(async |world: World| {
            let listener = world.listen().await;
            world.wire.set_faults(Faults::new(seed, 5));
            create_task(async move {
                loop {
                    let mut server = listener.accept().await.unwrap();
                    create_task(async move {
                        let mut buffer = [0; 16];
                        // The peer may have given up meanwhile.
                        if let Ok(read) = server.read(&mut buffer).await {
                            let _ = server.write_all(&buffer[..read]).await;
                        }
                    });
                }
            });
            let mut echoed = 0;
            for _ in 0..100 {
                let Ok(mut client) = world.client.connect(server_addr()).await else { continue };
                let mut buffer = [0; 5];
                client.write_all(b"short").await.unwrap();
                if client.read_exact(&mut buffer).await.is_ok() {
                    assert_eq!(&buffer, b"short");
                    echoed += 1;
                }
            }
            assert!(echoed > 95, "seed {seed}: {echoed} of 100");
            sleep(Duration::from_secs(90)).await;
            assert_eq!(world.server.free_connections(), 4, "seed {seed}");
            assert_eq!(world.client.free_connections(), 16, "seed {seed}");
        });
    }
}

#[test]
fn the_link_goes_and_comes_while_data_flows() {
    run::<2, _>(async |world: World| {
        let listener = world.listen().await;
        let mut client = world.connect().await;
        let mut server = listener.accept().await.unwrap();
        let data = pattern(100_000);
        let sending = create_task({
            let data = data.clone();
            async move {
                client.write_all(&data).await.unwrap();
                client.flush().await.unwrap();
                client
            }
        });
        let mut received = vec![0; data.len()];
        server.read_exact(&mut received[..40_000]).await.unwrap();
        world.wire.set_up(false);
        world.wire.cut(true);
        sleep(Duration::from_secs(20)).await;
        assert!(!world.server.is_link_up() && !sending.done());
        world.wire.cut(false);
        world.wire.set_up(true);
        server.read_exact(&mut received[40_000..]).await.unwrap();
        assert!(received == data);
        sending.await.unwrap();
    });
}

#[test]
fn a_peer_that_resets_while_data_flows() {
    run::<1, _>(async |world: World| {
        let listener = world.listen().await;
        let mut client = world.connect().await;
        let mut server = listener.accept().await.unwrap();
        let sending = create_task(async move {
            let error = server.write_all(&pattern(100_000)).await.unwrap_err();
            (error, server.read(&mut [0; 8]).await, server)
        });
        client.read_exact(&mut vec![0; 30_000]).await.unwrap();
        client.abort();
        let (written, read, server) = sending.await.unwrap();
        assert_eq!((written, read), (Error::Reset, Err(Error::Reset)));
        drop(server);
        world.settle().await;
        assert_eq!(world.server.free_connections(), 1);

        let mut client = world.connect().await;
        let mut server = listener.accept().await.unwrap();
        client.write_all(b"next").await.unwrap();
        let mut buffer = [0; 4];
        server.read_exact(&mut buffer).await.unwrap();
        assert_eq!(&buffer, b"next");
    });
}

#[test]
fn a_peer_without_room_is_not_given_up_after_a_short_timeout() {
    let hasty = |side| config(side).timeout(Duration::from_secs(4));
    run_with::<1, _>(Wire::new(), hasty, async |world: World| {
        let listener = world.listen().await;
        let mut client = world.connect().await;
        let mut server = listener.accept().await.unwrap();
        let data = pattern(20_000);
        let sending = create_task({
            let data = data.clone();
            async move { server.write_all(&data).await }
        });
        sleep(Duration::from_secs(600)).await;
        let mut received = vec![0; data.len()];
        client.read_exact(&mut received).await.unwrap();
        assert!(received == data);
        sending.await.unwrap().unwrap();
    });
}

#[test]
fn a_peer_that_vanishes_without_room_is_given_up() {
    run::<1, _>(async |world: World| {
        let listener = world.listen().await;
        let _client = world.connect().await;
        let mut server = listener.accept().await.unwrap();
        let sending = create_task(async move { server.write_all(&pattern(20_000)).await });
        sleep(Duration::from_secs(100)).await;
        world.wire.cut(true);
        sleep(Duration::from_secs(200)).await;
        assert!(!sending.done());
        sleep(Duration::from_secs(105)).await;
        assert_eq!(sending.await.unwrap(), Err(Error::TimedOut));
        world.settle().await;
        assert_eq!(world.server.free_connections(), 1);
    });
}

#[test]
fn a_peer_that_does_not_read_is_waited_for() {
    run::<1, _>(async |world: World| {
        let listener = world.listen().await;
        let mut client = world.connect().await;
        let mut server = listener.accept().await.unwrap();
        world.wire.set_faults(Faults::new(7, 5));
        let data = pattern(20_000);
        let sending = create_task({
            let data = data.clone();
            async move {
                server.write_all(&data).await.unwrap();
                server.flush().await.unwrap();
            }
        });
        // Longer than the timeout for a silent peer: this one acknowledges, but has no room.
        sleep(Duration::from_secs(600)).await;
        assert!(!sending.done());
        let mut received = vec![0; data.len()];
        client.read_exact(&mut received).await.unwrap();
        assert!(received == data);
        sending.await.unwrap();
        assert_eq!(client.peer_addr().unwrap().port(), PORT);
        assert_eq!(client.peer_addr().unwrap().ip(), address(SERVER));
    });
}

#[test]
fn another_configuration_leaves_the_patience_with_a_peer_without_room() {
    let hasty = |side| config(side).timeout(Duration::from_secs(10));
    run_with::<1, _>(Wire::new(), hasty, async |world: World| {
        let listener = world.listen().await;
        let mut client = world.connect().await;
        let mut server = listener.accept().await.unwrap();
        let data = pattern(20_000);
        let sending = create_task({
            let data = data.clone();
            async move { server.write_all(&data).await }
        });
        sleep(Duration::from_secs(100)).await;
        world.server.set_config(hasty(SERVER)).unwrap();
        sleep(Duration::from_secs(200)).await;
        let mut received = vec![0; data.len()];
        client.read_exact(&mut received).await.unwrap();
        assert!(received == data);
        sending.await.unwrap().unwrap();
    });
}
