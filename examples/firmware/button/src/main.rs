//! A button of the board lm3s6965evb switches its LED. The contact bounces, and each press counts once all the same.
//!
//! ```text
//! cargo xtask run button
//! ```
//!
//! Then type `sendkey left` and Enter, which presses the left button for a tenth of a second. `quit` ends it.
#![no_std]
#![no_main]

use core::convert::Infallible;

use board::{Output, println};
use embedded_hal::digital::{InputPin, PinState, StatefulOutputPin};
use embedded_hal_async::digital::Wait;
use everloop_board_lm3s6965evb as board;
use everloop_embedded::{Duration, Loop, wait_for};

/// How long a contact has to stay as it is to be believed. Most bounce for a few milliseconds.
const SETTLE: Duration = Duration::from_millis(20);

static LOOP: Loop = Loop::new();

#[board::entry]
fn main() -> ! {
    let board = board::init();
    match LOOP.run(&[], switch(board.buttons.left, board.led)) {
        Ok(Err(fault)) => panic!("a pin failed: {fault:?}"),
        Err(error) => panic!("{error}"),
    }
}

/// Switches the LED at each press, for ever. A press counts when the button is let go, so one that is held at the start
/// is no special case. (In QEMU all are, until they are first pressed.)
async fn switch<B: Wait + InputPin>(mut button: B, mut led: Output) -> Result<Infallible, B::Error> {
    let mut presses = 0;
    loop {
        // While it is pressed, the button connects its pin to ground.
        settled(&mut button, PinState::Low).await?;
        println!("pressed");
        settled(&mut button, PinState::High).await?;
        presses += 1;
        let (Ok(()), Ok(on)) = (led.toggle(), led.is_set_high());
        println!("press {presses}: the LED is {}", if on { "on" } else { "off" });
    }
}

/// Waits until the pin is in this state and has stayed so for [`SETTLE`].
async fn settled<B: Wait + InputPin>(pin: &mut B, state: PinState) -> Result<(), B::Error> {
    loop {
        match state {
            PinState::Low => pin.wait_for_low().await?,
            PinState::High => pin.wait_for_high().await?,
        }
        // An edge in this time is a bounce, or the end of something that was too short: begin again.
        let edge = wait_for(pin.wait_for_any_edge(), SETTLE).await;
        if edge.is_err() && PinState::from(pin.is_high()?) == state {
            return Ok(());
        }
    }
}
