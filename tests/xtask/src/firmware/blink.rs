//! The LED that blinks.

use super::Test;
use super::program::Program;
use anyhow::{Result, ensure};
use std::collections::BTreeMap;

pub const TESTS: &[Test] =
    &[("blink-switches-the-led-every-half-second", switches_the_led_every_half_second)];

/// How many changes are looked at.
const CHANGES: usize = 20;

/// In counted time, so that the milliseconds are the same in every run; and QEMU tells of each change of a pin.
fn switches_the_led_every_half_second() -> Result<()> {
    let mut program =
        Program::start("blink", &["-icount", "shift=0,sleep=off", "-trace", "pl061_set_output"])?;
    let mut said = Vec::new();
    // By port: only the LED's changes over and over.
    let mut done = BTreeMap::<String, Vec<String>>::new();
    program.any(|line| {
        if let Some(change) = line.strip_prefix("pl061_set_output ") {
            if let Some((port, level)) = change.split_once(" setting output 0 to ") {
                done.entry(port.to_owned()).or_default().push(level.to_owned());
            }
        } else if line.contains(" ms: ") {
            said.push(line.to_owned());
        }
        let enough = done.values().any(|levels| levels.len() >= CHANGES) && said.len() >= CHANGES;
        enough.then_some(())
    })?;
    for (change, line) in said.iter().take(CHANGES).enumerate() {
        let state = if change % 2 == 0 { "on" } else { "off" };
        let wanted = format!("{} ms: the LED is {state}", change * 500);
        ensure!(*line == wanted, "`{line}` instead of `{wanted}`");
    }
    let levels = done.into_values().find(|levels| levels.len() >= CHANGES).unwrap_or_default();
    for (change, level) in levels.iter().take(CHANGES).enumerate() {
        let wanted = if change % 2 == 0 { "1" } else { "0" };
        ensure!(level == wanted, "change {change} of the pin is to {level}");
    }
    Ok(())
}
