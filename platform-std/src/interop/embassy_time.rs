//! Feature `embassy-time-driver`: the clock and the alarm of `embassy-time`, so that what was written for firmware with
//! its timers runs on a host, also on everloop. There is nothing to call: the program is linked with it.
//!
//! A program has one such driver, so only programs and their tests turn the feature on, and not together with the feature
//! `std` of `embassy-time`. The clock is that of every [`Reactor`](crate::reactor::Reactor), in the ticks that
//! `embassy-time` is built with. Its wakes come from a thread of their own, which the first of them starts and which stays.
//! So they reach any loop, and threads that run none; and they are as late as that thread is.
//!
//! Where a loop's time is virtual, these timers are not: in [`VirtualTime`](crate::virtual_time::VirtualTime) a wait for
//! nothing else is a deadlock. (`embassy-time` has a mock driver for itself.)
//!
//! A scheduled wake can't be taken back, so a timer that is dropped keeps its task's memory until its time has come.

// For `no_mangle`, with which the driver's macro makes its functions.
#![allow(unsafe_code)]

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::thread;
use std::time::Duration;

use embassy_time_driver::{Driver, TICK_HZ};

use crate::reactor;

const NANOS: u128 = 1_000_000_000;

/// No single wait is longer, since some systems refuse very long ones.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// What tells a waker from others: its data and its functions.
type Key = (usize, usize);

struct HostDriver {
    queue: Mutex<Queue>,
    changed: Condvar,
}

/// The wakers by their times; each once, with the earliest of its times.
///
/// Their clones, wakes and drops are foreign code, and none of it happens under the lock.
struct Queue {
    due: BTreeMap<(u64, Key), Waker>,
    at: BTreeMap<Key, u64>,
    /// Whether the thread runs that wakes them.
    has_alarm: bool,
}

embassy_time_driver::time_driver_impl!(static DRIVER: HostDriver = HostDriver {
    queue: Mutex::new(Queue { due: BTreeMap::new(), at: BTreeMap::new(), has_alarm: false }),
    changed: Condvar::new(),
});

impl Driver for HostDriver {
    fn now(&self) -> u64 {
        (reactor::start().elapsed().as_nanos() * u128::from(TICK_HZ) / NANOS) as u64
    }

    fn schedule_wake(&self, at: u64, waker: &Waker) {
        let key = (waker.data().addr(), std::ptr::from_ref(waker.vtable()).addr());
        // The last moment never comes.
        if at == u64::MAX || self.lock().at.get(&key).is_some_and(|&earlier| earlier <= at) {
            return;
        }
        if at <= self.now() || !self.has_alarm() {
            // Without the alarm, early: who is woken looks at the clock and comes back, which is slow, and right.
            let kept = self.lock().remove(key);
            waker.wake_by_ref();
            drop(kept);
            return;
        }
        let new = waker.clone();
        let unused = self.lock().insert(at, key, new);
        self.changed.notify_one();
        drop(unused);
    }
}

impl Queue {
    /// Takes a waker in. What is not needed comes back.
    fn insert(&mut self, at: u64, key: Key, waker: Waker) -> Option<Waker> {
        let before = self.at.get(&key).copied();
        if before.is_some_and(|before| before <= at) {
            return Some(waker);
        }
        self.at.insert(key, at);
        let old = before.and_then(|before| self.due.remove(&(before, key)));
        self.due.insert((at, key), waker);
        old
    }

    /// Takes out what is kept for a later time: who is woken asks anew for what it still waits for.
    fn remove(&mut self, key: Key) -> Option<Waker> {
        let at = self.at.remove(&key)?;
        self.due.remove(&(at, key))
    }

    /// Takes out the first waker if it is due.
    fn pop(&mut self, now: u64) -> Option<Waker> {
        let first = self.due.first_entry()?;
        let (at, key) = *first.key();
        if at > now {
            return None;
        }
        self.at.remove(&key);
        Some(first.remove())
    }
}

impl HostDriver {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether there is a thread that wakes, which is started if there is none.
    fn has_alarm(&self) -> bool {
        let mut queue = self.lock();
        if !queue.has_alarm {
            let alarm = thread::Builder::new().name("everloop-embassy-time".into()).spawn(|| DRIVER.ring());
            queue.has_alarm = alarm.is_ok();
        }
        queue.has_alarm
    }

    /// Wakes all in their time.
    fn ring(&self) -> ! {
        let mut queue = self.lock();
        loop {
            let waker = queue.pop(self.now());
            if let Some(waker) = waker {
                drop(queue);
                // A panic of one keeps none of the others from being woken.
                let _ = catch_unwind(AssertUnwindSafe(|| waker.wake()));
                queue = self.lock();
                continue;
            }
            let wait = queue.due.first_key_value().map_or(LONGEST, |(&(at, _), _)| until(at));
            queue = self.changed.wait_timeout(queue, wait).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

/// How long it is until that tick, rounded up.
fn until(at: u64) -> Duration {
    let at = (u128::from(at) * NANOS).div_ceil(u128::from(TICK_HZ));
    let left = at.saturating_sub(reactor::start().elapsed().as_nanos());
    u64::try_from(left).map_or(LONGEST, |left| Duration::from_nanos(left).min(LONGEST))
}
