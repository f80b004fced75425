//! What may be called in an interrupt handler: the instructions of each call, and the longest critical section in it.

use crate::Board;
use crate::elapsed::{self, nothing};
use crate::meter::PHASES;
use crate::rows::{REMOTE, ROWS};
use core::future::Future;
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use everloop_board_common::{print, println};
use everloop_embedded::{Loop, TaskPool, yield_now};

/// The most who wait for one thing.
pub(crate) const MANY: usize = 100;

static POOL: TaskPool<MANY, 256> = TaskPool::new();
static LOOP: Loop = Loop::new();

/// How many tasks have begun to wait since the call was prepared, and how many have come to an end of it.
static BEGUN: AtomicUsize = AtomicUsize::new(0);
static ENDED: AtomicUsize = AtomicUsize::new(0);

/// A call, and what has to be so before it.
pub(crate) struct Row {
    /// The call.
    pub(crate) name: &'static str,
    /// How many wait, each in its turn.
    pub(crate) waiters: &'static [usize],
    /// Who goes on after the call.
    pub(crate) wakes: Wakes,
    /// Makes everything as it was, before anyone waits.
    pub(crate) reset: fn(),
    /// Creates one that waits.
    pub(crate) wait: fn(),
    /// What the handler does before the call.
    pub(crate) arm: fn(),
    /// The call, in an interrupt handler.
    pub(crate) call: fn(),
}

/// How many of those who wait go on after a call.
#[derive(Clone, Copy)]
pub(crate) enum Wakes {
    None,
    One,
    All,
}

/// A task that waits.
pub(crate) fn waiter<F: Future + 'static>(wait: F) {
    drop(POOL.create_task(async move {
        begun();
        wait.await;
        ENDED.fetch_add(1, Relaxed);
    }));
}

/// To be said by what waits and is no [`waiter`].
pub(crate) fn begun() {
    BEGUN.fetch_add(1, Relaxed);
}

/// All calls.
pub(crate) fn run(board: &Board) {
    let around = elapsed::whole(board, nothing);
    let recorded = Recorded::take();
    // An empty section has some instructions too, which are the recorder's.
    let empty = {
        elapsed::whole(board, || critical_section::with(|_| ()));
        Recorded::take()
    };
    assert_eq!((recorded.sections, recorded.longest), (0, 0), "nothing has no section");
    for row in ROWS {
        for waiters in row.waiters {
            measure(board, row, *waiters, around, empty.longest);
        }
    }
}

fn measure(board: &Board, row: &Row, waiters: usize, around: u32, empty: u32) {
    let (mut instructions, mut worst) = (0, 0);
    for phase in 0..PHASES {
        Recorded::begin();
        instructions += once(board, row, waiters, phase);
        worst = Recorded::worst().max(worst);
    }
    print!("row masked|{}|waiters={waiters}", row.name);
    if cfg!(feature = "recorder") {
        let Recorded { sections, longest } = Recorded::take();
        let longest = if sections == 0 { 0 } else { longest - empty };
        print!(" sections={sections} longest={longest}");
        if PHASES == 1 {
            // Else this is not known to the instruction: what tasks do is not repeated at each place.
            print!(" anywhere={}", worst - empty);
        }
    } else {
        // With the recorder this would be for the most part the recorder's.
        print!(" instructions={}", instructions - around);
    }
    println!();
}

/// What the recorder says; nothing without it.
#[derive(Clone, Copy)]
struct Recorded {
    sections: usize,
    longest: u32,
}

#[cfg(feature = "recorder")]
impl Recorded {
    /// Of the sections in a call, over all phases since the last look.
    fn take() -> Self {
        let (sections, longest) = crate::recorder::take();
        Self { sections, longest }
    }

    /// From here on the worst of all sections is wanted.
    fn begin() {
        crate::recorder::take_worst();
    }

    /// The longest section since then, of any context.
    fn worst() -> u32 {
        crate::recorder::take_worst()
    }
}

#[cfg(not(feature = "recorder"))]
impl Recorded {
    fn take() -> Self {
        Self { sections: 0, longest: 0 }
    }

    fn begin() {}

    fn worst() -> u32 {
        0
    }
}

fn once(board: &Board, row: &Row, waiters: usize, phase: u32) -> u32 {
    let done = LOOP.run(&[&POOL, &REMOTE], async {
        (row.reset)();
        BEGUN.store(0, Relaxed);
        ENDED.store(0, Relaxed);
        for _ in 0..waiters {
            (row.wait)();
        }
        settle().await;
        let asleep = BEGUN.load(Relaxed) - ENDED.load(Relaxed);
        assert_eq!(asleep, waiters, "all wait for {}", row.name);
        let counts = elapsed::counts(board, row.arm, row.call, phase);
        settle().await;
        let woken = match row.wakes {
            Wakes::None => 0,
            Wakes::One => waiters.min(1),
            Wakes::All => waiters,
        };
        assert_eq!(ENDED.load(Relaxed), woken, "{} is to wake {woken} of {waiters}", row.name);
        counts
    });
    done.expect("nothing else runs the loop")
}

/// All that is ready has run, and what that made ready.
async fn settle() {
    for _ in 0..4 {
        yield_now().await;
    }
}
