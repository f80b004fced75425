//! Storms of malformed frames.

use embedded_io_async::{Read, Write};
use everloop_embedded::net::{Connection, Listener, Network};
use everloop_embedded::{Duration, Instant, create_task, sleep, wait_for, yield_now};
use everloop_storm::{Host, Medium, Storm};

use crate::wire::Wire;
use crate::world::{CLIENT, PORT, SERVER, World, address, run_on, server_addr};

/// So many frames on each medium: half a million, since a million make an ordinary run of the tests.
const FRAMES: usize = 500_000;
/// The runner's share of one turn.
const BURST: usize = 16;
/// A handshake that is not completed is given up after 10 seconds, and the reset told, or not, within 3 more. What was
/// established is probed, and given up after the timeout.
const HALF_OPEN: Duration = Duration::from_secs(13);

fn host(side: usize, port: u16) -> Host {
    Host { hardware: [2, 0, 0, 0, 0, side as u8 + 1], address: address(side).octets(), port }
}

/// Tells the server, by ARP, who has the client's address: then it is no longer the client that gets the answers, and
/// no stack without a list of fixed neighbours can know better.
fn poisons(frame: &[u8]) -> bool {
    frame.len() >= 32 && frame[12..14] == [8, 6] && frame[28..32] == address(CLIENT).octets()
}

/// Storms the server amid an established connection, which goes on, and connects after it.
fn storm(seed: u64, medium: Medium, frames: usize) {
    let wire = Wire::new();
    wire.forget();
    if medium == Medium::Ip {
        wire.set_ip();
    }
    run_on::<4, _>(wire, async |world: World| {
        let listener = world.listen().await;
        let mut client = world.connect().await;
        let mut server = listener.accept().await.unwrap();
        // Whoever gets through is accepted and dropped.
        let serving = create_task(async move {
            loop {
                drop(listener.accept().await.unwrap());
            }
        });
        let port = client.local_addr().unwrap().port();
        let mut storm = Storm::new(seed, medium, host(SERVER, PORT), host(CLIENT, port));
        let mut buffer = [0; 1514];
        for count in 0..frames {
            let length = storm.fill(&mut buffer);
            let frame = &buffer[..length];
            if medium == Medium::Ip || !poisons(frame) {
                world.wire.inject(SERVER, frame.to_vec());
            }
            if count % BURST == 0 {
                yield_now().await;
            }
            if count % 5000 == 0 {
                sleep(Duration::from_millis(50)).await;
                client.write_all(&count.to_le_bytes()).await.unwrap();
                let mut echo = [0; size_of::<usize>()];
                let all = server.read_exact(&mut echo);
                wait_for(all, Duration::from_secs(30)).await.expect("the connection goes on").unwrap();
                assert_eq!(usize::from_le_bytes(echo), count);
            }
        }
        let answers = world.wire.count(SERVER);
        assert!(answers > frames / 50, "only {answers} of the frames were worth an answer");
        sleep(HALF_OPEN).await;
        assert_eq!(world.wire.waiting(SERVER), 0);
        drop((client, server));
        world.settle().await;
        assert_eq!(world.server.free_connections(), 4, "seed {seed}: a connection is still taken");
        let start = Instant::now();
        drop(world.client.connect(server_addr()).await.unwrap());
        assert!(start.elapsed() < Duration::from_secs(2));
        serving.cancel();
    });
}

/// `EVERLOOP_LONG` has ten times as many.
fn frames() -> usize {
    if std::env::var_os("EVERLOOP_LONG").is_some() { 10 * FRAMES } else { FRAMES }
}

#[test]
fn half_a_million_ethernet_frames() {
    storm(1, Medium::Ethernet, frames());
}

#[test]
fn half_a_million_ip_packets() {
    storm(2, Medium::Ip, frames());
}
