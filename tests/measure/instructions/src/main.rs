//! Runs the hot paths of core, for callgrind to count their instructions: see `cargo xtask bench instructions`.
//!
//! Each path runs so many times, and then twice as many. callgrind, told to write down its counts whenever [`mark`] is
//! called, so tells what one more time costs, to the instruction and without what comes before and after. A line in the
//! order of the counts says what each was about:
//!
//! ```text
//! row instructions|NAME|times=NUMBER
//! ```
#![deny(unsafe_code)]

mod tasks;
mod time;
mod waiting;

use everloop_core::OwnedLoop;
use everloop_core::virtual_time::{UNPARKER, VirtualTime};
use std::hint::black_box;

/// How many times a path runs, if not said otherwise.
const TIMES: u32 = 1000;

fn main() {
    tasks::run();
    time::run();
    waiting::run();
}

/// Here callgrind writes down what it has counted since the last time.
#[inline(never)]
fn mark() {
    black_box(());
}

/// Whether a path was asked for: the program takes a part of its name, for who looks at one with other tools.
fn wants(name: &str) -> bool {
    std::env::args().nth(1).is_none_or(|part| name.contains(&part))
}

/// Counts `path`, the main task of a loop of its own, which is told how often to do what it does.
fn count(name: &str, path: impl AsyncFn(u32)) {
    if !wants(name) {
        return;
    }
    let done = OwnedLoop::new(UNPARKER).run(&VirtualTime::new(), &[], async {
        // The first time gets memory that the others use again.
        path(TIMES).await;
        mark();
        path(TIMES).await;
        mark();
        path(2 * TIMES).await;
        mark();
    });
    assert_eq!(done, Ok(()), "{name}");
    tell(name);
}

/// The three marks before this were about `name`.
fn tell(name: &str) {
    println!("row instructions|{name}|times={TIMES}");
}
