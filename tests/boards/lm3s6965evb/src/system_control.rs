//! The chip's clocks.

use tock_registers::interfaces::{ReadWriteable, Readable};
use tock_registers::registers::{ReadOnly, ReadWrite};
use tock_registers::{register_bitfields, register_structs};

/// The processor's clock, which is also that of its timer and of the chip's timers: the slowest the PLL gives, by
/// which the clock's 24 bits last longest.
pub const HZ: u32 = 200_000_000 / (DIVISOR + 1);
const DIVISOR: u32 = 15;
/// How often the PLL is asked whether it has settled, which takes half a millisecond.
const PATIENCE: u32 = 100_000;

register_bitfields! { u32,
    RAW_INTERRUPTS [
        PLL_LOCKED OFFSET(6) NUMBITS(1) [],
    ],
    RUN_MODE [
        DIVISOR OFFSET(23) NUMBITS(4) [],
        USE_DIVISOR OFFSET(22) NUMBITS(1) [],
        PLL_OFF OFFSET(13) NUMBITS(1) [],
        BYPASS_PLL OFFSET(11) NUMBITS(1) [],
        CRYSTAL OFFSET(6) NUMBITS(4) [
            EightMegahertz = 14,
        ],
        SOURCE OFFSET(4) NUMBITS(2) [
            Crystal = 0,
        ],
        CRYSTAL_OFF OFFSET(0) NUMBITS(1) [],
    ],
    GATE1 [
        TIMER0 OFFSET(16) NUMBITS(1) [],
        I2C0 OFFSET(12) NUMBITS(1) [],
    ],
    GATE2 [
        PHY OFFSET(30) NUMBITS(1) [],
        ETHERNET OFFSET(28) NUMBITS(1) [],
        GPIOF OFFSET(5) NUMBITS(1) [],
        GPIOE OFFSET(4) NUMBITS(1) [],
        GPIOB OFFSET(1) NUMBITS(1) [],
    ],
}

register_structs! {
    Registers {
        (0x000 => _identity),
        (0x050 => raw_interrupts: ReadOnly<u32, RAW_INTERRUPTS::Register>),
        (0x054 => _masks),
        (0x060 => run_mode: ReadWrite<u32, RUN_MODE::Register>),
        (0x064 => _pll),
        (0x104 => gate1: ReadWrite<u32, GATE1::Register>),
        (0x108 => gate2: ReadWrite<u32, GATE2::Register>),
        (0x10c => @END),
    }
}

/// Runs the processor at [`HZ`] and gives a clock to the devices in use.
pub fn start() {
    // SAFETY: the registers are always there, and are only accessed as volatile.
    let chip = unsafe { &*(0x400f_e000 as *const Registers) };
    let run_mode = &chip.run_mode;
    // The data sheet's order: off the PLL, start it, wait, go back on it.
    run_mode.modify(RUN_MODE::BYPASS_PLL::SET + RUN_MODE::USE_DIVISOR::CLEAR);
    run_mode.modify(RUN_MODE::CRYSTAL_OFF::CLEAR);
    run_mode.modify(RUN_MODE::CRYSTAL::EightMegahertz + RUN_MODE::SOURCE::Crystal + RUN_MODE::PLL_OFF::CLEAR);
    run_mode.modify(RUN_MODE::DIVISOR.val(DIVISOR) + RUN_MODE::USE_DIVISOR::SET);
    let locked = (0..PATIENCE).any(|_| chip.raw_interrupts.is_set(RAW_INTERRUPTS::PLL_LOCKED));
    assert!(locked, "the PLL does not settle");
    run_mode.modify(RUN_MODE::BYPASS_PLL::CLEAR);
    chip.gate1.modify(GATE1::TIMER0::SET + GATE1::I2C0::SET);
    chip.gate2.modify(GATE2::ETHERNET::SET + GATE2::PHY::SET);
    chip.gate2.modify(GATE2::GPIOB::SET + GATE2::GPIOE::SET + GATE2::GPIOF::SET);
    // They may be accessed three cycles later, which these reads last.
    chip.gate1.get();
    chip.gate2.get();
}
