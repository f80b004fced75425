//! The network chip, by what `embassy-net-driver` offers: against QEMU's user network, and against itself.

use embassy_net_driver::{Driver, HardwareAddress};
use everloop_board_mps2_an385::Lan9118;
use everloop_board_mps2_an385::ensure;
use everloop_board_mps2_an385::selftest::ethernet::{
    self, BROADCAST, Echo, MTU, SECOND, ask_gateway, byte_at, receive, send,
};
use everloop_board_mps2_an385::selftest::{Outcome, Reason, Report};

/// A type for local experiments, by which our frames are told from the network's.
const EXPERIMENT: [u8; 2] = [0x88, 0xb5];
/// How many frames the chip can take note of.
const STATUSES: usize = 176;

pub fn run(report: &mut Report, mut chip: Lan9118) {
    report.test("ethernet::has_an_address", || has_an_address(&chip));
    report.test("ethernet::has_a_link", || has_a_link(&mut chip));
    report.test("ethernet::gets_an_answer", || ask_gateway(&mut chip).map(drop));
    // Between these the chip hears itself.
    chip.set_loopback(true);
    let mut ours = Loopback(chip);
    report.test("ethernet::arrival_wakes_once", || ethernet::arrival_wakes_once(&mut ours));
    report.test("ethernet::every_length_is_received", || ethernet::every_length_is_received(&mut ours));
    report.test("ethernet::dropped_token_changes_nothing", || {
        ethernet::dropped_token_changes_nothing(&mut ours)
    });
    report.test("ethernet::too_many_frames_are_lost", || too_many_frames_are_lost(&mut ours));
    report.test("ethernet::too_much_data_is_lost", || too_much_data_is_lost(&mut ours));
    report.test("ethernet::too_long_frames_are_skipped", || too_long_frames_are_skipped(&mut ours));
    report.test("ethernet::error_is_recovered_from", || error_is_recovered_from(&mut ours));
    ours.0.set_loopback(false);
    report.test("ethernet::gets_an_answer_afterwards", || ask_gateway(&mut ours.0).map(drop));
}

/// Hears what it sends itself. QEMU hands that over before the sending ends, so that hardly anyone ever waits for a frame.
struct Loopback(Lan9118);

impl Echo for Loopback {
    type Driver = Lan9118;
    const SHORTEST: usize = 14;
    const AT_ONCE: bool = true;

    fn driver(&mut self) -> &mut Lan9118 {
        &mut self.0
    }

    fn send(&mut self, len: usize, number: u16) -> Outcome {
        let address = self.0.address();
        send(&mut self.0, len, |frame| {
            for (place, byte) in frame.iter_mut().enumerate() {
                *byte = byte_at(place, number);
            }
            frame[..6].copy_from_slice(&BROADCAST);
            frame[6..12].copy_from_slice(&address);
            frame[12..14].copy_from_slice(&EXPERIMENT);
        })
    }

    fn receive(&mut self, len: usize, number: u16) -> Outcome {
        let address = self.0.address();
        let checked = receive(&mut self.0, EXPERIMENT, SECOND, |frame| {
            // A shorter frame than Ethernet's shortest is padded on its way.
            ensure!(frame.len() == len.max(60), "received {} bytes of {len}", frame.len());
            ensure!(frame[..6] == BROADCAST && frame[6..12] == address, "a header of {:x?}", &frame[..14]);
            let wrong = (14..len).find(|&place| frame[place] != byte_at(place, number));
            ensure!(wrong.is_none(), "wrong contents at {wrong:?} of {len}");
            Ok(())
        });
        checked.unwrap_or_else(|| Err(Reason::new(format_args!("a frame of {len} bytes was not received"))))
    }

    fn drain(&mut self) -> usize {
        core::iter::from_fn(|| receive(&mut self.0, EXPERIMENT, SECOND / 50, |_| ())).count()
    }
}

fn has_an_address(chip: &Lan9118) -> Outcome {
    ethernet::has_an_address(chip)?;
    ensure!(
        chip.hardware_address() == HardwareAddress::Ethernet(chip.address()),
        "the driver tells another address"
    );
    Ok(())
}

fn has_a_link(chip: &mut Lan9118) -> Outcome {
    // The first answer is the PHY's, the second what the driver remembers.
    ethernet::has_a_link(chip)?;
    ethernet::has_a_link(chip)
}

fn too_many_frames_are_lost(ours: &mut Loopback) -> Outcome {
    for number in 0..2 * STATUSES {
        // Short, so that their data is not what is too much.
        ours.send(20, number as u16)?;
    }
    let received = ours.drain();
    ensure!((1..=STATUSES).contains(&received), "{received} frames were received");
    ours.send(60, 1)?;
    ours.receive(60, 1)
}

fn too_much_data_is_lost(ours: &mut Loopback) -> Outcome {
    for round in 0..50 {
        for number in 0..10 {
            ours.send(MTU - round, number)?;
        }
        let received = ours.drain();
        ensure!((6..10).contains(&received), "{received} frames were received");
    }
    ours.send(60, 1)?;
    ours.receive(60, 1)
}

fn too_long_frames_are_skipped(ours: &mut Loopback) -> Outcome {
    let before = ours.0.skipped();
    for number in 0..100 {
        // In between two good ones, and more in a row than the driver skips in one go.
        ours.send(60, number)?;
        let faulty = if number == 0 { 17 } else { 1 };
        // The chip's memory holds six of them.
        for _ in 0..faulty {
            ours.send(MTU + 1 + usize::from(number) % 22, number)?;
        }
        ours.receive(60, number)?;
        ours.send(61, number)?;
        ours.receive(61, number)?;
    }
    let skipped = ours.0.skipped() - before;
    ensure!(skipped >= 100, "{skipped} frames were skipped");
    Ok(())
}

fn error_is_recovered_from(ours: &mut Loopback) -> Outcome {
    let before = ours.0.resets();
    for number in 0..3 {
        ours.send(60, number)?;
        ours.send(60, number)?;
        // SAFETY: the chip's register for received data, read here behind the driver's back: its frames and its notes
        // of them come apart.
        unsafe { (0x4020_0000 as *const u32).read_volatile() };
        ours.drain();
        // Recovery has connected it to the line again.
        ours.0.set_loopback(true);
        ours.send(60, number)?;
        ours.receive(60, number)?;
    }
    ensure!(ours.0.resets() - before == 3, "{} resets", ours.0.resets() - before);
    Ok(())
}
