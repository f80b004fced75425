//! What a task costs; the same program is built with and without core's feature `inspect`.

use crate::meter::{PHASES, between, ticks};
use everloop_board_common::println;
use everloop_embedded::{Loop, TaskPool, create_task, yield_now};

/// How often each is done: what is around it, and less than a count, is lost in that many.
const TIMES: u32 = 1000;
const BYTES: usize = 64;

static LOOP: Loop = Loop::new();
static POOL: TaskPool<2, BYTES> = TaskPool::new();

pub(crate) fn run() {
    let pools: &[&'static dyn everloop_embedded::Pool] = &[&POOL];
    let done = LOOP.run(pools, async {
        let from = ticks();
        for _ in 0..TIMES {
            yield_now().await;
        }
        print("yield_now", from);

        let other = create_task(async {
            for _ in 0..TIMES {
                yield_now().await;
            }
        });
        let from = ticks();
        for _ in 0..TIMES {
            yield_now().await;
        }
        print("yield_now, in turn with another task", from);
        assert_eq!(other.await, Ok(()));

        let from = ticks();
        for _ in 0..TIMES {
            let task = create_task(async {});
            assert_eq!(task.await, Ok(()));
        }
        print("create_task and await of a task that returns", from);
    });
    assert_eq!(done, Ok(()));
    let slot = size_of::<TaskPool<2, BYTES>>() - size_of::<TaskPool<1, BYTES>>();
    println!("row inspect|a task beside its future|bytes={}", slot - BYTES);
}

fn print(name: &str, from: u32) {
    let instructions = between(from, ticks()) * PHASES / TIMES;
    println!("row inspect|{name}|instructions={instructions}");
}
