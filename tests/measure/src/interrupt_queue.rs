//! A queue that an interrupt handler feeds and a task empties: how fast, and whether all arrives.

use crate::Board;
use crate::meter::{PHASES, between, ticks};
use core::sync::atomic::{AtomicU32, Ordering::Relaxed};
use everloop_board_common::println;
use everloop_embedded::{Fixed, Loop, Queue, Shared, TryPutError};

/// How many items the rates are told of.
const ITEMS: u32 = 100_000;
/// How many items an interval is tried with.
const TRIAL: u32 = 2_000;
/// Instructions between two items at which the task is always done with one before the next comes.
const SLOW: u32 = 10_000;
/// Items in the queue, and of which it is known when they were put.
const PLACES: usize = 16;

static LOOP: Loop = Loop::new();
static QUEUE: Queue<u32, Fixed<PLACES>, Shared> = Queue::new();
/// The number of the next item.
static NEXT: AtomicU32 = AtomicU32::new(0);
/// How many there are to be.
static LIMIT: AtomicU32 = AtomicU32::new(0);
/// How often one was refused, which then was put again by the next interrupt.
static REFUSED: AtomicU32 = AtomicU32::new(0);
/// The counts at which the handler began for an item; two more than fit in, for the one that is being put and the
/// one that is being got.
static BEGAN: [AtomicU32; PLACES + 2] = [const { AtomicU32::new(0) }; PLACES + 2];

/// What came of a number of items.
struct Outcome {
    /// From the first to the last, for each.
    per_item: u32,
    lost: u32,
    refused: u32,
    /// How often the handler was not done when its next interrupt was due.
    late: u32,
    /// From the handler's first line to the task having the item: the average, and the worst.
    average: u32,
    worst: u32,
}

pub(crate) fn run(board: &Board) {
    let slow = feed(board, SLOW, ITEMS / 10);
    print("far apart", SLOW, ITEMS / 10, &slow);
    assert!(slow.refused == 0 && slow.late == 0, "items far apart are never refused");

    let mut interval = SLOW / 4 / board.grain * board.grain;
    while interval > board.grain && keeps_up(&feed(board, interval - board.grain, TRIAL)) {
        interval -= board.grain;
    }
    // What was enough for a few items need not be for many, since the queue may fill slowly.
    let fastest = loop {
        let outcome = feed(board, interval, ITEMS);
        if keeps_up(&outcome) {
            break outcome;
        }
        interval += board.grain;
    };
    print("fastest without a refusal", interval, ITEMS, &fastest);

    // Faster than the task is: some are refused, and none is lost.
    let mut faster = (interval / 2).next_multiple_of(board.grain);
    let outcome = loop {
        let outcome = feed(board, faster, ITEMS);
        // To be late now and then is not yet too fast for the task.
        if outcome.refused > 0 || faster <= board.grain {
            break outcome;
        }
        faster -= board.grain;
    };
    print("too fast", faster, ITEMS, &outcome);
}

fn keeps_up(outcome: &Outcome) -> bool {
    outcome.refused == 0 && outcome.late == 0
}

fn print(name: &str, interval: u32, items: u32, outcome: &Outcome) {
    let Outcome { per_item, lost, refused, late, average, worst } = outcome;
    println!(
        "row interrupt-queue|{name}|interval={interval} items={items} lost={lost} refused={refused} late={late} \
         per_item={per_item} average={average} worst={worst}"
    );
}

/// Puts so many numbered items, one each interval, and gets them.
///
/// # Panics
///
/// If one comes twice, or out of order.
fn feed(board: &Board, interval: u32, items: u32) -> Outcome {
    NEXT.store(0, Relaxed);
    REFUSED.store(0, Relaxed);
    LIMIT.store(items, Relaxed);
    let (mut sum, mut worst, mut began, mut lost) = (0_u64, 0, 0, 0);
    let mut all = 0;
    let done = LOOP.run(&[], async {
        (board.metronome)(interval, handler);
        let mut expected = 0;
        while expected < items {
            let item = QUEUE.get().await;
            let now = ticks();
            let Ok(item) = item else { panic!("nobody shuts the queue down") };
            assert!(item >= expected, "item {item} came when {expected} was due: twice, or out of order");
            lost += item - expected;
            expected = item + 1;
            let since = BEGAN[item as usize % BEGAN.len()].load(Relaxed);
            if item == 0 {
                began = since;
            }
            let took = between(since, now);
            sum += u64::from(took);
            worst = worst.max(took);
            all = between(began, now);
        }
    });
    let late = (board.stop)();
    assert_eq!(done, Ok(()));
    assert!(QUEUE.empty(), "an item came twice");
    Outcome {
        per_item: (u64::from(all) * u64::from(PHASES) / u64::from(items)) as u32,
        lost,
        refused: REFUSED.load(Relaxed),
        late,
        average: (sum * u64::from(PHASES) / u64::from(items)) as u32,
        worst: worst * PHASES,
    }
}

fn handler() {
    let began = ticks();
    let next = NEXT.load(Relaxed);
    if next == LIMIT.load(Relaxed) {
        return;
    }
    BEGAN[next as usize % BEGAN.len()].store(began, Relaxed);
    match QUEUE.put_nowait(next) {
        Ok(()) => NEXT.store(next + 1, Relaxed),
        // It is kept, since its number is the next one's still.
        Err(TryPutError::QueueFull(_)) => REFUSED.store(REFUSED.load(Relaxed) + 1, Relaxed),
        Err(TryPutError::QueueShutDown(_)) => panic!("nobody shuts the queue down"),
        Err(TryPutError::OutOfMemory(_)) => panic!("its room is in place"),
    }
}
