use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use embedded_io_async::{Read, Write};
use everloop_embedded::net::{Config, Error, Listener, Network, StartError};
use everloop_embedded::{Duration, sleep, wait_for, yield_now};

use crate::ipv6::{ANY, global, link_local};
use crate::router::{Advert, Router, dns, prefix, prefix_of};
use crate::wire::Wire;
use crate::world::{CLIENT, PORT, SERVER, World, config, run_with};

const NETWORK: &str = "2001:db8::";
const OTHER: &str = "2001:db8:1::";

/// What the client's hardware address makes of it.
fn in_network(network: &str) -> IpAddr {
    let link: u128 = link_local(CLIENT).to_bits() & u128::from(u64::MAX);
    Ipv6Addr::from_bits(network.parse::<Ipv6Addr>().unwrap().to_bits() | link).into()
}

fn honest() -> Advert {
    Advert::new(&[&prefix(NETWORK, 86400, 3600), &dns(&["2001:db8::53"], 600)])
}

fn run(advert: Option<Advert>, test: impl AsyncFnOnce(World, Router)) {
    let wire = Wire::new();
    let router = Router::on(&wire, advert);
    let config = |side| match side {
        CLIENT => Config::none().seed(7).slaac(),
        _ => config(side).ipv6(global(side), 64),
    };
    run_with::<4, _>(wire, config, async move |world: World| test(world, router).await);
}

fn told(world: &World) -> Option<IpAddr> {
    world.client.addresses().nth(1).map(|address| address.ip)
}

#[test]
fn an_address_router_and_dns_servers_from_a_router() {
    run(Some(honest()), async |world, router| {
        assert_eq!(world.client.addresses().next().unwrap().ip, link_local(CLIENT));
        assert!(!world.client.is_config_up());
        wait_for(world.client.wait_config_up(), Duration::from_secs(1)).await.unwrap();
        assert_eq!(told(&world), Some(in_network(NETWORK)));
        assert!(world.client.dns_servers().eq(["2001:db8::53".parse::<IpAddr>().unwrap()]));
        let listener = world.server.listen(ANY).await.unwrap();
        let mut client = world.client.connect(SocketAddr::from((global(SERVER), PORT))).await.unwrap();
        let mut server = listener.accept().await.unwrap();
        client.write_all(b"hello").await.unwrap();
        server.read_exact(&mut [0; 5]).await.unwrap();
        // Other networks are reached by way of the router, who here does not forward.
        let far = SocketAddr::new(in_network(OTHER), PORT);
        assert!(wait_for(world.client.connect(far), Duration::from_secs(1)).await.is_err());
        // The DNS server is known for ten minutes, the router for half an hour: then it is asked again.
        let asked = router.asked();
        sleep(Duration::from_secs(601)).await;
        assert_eq!(world.client.dns_servers().count(), 0);
        sleep(Duration::from_secs(1201)).await;
        assert_eq!(router.asked(), asked + 1);
        assert_eq!(world.client.dns_servers().count(), 1);
    });
}

#[test]
fn a_link_without_router_is_asked_ever_less() {
    run(None, async |world, router| {
        assert!(wait_for(world.client.wait_config_up(), Duration::from_secs(3000)).await.is_err());
        assert!((8..16).contains(&router.asked()), "{}", router.asked());
        assert!(world.wire.looks() < 300, "{}", world.wire.looks());
        // On the link it can be reached all the same.
        let listener = world.client.listen(ANY).await.unwrap();
        world.server.connect(SocketAddr::from((link_local(CLIENT), PORT))).await.unwrap();
        listener.accept().await.unwrap();
        // One that comes later is heard without a question.
        router.tell(&honest());
        wait_for(world.client.wait_config_up(), Duration::from_secs(1)).await.unwrap();
    });
}

