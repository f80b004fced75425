//! `embassy-sync`: each primitive has room for one waker, or as many as its type says, and wakers that find none wake
//! those that are in.

use crate::entry::row;
use embassy_sync::blocking_mutex::raw::{CriticalSectionRawMutex, NoopRawMutex};
use embassy_sync::channel::Channel;
use embassy_sync::mutex::Mutex;
use embassy_sync::once_lock::OnceLock;
use embassy_sync::priority_channel::{Max, PriorityChannel};
use embassy_sync::pubsub::{PubSubChannel, Subscriber};
use embassy_sync::rwlock::RwLock;
use embassy_sync::semaphore::{FairSemaphore, GreedySemaphore, Semaphore};
use embassy_sync::signal::Signal;
use embassy_sync::watch::{Receiver, Watch};

const OWNER: &str = "embassy-sync";

/// A line each: what, its type with the lock `R`, and what waits for it; where it is not the primitive that is waited with, also what is.
macro_rules! rows {
    () => {
        row!("Mutex<u32>", Mutex<R, u32>, |it| it.lock());
        row!("RwLock<u32>, write", RwLock<R, u32>, |it| it.write());
        row!("Signal<u32>", Signal<R, u32>, |it| it.wait());
        row!("GreedySemaphore", GreedySemaphore<R>, |it| it.acquire(1));
        row!("FairSemaphore<8>", FairSemaphore<R, 8>, |it| it.acquire(1));
        row!("Channel<u32, 8>, receive", Channel<R, u32, 8>, |it| it.receive());
        row!("Channel<u32, 8>, send", Channel<R, u32, 8>, |it| it.send(0));
        row!("PriorityChannel<u32, 8>, receive", PriorityChannel<R, u32, Max, 8>, |it| it.receive());
        row!("PriorityChannel<u32, 8>, send", PriorityChannel<R, u32, Max, 8>, |it| it.send(0));
        row!("PubSubChannel<u32, 8, 1, 1>", PubSubChannel<R, u32, 8, 1, 1>, Subscriber<R, u32, 8, 1, 1>, |it| it.next_message());
        row!("Watch<u32, 1>", Watch<R, u32, 1>, Receiver<R, u32, 1>, |it| it.changed());
    };
}

mod noop {
    use super::*;

    const LOCK: &str = "NoopRawMutex";
    type R = NoopRawMutex;
    rows!();
}

mod critical_section {
    use super::*;

    const LOCK: &str = "CriticalSectionRawMutex";
    type R = CriticalSectionRawMutex;
    rows!();
}

/// What has atomics and no lock.
mod none {
    use super::*;

    const LOCK: &str = "-";
    row!("OnceLock<u32>", OnceLock<u32>, |it| it.get());
}
