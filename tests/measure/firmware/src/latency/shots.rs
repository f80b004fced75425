//! The interrupts, one after another, and what came of them.

use super::stopwatch::{self, GRAIN, between, stamp};
use core::cell::RefCell;
use core::sync::atomic::{AtomicU32, Ordering::Relaxed};
use critical_section::Mutex;
use everloop_board_mps2_an385::{exit, println, shot};

/// How many count.
const SHOTS: usize = 1000;
/// As many go before, in which all settles.
const FIRST: usize = 16;
/// The least counts to the next interrupt, in which what follows from this one has come to an end.
const LEAST: u32 = 500;
/// The most counts beyond them, less one: a power of two.
const SPREAD: u32 = 512;

/// The instruction at which the handler began.
static BEGAN: AtomicU32 = AtomicU32::new(0);
/// The instruction after which it could wake.
static WAKES: AtomicU32 = AtomicU32::new(0);

struct Series {
    handler: fn(),
    /// What two stamps are apart with nothing in between.
    around: u32,
    /// Which instruction had the timer begin to count for this interrupt, and how far it had to.
    armed: u32,
    counts: u32,
    dice: u32,
    done: usize,
    /// From when the interrupt was due to the handler's beginning, and an amount that is always the same.
    handlers: [u32; SHOTS],
    /// From there to the task.
    tasks: [u32; SHOTS],
}

static SERIES: Mutex<RefCell<Series>> = Mutex::new(RefCell::new(Series {
    handler: || (),
    around: 0,
    armed: 0,
    counts: 0,
    dice: 1,
    done: 0,
    handlers: [0; SHOTS],
    tasks: [0; SHOTS],
}));

impl Series {
    fn fire(&mut self) {
        // A linear congruence, of whose bits the upper ones are good.
        self.dice = self.dice.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        self.counts = LEAST + (self.dice >> 8) % SPREAD;
        // The timer counts from the instruction that starts it, so a few instructions more make for every place
        // between two counts.
        for _ in 0..(self.dice >> 20) % GRAIN {
            core::hint::black_box(());
        }
        self.armed = stamp().to;
        shot::after(self.counts, self.handler);
    }

    fn note(&mut self, task: u32) {
        if let Some(place) = self.done.checked_sub(FIRST) {
            let due = self.armed + self.counts * GRAIN;
            self.handlers[place] = between(due, BEGAN.load(Relaxed));
            self.tasks[place] = between(WAKES.load(Relaxed), task) - self.around;
        }
        self.done += 1;
    }

    fn print(&mut self) -> ! {
        let mut all = self.handlers;
        for (all, task) in all.iter_mut().zip(self.tasks) {
            *all += task;
        }
        for (name, numbers) in [("handler", &mut self.handlers), ("task", &mut self.tasks), ("all", &mut all)]
        {
            numbers.sort_unstable();
            let [min, median, max] = [numbers[0], numbers[SHOTS / 2], numbers[SHOTS - 1]];
            println!("row latency|{name}|min={min} median={median} max={max}");
        }
        exit(0)
    }
}

/// Starts the series. `handler` is to be called by each interrupt: it calls [`began`] and wakes the task.
pub fn start(handler: fn()) {
    let around = stopwatch::start();
    critical_section::with(|cs| {
        let mut series = SERIES.borrow_ref_mut(cs);
        (series.handler, series.around) = (handler, around);
        series.fire();
    });
}

/// The handler has begun.
#[inline(always)]
pub fn began() {
    let stamp = stamp();
    BEGAN.store(stamp.from, Relaxed);
    WAKES.store(stamp.to, Relaxed);
}

/// The task was woken. After the last time this prints the numbers and ends the run.
#[inline(always)]
pub fn woken() {
    let stamp = stamp();
    next(stamp.from);
}

#[inline(never)]
fn next(task: u32) {
    critical_section::with(|cs| {
        let mut series = SERIES.borrow_ref_mut(cs);
        series.note(task);
        if series.done == FIRST + SHOTS {
            series.print();
        }
        series.fire();
    });
}
