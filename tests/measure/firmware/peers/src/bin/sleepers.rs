//! Two tasks that sleep, the second spawned by the first.
#![no_std]
#![no_main]

use embassy_executor::{Executor, Spawner};
use embassy_time::{Duration, Timer};
use everloop_board_mps2_an385 as board;
use static_cell::StaticCell;

static EXECUTOR: StaticCell<Executor> = StaticCell::new();

async fn sleeper(period: Duration) -> ! {
    loop {
        Timer::after(period).await;
    }
}

#[embassy_executor::task]
async fn other() {
    sleeper(Duration::from_millis(300)).await
}

#[embassy_executor::task]
async fn first(spawner: Spawner) {
    spawner.spawn(other().expect("a free place"));
    sleeper(Duration::from_millis(500)).await
}

#[board::entry]
fn main() -> ! {
    board::init();
    EXECUTOR.init(Executor::new()).run(|spawner| spawner.spawn(first(spawner).expect("a free place")))
}
