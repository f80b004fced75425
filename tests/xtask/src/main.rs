//! The commands the project keeps, run as `cargo xtask COMMAND`.
//!
//! Everything a person or CI does with this repository goes through here, so that a fresh machine with nothing but
//! Rust can do it: what a command needs and the machine lacks, it gets first (see [`setup`]). What can't be had is
//! either an error or a skip that is named, never silence.
#![forbid(unsafe_code)]

mod args;
mod artifact;
mod bench;
mod check;
mod clients;
mod compared;
mod console;
mod demo;
mod dialogue;
mod difftest;
mod firmware;
mod fuzz;
mod images;
mod interrupt;
mod lanes;
mod listening;
mod network;
mod process;
mod qemu;
mod setup;
mod size;
mod soak;
mod station;
mod suite;
mod suites;
mod tables;
mod tally;
mod test;
mod workspace;

use args::Command;
use std::process::ExitCode;

/// Wrong use of the command line, as most tools report it.
const EXIT_USAGE: u8 = 2;

fn main() -> ExitCode {
    let command = match args::parse(std::env::args().skip(1)) {
        Ok(command) => command,
        Err(why) => {
            eprintln!("error: {why}\n\n{}", args::USAGE);
            return ExitCode::from(EXIT_USAGE);
        }
    };
    // A child that outlives its own guard, for whatever reason, does not outlive this.
    let _all = process::KillAll;
    if let Err(error) = interrupt::install() {
        eprintln!("error: {error:#}");
        return ExitCode::FAILURE;
    }
    let done = match command {
        Command::Help => {
            println!("{}", args::USAGE);
            Ok(true)
        }
        Command::Demo { seconds } => demo::run(seconds),
        Command::Test { only, long } => test::run(only.as_deref(), long),
        Command::Run { name, port, more } => firmware::run(&name, port, &more),
        Command::Check => check::run(),
        Command::Bench(options) => bench::run(&options),
        Command::Difftest { options } => difftest::run(&options),
        Command::Fuzz { target, time } => fuzz::run(target.as_deref(), time),
        Command::Size => size::run(),
        Command::Soak { time } => soak::run(time),
    };
    interrupt::wait_if_interrupted();
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
