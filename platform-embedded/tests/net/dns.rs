use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::rc::Rc;

use everloop_embedded::net::{Addresses, Error, LookupError, Network, Stack, UdpResources, UdpSocket};
use everloop_embedded::{Duration, Instant, create_task, sleep, wait_for};

use crate::wire::Wire;
use crate::world::{CLIENT, SERVER, World, address, config, run_on, run_with};

type Udp = UdpResources<2, 1024, 1024>;

pub fn give(stack: Stack) {
    let udp: &'static Udp = Box::leak(Box::new(Udp::new()));
    stack.add_udp(udp).unwrap();
}

/// A message that answers: so many questions and records, the flags, and what follows the header.
fn reply(query: &[u8], flags: u16, answers: u16, records: &[u8]) -> Vec<u8> {
    let mut message = query.to_vec();
    message[2..4].copy_from_slice(&flags.to_be_bytes());
    message[6..8].copy_from_slice(&answers.to_be_bytes());
    message.extend_from_slice(records);
    message
}

/// The name that is asked for, with dots.
fn name(query: &[u8]) -> String {
    let mut labels = Vec::new();
    let mut rest = &query[12..];
    while rest[0] != 0 {
        let (label, tail) = rest[1..].split_at(rest[0].into());
        labels.push(std::str::from_utf8(label).unwrap());
        rest = tail;
    }
    labels.join(".")
}

fn record(owner: &[u8], kind: u8, data: &[u8]) -> Vec<u8> {
    let mut record = owner.to_vec();
    record.extend_from_slice(&[0, kind, 0, 1, 0, 0, 0, 60, 0, data.len() as u8]);
    record.extend_from_slice(data);
    record
}

fn encoded(name: &str) -> Vec<u8> {
    let labels = name.split('.').flat_map(|label| [&[label.len() as u8], label.as_bytes()].concat());
    labels.chain([0]).collect()
}

const GOOD: u16 = 0x8180;
/// A pointer to the name that is asked for.
const ASKED: &[u8] = &[0xc0, 12];

/// What a server of many whims answers.
fn answers(query: &[u8]) -> Vec<Vec<u8>> {
    let a = |owner: &[u8], last| record(owner, 1, &[10, 0, 0, last]);
    let good = |records: &[Vec<u8>]| reply(query, GOOD, records.len() as u16, &records.concat());
    let mut other_id = good(&[a(ASKED, 66)]);
    other_id[0] ^= 1;
    let mut other_name = good(&[a(ASKED, 66)]);
    other_name[13] ^= 1;
    match name(query).as_str() {
        "good.test" => vec![good(&[a(ASKED, 1)])],
        "many.test" => vec![good(&(1..=9).map(|n| a(ASKED, n)).collect::<Vec<_>>())],
        "none.test" => vec![good(&[])],
        "unknown.test" => vec![reply(query, GOOD | 3, 0, &[])],
        "broken.test" => vec![reply(query, GOOD | 2, 0, &[])],
        "lying.test" => {
            vec![
                other_id,
                other_name,
                query.to_vec(),
                good(&[a(ASKED, 66)])[..40].to_vec(),
                good(&[a(ASKED, 1)]),
            ]
        }
        "liar.test" => vec![other_id, other_name],
        "long.test" => vec![good(&[a(ASKED, 1)]).into_iter().chain([0; 600]).collect(), good(&[a(ASKED, 2)])],
        "truncated.test" => vec![reply(query, GOOD | 0x200, 2, &a(ASKED, 1))],
        "empty.test" => vec![reply(query, GOOD | 0x200, 0, &[])],
        // The records come in any order, and names in any letters.
        "alias.test" => vec![good(&[
            a(&encoded("third.test"), 3),
            record(&encoded("Second.TEST"), 5, &encoded("third.test")),
            record(ASKED, 5, &encoded("second.test")),
        ])],
        "away.test" => vec![good(&[record(ASKED, 5, &encoded("good.test"))])],
        "round.test" => vec![good(&[record(ASKED, 5, ASKED)])],
        "back.test" => vec![good(&[record(ASKED, 5, &encoded("forth.test"))])],
        "forth.test" => vec![good(&[record(ASKED, 5, &encoded("back.test"))])],
        // Pointers to themselves and forwards, and a record that ends after the message.
        "evil.test" => vec![
            good(&[a(&[0xc0, 27], 66)]),
            good(&[a(&[0xc1, 0], 66)]),
            good(&[[ASKED, &[0, 1, 0, 1, 0, 0, 0, 60, 255, 255]].concat()]),
            good(&[record(ASKED, 1, &[1, 2])]),
            Vec::new(),
            vec![0; 11],
        ],
        _ => Vec::new(),
    }
}

