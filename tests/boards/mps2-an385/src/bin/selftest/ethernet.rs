//! The network chip, by what `embassy-net-driver` offers: against QEMU's user network, and against itself.

use core::task::Context;
use embassy_net_driver::{Driver, HardwareAddress, LinkState, RxToken, TxToken};
use everloop_board_mps2_an385::Lan9118;
use everloop_board_mps2_an385::ensure;
use everloop_board_mps2_an385::selftest::{Flag, Outcome, Reason, Report, wait_until};

const SECOND: u64 = embassy_time_driver::TICK_HZ;
const BROADCAST: [u8; 6] = [0xff; 6];
/// A type for local experiments, by which our frames are told from the network's.
const EXPERIMENT: [u8; 2] = [0x88, 0xb5];
const ARP: [u8; 2] = [0x08, 0x06];
/// The longest frame that is allowed.
const MTU: usize = 1514;
/// How many frames the chip can take note of.
const STATUSES: usize = 176;

static WOKEN: Flag = Flag::new();
static ROOM: Flag = Flag::new();

pub fn run(report: &mut Report, mut chip: Lan9118) {
    report.test("ethernet::has_an_address", || has_an_address(&chip));
    report.test("ethernet::has_a_link", || has_a_link(&mut chip));
    report.test("ethernet::gets_an_answer", || gets_an_answer(&mut chip));
    // Between these the chip hears itself.
    chip.set_loopback(true);
    report.test("ethernet::arrival_wakes_once", || arrival_wakes_once(&mut chip));
    report.test("ethernet::every_length_is_received", || every_length_is_received(&mut chip));
    report.test("ethernet::dropped_token_changes_nothing", || dropped_token_changes_nothing(&mut chip));
    report.test("ethernet::too_many_frames_are_lost", || too_many_frames_are_lost(&mut chip));
    report.test("ethernet::too_much_data_is_lost", || too_much_data_is_lost(&mut chip));
    report.test("ethernet::too_long_frames_are_skipped", || too_long_frames_are_skipped(&mut chip));
    report.test("ethernet::error_is_recovered_from", || error_is_recovered_from(&mut chip));
    chip.set_loopback(false);
    report.test("ethernet::gets_an_answer_afterwards", || gets_an_answer(&mut chip));
}

/// Sends a frame when there is room.
fn send(chip: &mut Lan9118, len: usize, fill: impl FnOnce(&mut [u8])) -> Outcome {
    let waker = ROOM.waker();
    let cx = &mut Context::from_waker(&waker);
    loop {
        if let Some(token) = chip.transmit(cx) {
            token.consume(len, fill);
            return Ok(());
        }
        let (room, _) = wait_until(SECOND, || ROOM.wakes() > 0);
        ensure!(room, "no room to send came within a second");
        ROOM.clear();
    }
}

/// Hands on the next frame of a type; `None` if nothing comes within `limit`. Asks again only after a wake.
fn receive<R>(chip: &mut Lan9118, kind: [u8; 2], limit: u64, take: impl FnOnce(&[u8]) -> R) -> Option<R> {
    let waker = WOKEN.waker();
    let cx = &mut Context::from_waker(&waker);
    let mut take = Some(take);
    loop {
        WOKEN.clear();
        match chip.receive(cx) {
            Some((token, _)) => {
                let taken = token
                    .consume(|frame| (frame[12..14] == kind).then(|| take.take().map(|take| take(frame))));
                if let Some(taken) = taken {
                    return taken;
                }
            }
            None => {
                let (woken, _) = wait_until(limit, || WOKEN.wakes() > 0);
                if !woken {
                    return None;
                }
            }
        }
    }
}

/// Sends a frame of ours, whose contents depend on a number.
fn send_ours(chip: &mut Lan9118, len: usize, number: u16) -> Outcome {
    let address = chip.address();
    send(chip, len, |frame| {
        for (place, byte) in frame.iter_mut().enumerate() {
            *byte = byte_at(place, number);
        }
        frame[..6].copy_from_slice(&BROADCAST);
        frame[6..12].copy_from_slice(&address);
        frame[12..14].copy_from_slice(&EXPERIMENT);
    })
}

