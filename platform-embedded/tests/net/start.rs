use std::net::Ipv4Addr;
use std::task::Context;

use embassy_net_driver::{Capabilities, Driver, HardwareAddress, LinkState};
use everloop_embedded::net::{Config, Resources, StartError};

use crate::wire::{Port, Received, Sender, Wire};
use crate::world::{SERVER, config};

type Small = Resources<1, 64, 64>;

fn start(config: Config) -> Result<(), StartError> {
    let resources: &'static Small = Box::leak(Box::new(Resources::new()));
    resources.start(Wire::new().port(SERVER), config).map(drop)
}

#[test]
fn resources_serve_one_stack() {
    static NET: Small = Resources::new();
    let wire = Wire::new();
    assert!(NET.start(wire.port(0), config(0)).is_ok());
    assert_eq!(NET.start(wire.port(1), config(1)).unwrap_err(), StartError::AlreadyStarted);
}

#[test]
fn addresses_no_host_can_have() {
    for address in ["0.0.0.0", "255.255.255.255", "224.0.0.1", "127.0.0.1", "10.0.0.255"] {
        let address: Ipv4Addr = address.parse().unwrap();
        assert_eq!(start(Config::new(address, 24)), Err(StartError::InvalidAddress), "{address}");
    }
    assert_eq!(start(Config::new(Ipv4Addr::new(10, 0, 0, 1), 33)), Err(StartError::InvalidAddress));
    assert_eq!(start(Config::new(Ipv4Addr::new(10, 0, 0, 1), 32)), Ok(()));
}

#[test]
fn gateways_that_make_no_sense() {
    let with = |gateway: [u8; 4]| start(config(SERVER).gateway(Ipv4Addr::from(gateway)));
    assert_eq!(with([10, 0, 0, 1]), Err(StartError::InvalidGateway));
    assert_eq!(with([10, 1, 0, 1]), Err(StartError::InvalidGateway));
    assert_eq!(with([0, 0, 0, 0]), Err(StartError::InvalidGateway));
    assert_eq!(with([10, 0, 0, 254]), Ok(()));
}

/// A port that says something else of itself.
struct Odd {
    port: Port,
    mtu: usize,
    address: HardwareAddress,
}

impl Driver for Odd {
    type RxToken<'a> = Received;
    type TxToken<'a> = Sender;

    fn receive(&mut self, cx: &mut Context<'_>) -> Option<(Received, Sender)> {
        self.port.receive(cx)
    }

    fn transmit(&mut self, cx: &mut Context<'_>) -> Option<Sender> {
        self.port.transmit(cx)
    }

    fn link_state(&mut self, cx: &mut Context<'_>) -> LinkState {
        self.port.link_state(cx)
    }

    fn capabilities(&self) -> Capabilities {
        let mut capabilities = Capabilities::default();
        capabilities.max_transmission_unit = self.mtu;
        capabilities
    }

    fn hardware_address(&self) -> HardwareAddress {
        self.address
    }
}

fn start_odd(mtu: usize, address: HardwareAddress) -> Result<(), StartError> {
    let resources: &'static Small = Box::leak(Box::new(Resources::new()));
    let odd = Odd { port: Wire::new().port(SERVER), mtu, address };
    resources.start(odd, config(SERVER)).map(drop)
}

#[test]
fn drivers_that_make_no_sense() {
    let good = HardwareAddress::Ethernet([2, 0, 0, 0, 0, 1]);
    assert_eq!(start_odd(1514, good), Ok(()));
    assert_eq!(start_odd(82, good), Ok(()));
    assert_eq!(start_odd(81, good), Err(StartError::InvalidMtu));
    assert_eq!(start_odd(68, HardwareAddress::Ip), Ok(()));
    assert_eq!(start_odd(67, HardwareAddress::Ip), Err(StartError::InvalidMtu));
    for address in [HardwareAddress::Ethernet([255; 6]), HardwareAddress::Ieee802154([1; 8])] {
        assert_eq!(start_odd(1514, address), Err(StartError::InvalidHardware));
    }
}
