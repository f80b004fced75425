//! The Ethernet controller: what all drivers have in common, and what only this one can go through.

use everloop_board_lm3s6965evb::Ethernet;
use everloop_board_lm3s6965evb::ensure;
use everloop_board_lm3s6965evb::selftest::ethernet::{self, Echo, Pings};
use everloop_board_lm3s6965evb::selftest::{Outcome, Report};

/// How many frames the controller's model can hold.
const PLACES: u16 = 31;

pub fn run(report: &mut Report, chip: Ethernet) {
    let pings = &mut ethernet::run(report, chip);
    report.test("ethernet::nonsense_is_recovered_from", || nonsense_is_recovered_from(pings));
    report.test("ethernet::nothing_is_skipped", || nothing_is_skipped(pings));
}

fn nonsense_is_recovered_from(pings: &mut Pings<Ethernet>) -> Outcome {
    let before = pings.driver.resets();
    // Once with a single frame, and once with more than there is room for, whose senders wait.
    for (round, frames) in [1, 2 * PLACES].into_iter().enumerate() {
        for number in 0..frames {
            pings.send(60, number)?;
        }
        // SAFETY: the controller's register for data, read here behind the driver's back, which then takes for a length
        // what is none.
        unsafe { (0x4004_8010 as *const u32).read_volatile() };
        pings.drain();
        ensure!(pings.driver.resets() - before > round as u32, "it was not noticed");
        pings.send(60, 1)?;
        pings.receive(60, 1)?;
    }
    ensure!(pings.driver.resets() - before == 2, "{} resets", pings.driver.resets() - before);
    Ok(())
}

fn nothing_is_skipped(pings: &mut Pings<Ethernet>) -> Outcome {
    ensure!(pings.driver.skipped() == 0, "{} sound frames were skipped", pings.driver.skipped());
    Ok(())
}
