//! What runs on the host only: the generator, CPython's side, and the comparison.

pub mod command;
pub mod compare;
pub mod count;
pub mod everloop;
pub mod fair;
pub mod generate;
pub mod oracle;
pub mod pairs;
pub mod race;
pub mod random;
pub mod rules;
pub mod session;
pub mod show;
pub mod show_rust;
pub mod shrink;
