//! Sizes of the primitives and of the futures that wait for them.
//!
//! Nothing here is ever run: the sizes stand in a section of the object files, in which `cargo xtask size` reads them.
//! A primitive is a line in `everloop.rs`; those of other crates are in the package `peers`.
#![no_std]

mod entry;
mod everloop;
