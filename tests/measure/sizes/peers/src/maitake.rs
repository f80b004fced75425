//! `maitake-sync`, whose waiters are nodes of a list as ours are.

use crate::entry::row;
use maitake_sync::blocking::DefaultMutex;
use maitake_sync::spin::Spinlock;
use maitake_sync::{Mutex, RwLock, Semaphore, WaitCell, WaitMap, WaitQueue};

const OWNER: &str = "maitake-sync";

/// What a critical section guards.
mod critical_section {
    use super::*;

    const LOCK: &str = "critical section";
    type R = DefaultMutex;
    row!("WaitQueue", WaitQueue<R>, |it| it.wait());
    row!("WaitMap<u32, u32>", WaitMap<u32, u32, R>, |it| it.wait(0));
    row!("Mutex<u32>", Mutex<u32, R>, |it| it.lock());
}

/// What needs a lock that can be held, for which this crate has a spinlock only.
mod spinlock {
    use super::*;

    const LOCK: &str = "Spinlock";
    type R = Spinlock;
    row!("WaitQueue", WaitQueue<R>, |it| it.wait());
    row!("Mutex<u32>", Mutex<u32, R>, |it| it.lock());
    row!("RwLock<u32>, write", RwLock<u32, R>, |it| it.write());
    row!("Semaphore", Semaphore<R>, |it| it.acquire(1));
}

/// What has atomics and no lock.
mod none {
    use super::*;

    const LOCK: &str = "-";
    row!("WaitCell", WaitCell, |it| it.wait());
}
