//! The command line: few commands, few options, read by hand.
//!
//! A parser crate would cost more build time than all the rest of this program.

#[cfg(test)]
mod tests;

use crate::bench;
use std::path::PathBuf;
use std::time::Duration;

/// What `--help` and every mistake print.
pub const USAGE: &str = "\
Usage: cargo xtask COMMAND

  demo [--seconds N]          run one station on the host and one on a microcontroller in QEMU, side by side
  test [--only NAME] [--long] run every suite; NAME is a suite, or else a filter passed on to the tests; --long is for
                              hours: everything under Miri and in several schedules, more random trees, ignored tests
  run NAME [--port N] [-- ARGS]
                              run an example of firmware in QEMU; NAME is one of blink, button, http, sensor, tcp; N is the
                              port on this machine by which a server is reached; ARGS are for QEMU
  check                       formatting, lints, documentation and the builds of every feature set and target
  bench [NAME] [--bless]      instructions on bare metal; NAME is one of masked (calls in interrupt handlers, and how
                              long they keep interrupts masked), interrupt-queue, inspect, latency (from an
                              interrupt to a task, beside embassy); and on this machine: instructions (the hot paths
                              of core; --bless writes them into the file that the tests compare them with), or
                              peers (time and memory beside other runtimes)
  bench peers [WORKLOAD] [--rounds N] [--svg PATH]
                              one workload of those, or `growth`, which is some of them in several sizes; how often each
                              is repeated, instead of 5 times; and where the picture is drawn, instead of
                              tests/bench/peers.svg if all are measured
  difftest [--programs N] [--seed S]
                              random programs on CPython's asyncio and on everloop, and where they do not agree; also
                              --from N (the first one), --most N (stop at so many), --rules (what differs on purpose)
  fuzz [TARGET] [--minutes M] cargo-fuzz: each target, or one of stream-reader, primitives, programs, station, network;
                              each for M minutes, or for one
  size                        flash and RAM of the firmware images, also beside embassy's, and sizes of the primitives
                              beside those of others
  soak [--minutes M]          servers, subprocesses, timers and cancellations together, for 30 minutes if nothing is said; what
                              the process holds must stay flat, and is plotted to target/soak/soak.png
  help                        this text";

/// How long the demo runs when nothing else is said.
const DEMO_SECONDS: u64 = 8;
/// How long each target is fuzzed.
const FUZZ_MINUTES: u64 = 1;
/// How long everything runs together.
const SOAK_MINUTES: u64 = 30;

/// A command with its options.
#[derive(Debug, PartialEq, Eq)]
pub enum Command {
    /// Print the usage.
    Help,
    /// Two stations side by side.
    Demo {
        /// How long they run.
        seconds: Duration,
    },
    /// The suites.
    Test {
        /// A suite's name, or else a filter.
        only: Option<String>,
        /// The slow cases too.
        long: bool,
    },
    /// An example of firmware.
    Run {
        /// Which.
        name: String,
        /// By which port a server is reached; its own if nothing is said.
        port: Option<u16>,
        /// What else is said to QEMU.
        more: Vec<String>,
    },
    /// Lints, documentation, builds.
    Check,
    /// Measurements.
    Bench(bench::Options),
    /// Random programs on CPython and on everloop.
    Difftest {
        /// Its own options.
        options: Vec<String>,
    },
    /// Any bytes for what takes bytes.
    Fuzz {
        /// A target; all without it.
        target: Option<String>,
        /// How long each is fuzzed.
        time: Duration,
    },
    /// Flash and RAM of the images, and sizes of the primitives.
    Size,
    /// Everything together for a long time.
    Soak {
        /// How long.
        time: Duration,
    },
}