/// A frame's contents after its header.
fn byte_at(place: usize, number: u16) -> u8 {
    let word = (place as u16).wrapping_mul(0x9d35).wrapping_add(number);
    (word >> 8) as u8 ^ word as u8
}

/// Receives a frame of ours and checks that it is the one that was sent.
fn receive_ours(chip: &mut Lan9118, len: usize, number: u16) -> Outcome {
    let address = chip.address();
    let checked = receive(chip, EXPERIMENT, SECOND, |frame| {
        // A shorter frame than Ethernet's shortest is padded on its way.
        ensure!(frame.len() == len.max(60), "received {} bytes of {len}", frame.len());
        ensure!(frame[..6] == BROADCAST && frame[6..12] == address, "a header of {:x?}", &frame[..14]);
        let wrong = (14..len).find(|&place| frame[place] != byte_at(place, number));
        ensure!(wrong.is_none(), "wrong contents at {wrong:?} of {len}");
        Ok(())
    });
    checked.unwrap_or_else(|| Err(Reason::new(format_args!("a frame of {len} bytes was not received"))))
}

/// Takes frames of ours until none is left; how many there were.
fn drain(chip: &mut Lan9118) -> usize {
    core::iter::from_fn(|| receive(chip, EXPERIMENT, SECOND / 50, |_| ())).count()
}

fn has_an_address(chip: &Lan9118) -> Outcome {
    let address = chip.address();
    ensure!(address[0] & 1 == 0 && address != [0; 6], "{address:x?} is no station's address");
    ensure!(
        chip.hardware_address() == HardwareAddress::Ethernet(address),
        "the driver tells another address"
    );
    ensure!(chip.capabilities().max_transmission_unit == MTU, "frames are not {MTU} bytes");
    Ok(())
}

fn has_a_link(chip: &mut Lan9118) -> Outcome {
    let waker = WOKEN.waker();
    let cx = &mut Context::from_waker(&waker);
    // The first answer is the PHY's, the second what the driver remembers.
    for _ in 0..2 {
        ensure!(chip.link_state(cx) == LinkState::Up, "the link is down");
    }
    Ok(())
}

/// Asks QEMU's user network for the address of its gateway.
fn gets_an_answer(chip: &mut Lan9118) -> Outcome {
    let ours = chip.address();
    send(chip, 42, |frame| {
        frame[..6].copy_from_slice(&BROADCAST);
        frame[6..12].copy_from_slice(&ours);
        frame[12..14].copy_from_slice(&ARP);
        // Ethernet, IPv4, their lengths, a request.
        frame[14..22].copy_from_slice(&[0, 1, 8, 0, 6, 4, 0, 1]);
        frame[22..28].copy_from_slice(&ours);
        frame[28..32].copy_from_slice(&[10, 0, 2, 15]);
        frame[32..38].fill(0);
        frame[38..42].copy_from_slice(&[10, 0, 2, 2]);
    })?;
    let answered = receive(chip, ARP, 3 * SECOND, |frame| {
        ensure!(frame.len() >= 42, "an answer of {} bytes", frame.len());
        ensure!(frame[..6] == ours, "an answer to {:x?}", &frame[..6]);
        ensure!(frame[14..22] == [0, 1, 8, 0, 6, 4, 0, 2], "no answer, but {:x?}", &frame[14..22]);
        ensure!(frame[28..32] == [10, 0, 2, 2], "an answer by {:?}", &frame[28..32]);
        ensure!(frame[32..38] == ours, "an answer for {:x?}", &frame[32..38]);
        Ok(())
    });
    answered.unwrap_or_else(|| Err(Reason::new(format_args!("no answer came; is there a `-nic user`?"))))
}

