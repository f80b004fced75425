//! The clock and its alarm. The chip's timers would do for both, but in QEMU they cannot be read: so the clock is the
//! processor's own timer, and one of the chip's is the alarm.

use crate::interrupts::Interrupt as interrupt;
use crate::system_control::HZ;
use cortex_m::peripheral::SYST;
use cortex_m_rt::exception;
use embassy_time_driver::time_driver_impl;
use everloop_board_cortex_m::{Alarm, SysTick, TimeDriver};
use tock_registers::interfaces::{ReadWriteable, Writeable};
use tock_registers::registers::{ReadWrite, WriteOnly};
use tock_registers::{register_bitfields, register_structs};

/// 2²⁰ microseconds: a good second, of the 1.3 that 24 bits last.
const PERIOD: u32 = (HZ / 500_000) << 19;
/// The first wrap comes 50 ms after the start, so that no run is without one.
const FIRST: u32 = HZ / 20;

type Clock = SysTick<HZ, PERIOD>;

register_bitfields! { u32,
    MODE [
        COUNTING OFFSET(0) NUMBITS(2) [
            OneShot = 1,
        ],
    ],
    CONTROL [
        ENABLE OFFSET(0) NUMBITS(1) [],
    ],
    EVENTS [
        TIMEOUT OFFSET(0) NUMBITS(1) [],
    ],
}

register_structs! {
    /// A general-purpose timer.
    Timer {
        /// 0: both halves are one timer of 32 bits. QEMU has only that.
        (0x000 => config: ReadWrite<u32>),
        (0x004 => mode_a: ReadWrite<u32, MODE::Register>),
        (0x008 => _mode_b),
        (0x00c => control: ReadWrite<u32, CONTROL::Register>),
        (0x010 => _reserved),
        (0x018 => interrupt_mask: ReadWrite<u32, EVENTS::Register>),
        (0x01c => _status),
        (0x024 => interrupt_clear: WriteOnly<u32, EVENTS::Register>),
        (0x028 => load_a: ReadWrite<u32>),
        (0x02c => @END),
    }
}

fn timer0() -> &'static Timer {
    // SAFETY: the timer's registers, which have a clock since `system_control::start`; before that nobody comes here.
    // They are only accessed as volatile.
    unsafe { &*(0x4003_0000 as *const Timer) }
}

struct OneShot;

impl Alarm for OneShot {
    const HZ: u32 = HZ;
    const MAX: u32 = u32::MAX;

    fn start(&self, counts: u32) {
        self.stop();
        timer0().load_a.set(counts);
        timer0().control.modify(CONTROL::ENABLE::SET);
    }

    fn stop(&self) {
        // Only an enabling starts it anew.
        timer0().control.modify(CONTROL::ENABLE::CLEAR);
        timer0().interrupt_clear.write(EVENTS::TIMEOUT::SET);
    }
}

time_driver_impl!(static DRIVER: TimeDriver<Clock, OneShot> = TimeDriver::new(Clock::new(), OneShot));

/// Starts the time; the caller lets the alarm's interrupt in.
pub(crate) fn start(syst: SYST) {
    timer0().control.set(0);
    timer0().config.set(0);
    timer0().mode_a.write(MODE::COUNTING::OneShot);
    timer0().interrupt_clear.write(EVENTS::TIMEOUT::SET);
    timer0().interrupt_mask.write(EVENTS::TIMEOUT::SET);
    Clock::start(syst, FIRST);
    DRIVER.start();
}

/// How often the clock's counter has wrapped; of interest to tests.
pub fn wraps() -> u32 {
    DRIVER.wraps()
}

#[exception]
fn SysTick() {
    DRIVER.on_wrap();
}

#[cortex_m_rt::interrupt]
fn TIMER0A() {
    DRIVER.on_alarm();
}
