use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use embedded_io_async::{Read, Write};
use everloop_embedded::net::{Config, Error, Hostname, Listener, Network, StartError};
use everloop_embedded::{Duration, Instant, create_task, sleep, wait_for};
use smoltcp::wire::DhcpMessageType;

use crate::dhcp_server::{DhcpServer, Terms};
use crate::wire::Wire;
use crate::world::{CLIENT, PORT, SERVER, World, address, config, run_with, server_addr};

const OTHER: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 77);

/// A server with a fixed address, a client with one by DHCP, and who lends it.
fn run(test: impl AsyncFnOnce(World, DhcpServer)) {
    let wire = Wire::new();
    let dhcp = DhcpServer::on(&wire);
    let config = |side| if side == CLIENT { Config::dhcp().seed(5) } else { config(side) };
    run_with::<4, _>(wire, config, async move |world: World| test(world, dhcp).await);
}

async fn within(seconds: u64, wait: impl Future<Output = ()>) {
    wait_for(wait, Duration::from_secs(seconds)).await.expect("it happens in time");
}

#[test]
fn a_lease_gives_address_gateway_and_dns_servers() {
    run(async |world, dhcp| {
        assert_eq!(world.client.address(), None);
        assert!(!world.client.is_config_up());
        assert_eq!(world.client.connect(server_addr()).await.unwrap_err(), Error::Unaddressable);
        within(1, world.client.wait_config_up()).await;
        assert_eq!(world.client.address(), Some(address(CLIENT)));
        assert_eq!(world.client.addresses().next().unwrap().prefix, 24);
        assert!(world.client.dns_servers().eq([IpAddr::from([10, 0, 0, 53])]));
        let _listener = world.listen().await;
        world.connect().await;
        // By way of the gateway, who here does not forward.
        let far = SocketAddr::from(([192, 0, 2, 1], PORT));
        let attempt = wait_for(world.client.connect(far), Duration::from_secs(5)).await;
        assert!(attempt.is_err(), "there is a way, and nobody answers");
        assert_eq!(dhcp.asked().len(), 2);
    });
}

#[test]
fn the_server_is_told_the_hostname() {
    static NAME: Hostname = Hostname::new("sensor-1");
    let wire = Wire::new();
    let dhcp = DhcpServer::on(&wire);
    run_with::<1, _>(
        wire,
        |side| if side == CLIENT { Config::dhcp().hostname(&NAME) } else { config(side) },
        async |world: World| {
            within(1, world.client.wait_config_up()).await;
            assert!(dhcp.asked().iter().all(|(_, _, name)| name == "sensor-1"));
            // And no longer, once it is configured so.
            world.client.set_config(Config::dhcp()).unwrap();
            world.settle().await;
            assert_eq!(dhcp.asked().last().unwrap().2, "");
        },
    );
}

#[test]
fn names_that_are_none() {
    static NAMES: [Hostname; 5] =
        [Hostname::new(""), Hostname::new("-a"), Hostname::new("a-"), Hostname::new("a b"), LONG];
    const LONG: Hostname = Hostname::new("0123456789012345678901234567890123456789012345678901234567890123");
    run(async |world, _| {
        for name in &NAMES {
            let set = world.client.set_config(Config::dhcp().hostname(name));
            assert_eq!(set, Err(StartError::InvalidHostname), "{name:?}");
        }
    });
}

#[test]
fn a_lease_is_renewed_under_a_connection() {
    run(async |world, dhcp| {
        dhcp.set(|terms| terms.lease = Some(60));
        within(1, world.client.wait_config_up()).await;
        let listener = world.listen().await;
        let mut client = world.connect().await;
        let mut server = listener.accept().await.unwrap();
        sleep(Duration::from_secs(600)).await;
        assert!(dhcp.count(DhcpMessageType::Request) >= 15);
        assert_eq!(dhcp.count(DhcpMessageType::Discover), 1);
        // The one who lent it is asked, and not all.
        assert!(dhcp.asked()[2..].iter().all(|(_, to_all, _)| !to_all));
        client.write_all(b"still here").await.unwrap();
        server.read_exact(&mut [0; 10]).await.unwrap();
    });
}

