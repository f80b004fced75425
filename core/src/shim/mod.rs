//! The façade over what differs between a host, bare metal and loom: atomics, the lock under `Shared`, the slot
//! of the current loop, and catching a panic. Nothing outside this folder mentions loom.

#[cfg_attr(loom, path = "loom.rs")]
mod native;

pub(crate) use native::*;

#[cfg(all(feature = "std", not(loom)))]
#[path = "slot_std.rs"]
mod slot;
#[cfg(all(not(feature = "std"), not(loom)))]
#[path = "slot_hooks.rs"]
mod slot;
#[cfg(loom)]
#[path = "slot_loom.rs"]
mod slot;

pub(crate) use slot::{current, set_current};

#[cfg(all(feature = "std", not(loom)))]
#[path = "thread_std.rs"]
mod thread;
#[cfg(all(feature = "std", loom))]
#[path = "thread_loom.rs"]
mod thread;

#[cfg(feature = "std")]
pub(crate) use thread::{park_thread, thread_waker};

#[cfg_attr(not(feature = "std"), path = "catch_abort.rs")]
mod catch_unwind;

pub(crate) use catch_unwind::{
    CATCHES, Kept, Payload, catch, discard, keep, message, report, resume, take_kept,
};
