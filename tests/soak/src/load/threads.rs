//! Functions that block, in threads of their own; and a thread that submits to the loop.

use everloop::{sleep, to_thread, wait_for};

use super::{Dice, What, count};

/// Calls them for ever.
pub async fn run() {
    let mut dice = Dice::new(99);
    loop {
        sleep(dice.millis(100)).await;
        let span = std::time::Duration::from_millis(dice.below(20));
        let call = to_thread(move || {
            std::thread::sleep(span);
            span
        });
        if dice.below(4) == 0 {
            // Given up, it works on without anybody.
            let _ = wait_for(call, dice.millis(10)).await;
        } else {
            assert_eq!(call.await, span);
        }
        count(What::Call);
    }
}
