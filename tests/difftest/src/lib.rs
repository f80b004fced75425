//! Random concurrent programs as data, so that the same one runs on CPython's asyncio and on everloop, and what came of
//! it can be compared.
//!
//! A [`program::Program`] is decoded and run by two interpreters: `runner.py` on CPython, in virtual time, and
//! [`interpret`] on everloop, on a host or on a board. What is compared is a [`trace::Trace`].
#![no_std]

extern crate alloc;
#[cfg(feature = "host")]
extern crate std;

pub mod code;
#[cfg(feature = "host")]
pub mod host;
pub mod interpret;
mod objects;
pub mod program;
pub mod trace;
mod world;
