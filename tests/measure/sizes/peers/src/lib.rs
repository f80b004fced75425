//! Sizes of other crates' primitives, to compare: as in the package around this one. A crate is a feature.
#![no_std]

#[cfg(feature = "embassy")]
mod embassy;
#[cfg(any(feature = "embassy", feature = "maitake"))]
#[path = "../../src/entry.rs"]
mod entry;
#[cfg(feature = "maitake")]
mod maitake;
