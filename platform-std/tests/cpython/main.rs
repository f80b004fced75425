//! Dialogues with CPython's asyncio, in a process of its own. Without a `python3` of 3.11 at least they are shown as
//! ignored.
#![allow(missing_docs)]

mod peer;
mod plain;
#[cfg(unix)]
mod sessions;
#[path = "../support/mod.rs"]
mod support;
mod talk;
#[cfg(feature = "tls")]
mod tls;

use libtest_mimic::{Arguments, Trial};

macro_rules! tests {
    ($($name:ident)*) => {
        pub fn trials() -> Vec<libtest_mimic::Trial> {
            vec![$(libtest_mimic::Trial::test(concat!("cpython::", stringify!($name)), || {
                $name();
                Ok(())
            })),*]
        }
    };
}
use tests;

fn main() {
    let mut trials = plain::trials();
    #[cfg(feature = "tls")]
    trials.extend(tls::trials());
    #[cfg(unix)]
    trials.extend(sessions::all_trials());
    if !peer::is_there() {
        eprintln!("no python3 of 3.11 or later: all is ignored");
        trials = trials.into_iter().map(|trial| Trial::with_ignored_flag(trial, true)).collect();
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}
