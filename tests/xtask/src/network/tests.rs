//! The conversations of plain sockets are tested against the server of plain sockets: each must pass, and fail where the
//! server does wrong.

use super::datagrams::{DATAGRAMS, Echo};
use super::server::Server;
use super::visit::Visit;
use super::*;

#[test]
fn every_conversation_goes_well_with_our_own_server() {
    let server = Server::start(Ipv4Addr::LOCALHOST.into()).unwrap();
    for (name, test) in visits() {
        test(server.address()).unwrap_or_else(|why| panic!("{name}: {why:#}"));
    }
}

#[test]
fn a_server_that_is_gone_is_noticed() {
    let server = Server::start(Ipv4Addr::LOCALHOST.into()).unwrap();
    let address = server.address();
    assert!(Visit::ask::<1>(address, "places").is_ok());
    drop(server);
    // The one visit that ends it may still be under way.
    std::thread::sleep(std::time::Duration::from_millis(100));
    for (name, test) in visits() {
        assert!(test(address).is_err(), "{name}");
    }
}

#[test]
fn an_answer_of_other_numbers_is_an_error() {
    let server = Server::start(Ipv4Addr::LOCALHOST.into()).unwrap();
    assert!(Visit::ask::<2>(server.address(), "places").is_err());
    assert!(Visit::ask::<4>(server.address(), "last").is_ok());
}

#[test]
fn datagrams_go_well_with_our_own_echo() {
    let echo = Echo::start().unwrap();
    (DATAGRAMS.1)(echo.address()).unwrap();
}
