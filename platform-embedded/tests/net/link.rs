//! Links that come and go.

use embedded_io_async::{Read, Write};
use everloop_embedded::net::{Connection, ConnectionWriter, Error, Listener};
use everloop_embedded::{Duration, create_task, sleep, wait_for};

use crate::world::{CLIENT, SERVER, World, pattern, run};

#[test]
fn who_waits_for_the_link_is_woken() {
    run::<1, _>(async |world: World| {
        let client = world.client;
        client.wait_link_up().await;
        let turns = create_task(async move {
            client.wait_link_down().await;
            assert!(!client.is_link_up());
            client.wait_link_up().await;
        });
        world.settle().await;
        world.wire.set_up(false);
        world.settle().await;
        assert!(!turns.done());
        world.wire.set_up(true);
        wait_for(turns, Duration::from_secs(1)).await.unwrap().unwrap();
    });
}

#[test]
fn a_transfer_goes_on_when_the_link_is_back() {
    run::<2, _>(async |world: World| {
        let listener = world.listen().await;
        let data = pattern(200_000);
        let sender = create_task({
            let (world, data) = (world.clone(), data.clone());
            async move {
                let mut client = world.connect().await;
                client.write_all(&data).await.unwrap();
                client.flush().await.unwrap();
            }
        });
        let mut server = listener.accept().await.unwrap();
        let mut received = vec![0; data.len()];
        server.read_exact(&mut received[..50_000]).await.unwrap();
        world.wire.set_up(false);
        world.wire.cut(true);
        sleep(Duration::from_secs(20)).await;
        world.wire.cut(false);
        world.wire.set_up(true);
        let rest = server.read_exact(&mut received[50_000..]);
        wait_for(rest, Duration::from_secs(40)).await.expect("it goes on soon").unwrap();
        sender.await.unwrap();
        assert_eq!(received, data);
        assert_eq!(world.wire.resets(CLIENT) + world.wire.resets(SERVER), 0);
    });
}

#[test]
fn a_reset_mid_transfer_ends_both_and_the_next_works() {
    run::<2, _>(async |world: World| {
        let listener = world.listen().await;
        let sender = create_task({
            let world = world.clone();
            async move {
                let mut client = world.connect().await;
                client.write_all(&pattern(200_000)).await.unwrap_err()
            }
        });
        let mut server = listener.accept().await.unwrap();
        server.read_exact(&mut [0; 50_000]).await.unwrap();
        server.abort();
        assert_eq!(sender.await.unwrap(), Error::Reset);
        drop(server);
        let mut client = world.connect().await;
        let (mut reader, _writer) = listener.accept().await.unwrap().split();
        client.write_all(b"hello").await.unwrap();
        reader.read_exact(&mut [0; 5]).await.unwrap();
    });
}
