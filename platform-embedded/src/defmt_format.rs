//! `defmt::Format` for every public type that doesn't derive it: as its `Debug` tells it, or by its name.

use core::fmt::Debug;

use crate::net::{
    Config, ConnectError, Resources, Runner, Server, Stack, StartServerError, TcpConnection, TcpListener,
    TcpReader, TcpWriter,
};
use crate::{InterruptLoop, Loop, PinSignal, WaitPin};

macro_rules! by_debug {
    ($([$($generics:tt)*] $type:ty;)+) => {
        $(impl<$($generics)*> defmt::Format for $type
        where
            $type: Debug,
        {
            fn format(&self, f: defmt::Formatter<'_>) {
                defmt::write!(f, "{}", defmt::Debug2Format(self));
            }
        })+
    };
}

by_debug! {
    [] InterruptLoop;
    [] Loop;
    [] PinSignal;
    [P, I] WaitPin<P, I>;
    [] Config;
    [] ConnectError;
    [] Server;
    [] StartServerError;
    [] Stack;
    [] TcpConnection;
    [] TcpListener;
    [] TcpReader;
    [] TcpWriter;
    [const N: usize, const RX: usize, const TX: usize] Resources<N, RX, TX>;
    [D] Runner<D>;
}
