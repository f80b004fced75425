//! SIGINT and a run in the main thread. Each test starts this program again as its child, which does the run, and
//! signals it; the child does not outlive its test.
#![allow(missing_docs)]

#[cfg(unix)]
mod child;
#[cfg(unix)]
mod parent;

fn main() {
    #[cfg(unix)]
    parent::main();
}
