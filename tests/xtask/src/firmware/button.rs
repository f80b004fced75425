//! The button, with a contact that bounces.

use super::Test;
use super::program::Program;
use super::qmp::Qmp;
use anyhow::{Result, bail};
use std::thread;
use std::time::{Duration, Instant};

pub const TESTS: &[Test] = &[
    ("button-press-counts-once-though-it-bounces", || patiently(bouncing)),
    ("button-press-that-is-too-short-does-not-count", || patiently(too_short)),
    ("button-other-than-the-left-does-not-count", || patiently(another)),
];

const KEY: &str = "left";
/// The firmware believes a contact that stays for 20 ms; bounces must be closer together.
const CLOSE: Duration = Duration::from_millis(19);
/// How long it is waited whether anything else counts. Nothing may, so no haste of the machine decides on a success.
const SILENCE: Duration = Duration::from_millis(100);
/// How often the contact opens again as it closes.
const BOUNCES: usize = 3;
/// How often a test is tried that this machine is too busy for.
const TRIES: usize = 50;

/// Whether the contact moved as fast as it was to.
type Fast = bool;

/// Bounces happen in real time: a try in which they came too slowly proves nothing.
fn patiently(test: fn(&mut Program, &mut Qmp) -> Result<Fast>) -> Result<()> {
    for _ in 0..TRIES {
        let (mut program, mut qmp) = Program::start_with_qmp("button")?;
        if test(&mut program, &mut qmp)? {
            return Ok(());
        }
    }
    bail!("this machine was {TRIES} times too busy to press a button")
}

fn bouncing(program: &mut Program, qmp: &mut Qmp) -> Result<Fast> {
    press(program, qmp, 1)?;
    if !bounce(qmp, true)? {
        return Ok(false);
    }
    program.expect("pressed")?;
    program.expect_silence(SILENCE)?;
    if !bounce(qmp, false)? {
        return Ok(false);
    }
    program.expect(&count(2))?;
    program.expect_silence(SILENCE)?;
    press(program, qmp, 3)?;
    Ok(true)
}

fn too_short(program: &mut Program, qmp: &mut Qmp) -> Result<Fast> {
    press(program, qmp, 1)?;
    for glitches in 1..=3 {
        if !quickly(qmp, &[true, false].repeat(glitches))? {
            return Ok(false);
        }
        program.expect_silence(SILENCE)?;
    }
    press(program, qmp, 2)?;
    Ok(true)
}

/// They share the port, and so the interrupt.
fn another(program: &mut Program, qmp: &mut Qmp) -> Result<Fast> {
    press(program, qmp, 1)?;
    for key in ["up", "down", "right", "ctrl"] {
        for down in [true, false] {
            qmp.key(key, down)?;
            program.expect_silence(SILENCE)?;
        }
    }
    press(program, qmp, 2)?;
    Ok(true)
}

/// Presses for as long as it takes. (The first time the button may have counted as pressed already.)
fn press(program: &mut Program, qmp: &mut Qmp, number: usize) -> Result<()> {
    qmp.key(KEY, true)?;
    program.expect("pressed")?;
    qmp.key(KEY, false)?;
    program.expect(&count(number))?;
    program.expect_silence(SILENCE)
}

fn count(number: usize) -> String {
    format!("press {number}: the LED is {}", if number % 2 == 1 { "on" } else { "off" })
}

/// Closes the contact, or opens it, as a real one does.
fn bounce(qmp: &mut Qmp, down: bool) -> Result<Fast> {
    let mut levels = [down, !down].repeat(BOUNCES);
    levels.push(down);
    quickly(qmp, &levels)
}

/// Puts the contact into each of the states; whether that was fast enough for none but the last to be believed.
fn quickly(qmp: &mut Qmp, levels: &[bool]) -> Result<Fast> {
    let mut fast = true;
    // Before the first of two changes, and after the second.
    let mut before = None;
    for &level in levels {
        let now = Instant::now();
        qmp.key(KEY, level)?;
        fast &= before.replace(now).is_none_or(|before: Instant| before.elapsed() < CLOSE);
        thread::sleep(Duration::from_millis(1));
    }
    Ok(fast)
}
