use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::Wake;

use super::spinning;

/// The loop is not parked.
const AWAKE: u8 = 0;
/// It looks at this state, and is about to sleep.
const SPINS: u8 = 1;
/// It sleeps, or is about to with nothing to keep it from that but an event of the poller.
const SLEEPS: u8 = 2;
/// It was woken: it goes on, or its next park is over at once.
const WOKEN: u8 = 3;

/// Ends a park of its poller from another thread.
pub(super) struct Unparker {
    waker: mio::Waker,
    state: AtomicU8,
}

impl Unparker {
    pub(super) fn new(waker: mio::Waker) -> Self {
        Self { waker, state: AtomicU8::new(AWAKE) }
    }

    /// On the loop's thread: waits a moment for a wake, while `goes_on` says so. Whether there was one, now or before.
    pub(super) fn spin(&self, mut goes_on: impl FnMut() -> bool) -> bool {
        let mut now = self.change(AWAKE, SPINS);
        while now == SPINS {
            now = spinning::look(|| self.state.load(Ordering::Acquire), SPINS);
            if now == SPINS && !goes_on() {
                now = self.change(SPINS, AWAKE);
                break;
            }
        }
        now == WOKEN
    }

    /// On the loop's thread: it is to sleep. False if it was woken.
    pub(super) fn prepare_sleep(&self) -> bool {
        self.change(AWAKE, SLEEPS) == SLEEPS
    }

    /// On the loop's thread: its park is over. Whether it was woken.
    pub(super) fn finish(&self) -> bool {
        self.state.swap(AWAKE, Ordering::AcqRel) == WOKEN
    }

    /// Changes the state if it is `from`; what it is after that.
    fn change(&self, from: u8, to: u8) -> u8 {
        match self.state.compare_exchange(from, to, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => to,
            Err(other) => other,
        }
    }
}

impl Wake for Unparker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // Only who finds it asleep has to ask the system.
        if self.state.swap(WOKEN, Ordering::AcqRel) == SLEEPS && self.waker.wake().is_err() {
            // It can only fail for want of kernel memory, and there is nobody here to tell: a panic would hit whoever
            // happened to wake, inside code that does not expect one. The next wake tries again.
            self.change(WOKEN, SLEEPS);
        }
    }
}
