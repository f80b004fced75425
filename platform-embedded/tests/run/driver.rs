use std::sync::{Condvar, LazyLock, Mutex, Once};
use std::task::Waker;
use std::thread;
use std::time::{Duration, Instant};

use embassy_time_driver::{Driver, TICK_HZ};

/// A time driver as an embassy HAL has it: a queue that keeps one entry for each waker, with the earlier of two times,
/// and an alarm, which here is a thread.
struct HostDriver {
    queue: Mutex<Vec<(u64, Waker)>>,
    changed: Condvar,
    alarm: Once,
}

static ZERO: LazyLock<Instant> = LazyLock::new(Instant::now);

embassy_time_driver::time_driver_impl!(static DRIVER: HostDriver = HostDriver {
    queue: Mutex::new(Vec::new()),
    changed: Condvar::new(),
    alarm: Once::new(),
});

/// How many wakes are scheduled.
pub fn scheduled() -> usize {
    DRIVER.queue.lock().unwrap().len()
}

/// Wakes all that are scheduled, long before their time.
pub fn ring_early() {
    for (_, waker) in DRIVER.queue.lock().unwrap().drain(..) {
        waker.wake();
    }
}

impl HostDriver {
    fn run(&self) {
        let mut queue = self.queue.lock().unwrap();
        loop {
            let now = self.now();
            while let Some(due) = queue.iter().position(|(at, _)| *at <= now) {
                queue.swap_remove(due).1.wake();
            }
            queue = match queue.iter().map(|(at, _)| *at).min() {
                Some(at) => {
                    let ticks = at.saturating_sub(now).min(10 * TICK_HZ);
                    let nanos = ticks as u128 * 1_000_000_000 / TICK_HZ as u128;
                    let wait = Duration::from_nanos(nanos as u64) + Duration::from_nanos(1);
                    self.changed.wait_timeout(queue, wait).unwrap().0
                }
                None => self.changed.wait(queue).unwrap(),
            };
        }
    }
}

impl Driver for HostDriver {
    fn now(&self) -> u64 {
        (ZERO.elapsed().as_nanos() * u128::from(TICK_HZ) / 1_000_000_000) as u64
    }

    fn schedule_wake(&self, at: u64, waker: &Waker) {
        self.alarm.call_once(|| {
            thread::spawn(|| DRIVER.run());
        });
        let mut queue = self.queue.lock().unwrap();
        if at <= self.now() {
            // A driver may ring for what has passed, and need not.
            return;
        }
        match queue.iter_mut().find(|(_, known)| known.will_wake(waker)) {
            Some((known, _)) => *known = at.min(*known),
            None => queue.push((at, waker.clone())),
        }
        self.changed.notify_one();
    }
}
