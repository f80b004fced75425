//! The network suites: a board, plain sockets of this program, and everloop on this machine, each as server and client.
//!
//! All speak the services of `tests/network`, whose own cases run wherever that library does; those of plain sockets are
//! here.

mod close;
mod crowd;
mod datagrams;
mod echo;
mod pattern;
mod report;
mod server;
mod storm;
#[cfg(test)]
mod tests;
mod visit;

use crate::artifact;
use crate::images::{self, Image};
use crate::listening::Listening;
use crate::suite::Cases;
use anyhow::{Context, Result};
use datagrams::Echo;
use report::{Client, Own};
use server::Server;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::process::Command;
use visit::Visit;

/// A conversation of plain sockets with a server of the services.
type Test = fn(SocketAddr) -> Result<()>;

/// Where a board serves lines, and where it sends datagrams back.
const LINES_PORT: u16 = 7001;
const DATAGRAMS_PORT: u16 = 7000;

/// What a guest reaches this machine by.
const HOST_FROM_GUEST: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 2, 2));

/// The board with a Cortex-M3 and much memory.
pub fn mps2(cases: &mut Cases<'_>) -> Result<()> {
    run(cases, "mps2-an385", &images::NETWORK_MPS2, true)
}

/// The board with a Cortex-M3 and 64 KiB.
pub fn lm3s(cases: &mut Cases<'_>) -> Result<()> {
    run(cases, "lm3s6965evb", &images::NETWORK_LM3S, false)
}

/// The machine with a RISC-V.
pub fn riscv32(cases: &mut Cases<'_>) -> Result<()> {
    run(cases, "riscv32-virt", &images::NETWORK_RISCV32, true)
}

/// A board that runs the suite.
fn board(image: &'static Image) -> Result<Listening> {
    let path = artifact::image(image)?;
    let others = [("tcp", LINES_PORT), ("udp", DATAGRAMS_PORT)];
    Listening::guest_with(image.machine, &path, &others, |address| {
        Visit::ask::<1>(address, "places").map(drop)
    })
}

/// The suite by everloop on this machine.
fn host() -> Result<Listening> {
    let path = artifact::host("everloop-network-host", "network-host")?;
    Listening::host("the suite on this machine", &mut Command::new(path))
}

/// Every conversation of plain sockets.
fn visits() -> impl Iterator<Item = &'static (&'static str, Test)> {
    echo::TESTS.iter().chain(close::TESTS).chain(crowd::TESTS)
}

/// All that is done with a board.
fn run(cases: &mut Cases<'_>, label: &str, image: &'static Image, wide: bool) -> Result<()> {
    // On a board of its own. What is left of the storm goes by itself, while all else is done.
    let in_storm = format!("{label}-{}", storm::NAME);
    let stormed =
        if cases.wants(&in_storm) { Some(storm::storm(image, &artifact::image(image)?)) } else { None };
    let conversed = converse(cases, label, image, wide);
    if let Some(stormed) = stormed {
        cases.run(&in_storm, || stormed?.check());
    }
    conversed
}

/// Talks to a board, which may have IPv6 and names (`wide`), has it talk to plain sockets, and lets it and everloop on this
/// machine talk to each other.
fn converse(cases: &mut Cases<'_>, label: &str, image: &'static Image, wide: bool) -> Result<()> {
    let by_sockets = format!("{label}-serves-sockets");
    let to_sockets = format!("{label}-visits-sockets");
    let to_std = format!("{label}-visits-std");
    let by_std = format!("{label}-serves-std");
    let visits = || visits().chain(&[datagrams::LINES, datagrams::DATAGRAMS]);
    let serving = visits().any(|(name, _)| cases.wants(&format!("{by_sockets}-{name}")));
    let reported = [&to_sockets, &to_std, &by_std].iter().any(|prefix| report::wanted(cases, prefix));
    if !serving && !reported {
        return Ok(());
    }
    let mut board = board(image).with_context(|| format!("the suite on {label} did not start"))?;
    for (name, test) in visits() {
        let address = match *name {
            _ if *name == datagrams::LINES.0 => board.others()[0],
            _ if *name == datagrams::DATAGRAMS.0 => board.others()[1],
            _ => board.address(),
        };
        cases.run(&format!("{by_sockets}-{name}"), || {
            test(address)?;
            board.ensure_running()
        });
    }
    let guest = |address: SocketAddr| SocketAddr::new(HOST_FROM_GUEST, address.port());
    if report::wanted(cases, &to_sockets) {
        let server = Server::start(IpAddr::V4(Ipv4Addr::LOCALHOST))?;
        let echo = Echo::start()?;
        // A machine without IPv6 has no such address.
        let six = Server::start(IpAddr::V6(Ipv6Addr::LOCALHOST)).ok();
        let own = Own {
            datagrams: echo.address().port(),
            wide,
            six: six.as_ref().map_or(0, |server| server.address().port()),
        };
        report::relay(
            cases,
            &to_sockets,
            board.address(),
            guest(server.address()),
            Client::Guest(Some(own)),
        )?;
        board.ensure_running()?;
    }
    if report::wanted(cases, &to_std) || report::wanted(cases, &by_std) {
        let mut host = host()?;
        report::relay(cases, &to_std, board.address(), guest(host.address()), Client::Guest(None))?;
        // In between, QEMU takes connections for the guest, and makes of a reset an end.
        report::relay(cases, &by_std, host.address(), board.address(), Client::Host)?;
        host.ensure_running()?;
    }
    board.ensure_running()
}
