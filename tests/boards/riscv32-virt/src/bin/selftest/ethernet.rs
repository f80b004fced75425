//! The network device: what all drivers have in common, and more frames than its counters count to.

use everloop_board_riscv32_virt::VirtioNet;
use everloop_board_riscv32_virt::ensure;
use everloop_board_riscv32_virt::selftest::ethernet::{self, Echo, Pings};
use everloop_board_riscv32_virt::selftest::{Outcome, Report};

/// A queue counts its frames with 16 bits.
const COUNTED: u32 = 1 << 16;

pub fn run(report: &mut Report, device: Option<VirtioNet>) {
    let Some(device) = device else {
        return report.test("ethernet::is_there", || {
            ensure!(false, "the machine has no network device; is there a `-device virtio-net-device`?");
            Ok(())
        });
    };
    let pings = &mut ethernet::run(report, device);
    report.test("ethernet::frames_come_beyond_what_is_counted", || frames_come_beyond(pings));
    report.test("ethernet::nothing_is_skipped", || nothing_is_skipped(pings));
}

fn frames_come_beyond(pings: &mut Pings<VirtioNet>) -> Outcome {
    for number in 0..COUNTED + 100 {
        pings.send(60, number as u16)?;
        pings.receive(60, number as u16)?;
    }
    Ok(())
}

fn nothing_is_skipped(pings: &mut Pings<VirtioNet>) -> Outcome {
    ensure!(pings.driver.skipped() == 0, "{} sound frames were skipped", pings.driver.skipped());
    Ok(())
}
