//! SysTick as a counter.

use crate::time::Counter;
use cortex_m::peripheral::SYST;
use cortex_m::peripheral::syst::SystClkSource;

const COUNTFLAG: u32 = 1 << 16;

/// The processor's own timer as a clock, for chips whose timers cannot be read. It counts the core's `HZ` and wraps
/// every `PERIOD` counts, at most 2²⁴; a power of two of microseconds suits.
///
/// It has no alarm: an alarm on the same timer would have to restart it, and each restart loses some time. The board
/// adds a one-shot timer, which need not be readable.
pub struct SysTick<const HZ: u32, const PERIOD: u32>(());

impl<const HZ: u32, const PERIOD: u32> SysTick<HZ, PERIOD> {
    /// For the board's one time driver; `start` makes it run.
    #[allow(clippy::new_without_default)]
    pub const fn new() -> Self {
        const { assert!(PERIOD >= 2 && PERIOD <= 1 << 24) };
        Self(())
    }

    /// Starts counting, and the interrupt at each wrap, whose handler must call [`TimeDriver::on_wrap`]. The first
    /// period has only `first` counts, by which every run soon sees a wrap.
    ///
    /// [`TimeDriver::on_wrap`]: crate::TimeDriver::on_wrap
    pub fn start(mut syst: SYST, first: u32) {
        syst.disable_counter();
        syst.set_clock_source(SystClkSource::Core);
        syst.set_reload(first.clamp(2, PERIOD) - 1);
        syst.clear_current();
        syst.enable_interrupt();
        syst.enable_counter();
        // The counter takes the first reload value a count later, and then each new one at its next wrap.
        while SYST::get_current() == 0 {}
        syst.set_reload(PERIOD - 1);
    }
}

impl<const HZ: u32, const PERIOD: u32> Counter for SysTick<HZ, PERIOD> {
    const HZ: u32 = HZ;
    const PERIOD: u32 = PERIOD;

    fn count(&self) -> u32 {
        // It counts down and raises the flag as it *arrives* at zero, so zero is the first count of a period.
        match SYST::get_current() {
            0 => 0,
            left => PERIOD - left,
        }
    }

    fn take_wrap(&self) -> bool {
        // Reading the flag clears it, so that whoever sees it first counts the wrap, be it the interrupt's handler
        // or someone who asks for the time before the handler could run.
        // SAFETY: reading this register has no other effect, and nobody else reads it after `start`.
        let status = unsafe { (*SYST::PTR).csr.read() };
        status & COUNTFLAG != 0
    }
}
