//! The client that asks, and takes the time.

use super::Reporter;
use super::view::News;
use crate::station::{Client, Reading};
use anyhow::{Context, Result, bail};
use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

/// The pause between two requests.
const PAUSE: Duration = Duration::from_millis(50);

/// Asks until told to end.
pub fn run(address: SocketAddr, reporter: &Reporter) -> Result<()> {
    reporter.watch(|| ask(address, reporter))
}

fn ask(address: SocketAddr, reporter: &Reporter) -> Result<()> {
    let mut client = Client::connect(address)?;
    // The first request also waits for the connection, which is another thing than a reply's latency.
    client.ask("GET")?;
    for request in ["GET", "STATS"].iter().cycle() {
        if reporter.stopped() {
            break;
        }
        let sent = Instant::now();
        let reply = client.ask(request)?;
        reporter.send(News::Answered(sent.elapsed()));
        match reply.split(' ').next() {
            Some("READING") if *request == "GET" && Reading::parse(&reply).is_some() => {}
            Some("STATS") if *request == "STATS" => {
                let dropped = dropped(&reply).with_context(|| format!("no `dropped=` in `{reply}`"))?;
                reporter.send(News::Dropped(dropped));
            }
            _ => bail!("`{request}` was answered with `{reply}`"),
        }
        thread::sleep(PAUSE);
    }
    client.quit()
}

/// How many readings the station itself says it has lost.
fn dropped(stats: &str) -> Option<u64> {
    stats.split(' ').find_map(|word| word.strip_prefix("dropped="))?.parse().ok()
}
