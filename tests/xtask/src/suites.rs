//! The suites of `cargo xtask test`: this table is all there is to extend.

use crate::dialogue;
use crate::images;
use crate::suite::Run::{Boot, Cargo, Cases};
use crate::suite::{BootTest, CargoTest, Suite, no_allocator, nostd};

/// What `cargo xtask test` runs, in this order.
pub static SUITES: &[Suite] = &[
    Suite {
        name: "host",
        runs: &[
            Cargo(CargoTest::of("everloop-core").features("std").with_docs()),
            Cargo(CargoTest::of("everloop-core").features("std,alloc").with_docs()),
            Cargo(CargoTest::of("everloop").with_docs()),
            Cargo(CargoTest::of("everloop-embedded").features("std").with_docs()),
            Cargo(CargoTest::of("asyncio-examples")),
            Cargo(CargoTest::of("station").with_docs()),
            Cargo(CargoTest::of("everloop-conformance").features("std")),
            Cargo(CargoTest::of("everloop-conformance").features("std,alloc")),
            Cargo(CargoTest::of("everloop-xtask")),
        ],
    },
    Suite { name: "loom", runs: &[Cargo(CargoTest::of("everloop-core").features("std,alloc").loom())] },
    Suite {
        name: "qemu-mps2-an385",
        runs: &[Boot(BootTest::of(&images::CONFORMANCE_MPS2).in_counted_time())],
    },
    Suite { name: "qemu-thumbv6m", runs: &[Boot(BootTest::of(&images::CONFORMANCE_M0).in_counted_time())] },
    Suite {
        name: "qemu-lm3s6965evb",
        runs: &[
            Boot(BootTest::of(&images::CONFORMANCE_LM3S_FIRST).in_counted_time()),
            Boot(BootTest::of(&images::CONFORMANCE_LM3S_SECOND).in_counted_time()),
        ],
    },
    Suite {
        name: "qemu-riscv32",
        runs: &[Boot(BootTest::of(&images::CONFORMANCE_RISCV32).in_counted_time())],
    },
    Suite {
        name: "boards",
        runs: &[
            Boot(BootTest::of(&images::SELFTEST_MPS2).nic("user")),
            Boot(BootTest::of(&images::SELFTEST_LM3S)),
            Boot(BootTest::of(&images::SELFTEST_RISCV32)),
        ],
    },
    Suite { name: "network", runs: &[Cases("dialogues with both stations", dialogue::run)] },
    Suite { name: "nostd-builds", runs: &[Cases("builds without std", nostd::run)] },
    Suite { name: "image", runs: &[Cases("images without an allocator", no_allocator::run)] },
];
