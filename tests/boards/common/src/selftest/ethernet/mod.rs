//! A network driver, by what `embassy-net-driver` offers, against QEMU's user network: the gateway there echoes whatever
//! it is sent as an ICMP echo request, at once.

mod echo;
mod link;
mod pings;

use super::{Outcome, Report};
use crate::ensure;
use embassy_net_driver::Driver;

pub use echo::{Echo, arrival_wakes_once, dropped_token_changes_nothing, every_length_is_received};
pub use link::{
    BROADCAST, MTU, SECOND, address, ask_gateway, byte_at, has_a_link, has_an_address, receive, send,
};
pub use pings::Pings;

/// More frames than any driver here and its device can hold.
const MANY: u16 = 62;

/// Runs the tests; then what to send more echo requests with, unless the network does not answer.
pub fn run<D: Driver>(report: &mut Report, driver: D) -> Pings<D> {
    let mut pings = Pings::new(driver);
    report.test("ethernet::has_an_address", || has_an_address(&pings.driver));
    report.test("ethernet::has_a_link", || has_a_link(&mut pings.driver));
    report.test("ethernet::gets_an_answer", || pings.gets_an_answer());
    report.test("ethernet::arrival_wakes_once", || arrival_wakes_once(&mut pings));
    report.test("ethernet::every_length_is_received", || every_length_is_received(&mut pings));
    report.test("ethernet::dropped_token_changes_nothing", || dropped_token_changes_nothing(&mut pings));
    report.test("ethernet::more_frames_than_places_come_in_order", || more_frames_than_places(&mut pings));
    report
        .test("ethernet::less_than_a_header_harms_nothing", || less_than_a_header_harms_nothing(&mut pings));
    pings
}

/// QEMU's network keeps for a device what finds no place in it, and hands it over when there is room.
fn more_frames_than_places(pings: &mut Pings<impl Driver>) -> Outcome {
    pings.drain();
    for number in 0..MANY {
        pings.send(300, number)?;
    }
    for number in 0..MANY {
        pings.receive(300, number)?;
    }
    ensure!(pings.drain() == 0, "more frames than were sent");
    Ok(())
}

fn less_than_a_header_harms_nothing(pings: &mut Pings<impl Driver>) -> Outcome {
    for len in 0..14 {
        send(&mut pings.driver, len, |frame| frame.fill(0xff))?;
        pings.send(60, len as u16)?;
        pings.receive(60, len as u16)?;
    }
    Ok(())
}
