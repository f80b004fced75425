//! The cases that a suite runs itself, as a client: what it says of each becomes a case here.

use crate::listening::free_port;
use crate::station::Client;
use crate::suite::Cases;
use anyhow::{Context, Result, bail, ensure};
use std::net::SocketAddr;
use std::time::Duration;

/// A case may take this long: a little longer than the suite lets it.
const LIMIT: Duration = Duration::from_secs(100);

/// What a case needs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Need {
    Nothing,
    /// That nobody in between takes connections in the server's stead.
    Direct,
    /// An address at which nobody answers at all, which only a guest has.
    Nowhere,
}

/// The cases of `tests/network`, in order.
const CASES: &[(&str, Need)] = &[
    ("echo_of_random_sizes", Need::Nothing),
    ("echo_after_idling", Need::Nothing),
    ("bulk_to_the_server", Need::Nothing),
    ("bulk_from_the_server", Need::Nothing),
    ("bulk_both_ways_at_once", Need::Nothing),
    ("half_close_by_the_client", Need::Nothing),
    ("half_close_by_the_server", Need::Nothing),
    ("close_in_flight_by_the_client", Need::Nothing),
    ("close_in_flight_by_the_server", Need::Nothing),
    ("reset_by_the_client", Need::Nothing),
    ("reset_by_the_server", Need::Nothing),
    ("refused_connect", Need::Direct),
    ("cancelled_read", Need::Nothing),
    ("cancelled_write", Need::Nothing),
    ("cancelled_accept", Need::Nothing),
    ("cancelled_connect", Need::Nowhere),
    ("one_after_another", Need::Nothing),
    ("several_at_once", Need::Nothing),
    ("one_more_than_there_are_places", Need::Nothing),
];

/// Whether any of the cases is asked for under these names.
pub fn wanted(cases: &Cases<'_>, prefix: &str) -> bool {
    CASES.iter().any(|(name, _)| cases.wants(&format!("{prefix}-{name}")))
}

/// Has the suite at `client` run the cases against the one that it reaches at `server`. `guest`: the client is one, which
/// nobody stands between and the server.
pub fn relay(
    cases: &mut Cases<'_>,
    prefix: &str,
    client: SocketAddr,
    server: SocketAddr,
    guest: bool,
) -> Result<()> {
    if !wanted(cases, prefix) {
        return Ok(());
    }
    let mut suite = Client::connect(client)?;
    suite.send(&format!("cases {server} {} {}", free_port()?, u8::from(guest)))?;
    let mut lost = None;
    for (name, _) in CASES.iter().filter(|(_, need)| guest || *need == Need::Nothing) {
        let name_here = format!("{prefix}-{name}");
        let mut test = || match suite.line_within(LIMIT) {
            Ok(line) => outcome(&line, name),
            Err(why) => {
                lost = Some(format!("{why:#}"));
                Err(why)
            }
        };
        if cases.wants(&name_here) {
            cases.run(&name_here, test);
        } else {
            // The line has to go all the same; what it says is nobody's concern.
            let _ = test();
        }
        if let Some(why) = lost {
            bail!("the report of {prefix} broke off: {why}");
        }
    }
    let counts = suite.line_within(LIMIT).context("the report has no end")?;
    ensure!(
        counts.contains(" passed, "),
        "`{counts}` at the end of the report: a case that is not known here?"
    );
    suite.expect_end()
}

fn outcome(line: &str, name: &str) -> Result<()> {
    let outcome = line.strip_prefix("test ").and_then(|line| line.strip_prefix(name)?.strip_prefix(" ... "));
    match outcome {
        Some("ok") => Ok(()),
        Some(failure) => bail!("{failure}"),
        None => bail!("`{line}` instead of the outcome of {name}"),
    }
}
