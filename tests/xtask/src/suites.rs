//! The suites of `cargo xtask test`: this table is all there is to extend.

use crate::clients;
use crate::dialogue;
use crate::difftest;
use crate::firmware;
use crate::images;
use crate::network;
use crate::suite::Run::{Boot, Cargo, Cases, Checked};
use crate::suite::Watcher::{Asan, Miri, Tsan, Valgrind, Wine};
use crate::suite::{
    BootTest, CargoTest, CheckedTest, Suite, Watcher, instructions, masked, no_allocator, nostd,
};
use crate::tables;

/// Tests that leak on purpose, each with its program; in all others of core leaks are errors.
///
/// The payload of a panic whose drop panics again is forgotten, and a heap loop that has served a static pool is kept
/// for good; the others forget a future, or make at run time what is static.
const LEAKING: &[(&str, &str)] = &[
    ("tasks", "a_child_of_a_forgotten_group_is_not_dropped_by_an_abort"),
    ("tasks", "a_child_of_a_forgotten_group_is_not_dropped_by_a_loop_that_breaks_down"),
    ("tasks", "a_callback_may_end_its_own_frame"),
    ("tasks", "a_forgotten_callback_in_a_frame_harms_nothing"),
    ("tasks", "a_forgotten_waiter_harms_nothing"),
    ("tasks", "a_pool_serves_one_loop_and_then_another"),
    ("tasks", "a_pool_takes_them_without_an_allocator"),
    ("tasks", "a_forgotten_run_leaves_the_timeout_usable"),
    ("tasks", "a_forgotten_tick_is_given_by_the_next_call"),
    ("tasks", "forgotten_midway_they_hurt_nobody"),
    ("tasks", "a_payload_that_nobody_sees_is_dropped_without_harm_though_that_panics"),
    ("waits", "a_forgotten_party_still_counts"),
    ("waits", "a_forgotten_wait_leaves_a_guard_that_holds_nothing"),
    ("waits", "a_forgotten_waiter_keeps_the_lock_that_it_is_handed"),
    ("waits", "a_forgotten_waiter_keeps_the_permit_that_it_is_given"),
    ("waits", "a_forgotten_waiter_keeps_the_item_or_the_place_that_it_is_promised"),
    ("found", "a_panic_payload_whose_drop_panics_ends_nothing"),
    ("found", "a_scope_that_begins_as_another_is_forgotten_gets_the_request_of_that_moment"),
    ("found", "a_child_of_a_forgotten_group_is_not_dropped_by_its_handle"),
    ("found", "a_child_of_a_forgotten_group_is_not_dropped_by_a_loop_that_breaks_off"),
    ("found", "a_loop_stays_taken_while_children_that_borrow_are_left_of_its_run"),
    ("found", "what_a_forgotten_join_resumed_cuts_no_cleanup_of_a_request_that_comes_as_it_is_forgotten"),
    ("found", "waits_that_are_forgotten_among_hostile_wakers_keep_at_most_what_they_were_given"),
];

/// As [`LEAKING`], of the platform: what belongs to a thread and is dropped on another.
const LEAKING_ON_THE_HOST: &[(&str, &str)] = &[
    ("interop", "a_sleep_dropped_on_another_thread_harms_nobody"),
    ("interop", "a_sleep_on_another_thread_than_its_own_says_so"),
];

/// What fits the platform into other crates.
const INTEROP: &str = "embassy-time-driver,futures-io,hyper,tokio-io,tracing";

/// What Miri takes of the conformance list without `--long`: it needs a second for each test.
const BRIEFLY: &[&str] = &["heap::cancel::", "heap::queue::"];

/// Why programs that may have no more memory are left out.
const MEMORY: &str = "it needs memory of its own, and ends a program without any in a way of its own";

/// Tests that the sanitizers themselves stand in the way of.
const NOT_UNDER_SANITIZERS: &[(&str, &str)] = &[
    ("queues_threads_and_processes_give_typed_errors_and_the_loop_goes_on", MEMORY),
    ("a_task_without_memory_for_it_aborts_the_process_and_says_so", MEMORY),
];