/// Runs `test` beside a DNS server that answers late by `delay`.
fn run_late<T>(wire: Wire, delay: Duration, test: impl AsyncFnOnce(World) -> T) -> T {
    let with = |side| config(side).dns_server(address(SERVER).into());
    run_with::<2, T>(wire, with, async |world: World| {
        give(world.server);
        give(world.client);
        let socket = Rc::new(UdpSocket::bind(&world.server, SocketAddr::from(([0; 4], 53))).unwrap());
        create_task(async move {
            let mut buffer = [0; 1024];
            loop {
                let (len, from) = socket.recv_from(&mut buffer).await.unwrap();
                let (answers, socket) = (answers(&buffer[..len]), socket.clone());
                create_task(async move {
                    sleep(delay).await;
                    for answer in answers {
                        socket.send_to(&answer, from).await.unwrap();
                    }
                });
            }
        });
        test(world).await
    })
}

pub fn run<T>(test: impl AsyncFnOnce(World) -> T) -> T {
    run_late(Wire::new(), Duration::from_millis(1), test)
}

fn lasts(addresses: Result<Addresses, LookupError>) -> Vec<u8> {
    addresses.unwrap().map(|ip| if let IpAddr::V4(ip) = ip { ip.octets()[3] } else { 0 }).collect()
}

#[test]
fn names_have_addresses() {
    run(async |world: World| {
        for name in ["good.test", "good.test.", "GOOD.Test"] {
            assert_eq!(lasts(world.client.lookup(name).await), [1]);
        }
        assert_eq!(lasts(world.client.lookup("many.test").await), [1, 2, 3, 4, 5, 6]);
        assert_eq!(world.client.free_udp_sockets(), 2);
    });
}

#[test]
fn addresses_are_not_asked_for() {
    run(async |world: World| {
        let frames = world.wire.sent(CLIENT).len();
        assert_eq!(lasts(world.client.lookup("10.0.0.5").await), [5]);
        assert!(world.client.lookup("fe80::1").await.unwrap().all(|ip| ip.is_ipv6()));
        assert_eq!(world.wire.sent(CLIENT).len(), frames);
    });
}

#[test]
fn names_that_are_none() {
    run(async |world: World| {
        for name in ["", ".", "a..b", ".a", "a b", "höhle.test", "a/b"] {
            assert_eq!(world.client.lookup(name).await, Err(LookupError::InvalidName), "{name:?}");
        }
        let label = "a".repeat(63);
        let longest = format!("{label}.{label}.{label}.{}", "b".repeat(61));
        assert_eq!(world.client.lookup(&format!("{longest}b")).await, Err(LookupError::NameTooLong));
        assert_eq!(world.client.lookup(&format!("{label}a")).await, Err(LookupError::NameTooLong));
        assert_eq!(world.client.lookup(&longest).await, Err(LookupError::TimedOut));
    });
}

#[test]
fn what_has_no_address() {
    run(async |world: World| {
        for (name, error) in [
            ("unknown.test", LookupError::NoSuchName),
            ("none.test", LookupError::NoAddress),
            ("broken.test", LookupError::ServerFailed),
            ("empty.test", LookupError::TruncatedAnswer),
            ("round.test", LookupError::TooManyAliases),
            ("back.test", LookupError::TooManyAliases),
            ("evil.test", LookupError::TimedOut),
            ("liar.test", LookupError::TimedOut),
            ("silent.test", LookupError::TimedOut),
        ] {
            assert_eq!(world.client.lookup(name).await, Err(error), "{name}");
        }
        assert_eq!(world.client.free_udp_sockets(), 2);
    });
}

#[test]
fn answers_that_are_none_are_passed_over() {
    run(async |world: World| {
        assert_eq!(lasts(world.client.lookup("lying.test").await), [1]);
        assert_eq!(lasts(world.client.lookup("long.test").await), [2]);
    });
}