#[test]
fn a_network_that_is_over_takes_the_address_and_its_connections() {
    run(Some(Advert::new(&[&prefix(NETWORK, 60, 60)])), async |world, router| {
        world.client.wait_config_up().await;
        let listener = world.server.listen(ANY).await.unwrap();
        let mut client = world.client.connect(SocketAddr::from((global(SERVER), PORT))).await.unwrap();
        let _server = listener.accept().await.unwrap();
        sleep(Duration::from_secs(50)).await;
        router.tell(&Advert::new(&[&prefix(NETWORK, 60, 60)]));
        sleep(Duration::from_secs(50)).await;
        assert!(world.client.is_config_up(), "told again, it lasts longer");
        router.set(None);
        assert_eq!(client.read(&mut [0; 8]).await, Err(Error::AddressLost));
        assert_eq!(told(&world), None);
        assert!(!world.client.is_config_up());
    });
}

#[test]
fn a_forged_end_of_a_network_is_not_believed() {
    run(Some(honest()), async |world, router| {
        world.client.wait_config_up().await;
        router.tell(&Advert::new(&[&prefix(NETWORK, 0, 0)]));
        sleep(Duration::from_secs(60)).await;
        assert_eq!(told(&world), Some(in_network(NETWORK)));
    });
}

#[test]
fn a_router_that_leaves_is_not_used() {
    run(Some(honest()), async |world, router| {
        world.client.wait_config_up().await;
        router.set(None);
        router.tell(&Advert { life: 0, ..honest() });
        world.settle().await;
        let far = SocketAddr::new(in_network(OTHER), PORT);
        assert_eq!(world.client.connect(far).await.unwrap_err(), Error::Unaddressable);
        assert_eq!(told(&world), Some(in_network(NETWORK)));
    });
}

#[test]
fn a_pulled_cable_has_routers_asked_and_keeps_the_address() {
    run(Some(honest()), async |world, router| {
        world.client.wait_config_up().await;
        let listener = world.server.listen(ANY).await.unwrap();
        let mut client = world.client.connect(SocketAddr::from((global(SERVER), PORT))).await.unwrap();
        let mut server = listener.accept().await.unwrap();
        let asked = router.asked();
        world.wire.set_up(false);
        world.settle().await;
        world.wire.set_up(true);
        world.settle().await;
        assert_eq!(router.asked(), asked + 1);
        client.write_all(b"hello").await.unwrap();
        server.read_exact(&mut [0; 5]).await.unwrap();
        // Another network behind it.
        let source = link_local(8);
        router.set(Some(Advert { source, ..Advert::new(&[&prefix(OTHER, 600, 600)]) }));
        world.wire.set_up(false);
        world.settle().await;
        world.wire.set_up(true);
        assert_eq!(client.read(&mut [0; 8]).await, Err(Error::AddressLost));
        assert_eq!(told(&world), Some(in_network(OTHER)));
    });
}

#[test]
fn the_first_network_and_router_are_used() {
    run(Some(honest()), async |world, router| {
        world.client.wait_config_up().await;
        let source = link_local(8);
        for network in [OTHER, "2001:db8:2::", "2001:db8:3::"] {
            router.tell(&Advert { source, ..Advert::new(&[&prefix(network, 600, 600)]) });
            world.settle().await;
            assert_eq!(told(&world), Some(in_network(NETWORK)));
        }
        assert_eq!(world.client.addresses().count(), 2);
    });
}

