//! The clock and its alarm, on two of the CMSDK's timers.

use crate::interrupts::Interrupt as interrupt;
use crate::{metronome, shot};
use embassy_time_driver::time_driver_impl;
use everloop_board_cortex_m::{Alarm, Counter, TimeDriver};
use tock_registers::interfaces::{Readable, Writeable};
use tock_registers::registers::ReadWrite;
use tock_registers::{register_bitfields, register_structs};

/// What clocks both timers: the processor's clock.
const HZ: u32 = 25_000_000;
/// 2²⁷ microseconds: more than two minutes, and the most of these that 32 bits hold.
const PERIOD: u32 = 25 << 27;
/// The first wrap comes 50 ms after the start, so that no run is without one.
const FIRST: u32 = HZ / 20;

register_bitfields! { u32,
    CONTROL [
        ENABLE 0,
        INTERRUPT 3,
    ],
    /// Cleared by writing a one.
    STATUS [
        INTERRUPT 0,
    ],
}

register_structs! {
    /// A CMSDK APB timer (Arm DDI 0479), which counts down.
    Timer {
        (0x000 => control: ReadWrite<u32, CONTROL::Register>),
        (0x004 => value: ReadWrite<u32>),
        /// Writing it sets the value as well. The value follows after 0; a reload of 0 is a stop.
        (0x008 => reload: ReadWrite<u32>),
        (0x00c => status: ReadWrite<u32, STATUS::Register>),
        (0x010 => @END),
    }
}

fn timer0() -> &'static Timer {
    // SAFETY: the first timer's registers, always there; they are only accessed as volatile.
    unsafe { &*(0x4000_0000 as *const Timer) }
}

fn timer1() -> &'static Timer {
    // SAFETY: as for the first.
    unsafe { &*(0x4000_1000 as *const Timer) }
}

struct Clock;

impl Counter for Clock {
    const HZ: u32 = HZ;
    const PERIOD: u32 = PERIOD;

    fn count(&self) -> u32 {
        // The timer raises its interrupt as it *arrives* at zero, so zero is the first count of a period.
        match timer0().value.get() {
            0 => 0,
            left => PERIOD - left,
        }
    }

    fn take_wrap(&self) -> bool {
        let wrapped = timer0().status.is_set(STATUS::INTERRUPT);
        if wrapped {
            timer0().status.write(STATUS::INTERRUPT::SET);
        }
        wrapped
    }
}

struct OneShot;

impl Alarm for OneShot {
    const HZ: u32 = HZ;
    const MAX: u32 = u32::MAX;

    fn start(&self, counts: u32) {
        self.stop();
        timer1().value.set(counts);
        timer1().control.write(CONTROL::ENABLE::SET + CONTROL::INTERRUPT::SET);
    }

    fn stop(&self) {
        timer1().control.set(0);
        // With nothing to reload it stays at zero when it gets there.
        timer1().reload.set(0);
        timer1().status.write(STATUS::INTERRUPT::SET);
    }
}

time_driver_impl!(static DRIVER: TimeDriver<Clock, OneShot> = TimeDriver::new(Clock, OneShot));

/// Starts the time; the caller lets the interrupts in.
pub(crate) fn start() {
    timer0().control.set(0);
    timer0().reload.set(PERIOD - 1);
    timer0().value.set(FIRST);
    timer0().status.write(STATUS::INTERRUPT::SET);
    timer0().control.write(CONTROL::ENABLE::SET + CONTROL::INTERRUPT::SET);
    DRIVER.start();
}

/// How often the clock's counter has wrapped; of interest to tests.
pub fn wraps() -> u32 {
    DRIVER.wraps()
}

#[cortex_m_rt::interrupt]
fn TIMER0() {
    DRIVER.on_wrap();
}

#[cortex_m_rt::interrupt]
fn TIMER1() {
    if !shot::on_interrupt() && !metronome::on_interrupt() {
        dispatch();
    }
}

/// Sets the alarm for what is next; also after another use of the second timer.
pub(crate) fn dispatch() {
    DRIVER.on_alarm();
}

/// Counts of the clock, from which it begins again.
pub(crate) const COUNTS: u32 = PERIOD;

/// The clock's count.
pub(crate) fn count() -> u32 {
    Clock.count()
}

/// Has the alarm's interrupt come after so many counts, at least 1.
pub(crate) fn alarm_in(counts: u32) {
    OneShot.start(counts);
}

/// Takes the alarm's interrupt back.
pub(crate) fn alarm_off() {
    OneShot.stop();
}
