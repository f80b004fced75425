//! Many clients: at once, one too many, and one after another.

use super::{PLACE, Test, expect, greeted, parse, reading};
use crate::station::{Client, Heard, Order};
use anyhow::{Context, Result, bail, ensure};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// The conversations, by name.
pub const TESTS: &[(&str, Test)] = &[
    ("eight-at-once", eight_at_once),
    ("ninth-client", ninth_client),
    ("one-after-another", one_after_another),
];

/// How many clients a station serves at once.
const PLACES: usize = 8;
/// How many come one after another.
const VISITORS: usize = 200;

fn full_house(address: SocketAddr) -> Result<Vec<Client>> {
    (1..=PLACES).map(|number| greeted(address).with_context(|| format!("client {number}"))).collect()
}

fn eight_at_once(address: SocketAddr) -> Result<()> {
    let mut clients = full_house(address)?;
    for _ in 0..10 {
        // All ask before the first reads its reply.
        clients.iter_mut().try_for_each(|client| client.send("GET"))?;
        for client in &mut clients {
            parse(&client.line()?)?;
        }
    }
    for client in &mut clients {
        expect(&client.ask("SUB 100")?, "OK")?;
    }
    for client in &mut clients {
        let mut order = Order::default();
        for _ in 0..5 {
            let reading = parse(&client.line()?)?;
            ensure!(order.see(reading.seq), "number {} came out of order", reading.seq);
        }
    }
    clients.into_iter().try_for_each(Client::quit)
}

/// It either waits until another leaves, or is refused cleanly.
fn ninth_client(address: SocketAddr) -> Result<()> {
    let mut clients = full_house(address)?;
    if let Ok(mut ninth) = Client::connect(address)
        && ninth.send("GET").is_ok()
    {
        match ninth.hear(Duration::from_millis(1500)) {
            // Refused: closed or reset.
            Ok(Heard::End) | Err(_) => {}
            Ok(Heard::Line(line)) => bail!("the ninth client got `{line}` while eight were there"),
            Ok(Heard::Silence) => {
                let leaver = clients.pop().context("no client is left")?;
                leaver.quit()?;
                parse(&ninth.line_within(PLACE).context("the ninth client, once a place was free")?)?;
                ninth.quit()?;
            }
        }
    }
    for client in &mut clients {
        reading(client)?;
    }
    clients.into_iter().try_for_each(Client::quit)?;
    // The house is empty again, and takes as many as before.
    full_house(address)?.into_iter().try_for_each(Client::quit)
}

fn one_after_another(address: SocketAddr) -> Result<()> {
    let start = Instant::now();
    for number in 1..=VISITORS {
        let visit = greeted(address).and_then(Client::quit);
        visit.with_context(|| format!("visitor {number}, after {:.1} s", start.elapsed().as_secs_f32()))?;
    }
    Ok(())
}
