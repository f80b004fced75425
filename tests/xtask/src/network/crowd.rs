//! Many connections, and a server that drops its waiting for them.

use super::Test;
use super::visit::Visit;
use anyhow::{Context, Result, bail, ensure};
use std::io::{ErrorKind, Read};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// The conversations, by name.
pub const TESTS: &[(&str, Test)] = &[
    ("cancelled_accept", cancelled_accept),
    ("one_after_another", one_after_another),
    ("several_at_once", several_at_once),
    ("one_more_than_there_are_places", one_more_than_places),
];

/// How long a client may wait for a place: QEMU's network repeats a connection request that found none only after seconds.
const PLACE: Duration = Duration::from_secs(60);

fn echo(server: SocketAddr) -> Result<()> {
    let mut visit = Visit::open(server, "echo")?;
    visit.exchange(b"hello")?;
    leave(visit)
}

fn leave(mut visit: Visit) -> Result<()> {
    visit.end()?;
    ensure!(visit.rest()?.is_empty(), "more than was sent");
    Ok(())
}

fn cancelled_accept(server: SocketAddr) -> Result<()> {
    let [] = Visit::ask(server, "hasty 1")?;
    let visits = (0..25).try_for_each(|_| echo(server));
    let [] = Visit::ask(server, "hasty 0")?;
    visits
}

fn one_after_another(server: SocketAddr) -> Result<()> {
    (0..100).try_for_each(|number| echo(server).with_context(|| format!("visitor {number}")))
}

fn guests(server: SocketAddr, count: u32) -> Result<Vec<Visit>> {
    let guest = |_| {
        let mut visit = Visit::open(server, "echo")?;
        visit.exchange(b"here")?;
        Ok(visit)
    };
    (0..count).map(guest).collect()
}

fn several_at_once(server: SocketAddr) -> Result<()> {
    let mut guests = guests(server, 4)?;
    for _ in 0..10 {
        guests.iter_mut().try_for_each(|guest| guest.write(b"one of several"))?;
        for guest in &mut guests {
            let mut heard = [0; 14];
            guest.0.read_exact(&mut heard)?;
            ensure!(heard == *b"one of several", "another echo: {heard:?}");
        }
    }
    guests.into_iter().try_for_each(leave)
}

/// It waits until a place is free, and then is served.
fn one_more_than_places(server: SocketAddr) -> Result<()> {
    let [places] = Visit::ask(server, "places")?;
    if places == 0 {
        return guests(server, 40)?.into_iter().try_for_each(leave);
    }
    let mut guests = guests(server, places)?;
    let mut one_more = Visit::open(server, "echo")?;
    one_more.write(b"me too")?;
    one_more.0.set_read_timeout(Some(Duration::from_millis(300)))?;
    let mut heard = [0; 6];
    match one_more.0.read(&mut heard).map_err(|error| error.kind()) {
        Err(ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
        other => bail!("one more than {places} got {other:?}"),
    }
    guests.iter_mut().try_for_each(|guest| guest.exchange(b"undisturbed"))?;
    leave(guests.pop().context("no guest is left")?)?;
    one_more.0.set_read_timeout(Some(PLACE))?;
    let start = Instant::now();
    one_more
        .0
        .read_exact(&mut heard)
        .with_context(|| format!("one more, {} s after a place was free", start.elapsed().as_secs()))?;
    ensure!(heard == *b"me too", "another echo: {heard:?}");
    leave(one_more)?;
    guests.into_iter().try_for_each(leave)
}