/// Reads the arguments that follow the program's name; the error says what is wrong with them.
pub fn parse(args: impl Iterator<Item = String>) -> Result<Command, String> {
    let mut args = args;
    let Some(name) = args.next() else { return Err("a command is missing".to_owned()) };
    let mut rest = Options::new(args.collect());
    let command = match name.as_str() {
        "help" | "--help" | "-h" => Command::Help,
        "demo" => Command::Demo {
            seconds: Duration::from_secs(rest.positive("--seconds")?.unwrap_or(DEMO_SECONDS)),
        },
        "test" => Command::Test { only: rest.value("--only")?, long: rest.flag("--long") },
        "run" => {
            let port = match rest.value("--port")? {
                None => None,
                Some(text) => match text.parse() {
                    Ok(port @ 1..) => Some(port),
                    _ => return Err(format!("--port wants a number from 1 to 65535, not `{text}`")),
                },
            };
            match rest.word() {
                Some(name) => Command::Run { name, port, more: std::mem::take(&mut rest.more) },
                None if rest.flag("--help") || rest.flag("-h") => Command::Help,
                None => return Err("`run` wants the name of an example".to_owned()),
            }
        }
        "check" => Command::Check,
        "bench" => {
            let rounds = match rest.value("--rounds")? {
                None => None,
                Some(text) => match text.parse() {
                    Ok(n @ 1..) => Some(n),
                    _ => return Err(format!("--rounds wants a whole number above 0, not `{text}`")),
                },
            };
            let svg = rest.value("--svg")?.map(PathBuf::from);
            let bless = rest.flag("--bless");
            let (group, workload) = (rest.word(), rest.word());
            Command::Bench(bench::Options { group, workload, rounds, svg, bless })
        }
        "difftest" if !rest.args.iter().any(|arg| arg == "--help" || arg == "-h") => {
            Command::Difftest { options: std::mem::take(&mut rest.args) }
        }
        "difftest" => Command::Help,
        "fuzz" => {
            let minutes = rest.positive("--minutes")?.unwrap_or(FUZZ_MINUTES);
            Command::Fuzz { time: Duration::from_secs(60 * minutes), target: rest.word() }
        }
        "size" => Command::Size,
        "soak" => {
            let minutes = rest.positive("--minutes")?.unwrap_or(SOAK_MINUTES);
            Command::Soak { time: Duration::from_secs(60 * minutes) }
        }
        other => return Err(format!("no such command: `{other}`")),
    };
    match rest.args.first().or(rest.more.first()) {
        Some(arg) if arg == "--help" || arg == "-h" => Ok(Command::Help),
        Some(arg) => Err(format!("`{name}` does not understand `{arg}`")),
        None => Ok(command),
    }
}

/// What follows a command; each option is taken out as it is read.
struct Options {
    args: Vec<String>,
    /// What follows a `--`.
    more: Vec<String>,
}

impl Options {
    fn new(mut args: Vec<String>) -> Self {
        let end = args.iter().position(|arg| arg == "--").unwrap_or(args.len());
        let more = args.split_off(end).into_iter().skip(1).collect();
        Self { args, more }
    }

    fn flag(&mut self, name: &str) -> bool {
        let before = self.args.len();
        self.args.retain(|arg| arg != name);
        self.args.len() < before
    }

    /// The first argument that is no option.
    fn word(&mut self) -> Option<String> {
        let at = self.args.iter().position(|arg| !arg.starts_with('-'))?;
        Some(self.args.remove(at))
    }

    /// A number that is not zero.
    fn positive(&mut self, name: &str) -> Result<Option<u64>, String> {
        self.value(name)?
            .map(|text| match text.parse() {
                Ok(n @ 1..=1_000_000) => Ok(n),
                _ => Err(format!("{name} wants a whole number from 1 to a million, not `{text}`")),
            })
            .transpose()
    }

    fn value(&mut self, name: &str) -> Result<Option<String>, String> {
        let assigned = format!("{name}=");
        if let Some(at) = self.args.iter().position(|arg| arg.starts_with(&assigned)) {
            let arg = self.args.remove(at);
            return Ok(Some(arg[assigned.len()..].to_owned()));
        }
        let Some(at) = self.args.iter().position(|arg| arg == name) else { return Ok(None) };
        self.args.remove(at);
        if at == self.args.len() {
            return Err(format!("{name} wants a value"));
        }
        Ok(Some(self.args.remove(at)))
    }
}
