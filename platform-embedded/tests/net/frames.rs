//! Frames that nobody sends.

use std::net::SocketAddr;

use embedded_io_async::{Read, Write};
use everloop_embedded::net::{Listener, Network};
use everloop_embedded::{Duration, sleep, wait_for, yield_now};

use crate::world::{CLIENT, SERVER, World, run, server_addr};

/// xorshift64
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }
}

/// Makes a frame's checksums right, so that it gets further.
fn seal(frame: &mut [u8]) {
    use smoltcp::wire::{EthernetFrame, Ipv4Packet, TcpPacket};
    if EthernetFrame::new_checked(&frame[..]).is_err() {
        return;
    }
    #[cfg(feature = "ipv6")]
    if frame[12..14] == [0x86, 0xdd] {
        return seal_v6(frame);
    }
    if frame[12..14] != [8, 0] {
        return;
    }
    let Ok(mut ip) = Ipv4Packet::new_checked(&mut frame[14..]) else { return };
    ip.fill_checksum();
    let (from, to) = (ip.src_addr(), ip.dst_addr());
    if let Ok(mut tcp) = TcpPacket::new_checked(ip.payload_mut()) {
        tcp.fill_checksum(&from.into(), &to.into());
    }
}

#[cfg(feature = "ipv6")]
fn seal_v6(frame: &mut [u8]) {
    use smoltcp::wire::{Icmpv6Packet, IpProtocol, Ipv6Packet, TcpPacket};
    let Ok(mut ip) = Ipv6Packet::new_checked(&mut frame[14..]) else { return };
    let (from, to, next) = (ip.src_addr(), ip.dst_addr(), ip.next_header());
    if next == IpProtocol::Tcp
        && let Ok(mut tcp) = TcpPacket::new_checked(ip.payload_mut())
    {
        tcp.fill_checksum(&from.into(), &to.into());
    } else if next == IpProtocol::Icmpv6
        && let Ok(mut icmp) = Icmpv6Packet::new_checked(ip.payload_mut())
    {
        icmp.fill_checksum(&from, &to);
    }
}

/// Feeds the server with frames made from those that the client has sent, and checks that it still serves after.
fn storm(seed: u64, sealed: bool) {
    run::<4, _>(async |world: World| storm_to(server_addr(), world, seed, sealed).await);
}

async fn storm_to(to: SocketAddr, world: World, seed: u64, sealed: bool) {
    let mut random = Random(seed);
    let listener = world.server.listen(to).await.unwrap();
    let mut client = world.client.connect(to).await.unwrap();
    let server = listener.accept().await.unwrap();
    client.write_all(b"some data").await.unwrap();
    world.settle().await;
    client.write_all(b"and more of it").await.unwrap();
    drop(client);
    drop(server);
    world.settle().await;
    let samples = world.wire.sent(CLIENT);

    for round in 0..4000 {
        let mut frame = samples[random.below(samples.len())].clone();
        for _ in 0..random.below(4) {
            let at = random.below(frame.len());
            frame[at] = random.next() as u8;
        }
        if random.below(4) == 0 {
            frame.truncate(random.below(frame.len() + 1));
        }
        if random.below(8) == 0 {
            frame.extend((0..random.below(40)).map(|n| n as u8));
        }
        if sealed {
            seal(&mut frame);
        }
        world.wire.inject(SERVER, frame);
        if round % 7 == 0 {
            yield_now().await;
        }
        if round % 100 == 0 {
            // Whoever got through is accepted and dropped.
            let _ = wait_for(listener.accept(), Duration::from_millis(10)).await;
        }
    }
    sleep(Duration::from_secs(80)).await;
    while let Ok(accepted) = wait_for(listener.accept(), Duration::from_millis(10)).await {
        drop(accepted);
    }
    sleep(Duration::from_secs(15)).await;
    assert_eq!(world.server.free_connections(), 4);

    let mut client = world.client.connect(to).await.unwrap();
    let mut server = listener.accept().await.unwrap();
    client.write_all(b"hello").await.unwrap();
    let mut buffer = [0; 5];
    server.read_exact(&mut buffer).await.unwrap();
}

#[cfg(feature = "ipv6")]
#[test]
fn broken_frames_of_ipv6() {
    let config = |side: usize| crate::world::config(side).ipv6(crate::ipv6::global(side), 64);
    for seed in 1..9 {
        let to = SocketAddr::from((crate::ipv6::global(SERVER), crate::world::PORT));
        crate::world::run_with::<4, _>(crate::wire::Wire::new(), config, async |world: World| {
            storm_to(to, world, seed, seed > 2).await;
        });
    }
}

#[test]
fn broken_frames() {
    for seed in 1..4 {
        storm(seed, false);
    }
}

#[test]
fn broken_frames_with_right_checksums() {
    for seed in 1..8 {
        storm(seed, true);
    }
}

#[test]
fn noise() {
    run::<2, _>(async |world: World| {
        let mut random = Random(99);
        let listener = world.listen().await;
        for round in 0..5000 {
            let mut frame: Vec<u8> = (0..random.below(120)).map(|_| random.next() as u8).collect();
            // Half of it is addressed to the server, and says that it is IPv4.
            if frame.len() >= 15 && round % 2 == 0 {
                frame[..6].copy_from_slice(&[2, 0, 0, 0, 0, 1]);
                frame[12..15].copy_from_slice(&[8, 0, 0x45]);
            }
            world.wire.inject(SERVER, frame);
            if round % 10 == 0 {
                yield_now().await;
            }
        }
        world.settle().await;
        assert_eq!(world.server.free_connections(), 2);
        let _client = world.connect().await;
        listener.accept().await.unwrap();
    });
}

#[test]
fn a_handshake_with_a_wrong_checksum_takes_no_connection() {
    run::<2, _>(async |world: World| {
        let _listener = world.listen().await;
        drop(world.connect().await);
        sleep(Duration::from_secs(30)).await;
        let free = world.server.free_connections();
        let sent = world.wire.sent(CLIENT);
        let syn = sent.iter().find(|frame| frame.len() > 47 && frame[47] == 0x02).unwrap();
        let mut broken = syn.clone();
        broken[50] ^= 1;
        for _ in 0..10 {
            world.wire.inject(SERVER, broken.clone());
            world.settle().await;
            assert_eq!(world.server.free_connections(), free);
        }
    });
}

#[test]
fn our_own_address_as_sender() {
    run::<2, _>(async |world: World| {
        let _listener = world.listen().await;
        drop(world.connect().await);
        sleep(Duration::from_secs(30)).await;
        let free = world.server.free_connections();
        let sent = world.wire.sent(CLIENT);
        let mut syn = sent.iter().find(|frame| frame.len() > 47 && frame[47] == 0x02).unwrap().clone();
        syn[29] = 1;
        seal(&mut syn);
        world.wire.inject(SERVER, syn);
        world.settle().await;
        assert_eq!(world.server.free_connections(), free);
    });
}
