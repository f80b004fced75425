//! One frame after another through a driver, whatever is in them.

use super::super::{Flag, Outcome, Reason, wait_until};
use crate::ensure;
use core::task::Context;
use embassy_net_driver::{Driver, HardwareAddress, LinkState, RxToken, TxToken};

/// In the driver's time.
pub const SECOND: u64 = embassy_time_driver::TICK_HZ;
/// Every station's address.
pub const BROADCAST: [u8; 6] = [0xff; 6];
/// The longest frame that is allowed.
pub const MTU: usize = 1514;
const ARP: [u8; 2] = [0x08, 0x06];
/// Our address in QEMU's user network, and the gateway's.
pub(super) const OURS: [u8; 4] = [10, 0, 2, 15];
pub(super) const GATEWAY: [u8; 4] = [10, 0, 2, 2];

/// Noted when a frame arrives.
pub(super) static WOKEN: Flag = Flag::new();
static ROOM: Flag = Flag::new();

/// Its station's address; zeros if it has none.
pub fn address(driver: &impl Driver) -> [u8; 6] {
    match driver.hardware_address() {
        HardwareAddress::Ethernet(address) => address,
        _ => [0; 6],
    }
}

/// Sends a frame when there is room.
pub fn send(driver: &mut impl Driver, len: usize, fill: impl FnOnce(&mut [u8])) -> Outcome {
    let waker = ROOM.waker();
    let cx = &mut Context::from_waker(&waker);
    loop {
        if let Some(token) = driver.transmit(cx) {
            token.consume(len, fill);
            return Ok(());
        }
        let (room, _) = wait_until(SECOND, || ROOM.wakes() > 0);
        ensure!(room, "no room to send came within a second");
        ROOM.clear();
    }
}

/// Hands on the next frame of a type; `None` if nothing comes within `limit`. Asks again only after a wake.
pub fn receive<R>(
    driver: &mut impl Driver,
    kind: [u8; 2],
    limit: u64,
    take: impl FnOnce(&[u8]) -> R,
) -> Option<R> {
    let waker = WOKEN.waker();
    let cx = &mut Context::from_waker(&waker);
    let mut take = Some(take);
    loop {
        WOKEN.clear();
        match driver.receive(cx) {
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

/// It has an address, and frames of the usual length.
pub fn has_an_address(driver: &impl Driver) -> Outcome {
    let address = address(driver);
    ensure!(address[0] & 1 == 0 && address != [0; 6], "{address:x?} is no station's address");
    ensure!(driver.capabilities().max_transmission_unit == MTU, "frames are not {MTU} bytes");
    Ok(())
}

/// It has a link.
pub fn has_a_link(driver: &mut impl Driver) -> Outcome {
    let waker = WOKEN.waker();
    ensure!(driver.link_state(&mut Context::from_waker(&waker)) == LinkState::Up, "the link is down");
    Ok(())
}

/// Asks QEMU's user network for the address of its gateway, which so learns of ours.
pub fn ask_gateway(driver: &mut impl Driver) -> Result<[u8; 6], Reason> {
    let ours = address(driver);
    send(driver, 42, |frame| {
        frame[..6].copy_from_slice(&BROADCAST);
        frame[6..12].copy_from_slice(&ours);
        frame[12..14].copy_from_slice(&ARP);
        // Ethernet, IPv4, their lengths, a request.
        frame[14..22].copy_from_slice(&[0, 1, 8, 0, 6, 4, 0, 1]);
        frame[22..28].copy_from_slice(&ours);
        frame[28..32].copy_from_slice(&OURS);
        frame[32..38].fill(0);
        frame[38..42].copy_from_slice(&GATEWAY);
    })?;
    let answered = receive(driver, ARP, 3 * SECOND, |frame| {
        ensure!(frame.len() >= 42, "an answer of {} bytes", frame.len());
        ensure!(frame[..6] == ours, "an answer to {:x?}", &frame[..6]);
        ensure!(frame[14..22] == [0, 1, 8, 0, 6, 4, 0, 2], "no answer, but {:x?}", &frame[14..22]);
        ensure!(frame[28..32] == GATEWAY, "an answer by {:?}", &frame[28..32]);
        ensure!(frame[32..38] == ours, "an answer for {:x?}", &frame[32..38]);
        let mut gateway = [0; 6];
        gateway.copy_from_slice(&frame[22..28]);
        Ok(gateway)
    });
    answered.unwrap_or_else(|| Err(Reason::new(format_args!("no answer came; is there a `-nic user`?"))))
}

/// A frame's contents after its headers.
pub fn byte_at(place: usize, number: u16) -> u8 {
    let word = (place as u16).wrapping_mul(0x9d35).wrapping_add(number);
    (word >> 8) as u8 ^ word as u8
}
