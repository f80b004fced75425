//! A test image in QEMU.

use super::Options;
use crate::artifact;
use crate::images::Image;
use crate::qemu::{self, Boot, Clock};
use anyhow::Result;
use std::process::Command;
use std::time::Duration;

/// How long an image may run.
const LIMIT: Duration = Duration::from_secs(180);

/// Which image and how it is booted; extended by chaining in a `static`.
pub struct BootTest {
    image: &'static Image,
    clock: Clock,
    nic: &'static str,
    device: Option<&'static str>,
    on_request: bool,
}

impl BootTest {
    /// An image without a network, in real time.
    pub const fn of(image: &'static Image) -> Self {
        Self { image, clock: Clock::Real, nic: "none", device: None, on_request: false }
    }

    /// Waiting takes no time.
    pub const fn in_counted_time(self) -> Self {
        Self { clock: Clock::Counted, ..self }
    }

    /// The value of QEMU's `-nic`.
    pub const fn nic(self, nic: &'static str) -> Self {
        Self { nic, ..self }
    }

    /// The value of QEMU's `-device`.
    pub const fn device(self, device: &'static str) -> Self {
        Self { device: Some(device), ..self }
    }

    /// Only with `--long` or if its suite is named: another board runs the same, and time is short.
    pub const fn on_request(self) -> Self {
        Self { on_request: true, ..self }
    }

    /// Whether it is not to be run.
    pub fn is_left_out(&self, options: &Options) -> bool {
        self.on_request && !options.long && !options.named
    }

    /// What is tested, for messages.
    pub fn title(&self) -> String {
        match self.image.bin {
            bin if self.on_request => format!("{}, {bin}", self.image.package),
            _ => self.image.package.to_owned(),
        }
    }

    /// How long it may run.
    pub fn limit(&self) -> Duration {
        LIMIT
    }

    /// Builds the image; the command boots it.
    ///
    /// The image may read the filter and `--long` by semihosting; one that does not runs all its tests.
    pub fn command(&self, options: &Options) -> Result<Command> {
        let path = artifact::image(self.image)?;
        // As for any program, the first word is the program's name.
        let mut args = vec![self.image.bin];
        args.extend(options.filter.as_deref());
        if options.long {
            args.push("--long");
        }
        let boot = Boot { clock: self.clock, nic: self.nic, args: &args };
        let mut command = qemu::command(self.image.machine, &path, &boot)?;
        command.args(self.device.iter().flat_map(|device| ["-device", device]));
        Ok(command)
    }
}
