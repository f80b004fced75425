//! What may be called in an interrupt handler: the instructions of each call, and the longest critical section in it.

use crate::Board;
use crate::elapsed::{self, nothing};
use crate::meter::PHASES;
use crate::rows::{REMOTE, ROWS};
use core::future::Future;
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use everloop_board_common::println;
use everloop_embedded::{Loop, TaskPool, yield_now};

/// The most who wait for one thing.
pub(crate) const MANY: usize = 100;

static POOL: TaskPool<MANY, 192> = TaskPool::new();
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
    /// Whether all that wait go on after the call, and not just the first of them.
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
    let around = whole(board, nothing);
    let empty = whole(board, || critical_section::with(|_| ()));
    for row in ROWS {
        for waiters in row.waiters {
            measure(board, row, *waiters, around, empty);
        }
    }
}

/// What is seen of a call, over all phases.
#[derive(Clone, Copy)]
struct Seen {
    instructions: u32,
    longest: u32,
}

fn whole(board: &Board, call: fn()) -> Seen {
    let instructions = elapsed::whole(board, call);
    seen(instructions).1
}

/// With the number of critical sections.
fn seen(instructions: u32) -> (usize, Seen) {
    #[cfg(feature = "recorder")]
    let (sections, longest) = crate::recorder::take();
    #[cfg(not(feature = "recorder"))]
    let (sections, longest) = (0, 0);
    (sections, Seen { instructions, longest })
}

fn measure(board: &Board, row: &Row, waiters: usize, around: Seen, empty: Seen) {
    let counts = (0..PHASES).map(|phase| once(board, row, waiters, phase)).sum();
    let (sections, seen) = seen(counts);
    let name = row.name;
    if cfg!(feature = "recorder") {
        // An empty section has some instructions too, which are the recorder's.
        let longest = if sections == 0 { 0 } else { seen.longest.saturating_sub(empty.longest) };
        println!("row masked|{name}|waiters={waiters} sections={sections} longest={longest}");
    } else {
        // With the recorder this would be for the most part the recorder's.
        let instructions = seen.instructions - around.instructions;
        println!("row masked|{name}|waiters={waiters} instructions={instructions}");
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
