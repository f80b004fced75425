//! Both stations give the same replies: it is the same program.

#[cfg(test)]
mod tests;

use super::greeted;
use anyhow::{Context, Result, bail};
use std::net::SocketAddr;

/// A comparison of two stations.
type Comparison = fn(SocketAddr, SocketAddr) -> Result<()>;

/// The comparisons, by name.
pub const TESTS: &[(&str, Comparison)] = &[("same-replies", same_replies), ("same-tasks", same_tasks)];

/// What is said, and how many lines come back.
const SCRIPT: [(&str, usize); 12] = [
    ("GET", 1),
    ("STATS", 1),
    ("FROB", 1),
    ("get", 1),
    ("SUB 9", 1),
    ("SUB", 1),
    ("SUB x", 1),
    ("GET now", 1),
    ("THIS LINE IS SO LONG THAT NO STATION MAY LOOK AT IT, WHATEVER IT SAYS", 1),
    ("SUB 100", 4),
    // A reading of the subscription may come before the first reply, so nothing is compared but the last line.
    ("STATS", 1),
    ("QUIT", 1),
];

fn same_replies(host: SocketAddr, guest: SocketAddr) -> Result<()> {
    let host = replies(host).context("on the host")?;
    let guest = replies(guest).context("on the board")?;
    for ((line, _), (host, guest)) in SCRIPT.iter().zip(host.iter().zip(&guest)) {
        if host != guest {
            bail!("to `{line}` the host says {host:?} and the board {guest:?}");
        }
    }
    Ok(())
}

fn replies(address: SocketAddr) -> Result<Vec<Vec<String>>> {
    let mut client = greeted(address)?;
    let mut subscribed = false;
    let mut all = Vec::new();
    for (line, count) in SCRIPT {
        client.send(line)?;
        let mut replies = Vec::new();
        while replies.len() < count {
            let reply = client.line().with_context(|| format!("after `{line}`"))?;
            if subscribed && reply.starts_with("READING ") {
                continue;
            }
            replies.push(without_numbers(&reply));
        }
        subscribed = line.starts_with("SUB ") && count > 1;
        all.push(replies);
    }
    client.expect_end()?;
    Ok(all)
}

/// The names of the tasks that serve clients or sample: a board has more, to drive its network.
fn same_tasks(host: SocketAddr, guest: SocketAddr) -> Result<()> {
    let host = tasks(host).context("on the host")?;
    let guest = tasks(guest).context("on the board")?;
    match host.iter().find(|name| !guest.contains(name)) {
        None => Ok(()),
        Some(name) => bail!("the host has a task `{name}`, the board only {guest:?}"),
    }
}

fn tasks(address: SocketAddr) -> Result<Vec<String>> {
    let mut client = greeted(address)?;
    let mut names = Vec::new();
    let mut line = client.ask("TASKS")?;
    while line != "END" {
        names.extend(line.split(' ').nth(2).map(without_numbers));
        line = client.line()?;
    }
    client.quit()?;
    names.sort();
    names.dedup();
    Ok(names)
}

/// The text with `N` for each number, since two stations never measure the same.
fn without_numbers(text: &str) -> String {
    let mut plain = String::new();
    let mut in_number = false;
    for c in text.chars() {
        if !c.is_ascii_digit() {
            plain.push(c);
        } else if !in_number {
            // A minus belongs to the number, unless it is a hyphen of the word before.
            if plain.ends_with(" -") || plain.ends_with("=-") {
                plain.pop();
            }
            plain.push('N');
        }
        in_number = c.is_ascii_digit();
    }
    plain
}
