//! What goes on: everything that comes and goes in a program, each kind again and again.

mod cancelled;
mod children;
mod clients;
mod threads;
mod timers;

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};

use everloop::{Duration, create_task, gather};

/// How often each kind was done.
pub struct Done([usize; 5]);

/// What is counted.
#[derive(Clone, Copy)]
pub enum What {
    /// A connection was opened and closed.
    Connection,
    /// A child was started and is gone.
    Child,
    /// A timer went off or was given up.
    Timer,
    /// A task was cancelled, with all it had begun.
    Cancellation,
    /// A thread did something.
    Call,
}

static COUNTS: [AtomicUsize; 5] = [const { AtomicUsize::new(0) }; 5];

/// Counts one.
pub fn count(what: What) {
    COUNTS[what as usize].fetch_add(1, Ordering::Relaxed);
}

impl Done {
    /// Until now.
    pub fn now() -> Self {
        Self(COUNTS.each_ref().map(|count| count.load(Ordering::Relaxed)))
    }
}

impl fmt::Display for Done {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [connections, children, timers, cancellations, calls] = self.0;
        write!(
            f,
            "{connections} connections, {children} children, {timers} timers, {cancellations} cancellations, \
             {calls} calls of threads"
        )
    }
}

/// Numbers that need not be good, only different.
pub struct Dice(u64);

impl Dice {
    /// Dice of a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below this.
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 32) % end
    }

    /// A span of up to so many milliseconds.
    pub fn millis(&mut self, most: u64) -> Duration {
        Duration::from_millis(self.below(most) + 1)
    }
}

/// Everything, for ever: a request to stop ends each part in good order.
pub async fn run() {
    let parts = [
        create_task(clients::run()),
        create_task(children::run()),
        create_task(timers::run()),
        create_task(cancelled::run()),
        create_task(threads::run()),
    ];
    gather(parts.into_iter().collect::<Vec<_>>()).await;
    panic!("the load ended by itself");
}
