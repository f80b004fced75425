//! What a driver has to do with frames that come back.

use super::super::{Outcome, wait_until};
use super::link::{MTU, SECOND, WOKEN};
use crate::ensure;
use core::task::Context;
use embassy_net_driver::Driver;

/// Where each frame that is sent comes back.
pub trait Echo {
    /// What is tested.
    type Driver: Driver;
    /// The shortest frame of which all can be checked.
    const SHORTEST: usize;
    /// What is sent has come back when the sending ends.
    const AT_ONCE: bool;

    /// The driver.
    fn driver(&mut self) -> &mut Self::Driver;

    /// Sends a frame of this length, whose contents depend on a number.
    fn send(&mut self, len: usize, number: u16) -> Outcome;

    /// Receives a frame and checks that it is the one that was sent so.
    fn receive(&mut self, len: usize, number: u16) -> Outcome;

    /// Takes frames until none is left; how many there were.
    fn drain(&mut self) -> usize;
}

/// Frames that arrive wake once until somebody looks.
pub fn arrival_wakes_once<E: Echo>(echo: &mut E) -> Outcome {
    let waker = WOKEN.waker();
    let cx = &mut Context::from_waker(&waker);
    echo.drain();
    for number in 0..100 {
        WOKEN.clear();
        ensure!(echo.driver().receive(cx).is_none(), "there is a frame that nobody sent");
        // A second frame is told by the same interrupt.
        echo.send(60, number)?;
        echo.send(60, number)?;
        let (woken, _) = wait_until(SECOND, || WOKEN.wakes() > 0);
        ensure!(woken, "the arrival of a frame woke nobody");
        if number == 0 {
            let (_, sleeps) = wait_until(SECOND / 10, || false);
            ensure!(sleeps <= 10, "an interrupt stays up: {sleeps} sleeps in 100 ms");
        }
        ensure!(WOKEN.wakes() == 1, "the arrival of frames woke {} times", WOKEN.wakes());
        echo.receive(60, number)?;
        echo.receive(60, number)?;
    }
    Ok(())
}

/// Frames of all lengths, and several at once in order.
pub fn every_length_is_received<E: Echo>(echo: &mut E) -> Outcome {
    echo.drain();
    for len in (E::SHORTEST..200).chain(MTU - 20..=MTU) {
        echo.send(len, len as u16)?;
        echo.receive(len, len as u16)?;
    }
    // And several at once, in order.
    for round in 0..200 {
        let frames = || (0..6).map(|place| (60 + (round * 7 + place * 211) % 1400, place as u16));
        for (len, number) in frames() {
            echo.send(len, number)?;
        }
        for (len, number) in frames() {
            echo.receive(len, number)?;
        }
    }
    Ok(())
}

/// A token that is not used leaves its frame and its room where they are.
pub fn dropped_token_changes_nothing<E: Echo>(echo: &mut E) -> Outcome {
    let waker = WOKEN.waker();
    let cx = &mut Context::from_waker(&waker);
    echo.drain();
    echo.send(100, 1)?;
    echo.send(101, 2)?;
    if !E::AT_ONCE {
        let (there, _) = wait_until(SECOND, || echo.driver().receive(cx).is_some());
        ensure!(there, "no frame came");
    }
    for _ in 0..3 {
        ensure!(echo.driver().receive(cx).is_some(), "a frame was lost");
        ensure!(echo.driver().transmit(cx).is_some(), "there is no room to send");
    }
    echo.receive(100, 1)?;
    echo.receive(101, 2)
}