#[test]
fn a_truncated_answer_gives_what_it_has() {
    run(async |world: World| assert_eq!(lasts(world.client.lookup("truncated.test").await), [1]));
}

#[test]
fn aliases_are_followed() {
    run(async |world: World| {
        assert_eq!(lasts(world.client.lookup("alias.test").await), [3]);
        assert_eq!(lasts(world.client.lookup("away.test").await), [1]);
    });
}

#[test]
fn answers_from_elsewhere_are_not_believed() {
    run(async |world: World| {
        let wrong_port = UdpSocket::bind(&world.server, SocketAddr::from(([0; 4], 54))).unwrap();
        let lookup = world.client.lookup("silent.test");
        let lies = async {
            sleep(Duration::from_millis(100)).await;
            // The port and the number are known only to who sees the wire.
            let query = world.wire.sent(CLIENT).pop().unwrap();
            let port = u16::from_be_bytes([query[34], query[35]]);
            let answer = reply(&query[42..], GOOD, 1, &record(ASKED, 1, &[10, 0, 0, 66]));
            wrong_port.send_to(&answer, SocketAddr::from((address(CLIENT), port))).await.unwrap();
        };
        let (found, told) = everloop_embedded::gather((lookup, lies)).await;
        told.unwrap();
        assert_eq!(found.unwrap(), Err(LookupError::TimedOut));
    });
}

#[test]
fn a_slow_server_is_asked_again_and_its_late_answer_counts() {
    run_late(Wire::new(), Duration::from_millis(2500), async |world: World| {
        let start = Instant::now();
        assert_eq!(lasts(world.client.lookup("good.test").await), [1]);
        assert!(start.elapsed() >= Duration::from_millis(2500) && start.elapsed() < Duration::from_secs(3));
    });
}

#[test]
fn a_lossy_wire_is_borne() {
    let wire = Wire::new();
    wire.lose(3);
    run_late(wire, Duration::from_millis(1), async |world: World| {
        for _ in 0..20 {
            assert_eq!(lasts(world.client.lookup("good.test").await), [1]);
        }
    });
}

#[test]
fn the_next_server_is_asked() {
    let with = |side| {
        let dead = Ipv4Addr::new(10, 0, 0, 77);
        config(side)
            .dns_server(dead.into())
            .dns_server(Ipv4Addr::new(10, 9, 9, 9).into())
            .dns_server(address(SERVER).into())
    };
    run(async |world: World| {
        world.client.set_config(with(CLIENT)).unwrap();
        for _ in 0..5 {
            let start = Instant::now();
            assert_eq!(lasts(world.client.lookup("good.test").await), [1]);
            assert!(start.elapsed() < Duration::from_secs(8), "{:?}", start.elapsed());
        }
    });
}

#[test]
fn no_server_no_socket_and_small_buffers() {
    run_on::<2, _>(Wire::new(), async |world: World| {
        assert_eq!(world.client.lookup("good.test").await, Err(LookupError::NoServer));
        world.client.set_config(config(CLIENT).dns_server(address(SERVER).into())).unwrap();
        assert_eq!(world.client.lookup("good.test").await, Err(LookupError::Network(Error::NoFreeSocket)));
        let small: &'static UdpResources<1, 64, 64> = Box::leak(Box::new(UdpResources::new()));
        world.client.add_udp(small).unwrap();
        assert_eq!(world.client.lookup("good.test").await, Err(LookupError::BufferTooSmall));
    });
}

#[test]
fn dropping_the_future_frees_the_socket() {
    run(async |world: World| {
        let lookup = world.client.lookup("silent.test");
        wait_for(lookup, Duration::from_millis(100)).await.unwrap_err();
        assert_eq!(world.client.free_udp_sockets(), 2);
        let frames = world.wire.sent(CLIENT).len();
        sleep(Duration::from_secs(60)).await;
        assert_eq!(world.wire.sent(CLIENT).len(), frames);
    });
}

#[test]
fn a_name_is_connected_to() {
    run(async |world: World| {
        let _listener = world.listen().await;
        let ip = world.client.lookup("good.test").await.unwrap().next().unwrap();
        world.client.connect(SocketAddr::new(ip, crate::world::PORT)).await.unwrap();
    });
}