#[test]
fn a_server_that_is_gone_is_followed_by_another() {
    run(async |world, dhcp| {
        dhcp.set(|terms| {
            terms.lease = Some(1000);
            terms.deaf_to_unicast = true;
        });
        within(1, world.client.wait_config_up()).await;
        let listener = world.listen().await;
        let mut client = world.connect().await;
        let mut server = listener.accept().await.unwrap();
        sleep(Duration::from_secs(1500)).await;
        assert_eq!(dhcp.count(DhcpMessageType::Discover), 1);
        client.write_all(b"rebound").await.unwrap();
        server.read_exact(&mut [0; 7]).await.unwrap();
    });
}

#[test]
fn a_lost_lease_takes_the_address_and_its_connections() {
    run(async |world, dhcp| {
        dhcp.set(|terms| terms.lease = Some(100));
        let down = create_task({
            let client = world.client;
            async move {
                client.wait_config_up().await;
                client.wait_config_down().await;
                Instant::now()
            }
        });
        within(1, world.client.wait_config_up()).await;
        let own = world.client.listen(SocketAddr::from(([0, 0, 0, 0], PORT))).await.unwrap();
        let listener = world.listen().await;
        let mut client = world.connect().await;
        let _server = listener.accept().await.unwrap();
        let start = Instant::now();
        dhcp.set(|terms| terms.silent = true);
        assert_eq!(client.read(&mut [0; 8]).await, Err(Error::AddressLost));
        assert_eq!(client.write(b"x").await, Err(Error::AddressLost));
        assert_eq!(client.flush().await, Err(Error::AddressLost));
        let lost = start.elapsed();
        assert!(lost >= Duration::from_secs(98) && lost < Duration::from_secs(102), "{lost:?}");
        assert!(down.await.unwrap() >= start);
        assert_eq!(world.client.address(), None);
        assert_eq!(world.client.connect(server_addr()).await.unwrap_err(), Error::Unaddressable);
        drop(client);
        assert_eq!(world.client.free_connections(), 16);

        // The listener serves under the next address.
        dhcp.set(|terms| {
            terms.silent = false;
            terms.address = OTHER;
        });
        within(20, world.client.wait_config_up()).await;
        assert_eq!(world.client.address(), Some(OTHER));
        let mut peer = world.server.connect(SocketAddr::from((OTHER, PORT))).await.unwrap();
        let mut accepted = own.accept().await.unwrap();
        peer.write_all(b"again").await.unwrap();
        accepted.read_exact(&mut [0; 5]).await.unwrap();
    });
}

#[test]
fn a_pulled_cable_has_the_server_asked_and_keeps_connections() {
    run(async |world, dhcp| {
        within(1, world.client.wait_config_up()).await;
        let listener = world.listen().await;
        let mut client = world.connect().await;
        let mut server = listener.accept().await.unwrap();
        world.wire.set_up(false);
        within(1, world.client.wait_link_down()).await;
        sleep(Duration::from_secs(5)).await;
        assert_eq!(dhcp.count(DhcpMessageType::Discover), 1);
        assert!(world.client.is_config_up());
        world.wire.set_up(true);
        within(1, world.client.wait_link_up()).await;
        world.settle().await;
        assert_eq!(dhcp.count(DhcpMessageType::Discover), 2);
        client.write_all(b"hello").await.unwrap();
        server.read_exact(&mut [0; 5]).await.unwrap();
    });
}

#[test]
fn another_network_behind_the_cable_ends_connections() {
    run(async |world, dhcp| {
        within(1, world.client.wait_config_up()).await;
        let _listener = world.listen().await;
        let mut client = world.connect().await;
        world.wire.set_up(false);
        world.settle().await;
        dhcp.set(|terms| terms.address = OTHER);
        world.wire.set_up(true);
        assert_eq!(client.read(&mut [0; 8]).await, Err(Error::AddressLost));
        assert_eq!(world.client.address(), Some(OTHER));
    });
}

#[test]
fn an_address_that_nobody_confirms_goes() {
    run(async |world, dhcp| {
        within(1, world.client.wait_config_up()).await;
        dhcp.set(|terms| terms.silent = true);
        world.wire.set_up(false);
        world.settle().await;
        world.wire.set_up(true);
        world.settle().await;
        assert!(world.client.is_config_up());
        within(30, world.client.wait_config_down()).await;
        assert_eq!(world.client.address(), None);
        dhcp.set(|terms| terms.silent = false);
        within(20, world.client.wait_config_up()).await;
    });
}

