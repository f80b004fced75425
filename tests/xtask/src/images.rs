//! The firmware images and the targets: the one place that lists them.

use crate::qemu::Machine;
use crate::setup::{Need, Target};

const BARE_METAL: &str = "core,alloc";

const fn required(triple: &'static str) -> Target {
    Target { triple, need: Need::Required, crates: BARE_METAL }
}

const fn optional(triple: &'static str) -> Target {
    Target { triple, need: Need::Optional, crates: BARE_METAL }
}

const fn with_std(triple: &'static str) -> Target {
    Target { triple, need: Need::Optional, crates: "std,panic_abort" }
}

/// Cortex-M0: no compare-and-swap.
pub static THUMBV6M: Target = required("thumbv6m-none-eabi");
/// Cortex-M3.
pub static THUMBV7M: Target = required("thumbv7m-none-eabi");
/// Cortex-M4 without an FPU.
pub static THUMBV7EM: Target = optional("thumbv7em-none-eabi");
/// Cortex-M4 with its FPU.
pub static THUMBV7EMHF: Target = required("thumbv7em-none-eabihf");
/// RISC-V with atomics.
pub static RISCV32IMAC: Target = required("riscv32imac-unknown-none-elf");
/// RISC-V without atomics.
pub static RISCV32IMC: Target = optional("riscv32imc-unknown-none-elf");
/// WebAssembly without an operating system.
pub static WASM32: Target = optional("wasm32-unknown-unknown");
/// For type checks only: nothing is linked or run.
pub static MACOS: Target = with_std("aarch64-apple-darwin");
/// For type checks only.
pub static AARCH64_LINUX: Target = with_std("aarch64-unknown-linux-gnu");
/// Its programs run under Wine.
pub static WINDOWS: Target = with_std("x86_64-pc-windows-gnu");

/// What the platform for applications has its types checked for.
pub static HOST_TARGETS: [&Target; 3] = [&MACOS, &AARCH64_LINUX, &WINDOWS];
/// What the core crate builds for.
pub static CORE_TARGETS: [&Target; 6] =
    [&THUMBV6M, &THUMBV7M, &THUMBV7EM, &RISCV32IMAC, &RISCV32IMC, &WASM32];
/// What the bare-metal platform builds for.
pub static EMBEDDED_TARGETS: [&Target; 3] = [&THUMBV6M, &THUMBV7M, &RISCV32IMAC];

/// A program for a board.
#[derive(Debug)]
pub struct Image {
    /// The package that builds it.
    pub package: &'static str,
    /// Which of the package's binaries.
    pub bin: &'static str,
    /// What it is built for.
    pub target: &'static Target,
    /// What it runs on.
    pub machine: Machine,
}

/// The example station.
pub static STATION_MPS2: Image = Image {
    package: "station-mps2-an385",
    bin: "station-mps2-an385",
    target: &THUMBV7M,
    machine: Machine::Mps2An385,
};
/// An HTTP client that was written for embassy.
pub static CLIENT_HTTP_MPS2: Image = Image {
    package: "everloop-clients-mps2-an385",
    bin: "http",
    target: &THUMBV7M,
    machine: Machine::Mps2An385,
};
/// An example of firmware.
pub static FIRMWARE_BLINK: Image = Image {
    package: "firmware-blink",
    bin: "firmware-blink",
    target: &THUMBV7M,
    machine: Machine::Lm3s6965evb,
};
/// An example of firmware.
pub static FIRMWARE_BUTTON: Image = Image {
    package: "firmware-button",
    bin: "firmware-button",
    target: &THUMBV7M,
    machine: Machine::Lm3s6965evb,
};
/// An example of firmware.
pub static FIRMWARE_SENSOR: Image = Image {
    package: "firmware-sensor",
    bin: "firmware-sensor",
    target: &THUMBV7M,
    machine: Machine::Lm3s6965evb,
};
/// An example of firmware.
pub static FIRMWARE_TCP: Image =
    Image { package: "firmware-tcp", bin: "firmware-tcp", target: &THUMBV7M, machine: Machine::Mps2An385 };
/// An example of firmware.
pub static FIRMWARE_HTTP: Image =
    Image { package: "firmware-http", bin: "firmware-http", target: &THUMBV7M, machine: Machine::Mps2An385 };
