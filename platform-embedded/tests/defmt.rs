//! With the feature `defmt` every public type can be logged. This need only build: nothing is logged on a host.
#![cfg(feature = "defmt")]

use everloop_embedded::net::{
    Config, Error, Resources, Runner, Stack, TcpConnection, TcpListener, TcpReader, TcpWriter,
};
use everloop_embedded::{Context, Delay, InterruptLoop, Load, Loop, PinSignal, StartError, Trigger, WaitPin};

fn formats<T: defmt::Format>() {}

#[test]
fn every_public_type_can_be_formatted() {
    formats::<Context>();
    formats::<Delay>();
    formats::<InterruptLoop>();
    formats::<Load>();
    formats::<Loop>();
    formats::<PinSignal>();
    formats::<StartError>();
    formats::<Trigger>();
    formats::<WaitPin<u8, u8>>();
    formats::<Config>();
    formats::<Error>();
    formats::<everloop_embedded::net::StartError>();
    formats::<Resources<1, 64, 64>>();
    formats::<Runner<u8>>();
    formats::<Stack>();
    formats::<TcpConnection>();
    formats::<TcpListener>();
    formats::<TcpReader>();
    formats::<TcpWriter>();
}
