//! A platform that sleeps for real, in its thread, for tests with several threads.

use std::sync::{Arc, Condvar, Mutex};
use std::task::{Wake, Waker};
use std::time::{Duration as StdDuration, Instant as StdInstant};

use everloop_core::Instant;
use everloop_core::platform::{Platform, Wait};

#[derive(Default)]
struct Flag {
    set: Mutex<bool>,
    changed: Condvar,
}

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        *self.set.lock().unwrap() = true;
        self.changed.notify_one();
    }
}

pub struct Parking {
    flag: Arc<Flag>,
    start: StdInstant,
}

impl Parking {
    /// A platform, and the unparker for its loop.
    pub fn new() -> (Self, Waker) {
        let flag = Arc::new(Flag::default());
        (Self { flag: flag.clone(), start: StdInstant::now() }, Waker::from(flag))
    }
}

impl Platform for Parking {
    fn now(&self) -> Instant {
        Instant::from_ticks(u64::try_from(self.start.elapsed().as_nanos()).unwrap())
    }

    fn park(&self, wait: Wait) {
        let mut set = self.flag.set.lock().unwrap();
        match wait {
            Wait::Poll => {}
            Wait::Forever => {
                while !*set {
                    // A lost wake shows as a failure, not as a hang.
                    let (guard, timeout) =
                        self.flag.changed.wait_timeout(set, StdDuration::from_secs(60)).unwrap();
                    set = guard;
                    assert!(!timeout.timed_out(), "no wake came for a minute");
                }
            }
            Wait::Until(deadline) => {
                while !*set && self.now() < deadline {
                    let rest = StdDuration::from(deadline - self.now());
                    set = self.flag.changed.wait_timeout(set, rest).unwrap().0;
                }
            }
        }
        *set = false;
    }
}
