//! The cases that a suite runs itself, as a client: what it says of each becomes a case here.

use crate::listening::free_port;
use crate::station;
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
    /// A guest's own cases.
    Own,
    /// Those of a guest with IPv6 and names.
    Wide,
    /// Those, and that this machine has IPv6.
    Six,
}

/// Who runs the cases.
#[derive(Clone, Copy, Debug)]
pub enum Client {
    /// Everloop on this machine.
    Host,
    /// A guest, which nobody stands between and the server; with what its own cases need, if they are to run.
    Guest(Option<Own>),
}

/// What a guest's own cases need of this machine.
#[derive(Clone, Copy, Debug)]
pub struct Own {
    /// A port that sends datagrams back.
    pub datagrams: u16,
    /// Whether it has IPv6 and names.
    pub wide: bool,
    /// A port of the IPv6 loopback address with the services; 0 if there is no such address.
    pub six: u16,
}

impl Client {
    fn has(self, need: Need) -> bool {
        match (need, self) {
            (Need::Nothing, _) | (Need::Direct | Need::Nowhere, Self::Guest(_)) => true,
            (Need::Own, Self::Guest(own)) => own.is_some(),
            (Need::Wide, Self::Guest(own)) => own.is_some_and(|own| own.wide),
            (Need::Six, Self::Guest(own)) => own.is_some_and(|own| own.wide && own.six != 0),
            (_, Self::Host) => false,
        }
    }
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
    ("streams_to_a_host", Need::Nothing),
    ("server_started_twice", Need::Nothing),
    ("address_by_dhcp", Need::Own),
    ("datagrams", Need::Own),
    ("address_by_slaac", Need::Wide),
    ("unknown_name", Need::Wide),
    ("connect_by_ipv6", Need::Six),
];

/// Whether any of the cases is asked for under these names.
pub fn wanted(cases: &Cases<'_>, prefix: &str) -> bool {
    CASES.iter().any(|(name, _)| cases.wants(&format!("{prefix}-{name}")))
}

/// Has the suite at `address`, which is `client`, run the cases against the one that it reaches at `server`.
pub fn relay(
    cases: &mut Cases<'_>,
    prefix: &str,
    address: SocketAddr,
    server: SocketAddr,
    client: Client,
) -> Result<()> {
    if !wanted(cases, prefix) {
        return Ok(());
    }
    let mut suite = station::Client::connect(address)?;
    let direct = u8::from(matches!(client, Client::Guest(_)));
    let [datagrams, six] = match client {
        Client::Guest(Some(own)) => [own.datagrams, own.six],
        _ => [0; 2],
    };
    suite.send(&format!("cases {server} {} {direct} {datagrams} {six}", free_port()?))?;
    let mut lost = None;
    for (name, _) in CASES.iter().filter(|(_, need)| client.has(*need)) {
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
    if matches!(client, Client::Guest(Some(Own { wide: true, six: 0, .. }))) {
        cases.skip(&format!("{prefix}-connect_by_ipv6"), "this machine has no IPv6");
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
