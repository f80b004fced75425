//! Starting an image in QEMU.

use crate::setup;
use anyhow::Result;
use std::path::Path;
use std::process::Command;

/// The machines that images are built for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Machine {
    /// Arm's MPS2 board with a Cortex-M3 and an Ethernet chip.
    Mps2An385,
    /// The same board with a Cortex-M4 and its floating-point unit.
    Mps2An386,
    /// The BBC micro:bit: a Cortex-M0 with 16 KiB.
    Microbit,
    /// TI's Stellaris board with a Cortex-M3.
    Lm3s6965evb,
    /// QEMU's own machine, with one 32-bit RISC-V hart.
    Riscv32Virt,
}

impl Machine {
    /// QEMU's name for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mps2An385 => "mps2-an385",
            Self::Mps2An386 => "mps2-an386",
            Self::Microbit => "microbit",
            Self::Lm3s6965evb => "lm3s6965evb",
            Self::Riscv32Virt => "virt",
        }
    }

    /// The emulator that has it.
    pub fn program(self) -> &'static str {
        match self {
            Self::Riscv32Virt => "qemu-system-riscv32",
            _ => "qemu-system-arm",
        }
    }

    /// What it needs to be told besides its name.
    fn options(self) -> &'static [&'static str] {
        match self {
            // Without the first there is a firmware beneath the image; without the second devices are of an old kind.
            Self::Riscv32Virt => &["-bios", "none", "-global", "virtio-mmio.force-legacy=false"],
            _ => &[],
        }
    }

    /// How it is told of a network, given by the value of `-nic`.
    fn network(self, nic: &str) -> Vec<String> {
        match (self, nic) {
            // It has no network device of its own.
            (Self::Riscv32Virt, nic) if nic != "none" => {
                let device = "virtio-net-device,netdev=net";
                ["-nic", "none", "-netdev", &format!("{nic},id=net"), "-device", device]
                    .map(str::to_owned)
                    .to_vec()
            }
            _ => ["-nic", nic].map(str::to_owned).to_vec(),
        }
    }
}

/// How time passes in the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// As outside.
    Real,
    /// One nanosecond an instruction, and waiting takes no time: an idle hour is over at once.
    Counted,
}

/// What is said to a boot besides the machine and the image.
#[derive(Clone, Copy, Debug)]
pub struct Boot<'a> {
    /// How time passes.
    pub clock: Clock,
    /// The value of `-nic`; none means no network.
    pub nic: &'a str,
    /// Words for the image, which it reads by semihosting's `SYS_GET_CMDLINE`.
    pub args: &'a [&'a str],
}

/// The command that boots an image; gets QEMU first if it is missing.
pub fn command(machine: Machine, image: &Path, boot: &Boot<'_>) -> Result<Command> {
    setup::ensure_qemu(machine.program())?;
    let mut command = Command::new(machine.program());
    command.args(["-machine", machine.name()]).args(machine.options()).arg("-kernel").arg(image);
    command.args(["-display", "none", "-monitor", "none", "-serial", "none"]);
    command.args(machine.network(boot.nic));
    let mut semihosting = "enable=on,target=native".to_owned();
    for arg in boot.args {
        // A comma would end the value; doubled it stands for itself.
        semihosting.push_str(&format!(",arg={}", arg.replace(',', ",,")));
    }
    command.args(["-semihosting-config", &semihosting]);
    if boot.clock == Clock::Counted {
        command.args(["-icount", "shift=0,sleep=off"]);
    }
    Ok(command)
}
