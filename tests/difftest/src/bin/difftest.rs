//! Runs random programs on CPython and on everloop, and prints where they do not agree.

use std::process::ExitCode;

fn main() -> ExitCode {
    everloop_difftest::host::command::run(std::env::args().skip(1))
}
