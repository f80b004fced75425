//! The suite `network`: the same conversations with the station on the host and with the one in QEMU.

mod commands;
mod crowd;
#[cfg(test)]
mod fake;
mod rude;
mod same;
#[cfg(test)]
mod tests;

use crate::station::{Client, GUEST, HOST, Program, Reading, Station};
use crate::suite::Cases;
use anyhow::{Context, Error, Result, bail};
use std::net::SocketAddr;
use std::time::Duration;

/// A conversation with one station; it may use as many connections as it likes.
type Test = fn(SocketAddr) -> Result<()>;

/// How long a client may wait for a place: a station may need it to bury old connections, and QEMU's network repeats
/// a connection request that found no place only after several seconds. The fakes of this program's own tests don't.
const PLACE: Duration = Duration::from_secs(if cfg!(test) { 5 } else { 60 });

/// Talks to both stations, each on its own and then side by side.
pub fn run(cases: &mut Cases<'_>) -> Result<()> {
    if !wanted(cases) {
        return Ok(());
    }
    let mut problems = Vec::new();
    let mut stations = Vec::new();
    for build in [Program::host, Program::guest] {
        match build().and_then(|program| alone(cases, &program)) {
            Ok(station) => stations.push(station),
            Err(problem) => problems.push(problem),
        }
    }
    if let [host, guest] = stations.as_mut_slice() {
        for (name, test) in same::TESTS {
            cases.run(name, || {
                test(host.address(), guest.address())?;
                check(host)?;
                check(guest)
            });
        }
    }
    match problems.into_iter().map(|problem| format!("{problem:#}")).collect::<Vec<_>>() {
        none if none.is_empty() => Ok(()),
        problems => bail!(problems.join("; ")),
    }
}

/// Every conversation with one station.
fn conversations() -> impl Iterator<Item = &'static (&'static str, Test)> {
    commands::TESTS.iter().chain(rude::TESTS).chain(crowd::TESTS)
}

/// Whether it is worth to build and start the stations: a filter that names one of them counts, too.
fn wanted(cases: &Cases<'_>) -> bool {
    let labels = [HOST, GUEST];
    conversations().any(|(name, _)| labels.iter().any(|label| cases.wants(&format!("{label}-{name}"))))
        || same::TESTS.iter().any(|(name, _)| cases.wants(name))
}

/// All conversations with one station; one that it did not survive gets a successor.
fn alone(cases: &mut Cases<'_>, program: &Program) -> Result<Station> {
    let mut station = program.start()?;
    for (test_name, test) in conversations() {
        let name = format!("{}-{test_name}", program.label());
        let mut failed = false;
        cases.run(&name, || {
            let outcome = test(station.address()).and_then(|()| check(&mut station));
            failed = outcome.is_err();
            // What a crash printed says more than that the connection was lost.
            outcome.map_err(|why| match station.ensure_running() {
                Ok(()) => why,
                Err(gone) => Error::msg(format!("{why:#}; {gone:#}")),
            })
        });
        if failed {
            drop(station);
            station = program.start()?;
        }
    }
    Ok(station)
}

/// After every conversation the station must live and serve the next client.
fn check(station: &mut Station) -> Result<()> {
    station.ensure_running()?;
    serves(station.address()).with_context(|| format!("afterwards, on {}", station.label()))
}

/// A new client gets a reading.
fn serves(address: SocketAddr) -> Result<()> {
    let mut client = greeted(address)?;
    reading(&mut client)?;
    client.quit()
}

/// A connection that has been served once, however long it had to wait for its place.
fn greeted(address: SocketAddr) -> Result<Client> {
    let mut client = Client::connect(address)?;
    client.send("GET")?;
    parse(&client.line_within(PLACE)?)?;
    Ok(client)
}

fn reading(client: &mut Client) -> Result<Reading> {
    parse(&client.ask("GET")?)
}

fn parse(line: &str) -> Result<Reading> {
    Reading::parse(line).with_context(|| format!("`{line}` is no reading"))
}

fn expect(found: &str, wanted: &str) -> Result<()> {
    if found != wanted {
        bail!("`{found}` instead of `{wanted}`");
    }
    Ok(())
}
