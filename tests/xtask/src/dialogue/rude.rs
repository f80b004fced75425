//! Clients that misbehave harm nobody else.

use super::{Test, expect, greeted, parse, reading};
use crate::station::{Client, Order};
use anyhow::{Context, Result, ensure};
use std::net::SocketAddr;
use std::thread;
use std::time::Duration;

/// The conversations, by name.
pub const TESTS: &[(&str, Test)] = &[
    ("longest-line", longest_line),
    ("overlong-line", overlong_line),
    ("overlong-line-in-pieces", overlong_line_in_pieces),
    ("very-long-line", very_long_line),
    ("noise", noise),
    ("death-in-the-middle-of-a-line", death_in_the_middle_of_a_line),
    ("reset-in-the-middle-of-a-line", reset_in_the_middle_of_a_line),
    ("reset-while-subscribed", reset_while_subscribed),
    ("connect-and-leave", connect_and_leave),
];

/// Of this length, without its end, a line is still looked at.
const LIMIT: usize = 64;
/// How many clients misbehave one after another: more than a station has places.
const ROUNDS: usize = 12;

fn longest_line(address: SocketAddr) -> Result<()> {
    let mut client = greeted(address)?;
    expect(&client.ask(&"A".repeat(LIMIT))?, "ERR unknown command")?;
    client.send_bytes(format!("{}\r\n", "A".repeat(LIMIT)).as_bytes())?;
    expect(&client.line()?, "ERR unknown command")?;
    reading(&mut client)?;
    client.quit()
}

fn overlong_line(address: SocketAddr) -> Result<()> {
    let mut client = greeted(address)?;
    for length in [LIMIT + 1, 200, 1000] {
        expect(&client.ask(&"A".repeat(length))?, "ERR line too long")?;
        // Refused once, and the rest of the line is no command of its own.
        reading(&mut client).with_context(|| format!("after a line of {length}"))?;
    }
    client.quit()
}

fn overlong_line_in_pieces(address: SocketAddr) -> Result<()> {
    let mut client = greeted(address)?;
    for piece in ["GET ", &"B".repeat(50), &"C".repeat(50), " QUIT", "\n"] {
        client.send_bytes(piece.as_bytes())?;
        thread::sleep(Duration::from_millis(50));
    }
    expect(&client.line()?, "ERR line too long")?;
    reading(&mut client)?;
    client.quit()
}

fn very_long_line(address: SocketAddr) -> Result<()> {
    let mut client = greeted(address)?;
    let mut line = vec![b'D'; 100_000];
    line.push(b'\n');
    client.send_bytes(&line)?;
    expect(&client.line()?, "ERR line too long")?;
    reading(&mut client)?;
    client.quit()
}

fn noise(address: SocketAddr) -> Result<()> {
    let mut client = greeted(address)?;
    client.send_bytes(b"\x00\xff\xfe\x80\x07\n")?;
    let reply = client.line()?;
    ensure!(reply.starts_with("ERR "), "`{reply}` to noise");
    reading(&mut client)?;
    client.quit()
}

fn death_in_the_middle_of_a_line(address: SocketAddr) -> Result<()> {
    undisturbed(address, |client| {
        client.send_bytes(b"GE")
        // Dropped here: an orderly close, without the line's end.
    })
}

fn reset_in_the_middle_of_a_line(address: SocketAddr) -> Result<()> {
    undisturbed_by(address, |mut client| {
        client.send_bytes(b"GE")?;
        client.reset()
    })
}

fn reset_while_subscribed(address: SocketAddr) -> Result<()> {
    undisturbed_by(address, |mut client| {
        expect(&client.ask("SUB 100")?, "OK")?;
        parse(&client.line()?)?;
        client.reset()
    })
}

fn connect_and_leave(address: SocketAddr) -> Result<()> {
    let mut witness = greeted(address)?;
    for _ in 0..ROUNDS {
        drop(Client::connect(address)?);
    }
    reading(&mut witness)?;
    witness.quit()
}

fn undisturbed(address: SocketAddr, rude: impl Fn(&mut Client) -> Result<()>) -> Result<()> {
    undisturbed_by(address, |mut client| rude(&mut client))
}

/// A subscriber notices nothing of clients that end badly, one after another.
fn undisturbed_by(address: SocketAddr, rude: impl Fn(Client) -> Result<()>) -> Result<()> {
    let mut witness = greeted(address)?;
    expect(&witness.ask("SUB 100")?, "OK")?;
    let mut order = Order::default();
    for round in 0..ROUNDS {
        rude(greeted(address)?).with_context(|| format!("rude client {round}"))?;
        let reading = parse(&witness.line().context("the witness")?)?;
        ensure!(order.see(reading.seq), "the witness got number {} out of order", reading.seq);
    }
    // A place that each of them had taken for good would be missing by now.
    witness.quit()
}