#[test]
fn an_attempt_to_connect_ends_with_its_address() {
    run(async |world, _| {
        within(1, world.client.wait_config_up()).await;
        let client = world.client;
        let attempt =
            create_task(async move { client.connect(SocketAddr::from((OTHER, PORT))).await.unwrap_err() });
        sleep(Duration::from_secs(2)).await;
        world.client.set_config(Config::none()).unwrap();
        assert_eq!(attempt.await.unwrap(), Error::AddressLost);
        assert_eq!(world.client.free_connections(), 16);
    });
}

/// Has a server answer so for two minutes, and checks that this gives no address and keeps nobody busy.
fn ignored(change: impl FnOnce(&mut Terms)) {
    run(async |world, dhcp| {
        dhcp.set(change);
        sleep(Duration::from_secs(120)).await;
        assert_eq!(world.client.address(), None);
        assert!(dhcp.asked().len() < 200, "{}", dhcp.asked().len());
        assert!(world.wire.looks() < 10_000);
        // It does not spoil the client for a server that is right.
        let honest = DhcpServer::on(&world.wire);
        within(60, world.client.wait_config_up()).await;
        assert!(!honest.asked().is_empty());
        assert_eq!(world.client.address(), Some(address(CLIENT)));
    });
}

#[test]
fn answers_that_make_no_sense_are_ignored() {
    for ip in ["0.0.0.0", "255.255.255.255", "224.0.0.1", "127.0.0.1", "10.0.0.255", "10.0.0.0"] {
        ignored(|terms| terms.address = ip.parse().unwrap());
    }
    ignored(|terms| terms.lease = Some(0));
    ignored(|terms| terms.mask = None);
    ignored(|terms| terms.mask = Some(Ipv4Addr::UNSPECIFIED));
    ignored(|terms| terms.mask = Some(Ipv4Addr::new(255, 0, 255, 0)));
    ignored(|terms| terms.wrong_transaction = true);
    ignored(|terms| terms.nameless = true);
    // smoltcp would answer to there, and panic.
    for ip in ["0.0.0.0", "255.255.255.255", "224.0.0.1"] {
        ignored(|terms| terms.source = ip.parse().unwrap());
    }
    ignored(|terms| terms.refuses = true);
}

#[test]
fn a_lease_without_a_router_serves_its_own_network() {
    for router in [None, Some(Ipv4Addr::new(10, 9, 9, 9)), Some(address(CLIENT)), Some(Ipv4Addr::BROADCAST)] {
        run(async |world, dhcp| {
            dhcp.set(|terms| terms.router = router);
            within(1, world.client.wait_config_up()).await;
            let _listener = world.listen().await;
            world.connect().await;
            let far = SocketAddr::from(([192, 0, 2, 1], PORT));
            assert_eq!(world.client.connect(far).await.unwrap_err(), Error::Unaddressable);
        });
    }
}

#[test]
fn odd_times_keep_nobody_busy() {
    type Times = (Option<u32>, Option<u32>, Option<u32>);
    let odd: [Times; 8] = [
        (Some(1), None, None),
        (Some(2), None, None),
        (Some(3600), Some(0), None),
        (Some(3600), Some(0), Some(1)),
        (Some(3600), None, Some(0)),
        (Some(3600), Some(u32::MAX), Some(u32::MAX)),
        (Some(u32::MAX), Some(0), Some(u32::MAX)),
        (None, None, None),
    ];
    for times in odd {
        run(async |world, dhcp| {
            dhcp.set(|terms| (terms.lease, terms.renew, terms.rebind) = times);
            within(1, world.client.wait_config_up()).await;
            sleep(Duration::from_secs(120)).await;
            assert!(dhcp.asked().len() < 500, "{times:?}: {}", dhcp.asked().len());
            assert!(world.wire.looks() < 10_000, "{times:?}: {}", world.wire.looks());
        });
    }
}

#[test]
fn a_server_that_is_silent_is_asked_now_and_then() {
    run(async |world, dhcp| {
        dhcp.set(|terms| terms.silent = true);
        let attempt = wait_for(world.client.wait_config_up(), Duration::from_secs(300)).await;
        assert!(attempt.is_err());
        let asked = dhcp.asked().len();
        assert!((20..40).contains(&asked), "{asked}");
    });
}

