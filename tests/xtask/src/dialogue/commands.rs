//! Every command does what it says, however its bytes arrive.

use super::{Test, expect, greeted, parse, reading};
use crate::station::{Client, Heard, Order};
use anyhow::{Context, Result, bail, ensure};
use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

/// The conversations, by name.
pub const TESTS: &[(&str, Test)] = &[
    ("get", get),
    ("get-with-carriage-return", get_with_carriage_return),
    ("sub", sub),
    ("sub-ends-with-the-next-command", sub_ends_with_the_next_command),
    ("stats", stats),
    ("tasks", tasks),
    ("quit", quit),
    ("quit-then-half-close", quit_then_half_close),
    ("half-close-without-quit", half_close_without_quit),
    ("bad-command", bad_command),
    ("lower-case", lower_case),
    ("empty-lines", empty_lines),
    ("byte-by-byte", byte_by_byte),
    ("many-commands-in-one-write", many_commands_in_one_write),
];

fn get(address: SocketAddr) -> Result<()> {
    let mut client = greeted(address)?;
    let first = reading(&mut client)?;
    // More than one period of sampling.
    thread::sleep(Duration::from_millis(350));
    let second = reading(&mut client)?;
    ensure!(second.seq > first.seq, "still number {} after 350 ms", first.seq);
    ensure!(second.millis > first.millis, "the time stands still at {} ms", first.millis);
    client.quit()
}

fn get_with_carriage_return(address: SocketAddr) -> Result<()> {
    let mut client = greeted(address)?;
    client.send_bytes(b"GET\r\n")?;
    parse(&client.line()?)?;
    client.quit()
}

fn sub(address: SocketAddr) -> Result<()> {
    let mut client = greeted(address)?;
    expect(&client.ask("SUB 200")?, "OK")?;
    let mut order = Order::default();
    let start = Instant::now();
    for _ in 0..6 {
        let reading = parse(&client.line()?)?;
        ensure!(order.see(reading.seq), "number {} came out of order", reading.seq);
    }
    let took = start.elapsed();
    // Five periods lie between six lines; a busy machine may be late.
    ensure!(took > Duration::from_millis(700), "six lines at 200 ms came within {} ms", took.as_millis());
    ensure!(took < Duration::from_secs(4), "six lines at 200 ms took {} ms", took.as_millis());
    client.quit()
}

fn sub_ends_with_the_next_command(address: SocketAddr) -> Result<()> {
    let mut client = greeted(address)?;
    expect(&client.ask("SUB 100")?, "OK")?;
    for _ in 0..2 {
        parse(&client.line()?)?;
    }
    client.send("STATS")?;
    loop {
        let line = client.line()?;
        if line.starts_with("STATS ") {
            break;
        }
        parse(&line)?;
    }
    match client.hear(Duration::from_millis(600))? {
        Heard::Silence => {}
        other => bail!("{other:?} after the subscription had ended"),
    }
    // A second subscription on the same connection.
    expect(&client.ask("SUB 100")?, "OK")?;
    parse(&client.line()?)?;
    client.quit()
}

fn stats(address: SocketAddr) -> Result<()> {
    let mut client = greeted(address)?;
    let line = client.ask("STATS")?;
    let stats = Stats::parse(&line).with_context(|| format!("`{line}` are no statistics"))?;
    ensure!(stats.count > 0, "no reading was counted");
    ensure!(stats.min <= stats.mean && stats.mean <= stats.max, "`{line}` contradicts itself");
    ensure!(stats.dropped == 0, "{} readings were dropped", stats.dropped);
    client.quit()
}

/// The numbers of a `STATS` reply.
struct Stats {
    count: i64,
    min: i64,
    max: i64,
    mean: i64,
    dropped: i64,
}

impl Stats {
    fn parse(line: &str) -> Option<Self> {
        let mut words = line.strip_prefix("STATS ")?.split(' ');
        let mut number = |name: &str| words.next()?.strip_prefix(name)?.strip_prefix('=')?.parse().ok();
        let stats = Self {
            count: number("count")?,
            min: number("min")?,
            max: number("max")?,
            mean: number("mean")?,
            dropped: number("dropped")?,
        };
        words.next().is_none().then_some(stats)
    }
}

fn tasks(address: SocketAddr) -> Result<()> {
    let mut client = greeted(address)?;
    let mut ids = Vec::new();
    let mut line = client.ask("TASKS")?;
    while line != "END" {
        let words: Vec<_> = line.split(' ').collect();
        let ["TASK", id, name, state, ..] = words.as_slice() else { bail!("`{line}` describes no task") };
        ensure!(!name.is_empty() && !state.is_empty(), "`{line}` has an empty part");
        ensure!(!ids.contains(&(*id).to_owned()), "two tasks are number {id}");
        ids.push((*id).to_owned());
        line = client.line()?;
    }
    ensure!(!ids.is_empty(), "a running station has no task");
    client.quit()
}

fn quit(address: SocketAddr) -> Result<()> {
    let mut client = greeted(address)?;
    expect(&client.ask("QUIT")?, "BYE")?;
    client.expect_end()
}

fn quit_then_half_close(address: SocketAddr) -> Result<()> {
    let mut client = greeted(address)?;
    client.send("QUIT")?;
    client.shutdown_write()?;
    expect(&client.line()?, "BYE")?;
    client.expect_end()
}

fn half_close_without_quit(address: SocketAddr) -> Result<()> {
    let mut client = greeted(address)?;
    client.send("GET")?;
    client.shutdown_write()?;
    parse(&client.line()?)?;
    client.expect_end()
}

fn bad_command(address: SocketAddr) -> Result<()> {
    let mut client = greeted(address)?;
    for line in ["FROB", "GETX", "GET now", "SUB", "SUB soon", "SUB -1", "SUB 100 100", "SUB 4294967296000"] {
        let reply = client.ask(line)?;
        ensure!(reply.starts_with("ERR "), "`{reply}` to `{line}`");
    }
    expect(&client.ask("FROB")?, "ERR unknown command")?;
    reading(&mut client)?;
    client.quit()
}

fn lower_case(address: SocketAddr) -> Result<()> {
    let mut client = greeted(address)?;
    parse(&client.ask("get")?)?;
    expect(&client.ask("quit")?, "BYE")?;
    client.expect_end()
}

/// An empty line asks for nothing and gets nothing.
fn empty_lines(address: SocketAddr) -> Result<()> {
    let mut client = greeted(address)?;
    client.send_bytes(b"\n\r\n\nGET\n")?;
    parse(&client.line()?)?;
    expect(&client.ask("FROB")?, "ERR unknown command")?;
    client.quit()
}

fn byte_by_byte(address: SocketAddr) -> Result<()> {
    let mut client = Client::connect(address)?;
    for _ in 0..3 {
        for byte in b"GET\n" {
            client.send_bytes(&[*byte])?;
            thread::sleep(Duration::from_millis(30));
        }
        parse(&client.line_within(super::PLACE)?)?;
    }
    client.quit()
}

fn many_commands_in_one_write(address: SocketAddr) -> Result<()> {
    let mut client = greeted(address)?;
    client.send_bytes(b"GET\nSTATS\nFROB\nGET\nQUIT\n")?;
    parse(&client.line()?)?;
    let stats = client.line()?;
    ensure!(stats.starts_with("STATS "), "`{stats}` to STATS");
    expect(&client.line()?, "ERR unknown command")?;
    parse(&client.line()?)?;
    expect(&client.line()?, "BYE")?;
    client.expect_end()
}
