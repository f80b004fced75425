//! What a stranger on the network may send in another's name.

use embedded_io_async::{Read, Write};
use everloop_embedded::net::{Connection, Listener, TcpConnection};
use everloop_embedded::{Duration, Instant, sleep, wait_for, yield_now};
use smoltcp::phy::ChecksumCapabilities;
use smoltcp::wire::{
    ArpOperation, ArpPacket, ArpRepr, EthernetAddress, EthernetFrame, EthernetProtocol, IpProtocol,
    Ipv4Address, Ipv4Packet, Ipv4Repr, TcpControl, TcpPacket, TcpRepr, TcpSeqNumber,
};

use crate::world::{CLIENT, PORT, SERVER, World, address, run};

const STRANGER: EthernetAddress = EthernetAddress([2, 0, 0, 0, 9, 9]);
const SERVER_HARDWARE: EthernetAddress = EthernetAddress([2, 0, 0, 0, 0, 1]);

/// A frame to the server.
fn ethernet(kind: EthernetProtocol, length: usize, fill: impl FnOnce(&mut [u8])) -> Vec<u8> {
    let mut frame = vec![0; 14 + length];
    let mut ethernet = EthernetFrame::new_unchecked(&mut frame[..]);
    ethernet.set_src_addr(STRANGER);
    ethernet.set_dst_addr(SERVER_HARDWARE);
    ethernet.set_ethertype(kind);
    fill(ethernet.payload_mut());
    frame
}

/// A TCP packet to the server, right in all but who sends it.
fn tcp(from: Ipv4Address, port: u16, control: TcpControl, seq: u32, ack: Option<u32>) -> Vec<u8> {
    let repr = TcpRepr {
        src_port: port,
        dst_port: PORT,
        control,
        seq_number: TcpSeqNumber(seq as i32),
        ack_number: ack.map(|ack| TcpSeqNumber(ack as i32)),
        window_len: 1024,
        window_scale: None,
        max_seg_size: None,
        sack_permitted: false,
        sack_ranges: [None; 3],
        timestamp: None,
        payload: &[],
    };
    let length = repr.buffer_len();
    let ip = Ipv4Repr {
        src_addr: from,
        dst_addr: address(SERVER),
        next_header: IpProtocol::Tcp,
        payload_len: length,
        hop_limit: 64,
    };
    let checksums = ChecksumCapabilities::default();
    ethernet(EthernetProtocol::Ipv4, 20 + length, |payload| {
        let mut packet = Ipv4Packet::new_unchecked(payload);
        ip.emit(&mut packet, &checksums);
        let mut packet = TcpPacket::new_unchecked(packet.payload_mut());
        repr.emit(&mut packet, &from.into(), &address(SERVER).into(), &checksums);
    })
}

/// Sends and waits for the same bytes.
async fn echo(client: &mut TcpConnection, server: &mut TcpConnection) {
    client.write_all(b"still here").await.unwrap();
    let mut buffer = [0; 10];
    let all = server.read_exact(&mut buffer);
    wait_for(all, Duration::from_secs(30)).await.expect("the connection goes on").unwrap();
    assert_eq!(&buffer, b"still here");
}

#[test]
fn a_flood_of_handshakes_takes_what_is_free_for_thirteen_seconds() {
    run::<4, _>(async |world: World| {
        world.wire.forget();
        let listener = world.listen().await;
        let mut client = world.connect().await;
        let mut server = listener.accept().await.unwrap();
        for n in 0..10_000u32 {
            let from = Ipv4Address::new(10, 0, 0, 100 + (n % 100) as u8);
            let frame = tcp(from, 1024 + (n % 50_000) as u16, TcpControl::Syn, n * 7919, None);
            world.wire.inject(SERVER, frame);
            if n % 16 == 0 {
                yield_now().await;
            }
            if n % 1000 == 0 {
                echo(&mut client, &mut server).await;
            }
        }
        world.settle().await;
        assert_eq!(world.server.free_connections(), 0);
        // One who comes meanwhile is let in as soon as a slot is free.
        let start = Instant::now();
        let mut late = world.connect().await;
        assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
        let mut served = listener.accept().await.unwrap();
        echo(&mut late, &mut served).await;
        sleep(Duration::from_secs(3)).await;
        assert_eq!(world.server.free_connections(), 2);
        echo(&mut client, &mut server).await;
    });
}

#[test]
fn forged_resets_and_ends_out_of_the_window_change_nothing() {
    run::<2, _>(async |world: World| {
        let listener = world.listen().await;
        let mut client = world.connect().await;
        let mut server = listener.accept().await.unwrap();
        echo(&mut client, &mut server).await;
        world.settle().await;
        let sent = world.wire.sent(CLIENT);
        let last = sent.iter().rev().find_map(|frame| {
            let ip = Ipv4Packet::new_checked(frame.get(14..)?).ok()?;
            let tcp = TcpPacket::new_checked(ip.payload()).ok()?;
            Some((tcp.seq_number().0 as u32, tcp.ack_number().0 as u32))
        });
        let (seq, ack) = last.unwrap();
        let port = client.local_addr().unwrap().port();
        for off in [5000, 1 << 20, 1 << 31, u32::MAX - 5000] {
            for control in [TcpControl::Rst, TcpControl::Fin, TcpControl::Syn] {
                for ack in [Some(ack), Some(ack.wrapping_add(off)), None] {
                    // smoltcp's own packets always have one or the other.
                    if ack.is_none() && control == TcpControl::Fin {
                        continue;
                    }
                    let frame = tcp(address(CLIENT), port, control, seq.wrapping_add(off), ack);
                    world.wire.inject(SERVER, frame);
                    yield_now().await;
                }
            }
        }
        world.settle().await;
        for _ in 0..3 {
            echo(&mut client, &mut server).await;
            echo(&mut server, &mut client).await;
        }
    });
}

/// Known, and in the nature of ARP: who claims an address gets its packets, until the claim is a minute old or the true
/// owner asks.
#[test]
fn a_claimed_address_is_believed_until_its_owner_asks() {
    run::<2, _>(async |world: World| {
        let listener = world.listen().await;
        let mut client = world.connect().await;
        let mut server = listener.accept().await.unwrap();
        echo(&mut client, &mut server).await;
        let claim = |hardware| {
            let repr = ArpRepr::EthernetIpv4 {
                operation: ArpOperation::Request,
                source_hardware_addr: hardware,
                source_protocol_addr: address(CLIENT),
                target_hardware_addr: EthernetAddress([0; 6]),
                target_protocol_addr: address(SERVER),
            };
            ethernet(EthernetProtocol::Arp, repr.buffer_len(), |payload| {
                repr.emit(&mut ArpPacket::new_unchecked(payload));
            })
        };
        world.wire.inject(SERVER, claim(STRANGER));
        world.settle().await;
        server.write_all(b"lost").await.unwrap();
        world.settle().await;
        let last = world.wire.sent(SERVER).pop().unwrap();
        assert_eq!(last[..6], STRANGER.0);
        world.wire.inject(SERVER, claim(EthernetAddress([2, 0, 0, 0, 0, 2])));
        let mut buffer = [0; 4];
        client.read_exact(&mut buffer).await.unwrap();
        assert_eq!(&buffer, b"lost");
    });
}
