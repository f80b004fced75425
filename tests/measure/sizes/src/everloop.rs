//! This project's own.

use crate::entry::row;
use core::convert::Infallible;
use everloop_core::{Event, Fixed, Future, Local, Queue, Shared};

const OWNER: &str = "everloop";

/// A line each: what, its type with the lock `R`, and what waits for it.
macro_rules! rows {
    () => {
        row!("Event", Event<R>, |it| it.wait());
        row!("Future<u32>", Future<u32, Infallible, R>, |it| it.wait());
        row!("Queue<u32, 8>, get", Queue<u32, Fixed<8>, R>, |it| it.get());
        row!("Queue<u32, 8>, put", Queue<u32, Fixed<8>, R>, |it| it.put(0));
        row!("Queue<u32, 8>, join", Queue<u32, Fixed<8>, R>, |it| it.join());
    };
}

mod local {
    use super::*;

    const LOCK: &str = "Local";
    type R = Local;
    rows!();
}

mod shared {
    use super::*;

    const LOCK: &str = "Shared";
    type R = Shared;
    rows!();
}