/// The conformance suite.
pub static CONFORMANCE_MPS2: Image = Image {
    package: "everloop-conformance-mps2-an385",
    bin: "conformance",
    target: &THUMBV7M,
    machine: Machine::Mps2An385,
};
/// Loops in interrupt handlers.
pub static INTERRUPTS_MPS2: Image = Image { bin: "interrupts", ..CONFORMANCE_MPS2 };
/// The same as code for a Cortex-M0.
pub static INTERRUPTS_M0: Image = Image { bin: "interrupts", ..CONFORMANCE_M0 };
/// Random programs, which also run on the host.
pub static DIFFTEST_MPS2: Image = Image {
    package: "everloop-difftest-mps2-an385",
    bin: "difftest-board",
    target: &THUMBV7M,
    machine: Machine::Mps2An385,
};
/// The conformance suite as code for a Cortex-M0, which has no compare-and-swap; the machine runs it all the same.
pub static CONFORMANCE_M0: Image = Image {
    package: "everloop-conformance-mps2-an385",
    bin: "conformance",
    target: &THUMBV6M,
    machine: Machine::Mps2An385,
};
/// The conformance suite on a Cortex-M4.
pub static CONFORMANCE_AN386: Image = Image {
    package: "everloop-conformance-mps2-an386",
    bin: "conformance",
    target: &THUMBV7EMHF,
    machine: Machine::Mps2An386,
};
/// What its floating-point unit adds.
pub static FLOATS_AN386: Image = Image { bin: "floats", ..CONFORMANCE_AN386 };
/// What of the conformance suite 16 KiB have room for: a part of that.
pub static CONFORMANCE_MICROBIT_TASKS: Image = Image {
    package: "everloop-conformance-microbit",
    bin: "tasks",
    target: &THUMBV6M,
    machine: Machine::Microbit,
};
/// Another part of it.
pub static CONFORMANCE_MICROBIT_CANCEL: Image = Image { bin: "cancel", ..CONFORMANCE_MICROBIT_TASKS };
/// The last part of it.
pub static CONFORMANCE_MICROBIT_WAITING: Image = Image { bin: "waiting", ..CONFORMANCE_MICROBIT_TASKS };
/// A part of the conformance suite: the board's flash does not hold all of it.
pub static CONFORMANCE_LM3S_FIRST: Image = Image {
    package: "everloop-conformance-lm3s6965evb",
    bin: "first",
    target: &THUMBV7M,
    machine: Machine::Lm3s6965evb,
};
/// Another part of it.
pub static CONFORMANCE_LM3S_SECOND: Image = Image { bin: "second", ..CONFORMANCE_LM3S_FIRST };
/// Another part of it.
pub static CONFORMANCE_LM3S_THIRD: Image = Image { bin: "third", ..CONFORMANCE_LM3S_FIRST };
/// Another part of it.
pub static CONFORMANCE_LM3S_FOURTH: Image = Image { bin: "fourth", ..CONFORMANCE_LM3S_FIRST };
/// Another part of it.
pub static CONFORMANCE_LM3S_FIFTH: Image = Image { bin: "fifth", ..CONFORMANCE_LM3S_FIRST };
/// Another part of it.
pub static CONFORMANCE_LM3S_SIXTH: Image = Image { bin: "sixth", ..CONFORMANCE_LM3S_FIRST };
/// Another part of it.
pub static CONFORMANCE_LM3S_SEVENTH: Image = Image { bin: "seventh", ..CONFORMANCE_LM3S_FIRST };
/// Another part of it.
pub static CONFORMANCE_LM3S_EIGHTH: Image = Image { bin: "eighth", ..CONFORMANCE_LM3S_FIRST };
/// The last part of it.
pub static CONFORMANCE_LM3S_NINTH: Image = Image { bin: "ninth", ..CONFORMANCE_LM3S_FIRST };
/// The conformance suite.
pub static CONFORMANCE_RISCV32: Image = Image {
    package: "everloop-conformance-riscv32-virt",
    bin: "conformance",
    target: &RISCV32IMAC,
    machine: Machine::Riscv32Virt,
};
/// The board crate's own tests.
pub static SELFTEST_MPS2: Image = Image {
    package: "everloop-board-mps2-an385",
    bin: "selftest",
    target: &THUMBV7M,
    machine: Machine::Mps2An385,
};
/// The same for the board's other processor.
pub static SELFTEST_AN386: Image =
    Image { target: &THUMBV7EMHF, machine: Machine::Mps2An386, ..SELFTEST_MPS2 };
