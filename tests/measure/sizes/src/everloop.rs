//! This project's own.

use crate::entry::row;
use core::convert::Infallible;
use everloop_core::{
    Barrier, BoundedSemaphore, Condition, Event, Fixed, Future, LifoQueue, Local, Lock, LockGuard,
    PriorityQueue, Queue, Semaphore, Shared,
};

const OWNER: &str = "everloop";

/// A line each: what, its type with the lock `R`, and what waits for it.
macro_rules! rows {
    () => {
        row!("Event", Event<R>, |it| it.wait());
        row!("Future<u32>", Future<u32, Infallible, R>, |it| it.wait());
        row!("Lock<()>", Lock<(), R>, |it| it.acquire());
        row!("Semaphore", Semaphore<R>, |it| it.acquire());
        row!("BoundedSemaphore", BoundedSemaphore<R>, |it| it.acquire());
        /// Who waits for a condition gives its guard.
        type OnCondition = (&'static Condition<R>, LockGuard<'static, (), R>);
        row!("Condition", Condition<R>, OnCondition, |it| it.0.wait(&mut it.1));
        row!("Barrier", Barrier<R>, |it| it.wait());
        row!("Queue<u32, 8>, get", Queue<u32, Fixed<8>, R>, |it| it.get());
        row!("Queue<u32, 8>, put", Queue<u32, Fixed<8>, R>, |it| it.put(0));
        row!("Queue<u32, 8>, join", Queue<u32, Fixed<8>, R>, |it| it.join());
        row!("PriorityQueue<u32, 8>", PriorityQueue<u32, Fixed<8>, R>, |it| it.get());
        row!("LifoQueue<u32, 8>", LifoQueue<u32, Fixed<8>, R>, |it| it.get());
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
