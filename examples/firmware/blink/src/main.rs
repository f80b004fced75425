//! Blinks the LED of the board lm3s6965evb: half a second on, half a second off.
//!
//! ```text
//! cargo xtask run blink
//! ```
//!
//! QEMU shows no LED, so the program says what it does. Ctrl-C ends it.
#![no_std]
#![no_main]

use board::println;
use embedded_hal::digital::StatefulOutputPin;
use everloop_board_lm3s6965evb as board;
use everloop_embedded::{Duration, Instant, Loop, interval};

/// How long the LED is on, and then off.
const HALF: Duration = Duration::from_millis(500);

/// What runs all that is asynchronous. It needs no memory besides; tasks would need a pool of slots.
static LOOP: Loop = Loop::new();

#[board::entry]
fn main() -> ! {
    let led = board::init().led;
    match LOOP.run(&[], blink(led)) {
        Ok(never) => never,
        Err(error) => panic!("{error}"),
    }
}

/// Blinks for ever. Any LED will do, whatever chip it is on.
async fn blink(mut led: impl StatefulOutputPin) -> ! {
    let start = Instant::now();
    // Unlike a sleep after each change, this does not drift: the next tick is half a second after the last one was due.
    let mut ticks = interval(HALF);
    loop {
        ticks.tick().await;
        let state = match led.toggle().and_then(|()| led.is_set_high()) {
            Ok(true) => "on",
            Ok(false) => "off",
            Err(_) => "out of reach",
        };
        println!("{} ms: the LED is {state}", start.elapsed().as_millis());
    }
}
