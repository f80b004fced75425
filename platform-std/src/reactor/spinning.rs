//! Whether a loop with nothing to do looks out for wakes from other threads for a moment before it sleeps: to be woken takes
//! two calls of the system and many times as long.

use std::cell::Cell;
use std::hint;
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant as Clock};

/// How long it looks out at most.
const LONGEST: Duration = Duration::from_micros(20);

/// How long when that was not worth while before, or was not tried. If the other side sleeps as well, it answers no sooner
/// than it is awake; from then on both find each other awake.
const LONGEST_TRY: Duration = Duration::from_micros(60);

/// How often it looks before it looks at the clock.
const LOOKS: u32 = 32;

/// After so many wakes it looks out for the next one.
const FIRST_PAUSE: u32 = 2;

/// However often that was in vain, it tries again after so many.
const LONGEST_PAUSE: u32 = 256;

/// What is known of the wakes that a loop gets from other threads.
pub(super) struct Spinning {
    /// So many must come, of which each found it asleep, before it looks out again. None as long as that goes well.
    pause: Cell<u32>,
    /// So many have come since.
    wakes: Cell<u32>,
}

impl Spinning {
    pub(super) fn new() -> Self {
        Self { pause: Cell::new(FIRST_PAUSE), wakes: Cell::new(0) }
    }

    /// Whether it is worth while to look out. On one processor it never is: who is to wake has to run.
    pub(super) fn is_worthwhile(&self) -> bool {
        self.wakes.get() >= self.pause.get() && processors() > 1
    }

    /// When to end that, if there is so much time left.
    pub(super) fn end(&self, left: Option<Duration>) -> Clock {
        let longest = if self.pause.get() == 0 { LONGEST } else { LONGEST_TRY };
        Clock::now() + left.map_or(longest, |left| left.min(longest))
    }

    /// It was woken while it slept.
    pub(super) fn note_wake(&self) {
        self.wakes.set(self.wakes.get().saturating_add(1));
    }

    /// It has looked out, and was woken or not.
    pub(super) fn note_spin(&self, woken: bool) {
        self.wakes.set(0);
        self.pause.set(if woken { 0 } else { (self.pause.get() * 2).clamp(FIRST_PAUSE, LONGEST_PAUSE) });
    }
}

fn processors() -> usize {
    // To ask takes files to be read.
    static PROCESSORS: OnceLock<usize> = OnceLock::new();
    *PROCESSORS.get_or_init(|| thread::available_parallelism().map_or(1, usize::from))
}

/// Looks at a state for about a microsecond, as long as it is `same`.
pub(super) fn look(state: impl Fn() -> u8, same: u8) -> u8 {
    for _ in 0..LOOKS {
        let now = state();
        if now != same {
            return now;
        }
        hint::spin_loop();
    }
    same
}
