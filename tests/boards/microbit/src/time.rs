//! The clock and its alarm, on two of the chip's timers.

use crate::interrupts::Interrupt as interrupt;
use embassy_time_driver::time_driver_impl;
use everloop_board_cortex_m::{Alarm, Counter, TimeDriver};
use tock_registers::interfaces::{Readable, Writeable};
use tock_registers::registers::{ReadWrite, WriteOnly};
use tock_registers::{register_bitfields, register_structs};

/// The timers' 16 MHz, divided by 2 to the power of `PRESCALER`.
const HZ: u32 = 1_000_000;
const PRESCALER: u32 = 4;
/// The clock's timer counts with 24 bits, which last 16 seconds. With 32 it would be an hour, but then QEMU's model takes
/// a comparison with the very count that there is for one that is due at once.
const PERIOD: u32 = 1 << 24;
/// The alarm's timer counts with 16 bits, and has no more than these.
const LONGEST: u32 = (1 << 16) - 1;
/// The timer begins at zero and can't be set, so that its wrap would come late for a test: what counts as the clock's wrap
/// is where it is after 50 ms.
const WRAP: u32 = HZ / 20;

register_bitfields! { u32,
    WIDTH [
        BITS OFFSET(0) NUMBITS(2) [
            Sixteen = 0,
            TwentyFour = 2,
        ],
    ],
    /// One for each comparison.
    INTERRUPTS [
        COMPARE0 OFFSET(16) NUMBITS(1) [],
        COMPARE1 OFFSET(17) NUMBITS(1) [],
    ],
    /// Writing a one has it done.
    TASK [
        DO OFFSET(0) NUMBITS(1) [],
    ],
    /// Cleared by writing zero.
    EVENT [
        HAPPENED OFFSET(0) NUMBITS(1) [],
    ],
}

register_structs! {
    /// A timer.
    Timer {
        (0x000 => start: WriteOnly<u32, TASK::Register>),
        (0x004 => stop: WriteOnly<u32, TASK::Register>),
        (0x008 => _count),
        (0x00c => clear: WriteOnly<u32, TASK::Register>),
        (0x010 => _reserved0),
        /// Writes the count to one of `compare`: there is no other way to read it.
        (0x040 => capture: [WriteOnly<u32, TASK::Register>; 4]),
        (0x050 => _reserved1),
        (0x140 => events: [ReadWrite<u32, EVENT::Register>; 4]),
        (0x150 => _reserved2),
        (0x304 => enable: WriteOnly<u32, INTERRUPTS::Register>),
        (0x308 => _disable),
        (0x30c => _reserved3),
        (0x508 => width: ReadWrite<u32, WIDTH::Register>),
        (0x50c => _reserved4),
        (0x510 => prescaler: ReadWrite<u32>),
        (0x514 => _reserved5),
        (0x540 => compare: [ReadWrite<u32>; 4]),
        (0x550 => @END),
    }
}

/// The comparison that is the alarm.
const ALARM: usize = 0;
/// The one that is the clock's wrap.
const WRAPPED: usize = 1;
/// The one by which the clock is read.
const READ: usize = 3;

fn timer0() -> &'static Timer {
    // SAFETY: the first timer's registers, always there; they are only accessed as volatile.
    unsafe { &*(0x4000_8000 as *const Timer) }
}

fn timer1() -> &'static Timer {
    // SAFETY: as for the first.
    unsafe { &*(0x4000_9000 as *const Timer) }
}

struct Clock;

impl Counter for Clock {
    const HZ: u32 = HZ;
    const PERIOD: u32 = PERIOD;

    /// In a critical section, as all that the time driver calls: the count goes through a register.
    fn count(&self) -> u32 {
        timer0().capture[READ].write(TASK::DO::SET);
        timer0().compare[READ].get().wrapping_sub(WRAP) % PERIOD
    }

    fn take_wrap(&self) -> bool {
        let wrapped = timer0().events[WRAPPED].is_set(EVENT::HAPPENED);
        if wrapped {
            timer0().events[WRAPPED].set(0);
        }
        wrapped
    }
}

struct OneShot;

impl Alarm for OneShot {
    const HZ: u32 = HZ;
    const MAX: u32 = LONGEST;

    fn start(&self, counts: u32) {
        self.stop();
        timer1().clear.write(TASK::DO::SET);
        timer1().compare[ALARM].set(counts);
        timer1().start.write(TASK::DO::SET);
    }

    fn stop(&self) {
        timer1().stop.write(TASK::DO::SET);
        timer1().events[ALARM].set(0);
    }
}

time_driver_impl!(static DRIVER: TimeDriver<Clock, OneShot, 12> = TimeDriver::new(Clock, OneShot));

/// Starts the time; the caller lets the interrupts in.
pub(crate) fn start() {
    timer0().stop.write(TASK::DO::SET);
    timer0().width.write(WIDTH::BITS::TwentyFour);
    timer0().prescaler.set(PRESCALER);
    timer0().compare[WRAPPED].set(WRAP);
    timer0().events[WRAPPED].set(0);
    timer0().enable.write(INTERRUPTS::COMPARE1::SET);
    timer0().clear.write(TASK::DO::SET);
    timer0().start.write(TASK::DO::SET);
    timer1().stop.write(TASK::DO::SET);
    timer1().width.write(WIDTH::BITS::Sixteen);
    timer1().prescaler.set(PRESCALER);
    timer1().events[ALARM].set(0);
    timer1().enable.write(INTERRUPTS::COMPARE0::SET);
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
    DRIVER.on_alarm();
}