/// Tests that valgrind itself stands in the way of.
const NOT_UNDER_VALGRIND: &[(&str, &str)] = &[
    ("a_listener_out_of_descriptors_stays_usable", "valgrind keeps descriptors for itself"),
    ("a_program_that_can_not_be_run_is_a_typed_error", "valgrind makes an exit status of 127 of that"),
    ("what_is_wrong_is_told", "valgrind makes an exit status of 127 of a program that can't be run"),
    ("many_children_leave_no_zombie_descriptor_or_thread", "one of them can't be run: as above"),
    ("a_server_out_of_descriptors_serves_those_it_has_and_goes_on", "valgrind keeps descriptors for itself"),
    ("no_thread_and_no_descriptor_is_left", "valgrind keeps descriptors for itself"),
    ("ten_thousand_idle_and_a_thousand_active_connections_hold", "valgrind keeps descriptors for itself"),
    ("a_byte_at_a_time_is_not_a_read_at_a_time", "valgrind 3.19 knows no listener of seccomp"),
    ("a_message_that_fills_the_buffer_takes_one_read", "the same"),
    ("a_sleep_below_a_millisecond_is_no_longer_than_one", "valgrind 3.19 knows no epoll_pwait2"),
    ("queues_threads_and_processes_give_typed_errors_and_the_loop_goes_on", MEMORY),
    ("a_task_without_memory_for_it_aborts_the_process_and_says_so", MEMORY),
    ("sleepers_wake_in_the_order_of_their_deadlines", "it needs five polls within a few milliseconds"),
];

/// The programs of the platform that have tests for Windows.
const ON_WINDOWS: &[&str] = &["ctrl_c_windows", "loops", "process_anywhere", "sockets", "stream_bulk"];

/// Why resets are left out under Wine.
const NO_RESET: &str = "Wine closes in good order what is closed with a linger time of zero";

/// Tests that Wine itself stands in the way of.
const NOT_UNDER_WINE: &[(&str, &str)] = &[
    ("a_linger_of_zero_resets", NO_RESET),
    ("a_reset_by_the_peer_is_an_error", NO_RESET),
    ("abort_resets_under_the_half_that_waits", NO_RESET),
    ("aborted_clients_are_reset_and_are_not_waited_for", NO_RESET),
    ("clients_that_reset_at_any_point_harm_nobody_else", NO_RESET),
];

const fn core(watcher: Watcher) -> CheckedTest {
    CheckedTest::of(watcher, "everloop-core").features("std,alloc").leaking(LEAKING)
}

const fn conformance(watcher: Watcher) -> CheckedTest {
    CheckedTest::of(watcher, "everloop-conformance").features("std,alloc").programs(&["host"])
}

const fn host(watcher: Watcher) -> CheckedTest {
    CheckedTest::of(watcher, "everloop")
        .features(INTEROP)
        .leaking(LEAKING_ON_THE_HOST)
        .left_out(NOT_UNDER_SANITIZERS)
}

const fn embedded(watcher: Watcher) -> CheckedTest {
    CheckedTest::of(watcher, "everloop-embedded").features("std,dns,nal,dhcpv4,slaac").with_leaks()
}

/// The features of the platform for operating systems.
pub const EVERY_FEATURE: &str = "embassy-time-driver,futures-io,hyper,inspect,tls,tokio-io,tracing";
/// The same but for TLS.
pub const WITHOUT_TLS: &str = "embassy-time-driver,futures-io,hyper,inspect,tokio-io,tracing";

