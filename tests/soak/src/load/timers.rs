//! Timers: that go off, that are moved and that are given up.

use everloop::{create_task, gather, interval, sleep, timeout, wait_for};

use super::{Dice, What, count};

const SLEEPERS: u64 = 100;

/// Sets them for ever.
pub async fn run() {
    let sleepers = (0..SLEEPERS).map(|seed| create_task(sleeper(seed)));
    gather(sleepers.collect::<Vec<_>>()).await;
}

async fn sleeper(seed: u64) {
    let mut dice = Dice::new(seed + 1000);
    loop {
        match dice.below(4) {
            0 => {
                let mut ticks = interval(dice.millis(500));
                for _ in 0..3 {
                    ticks.tick().await;
                }
            }
            1 => {
                let _ = wait_for(sleep(dice.millis(2000)), dice.millis(2000)).await;
            }
            2 => {
                let scope = timeout(dice.millis(2000));
                let moved = dice.millis(1000);
                let inside = async {
                    sleep(moved).await;
                    // Its time may be up at this very moment.
                    let _ = scope.reschedule(None);
                    sleep(moved).await;
                };
                let _ = scope.run(inside).await;
            }
            _ => sleep(dice.millis(4000)).await,
        }
        count(What::Timer);
    }
}
