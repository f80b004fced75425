//! Child processes: none outlives this program.
//!
//! Every child gets a process group of its own and is killed with all its descendants: when its [`Process`] is
//! dropped (also by a panic), when the program leaves ([`KillAll`]) and on Ctrl-C ([`crate::interrupt`]).

mod group;
mod piped;
mod run;
#[cfg(test)]
mod tests;

pub use group::{KillAll, kill_all};
pub use piped::{Event, Process};
pub use run::{Ended, inherit, output, stream};
