//! Reads a temperature sensor on the I²C bus of the board lm3s6965evb, twice a second.
//!
//! ```text
//! cargo xtask run sensor
//! ```
//!
//! Then type `qom-set /machine/peripheral/thermometer temperature 21500` and Enter, which makes it 21.5 °C. `quit` ends
//! it.
//!
//! The driver is one from crates.io, `tmp1x2`. It knows nothing of everloop, only `embedded-hal-async`.
#![no_std]
#![no_main]

use board::{I2c, println};
use everloop_board_lm3s6965evb as board;
use everloop_embedded::{Duration, Loop, interval};
use tmp1x2::{Error, SlaveAddr, Tmp1x2};

/// The time from one reading to the next.
const PERIOD: Duration = Duration::from_millis(500);

static LOOP: Loop = Loop::new();

#[board::entry]
fn main() -> ! {
    let i2c = board::init().i2c;
    match LOOP.run(&[], measure(i2c)) {
        Ok(never) => never,
        Err(error) => panic!("{error}"),
    }
}

/// Measures for ever. While the bus is busy the loop runs other tasks, or sleeps.
async fn measure(i2c: I2c) -> ! {
    let mut sensor = Tmp1x2::new(i2c, SlaveAddr::default());
    let mut ticks = interval(PERIOD);
    loop {
        ticks.tick().await;
        match sensor.read_temperature().await {
            Ok(celsius) => println!("{celsius:.1} °C"),
            // A sensor that comes loose may come back.
            Err(Error::I2C(error)) => println!("no reading: {error}"),
        }
    }
}