/// What `cargo xtask test` runs, begun in this order in two lanes: what takes long comes first.
pub static SUITES: &[Suite] = &[
    Suite {
        name: "host",
        runs: &[
            Cargo(CargoTest::of("everloop-core").features("std").with_docs()),
            Cargo(CargoTest::of("everloop-core").features("std,alloc").with_docs()),
            Cargo(CargoTest::of("everloop-core").features("std,alloc,hooks,inspect").briefly()),
            Cargo(CargoTest::of("everloop")),
            Cargo(CargoTest::of("everloop").features(EVERY_FEATURE).with_docs()),
            Cargo(CargoTest::of("everloop-embedded").features("custom-context")),
            Cargo(CargoTest::of("everloop-embedded").features("std")),
            Cargo(CargoTest::of("everloop-embedded").features("std,dns,nal,dhcpv4,slaac").with_docs()),
            Cargo(CargoTest::of("asyncio-examples")),
            Cargo(CargoTest::of("http-example")),
            Cargo(CargoTest::of("jukebox")),
            Cargo(CargoTest::of("station").with_docs()),
            Cargo(CargoTest::of("everloop-conformance").features("std")),
            Cargo(CargoTest::of("everloop-conformance").features("std,alloc")),
            Cargo(CargoTest::of("everloop-conformance").features("std,alloc,inspect")),
            Cargo(CargoTest::of("everloop-xtask")),
        ],
    },
    Suite { name: "miri", runs: &[Checked(core(Miri).seeds(8)), Checked(conformance(Miri).subset(BRIEFLY))] },
    Suite { name: "tsan", runs: &[Checked(core(Tsan)), Checked(conformance(Tsan)), Checked(host(Tsan))] },
    Suite {
        name: "valgrind",
        runs: &[
            Checked(core(Valgrind)),
            Checked(conformance(Valgrind)),
            Checked(CheckedTest::of(Valgrind, "everloop").left_out(NOT_UNDER_VALGRIND)),
        ],
    },
    Suite {
        name: "asan",
        runs: &[
            Checked(core(Asan)),
            Checked(conformance(Asan)),
            Checked(host(Asan)),
            Checked(embedded(Asan)),
        ],
    },
    Suite {
        name: "wine",
        runs: &[Checked(CheckedTest::of(Wine, "everloop").programs(ON_WINDOWS).left_out(NOT_UNDER_WINE))],
    },
    Suite { name: "loom", runs: &[Cargo(CargoTest::of("everloop-core").features("std,alloc").loom())] },
    Suite {
        name: "difftest",
        runs: &[
            Cargo(CargoTest::of("everloop-difftest").features("host")),
            Cases("random programs on CPython and on everloop", difftest::suite),
            Boot(BootTest::of(&images::DIFFTEST_MPS2).in_counted_time()),
        ],
    },
    Suite { name: "tables", runs: &[Cases("tables of CPython's tests", tables::run)] },
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
            Boot(BootTest::of(&images::CONFORMANCE_LM3S_THIRD).in_counted_time().on_request()),
            Boot(BootTest::of(&images::CONFORMANCE_LM3S_FOURTH).in_counted_time().on_request()),
            Boot(BootTest::of(&images::CONFORMANCE_LM3S_FIFTH).in_counted_time().on_request()),
            Boot(BootTest::of(&images::CONFORMANCE_LM3S_SIXTH).in_counted_time().on_request()),
            Boot(BootTest::of(&images::CONFORMANCE_LM3S_SEVENTH).in_counted_time().on_request()),
            Boot(BootTest::of(&images::CONFORMANCE_LM3S_EIGHTH).in_counted_time().on_request()),
            Boot(BootTest::of(&images::CONFORMANCE_LM3S_NINTH).in_counted_time().on_request()),
        ],
    },
    Suite {
        name: "qemu-mps2-an386",
        runs: &[
            Boot(BootTest::of(&images::CONFORMANCE_AN386).in_counted_time().on_request()),
            Boot(BootTest::of(&images::FLOATS_AN386).in_counted_time()),
        ],
    },
    Suite {
        name: "qemu-microbit",
        runs: &[
            Boot(BootTest::of(&images::CONFORMANCE_MICROBIT_TASKS).in_counted_time()),
            Boot(BootTest::of(&images::CONFORMANCE_MICROBIT_CANCEL).in_counted_time()),
            Boot(BootTest::of(&images::CONFORMANCE_MICROBIT_WAITING).in_counted_time()),
        ],
    },
    Suite {
        name: "qemu-riscv32",
        runs: &[Boot(BootTest::of(&images::CONFORMANCE_RISCV32).in_counted_time())],
    },
    Suite {
        name: "interrupts",
        runs: &[
            Boot(BootTest::of(&images::INTERRUPTS_MPS2).in_counted_time()),
            Boot(BootTest::of(&images::INTERRUPTS_M0).in_counted_time()),
        ],
    },
    Suite {
        name: "boards",
        runs: &[
            Boot(BootTest::of(&images::SELFTEST_MPS2).nic("user")),
            Boot(BootTest::of(&images::SELFTEST_AN386).nic("user")),
            Boot(BootTest::of(&images::SELFTEST_LM3S).nic("user")),
            Boot(BootTest::of(&images::SELFTEST_MICROBIT)),
            Boot(BootTest::of(&images::DEVICES_LM3S).device("tmp105,bus=i2c,address=0x48")),
            Boot(BootTest::of(&images::SELFTEST_RISCV32).nic("user")),
        ],
    },
    Suite { name: "masked", runs: &[Cases("interrupts masked, and a queue they feed", masked::run)] },
    Suite { name: "instructions", runs: &[Cases("instructions of core's hot paths", instructions::run)] },
    Suite { name: "network", runs: &[Cases("dialogues with both stations", dialogue::run)] },
    Suite { name: "firmware-clients", runs: &[Cases("clients written for embassy", clients::run)] },
    Suite { name: "network-mps2-an385", runs: &[Cases("TCP on mps2-an385", network::mps2)] },
    Suite { name: "network-lm3s6965evb", runs: &[Cases("TCP on lm3s6965evb", network::lm3s)] },
    Suite { name: "network-riscv32", runs: &[Cases("TCP on riscv32-virt", network::riscv32)] },
    Suite { name: "firmware", runs: &[Cases("examples of firmware", firmware::test)] },
    Suite { name: "nostd-builds", runs: &[Cases("builds without std", nostd::run)] },
    Suite { name: "image", runs: &[Cases("images without an allocator", no_allocator::run)] },
];