#[test]
fn dns_servers_that_are_none_are_left_out() {
    run(async |world, dhcp| {
        dhcp.set(|terms| {
            terms.dns_servers = vec![Ipv4Addr::UNSPECIFIED, Ipv4Addr::BROADCAST, Ipv4Addr::new(9, 9, 9, 9)];
        });
        within(1, world.client.wait_config_up()).await;
        assert!(world.client.dns_servers().eq([IpAddr::from([9, 9, 9, 9])]));
    });
}

#[test]
fn from_fixed_to_lent_and_back() {
    run(async |world, dhcp| {
        within(1, world.client.wait_config_up()).await;
        world.client.set_config(Config::new(OTHER, 24)).unwrap();
        assert_eq!(world.client.address(), Some(OTHER));
        assert!(world.client.dns_servers().next().is_none());
        let asked = dhcp.asked().len();
        sleep(Duration::from_secs(600)).await;
        assert_eq!(dhcp.asked().len(), asked, "nobody is asked any more");
        world.client.set_config(Config::dhcp()).unwrap();
        assert_eq!(world.client.address(), None);
        within(1, world.client.wait_config_up()).await;
        assert_eq!(world.client.address(), Some(address(CLIENT)));
    });
}

#[test]
fn connections_outlive_another_configuration_with_dhcp() {
    run(async |world, dhcp| {
        within(1, world.client.wait_config_up()).await;
        let listener = world.listen().await;
        let mut client = world.connect().await;
        let mut server = listener.accept().await.unwrap();
        world.client.set_config(Config::dhcp().timeout(Duration::from_secs(20))).unwrap();
        assert!(world.client.is_config_up());
        world.settle().await;
        assert_eq!(dhcp.count(DhcpMessageType::Discover), 2);
        client.write_all(b"hello").await.unwrap();
        server.read_exact(&mut [0; 5]).await.unwrap();
    });
}

#[test]
fn dhcp_needs_ethernet() {
    let wire = Wire::new();
    wire.set_ip();
    run_with::<1, _>(wire, config, async |world: World| {
        assert_eq!(world.client.set_config(Config::dhcp()), Err(StartError::NotEthernet));
        assert_eq!(world.server.address(), Some(address(SERVER)));
    });
}

#[test]
fn a_storm_of_broken_answers() {
    run(async |world, dhcp| {
        let mut state = 7_u32;
        let mut next = move || {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            state
        };
        let terms = dhcp.clone();
        world.wire.set_answer(Box::new(move |frame| {
            let Some(answer) = terms.answer(frame) else { return Vec::new() };
            let mut mangle = || {
                let mut frame = answer.clone();
                for _ in 0..1 + next() % 3 {
                    // What the datagram holds, beginning where the transaction is not yet told apart, and the options.
                    let start = if next() % 2 == 0 { 42 } else { 42 + 236 };
                    let at = start + next() as usize % (frame.len() - start);
                    frame[at] = next() as u8;
                }
                // No checksum.
                frame[40..42].fill(0);
                frame
            };
            (0..40).map(|_| mangle()).collect()
        }));
        for round in 0..300 {
            sleep(Duration::from_secs(11)).await;
            world.client.set_config(Config::dhcp()).unwrap();
            if let Some(address) = world.client.addresses().next() {
                assert!(address.prefix > 0 && !address.ip.is_unspecified() && !address.ip.is_multicast());
            }
            let own = world.client.address();
            let rounds = world.wire.looks() / (round + 1);
            assert!(rounds < 2000, "{rounds} {own:?}");
        }
        let _honest = DhcpServer::on(&world.wire);
        world.client.set_config(Config::none()).unwrap();
        world.client.set_config(Config::dhcp()).unwrap();
        within(20, world.client.wait_config_up()).await;
        assert_eq!(world.client.address(), Some(address(CLIENT)));
    });
}

#[test]
fn a_refused_renewal_is_followed_by_another_lease_at_once() {
    run(async |world, dhcp| {
        dhcp.set(|terms| terms.lease = Some(60));
        within(1, world.client.wait_config_up()).await;
        dhcp.set(|terms| terms.refuses_once = true);
        let refused = async {
            while dhcp.0.borrow().refuses_once {
                sleep(Duration::from_millis(100)).await;
            }
        };
        within(60, refused).await;
        within(1, async {
            while dhcp.count(DhcpMessageType::Discover) < 2 || !world.client.is_config_up() {
                sleep(Duration::from_millis(100)).await;
            }
        })
        .await;
        assert_eq!(world.client.address(), Some(address(CLIENT)));
    });
}
