//! The temperature sensor.

use super::Test;
use super::program::Program;
use anyhow::{Context, Result, ensure};

pub const TESTS: &[Test] = &[("sensor-shows-what-the-sensor-measures", shows_what_the_sensor_measures)];

/// The sensor in QEMU's tree of devices.
const DEVICE: &str = "/machine/peripheral/thermometer";

/// Thousandths of a degree, and what is to be seen: the sensor begins with steps of half a degree.
const TEMPERATURES: [(i64, &str); 6] = [
    (21_500, "21.5 °C"),
    (-10_500, "-10.5 °C"),
    (127_900, "127.5 °C"),
    (0, "0.0 °C"),
    (-55_000, "-55.0 °C"),
    (300, "0.0 °C"),
];

fn shows_what_the_sensor_measures() -> Result<()> {
    let (mut program, mut qmp) = Program::start_with_qmp("sensor")?;
    let mut before = "0.0 °C";
    program.expect(before)?;
    for (millidegrees, shown) in TEMPERATURES {
        qmp.set(DEVICE, "temperature", millidegrees)?;
        // The reading that was under way may still be of before.
        let mut old = 0;
        loop {
            let line = program.line().with_context(|| format!("instead of `{shown}`"))?;
            if line == shown {
                break;
            }
            ensure!(line == before && old < 20, "`{line}` instead of `{shown}`");
            old += 1;
        }
        program.expect(shown)?;
        before = shown;
    }
    Ok(())
}
