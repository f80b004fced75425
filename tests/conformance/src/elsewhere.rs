//! Another context than the loop's: an interrupt handler on a board, another thread on the host.

use core::cell::Cell;

use critical_section::Mutex;

/// Runs a function in another context and comes back when it has ended.
type Runner = fn(fn());

static RUNNER: Mutex<Cell<Option<Runner>>> = Mutex::new(Cell::new(None));

/// Says how to run a function in another context: `run` does so, and comes back when the function has ended. For the
/// program that runs the list, before it does.
pub fn install(run: fn(fn())) {
    critical_section::with(|cs| RUNNER.borrow(cs).set(Some(run)));
}

/// Runs `f` to its end in another context.
pub(crate) fn run(f: fn()) {
    match critical_section::with(|cs| RUNNER.borrow(cs).get()) {
        Some(run) => run(f),
        None => panic!("the program that runs the list has to call `elsewhere::install` first"),
    }
}
