use embedded_io_async::{Read, Write};
use everloop_embedded::net::{Error, Listener};
use everloop_embedded::{Duration, Instant, create_task, sleep};

use crate::wire::Wire;
use crate::world::{CLIENT, SERVER, World, config, run, run_on, run_with};

#[test]
fn a_peer_that_vanishes_is_given_up() {
    run::<2, _>(async |world: World| {
        let listener = world.listen().await;
        let _client = world.connect().await;
        let mut idle = listener.accept().await.unwrap();
        let _other = world.connect().await;
        let mut busy = listener.accept().await.unwrap();
        world.settle().await;
        world.wire.cut(true);
        let start = Instant::now();
        busy.write_all(b"hello?").await.unwrap();
        let flush = create_task(async move { (busy.flush().await, busy) });
        assert_eq!(idle.read(&mut [0; 8]).await, Err(Error::TimedOut));
        assert!(start.elapsed() > Duration::from_secs(55) && start.elapsed() < Duration::from_secs(62));
        let (flushed, busy) = flush.await.unwrap();
        assert_eq!(flushed, Err(Error::TimedOut));
        drop((idle, busy));
        sleep(Duration::from_secs(5)).await;
        assert_eq!(world.server.free_connections(), 2);
    });
}

#[test]
fn a_dropped_connection_whose_peer_vanishes_is_given_up() {
    run::<2, _>(async |world: World| {
        let listener = world.listen().await;
        let _client = world.connect().await;
        let mut server = listener.accept().await.unwrap();
        world.settle().await;
        world.wire.cut(true);
        server.write_all(b"lost").await.unwrap();
        drop(server);
        sleep(Duration::from_secs(13)).await;
        assert_eq!(world.server.free_connections(), 2);
    });
}

#[test]
fn a_peer_that_vanishes_before_it_is_accepted_is_given_up() {
    run::<2, _>(async |world: World| {
        let _listener = world.listen().await;
        let _client = world.connect().await;
        world.settle().await;
        world.wire.cut(true);
        assert_eq!(world.server.free_connections(), 1);
        sleep(Duration::from_secs(65)).await;
        assert_eq!(world.server.free_connections(), 2);
    });
}

#[test]
fn an_idle_peer_is_not_given_up() {
    run::<2, _>(async |world: World| {
        let listener = world.listen().await;
        let mut client = world.connect().await;
        let mut server = listener.accept().await.unwrap();
        sleep(Duration::from_secs(3000)).await;
        client.write_all(b"back").await.unwrap();
        let mut buffer = [0; 4];
        server.read_exact(&mut buffer).await.unwrap();
    });
}

#[test]
fn a_configured_timeout() {
    let hasty = |side| config(side).timeout(Duration::from_secs(4)).linger(Duration::from_secs(1));
    run_with::<2, _>(Wire::new(), hasty, async |world: World| {
        let listener = world.listen().await;
        let _client = world.connect().await;
        let mut server = listener.accept().await.unwrap();
        sleep(Duration::from_secs(100)).await;
        world.wire.cut(true);
        let start = Instant::now();
        assert_eq!(server.read(&mut [0; 8]).await, Err(Error::TimedOut));
        assert!(start.elapsed() < Duration::from_secs(6));
    });
}

#[test]
fn an_idle_stack_sleeps() {
    run::<2, _>(async |world: World| {
        let listener = world.listen().await;
        let _client = world.connect().await;
        let _server = listener.accept().await.unwrap();
        world.settle().await;
        let looks = world.wire.looks();
        sleep(Duration::from_secs(600)).await;
        // A probe and its answer every 15 seconds from each side, and nothing else.
        let looks = world.wire.looks() - looks;
        assert!(looks < 1000, "{looks} looks");
    });
}

#[test]
fn a_driver_without_room_is_not_pestered() {
    run::<2, _>(async |world: World| {
        let listener = world.listen().await;
        let mut client = world.connect().await;
        let _server = listener.accept().await.unwrap();
        world.settle().await;
        world.wire.set_room(0);
        client.write_all(b"stuck").await.unwrap();
        let looks = world.wire.looks();
        sleep(Duration::from_secs(30)).await;
        let looks = world.wire.looks() - looks;
        assert!(looks < 200, "{looks} looks");
    });
}

#[test]
fn the_link_comes_and_goes() {
    let wire = Wire::new();
    wire.set_up(false);
    run_on::<2, _>(wire, async |world: World| {
        world.settle().await;
        assert!(!world.client.is_link_up());
        let waiting = create_task({
            let client = world.client;
            async move { client.wait_link_up().await }
        });
        world.settle().await;
        assert!(!waiting.done());
        world.wire.set_up(true);
        waiting.await.unwrap();
        assert!(world.client.is_link_up());
        world.wire.set_up(false);
        world.settle().await;
        assert!(!world.client.is_link_up());
    });
}

#[test]
fn a_reset_costs_one_packet() {
    run::<2, _>(async |world: World| {
        let listener = world.listen().await;
        let mut client = world.connect().await;
        world.settle().await;
        drop(listener);
        assert_eq!(client.read(&mut [0; 8]).await, Err(Error::Reset));
        drop(client);
        sleep(Duration::from_secs(60)).await;
        assert_eq!((world.wire.resets(SERVER), world.wire.resets(CLIENT)), (1, 0));
    });
}

#[test]
fn a_burst_of_frames_is_taken_in_without_a_further_wake() {
    run::<2, _>(async |world: World| {
        world.settle().await;
        for _ in 0..100 {
            world.wire.inject(SERVER, vec![0; 20]);
        }
        sleep(Duration::from_millis(1)).await;
        assert_eq!(world.wire.waiting(SERVER), 0);
    });
}