#[test]
fn advertisements_that_make_no_sense_are_ignored() {
    let good = prefix(NETWORK, 600, 600);
    let mut odd: Vec<Advert> = [
        prefix("ff02::", 600, 600),
        prefix("fe80::", 600, 600),
        prefix("::", 600, 600),
        prefix(NETWORK, 0, 0),
        prefix(NETWORK, 600, 601),
        prefix_of(NETWORK, 0, 0xc0, 600, 600),
        prefix_of(NETWORK, 63, 0xc0, 600, 600),
        prefix_of(NETWORK, 128, 0xc0, 600, 600),
        prefix_of(NETWORK, 255, 0xc0, 600, 600),
        // Not for addresses.
        prefix_of(NETWORK, 64, 0x80, 600, 600),
        // A shorter option, one of no length, and ones that go on after the end.
        good[..24].to_vec(),
        [&[3, 0][..], &good[2..]].concat(),
        [&[3, 3][..], &good[2..]].concat(),
        [&[3, 5][..], &good[2..]].concat(),
        [&[1, 0, 0, 0, 0, 0, 0, 0][..], &good].concat(),
        vec![3],
        dns(&[], 600),
        dns(&["::", "ff02::1", "::1"], 600),
        vec![25, 1],
    ]
    .iter()
    .map(|option| Advert::new(&[option]))
    .collect();
    let honest = Advert::new(&[&good]);
    odd.push(Advert { hop_limit: 254, ..honest.clone() });
    odd.push(Advert { source: global(0), ..honest.clone() });
    odd.push(Advert { source: "fe80:1::1".parse().unwrap(), ..honest.clone() });
    odd.push(Advert { source: Ipv6Addr::UNSPECIFIED, ..honest.clone() });
    odd.push(Advert { to: global(1), ..honest.clone() });
    odd.push(Advert { damaged: true, ..honest.clone() });
    run(None, async move |world, router| {
        for advert in odd {
            router.tell(&advert);
            let frame = advert.frame();
            for end in [14, 20, 54, 58, 62, 69, 70, 72] {
                world.wire.inject(CLIENT, frame[..end.min(frame.len())].to_vec());
            }
            world.settle().await;
            assert_eq!(told(&world), None, "{:?}", advert.options);
            assert_eq!(world.client.dns_servers().count(), 0);
        }
        router.tell(&honest);
        world.settle().await;
        assert!(world.client.is_config_up());
    });
}

#[test]
fn a_storm_of_advertisements() {
    run(Some(honest()), async |world, router| {
        let mut state = 1_u32;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            state
        };
        for round in 0..20_000 {
            let mut options = honest().options;
            for _ in 0..next() % 6 {
                let at = next() as usize % options.len();
                options[at] = next() as u8;
            }
            options.truncate(options.len() - next() as usize % 8);
            let source = link_local(next() as usize % 4000);
            router.tell(&Advert { source, life: next() as u16, ..Advert::new(&[&options]) });
            if round % 10 == 0 {
                yield_now().await;
            }
        }
        world.settle().await;
        assert!(world.client.addresses().count() <= 2);
        assert!(world.client.dns_servers().count() <= 2);
        let listener = world.server.listen(ANY).await.unwrap();
        world.client.connect(SocketAddr::from((link_local(SERVER), PORT))).await.unwrap();
        listener.accept().await.unwrap();
    });
}

#[test]
fn slaac_is_begun_and_ended_at_run_time() {
    run(Some(honest()), async |world, router| {
        world.client.wait_config_up().await;
        world.client.set_config(config(CLIENT)).unwrap();
        assert_eq!(world.client.addresses().count(), 1);
        let asked = router.asked();
        router.tell(&honest());
        sleep(Duration::from_secs(2000)).await;
        assert_eq!(router.asked(), asked);
        assert_eq!(world.client.addresses().count(), 1);
        world.client.set_config(config(CLIENT).slaac()).unwrap();
        world.settle().await;
        assert_eq!(world.client.addresses().count(), 3);
    });
}

#[test]
fn connections_outlive_another_configuration_with_slaac() {
    run(Some(honest()), async |world, router| {
        world.client.wait_config_up().await;
        let listener = world.server.listen(ANY).await.unwrap();
        let mut client = world.client.connect(SocketAddr::from((global(SERVER), PORT))).await.unwrap();
        let mut server = listener.accept().await.unwrap();
        let asked = router.asked();
        world.client.set_config(config(CLIENT).slaac()).unwrap();
        world.settle().await;
        assert_eq!(router.asked(), asked + 1);
        client.write_all(b"hello").await.unwrap();
        server.read_exact(&mut [0; 5]).await.unwrap();
    });
}

#[test]
fn slaac_needs_ethernet() {
    let wire = Wire::new();
    wire.set_ip();
    run_with::<1, _>(wire, config, async |world: World| {
        assert_eq!(world.client.set_config(Config::none().slaac()), Err(StartError::NotEthernet));
    });
}
