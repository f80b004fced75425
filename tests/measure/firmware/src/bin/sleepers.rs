//! Two tasks that sleep, the second created by the first.
#![no_std]
#![no_main]

use everloop_board_mps2_an385 as board;
use everloop_embedded::{Duration, Loop, TaskPool, sleep};

static POOL: TaskPool<1, 80> = TaskPool::new();
static LOOP: Loop = Loop::new();

async fn sleeper(period: Duration) -> ! {
    loop {
        sleep(period).await;
    }
}

#[board::entry]
fn main() -> ! {
    board::init();
    let ended = LOOP.run(&[&POOL], async {
        drop(POOL.create_task(sleeper(Duration::from_millis(300))));
        sleeper(Duration::from_millis(500)).await
    });
    match ended {
        Ok(never) => never,
        Err(error) => panic!("{error}"),
    }
}
