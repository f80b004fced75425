//! What is sent comes back, or is counted, or comes from the server.

use super::Test;
use super::pattern::{bytes, tally};
use super::visit::Visit;
use anyhow::{Context, Result, ensure};
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

/// The conversations, by name.
pub const TESTS: &[(&str, Test)] = &[
    ("echo_of_random_sizes", of_random_sizes),
    ("echo_after_idling", after_idling),
    ("bulk_to_the_server", bulk_to_the_server),
    ("bulk_from_the_server", bulk_from_the_server),
    ("bulk_both_ways_at_once", bulk_both_ways_at_once),
    ("no_request_is_harmless", no_request_is_harmless),
];

const BULK: u32 = 256 * 1024;

/// Sends bytes while it reads as many, in pieces of these lengths.
fn there_and_back(visit: &Visit, all: &[u8], piece_there: usize, piece_back: usize) -> Result<()> {
    let mut stream = &visit.0;
    thread::scope(|scope| {
        let sent =
            scope.spawn(move || all.chunks(piece_there).try_for_each(|piece| (&visit.0).write_all(piece)));
        let mut back = vec![0; all.len()];
        for piece in back.chunks_mut(piece_back) {
            stream.read_exact(piece).context("the echo ends")?;
        }
        sent.join().map_err(|_| anyhow::Error::msg("sending panicked"))?.context("sending fails")?;
        ensure!(back == all, "another echo");
        Ok(())
    })
}

fn of_random_sizes(server: SocketAddr) -> Result<()> {
    let visit = Visit::open(server, "echo")?;
    let mut dice = 12_345_u32;
    let mut roll = |most: u32| {
        dice ^= dice << 13;
        dice ^= dice >> 17;
        dice ^= dice << 5;
        1 + dice % most
    };
    for round in 0..30 {
        let all = bytes(roll(8000), round);
        there_and_back(&visit, &all, roll(700) as usize, roll(700) as usize)
            .with_context(|| format!("round {round}, {} bytes", all.len()))?;
    }
    visit.end()
}

fn after_idling(server: SocketAddr) -> Result<()> {
    let mut visit = Visit::open(server, "echo")?;
    for _ in 0..2 {
        visit.exchange(b"awake")?;
        thread::sleep(Duration::from_millis(700));
    }
    visit.exchange(b"still awake")?;
    visit.end()?;
    ensure!(visit.rest()?.is_empty(), "more than was sent");
    Ok(())
}

fn bulk_to_the_server(server: SocketAddr) -> Result<()> {
    let mut visit = Visit::open(server, "count")?;
    let all = bytes(BULK, 7);
    visit.write(&all)?;
    visit.end()?;
    ensure!(visit.numbers()? == tally(&all), "not what was sent");
    Ok(())
}

fn bulk_from_the_server(server: SocketAddr) -> Result<()> {
    let mut visit = Visit::open(server, &format!("give {BULK} 8"))?;
    ensure!(visit.rest()? == bytes(BULK, 8), "not what was asked for");
    Ok(())
}

fn bulk_both_ways_at_once(server: SocketAddr) -> Result<()> {
    let mut visit = Visit::open(server, "echo")?;
    there_and_back(&visit, &bytes(64 * 1024, 9), 4096, 4096)?;
    visit.end()?;
    ensure!(visit.rest()?.is_empty(), "more than was sent");
    Ok(())
}

/// A line that means nothing, one that is too long, and none at all.
fn no_request_is_harmless(server: SocketAddr) -> Result<()> {
    for request in ["frobnicate", "give", "give 1 x", "", &"x".repeat(500)] {
        let mut visit = Visit::open(server, request)?;
        // It may be told by a reset: not all that was sent was read.
        let rest = visit.rest().unwrap_or_default();
        ensure!(rest.is_empty(), "an answer of {} bytes to `{request}`", rest.len());
    }
    drop(Visit::open(server, "echo")?);
    Visit::open(server, "echo")?.exchange(b"well")
}