/// The board crate's own tests.
pub static SELFTEST_MICROBIT: Image = Image {
    package: "everloop-board-microbit",
    bin: "selftest",
    target: &THUMBV6M,
    machine: Machine::Microbit,
};
/// The board crate's own tests.
pub static SELFTEST_LM3S: Image = Image {
    package: "everloop-board-lm3s6965evb",
    bin: "selftest",
    target: &THUMBV7M,
    machine: Machine::Lm3s6965evb,
};
/// The board crate's tests of what is connected to the chip.
pub static DEVICES_LM3S: Image = Image { bin: "devices", ..SELFTEST_LM3S };
/// The board crate's own tests.
pub static SELFTEST_RISCV32: Image = Image {
    package: "everloop-board-riscv32-virt",
    bin: "selftest",
    target: &RISCV32IMAC,
    machine: Machine::Riscv32Virt,
};
/// The network suite.
pub static NETWORK_MPS2: Image = Image {
    package: "everloop-network-mps2-an385",
    bin: "network",
    target: &THUMBV7M,
    machine: Machine::Mps2An385,
};
/// The network suite.
pub static NETWORK_LM3S: Image = Image {
    package: "everloop-network-lm3s6965evb",
    bin: "network",
    target: &THUMBV7M,
    machine: Machine::Lm3s6965evb,
};
/// The network suite.
pub static NETWORK_RISCV32: Image = Image {
    package: "everloop-network-riscv32-virt",
    bin: "network",
    target: &RISCV32IMAC,
    machine: Machine::Riscv32Virt,
};
/// The measurements.
pub static MEASURE_MPS2: Image = Image {
    package: "everloop-measure-mps2-an385",
    bin: "measure",
    target: &THUMBV7M,
    machine: Machine::Mps2An385,
};
/// The measurements.
pub static MEASURE_RISCV32: Image = Image {
    package: "everloop-measure-riscv32-virt",
    bin: "measure",
    target: &RISCV32IMAC,
    machine: Machine::Riscv32Virt,
};
/// What is compared with embassy's.
pub static FIRMWARE_MPS2: Image = Image {
    package: "everloop-measure-firmware",
    bin: "latency",
    target: &THUMBV7M,
    machine: Machine::Mps2An385,
};

/// An image of every package: all of them are linted.
pub static ALL: &[&Image] = &[
    &STATION_MPS2,
    &CLIENT_HTTP_MPS2,
    &FIRMWARE_BLINK,
    &FIRMWARE_BUTTON,
    &FIRMWARE_SENSOR,
    &FIRMWARE_TCP,
    &FIRMWARE_HTTP,
    &CONFORMANCE_MPS2,
    &CONFORMANCE_LM3S_FIRST,
    &CONFORMANCE_AN386,
    &CONFORMANCE_MICROBIT_TASKS,
    &CONFORMANCE_RISCV32,
    &DIFFTEST_MPS2,
    &SELFTEST_MPS2,
    &SELFTEST_LM3S,
    &SELFTEST_MICROBIT,
    &SELFTEST_RISCV32,
    &NETWORK_MPS2,
    &NETWORK_LM3S,
    &NETWORK_RISCV32,
    &MEASURE_MPS2,
    &MEASURE_RISCV32,
    &FIRMWARE_MPS2,
];
/// Those that measure.
pub static MEASURING: [&Image; 2] = [&MEASURE_RISCV32, &MEASURE_MPS2];
/// Those whose size is told.
pub static SIZED: [&Image; 5] = [
    &STATION_MPS2,
    &CONFORMANCE_MPS2,
    &CONFORMANCE_LM3S_FIRST,
    &CONFORMANCE_LM3S_SECOND,
    &CONFORMANCE_RISCV32,
];
/// Those that are promised to hold no allocator.
pub static WITHOUT_ALLOCATOR: [&Image; 3] = [&STATION_MPS2, &FIRMWARE_HTTP, &CONFORMANCE_MPS2];