/// QEMU hands over what it sends before the sending ends, so that elsewhere hardly anyone ever waits for a frame.
fn arrival_wakes_once(chip: &mut Lan9118) -> Outcome {
    let waker = WOKEN.waker();
    let cx = &mut Context::from_waker(&waker);
    drain(chip);
    for number in 0..100 {
        WOKEN.clear();
        ensure!(chip.receive(cx).is_none(), "there is a frame that nobody sent");
        // A second frame is told by the same interrupt.
        send_ours(chip, 60, number)?;
        send_ours(chip, 60, number)?;
        let (woken, _) = wait_until(SECOND, || WOKEN.wakes() > 0);
        ensure!(woken, "the arrival of a frame woke nobody");
        if number == 0 {
            let (_, sleeps) = wait_until(SECOND / 10, || false);
            ensure!(sleeps <= 10, "an interrupt stays up: {sleeps} sleeps in 100 ms");
        }
        ensure!(WOKEN.wakes() == 1, "the arrival of frames woke {} times", WOKEN.wakes());
        receive_ours(chip, 60, number)?;
        receive_ours(chip, 60, number)?;
    }
    Ok(())
}

fn every_length_is_received(chip: &mut Lan9118) -> Outcome {
    drain(chip);
    for len in (14..200).chain(MTU - 20..=MTU) {
        send_ours(chip, len, len as u16)?;
        receive_ours(chip, len, len as u16)?;
    }
    // And several at once, in order.
    for round in 0..200 {
        let frames = || (0..6).map(|place| (60 + (round * 7 + place * 211) % 1400, place as u16));
        for (len, number) in frames() {
            send_ours(chip, len, number)?;
        }
        for (len, number) in frames() {
            receive_ours(chip, len, number)?;
        }
    }
    Ok(())
}

fn dropped_token_changes_nothing(chip: &mut Lan9118) -> Outcome {
    let waker = WOKEN.waker();
    let cx = &mut Context::from_waker(&waker);
    drain(chip);
    send_ours(chip, 100, 1)?;
    send_ours(chip, 101, 2)?;
    for _ in 0..3 {
        ensure!(chip.receive(cx).is_some(), "a frame was lost");
        ensure!(chip.transmit(cx).is_some(), "there is no room to send");
    }
    receive_ours(chip, 100, 1)?;
    receive_ours(chip, 101, 2)
}

fn too_many_frames_are_lost(chip: &mut Lan9118) -> Outcome {
    for number in 0..2 * STATUSES {
        // Short, so that their data is not what is too much.
        send_ours(chip, 20, number as u16)?;
    }
    let received = drain(chip);
    ensure!((1..=STATUSES).contains(&received), "{received} frames were received");
    send_ours(chip, 60, 1)?;
    receive_ours(chip, 60, 1)
}

fn too_much_data_is_lost(chip: &mut Lan9118) -> Outcome {
    for round in 0..50 {
        for number in 0..10 {
            send_ours(chip, MTU - round, number)?;
        }
        let received = drain(chip);
        ensure!((6..10).contains(&received), "{received} frames were received");
    }
    send_ours(chip, 60, 1)?;
    receive_ours(chip, 60, 1)
}

fn too_long_frames_are_skipped(chip: &mut Lan9118) -> Outcome {
    let before = chip.skipped();
    for number in 0..100 {
        // In between two good ones, and more in a row than the driver skips in one go.
        send_ours(chip, 60, number)?;
        let faulty = if number == 0 { 17 } else { 1 };
        // The chip's memory holds six of them.
        for _ in 0..faulty {
            send_ours(chip, MTU + 1 + usize::from(number) % 22, number)?;
        }
        receive_ours(chip, 60, number)?;
        send_ours(chip, 61, number)?;
        receive_ours(chip, 61, number)?;
    }
    let skipped = chip.skipped() - before;
    ensure!(skipped >= 100, "{skipped} frames were skipped");
    Ok(())
}

fn error_is_recovered_from(chip: &mut Lan9118) -> Outcome {
    let before = chip.resets();
    for number in 0..3 {
        send_ours(chip, 60, number)?;
        send_ours(chip, 60, number)?;
        // SAFETY: the chip's register for received data, read here behind the driver's back: its frames and its notes
        // of them come apart.
        unsafe { (0x4020_0000 as *const u32).read_volatile() };
        drain(chip);
        // Recovery has connected it to the line again.
        chip.set_loopback(true);
        send_ours(chip, 60, number)?;
        receive_ours(chip, 60, number)?;
    }
    ensure!(chip.resets() - before == 3, "{} resets", chip.resets() - before);
    Ok(())
}
