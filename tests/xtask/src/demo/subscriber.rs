//! The client that subscribes to readings.

use super::Reporter;
use super::view::News;
use crate::station::{Client, Heard, Reading};
use anyhow::{Context, Result, bail};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// How often readings come, in milliseconds.
pub const PERIOD: u64 = 200;
/// After so long without a reading the station counts as lost.
const SILENCE: Duration = Duration::from_secs(3);
/// How soon it notices that it is to end.
const STEP: Duration = Duration::from_millis(100);

/// Subscribes until told to end.
pub fn run(address: SocketAddr, reporter: &Reporter) -> Result<()> {
    reporter.watch(|| subscribe(address, reporter))
}

fn subscribe(address: SocketAddr, reporter: &Reporter) -> Result<()> {
    let mut client = Client::connect(address)?;
    let reply = client.ask(&format!("SUB {PERIOD}"))?;
    if reply != "OK" {
        bail!("the subscription was answered with `{reply}`");
    }
    let mut heard = Instant::now();
    while !reporter.stopped() {
        match client.hear(STEP)? {
            Heard::Line(line) => {
                let reading = Reading::parse(&line).with_context(|| format!("`{line}` is no reading"))?;
                reporter.send(News::Reading(reading));
                heard = Instant::now();
            }
            Heard::End => bail!("connection lost: the station closed it"),
            Heard::Silence if heard.elapsed() > SILENCE => {
                bail!("no reading for {} s", SILENCE.as_secs())
            }
            Heard::Silence => {}
        }
    }
    client.quit()
}
