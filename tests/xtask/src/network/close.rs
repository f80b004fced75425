//! Ends: of one half, of both while data is under way, and bad ones.

use super::Test;
use super::pattern::{bytes, tally};
use super::visit::Visit;
use anyhow::{Result, bail, ensure};
use std::io::{ErrorKind, Read};
use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

/// The conversations, by name.
pub const TESTS: &[(&str, Test)] = &[
    ("half_close_by_the_client", half_by_the_client),
    ("half_close_by_the_server", half_by_the_server),
    ("close_in_flight_by_the_client", in_flight_by_the_client),
    ("close_in_flight_by_the_server", in_flight_by_the_server),
    ("reset_by_the_client", reset_by_the_client),
    ("reset_by_the_server", reset_by_the_server),
];

const SOME: u32 = 3000;
const FLIGHT: u32 = 20_000;
/// The connection ended in good order, as the service `last` says it.
const ORDERLY: u32 = 0;
/// It was reset.
const RESET: u32 = 1;

fn half_by_the_client(server: SocketAddr) -> Result<()> {
    let mut visit = Visit::open(server, "count")?;
    let all = bytes(SOME, 1);
    visit.write(&all)?;
    visit.end()?;
    ensure!(visit.numbers()? == tally(&all), "not what was sent");
    Ok(())
}

fn half_by_the_server(server: SocketAddr) -> Result<()> {
    let before = Visit::last(server)?;
    let mut visit = Visit::open(server, &format!("give {SOME} 2"))?;
    ensure!(visit.rest()? == bytes(SOME, 2), "not what was asked for");
    thread::sleep(Duration::from_millis(50));
    let all = bytes(SOME, 3);
    visit.write(&all)?;
    drop(visit);
    let [_, count, sum, end] = Visit::after(server, before)?;
    ensure!([count, sum] == tally(&all), "{count} bytes of {SOME} came, or others");
    ensure!(end == ORDERLY, "the server heard no end, but error {end}");
    Ok(())
}

fn in_flight_by_the_client(server: SocketAddr) -> Result<()> {
    let before = Visit::last(server)?;
    let mut visit = Visit::open(server, "swallow")?;
    let all = bytes(FLIGHT, 4);
    visit.write(&all)?;
    drop(visit);
    let [_, count, sum, end] = Visit::after(server, before)?;
    ensure!([count, sum] == tally(&all), "{count} bytes of {FLIGHT} came, or others");
    ensure!(end == ORDERLY, "the server heard no end, but error {end}");
    Ok(())
}

fn in_flight_by_the_server(server: SocketAddr) -> Result<()> {
    let mut visit = Visit::open(server, &format!("drop {FLIGHT} 5"))?;
    thread::sleep(Duration::from_millis(300));
    ensure!(visit.rest()? == bytes(FLIGHT, 5), "not what was asked for");
    Ok(())
}

/// The server's read says that it was one.
fn reset_by_the_client(server: SocketAddr) -> Result<()> {
    for round in 0..5 {
        let before = Visit::last(server)?;
        let mut visit = Visit::open(server, "swallow")?;
        visit.write(b"soon gone")?;
        // It is being served, and what was sent has arrived.
        thread::sleep(Duration::from_millis(30));
        visit.reset()?;
        let [.., end] = Visit::after(server, before)?;
        ensure!(end == RESET, "round {round}: the server heard {end} instead of a reset");
    }
    Ok(())
}

/// The client sees one too, or just an end: QEMU's network makes that of a guest's reset.
fn reset_by_the_server(server: SocketAddr) -> Result<()> {
    let mut visit = Visit::open(server, "abort")?;
    let mut mark = [0];
    visit.0.read_exact(&mut mark)?;
    visit.write(b"?")?;
    match visit.0.read(&mut mark) {
        Ok(0) => Ok(()),
        Err(error) if error.kind() == ErrorKind::ConnectionReset => Ok(()),
        other => bail!("{other:?} instead of a reset"),
    }
}
