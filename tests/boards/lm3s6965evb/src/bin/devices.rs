//! Tests the LED's pin and the I²C bus, in QEMU, which is to have a TMP105 at address 0x48.
#![no_std]
#![no_main]

use core::pin::pin;
use core::task::{Context, Waker};
use embedded_hal::digital::{OutputPin, StatefulOutputPin};
use embedded_hal_async::i2c::{I2c as _, Operation};
use everloop_board_lm3s6965evb::selftest::{Outcome, Reason, Report};
use everloop_board_lm3s6965evb::{I2c, I2cError, Output, ensure, entry, init};
use everloop_embedded::Loop;

const SENSOR: u8 = 0x48;
const NOBODY: u8 = 0x49;
/// Registers of the sensor, of two bytes each.
const LOW: u8 = 2;
const HIGH: u8 = 3;

static LOOP: Loop = Loop::new();

#[entry]
fn main() -> ! {
    let mut board = init();
    let mut report = Report::from_command_line();
    report.test("led::is_what_it_was_made", || is_what_it_was_made(&mut board.led));
    let i2c = &mut board.i2c;
    report.test("i2c::reads_a_register", || run(reads_a_register(i2c)));
    report.test("i2c::writes_a_register", || run(writes_a_register(i2c)));
    report.test("i2c::operations_of_a_kind_are_one", || run(operations_of_a_kind_are_one(i2c)));
    report.test("i2c::nobody_at_an_address_is_an_error", || run(nobody_at_an_address_is_an_error(i2c)));
    report.test("i2c::empty_transfer_is_an_error", || run(empty_transfer_is_an_error(i2c)));
    report.test("i2c::dropped_transfer_is_ended_by_the_next", || run(dropped_transfer_is_ended(i2c)));
    report.finish()
}

fn run(test: impl Future<Output = Outcome>) -> Outcome {
    LOOP.run(&[], test).unwrap_or_else(|error| Err(Reason::new(format_args!("{error}"))))
}

fn failed(error: I2cError) -> Reason {
    Reason::new(format_args!("{error}"))
}

async fn read(i2c: &mut I2c, register: u8) -> Result<[u8; 2], Reason> {
    let mut bytes = [0; 2];
    i2c.write_read(SENSOR, &[register], &mut bytes).await.map_err(failed)?;
    Ok(bytes)
}

fn is_what_it_was_made(led: &mut Output) -> Outcome {
    ensure!(led.is_set_low() == Ok(true), "it is not off at first");
    for on in [true, false, true] {
        let Ok(()) = led.set_state(on.into());
        ensure!(led.is_set_high() == Ok(on) && led.is_set_low() == Ok(!on), "it is not {on}");
    }
    let Ok(()) = led.toggle();
    ensure!(led.is_set_low() == Ok(true), "it is not toggled");
    Ok(())
}

async fn reads_a_register(i2c: &mut I2c) -> Outcome {
    // What the data sheet has it begin with: 75 and 80 degrees.
    for (register, degrees) in [(LOW, 75), (HIGH, 80)] {
        let found = read(i2c, register).await?;
        ensure!(found == [degrees, 0], "register {register} is {found:?}");
    }
    Ok(())
}

async fn writes_a_register(i2c: &mut I2c) -> Outcome {
    i2c.write(SENSOR, &[LOW, 0x12, 0x30]).await.map_err(failed)?;
    i2c.write(SENSOR, &[HIGH, 0x45, 0x60]).await.map_err(failed)?;
    ensure!(read(i2c, LOW).await? == [0x12, 0x30], "the first is not what was written");
    ensure!(read(i2c, HIGH).await? == [0x45, 0x60], "the second is not what was written");
    Ok(())
}

async fn operations_of_a_kind_are_one(i2c: &mut I2c) -> Outcome {
    let (mut first, mut second) = ([0; 1], [0; 1]);
    let mut operations = [
        Operation::Write(&[HIGH]),
        Operation::Write(&[]),
        Operation::Write(&[0x21, 0x70]),
        Operation::Read(&mut first),
        Operation::Read(&mut second),
    ];
    i2c.transaction(SENSOR, &mut operations).await.map_err(failed)?;
    ensure!([first[0], second[0]] == [0x21, 0x70], "read {first:?} and {second:?}");
    Ok(())
}

async fn nobody_at_an_address_is_an_error(i2c: &mut I2c) -> Outcome {
    let before = read(i2c, HIGH).await?;
    let mut bytes = [0; 2];
    let written = i2c.write(NOBODY, &[HIGH]).await;
    ensure!(written == Err(I2cError::ArbitrationLost), "a write gives {written:?}");
    let read_there = i2c.read(NOBODY, &mut bytes).await;
    ensure!(read_there == Err(I2cError::ArbitrationLost), "a read gives {read_there:?}");
    ensure!(read(i2c, HIGH).await? == before, "the bus is of no use afterwards");
    Ok(())
}

async fn empty_transfer_is_an_error(i2c: &mut I2c) -> Outcome {
    let written = i2c.write(SENSOR, &[]).await;
    ensure!(written == Err(I2cError::Empty), "a write gives {written:?}");
    let nothing = i2c.transaction(SENSOR, &mut []).await;
    ensure!(nothing == Ok(()), "no operation at all gives {nothing:?}");
    Ok(())
}

async fn dropped_transfer_is_ended(i2c: &mut I2c) -> Outcome {
    i2c.write(SENSOR, &[LOW, 0x33, 0x40]).await.map_err(failed)?;
    {
        let mut transfer = pin!(i2c.write(SENSOR, &[HIGH, 0x55, 0x50]));
        // With its interrupt masked the first byte is not known to be done.
        let poll =
            critical_section::with(|_| transfer.as_mut().poll(&mut Context::from_waker(Waker::noop())));
        ensure!(poll.is_pending(), "it did not wait for the interrupt: {poll:?}");
    }
    ensure!(read(i2c, LOW).await? == [0x33, 0x40], "the next transfer is not its own");
    Ok(())
}
