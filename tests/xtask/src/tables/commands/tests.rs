use super::*;

fn fault_of(command: &str) -> Option<String> {
    let root = crate::workspace::root();
    fault(root, command, &Known::read(root).unwrap())
}

#[test]
fn commands_are_what_calls_cargo() {
    let text = "`drain` and `cargo xtask soak`, or\n| `A=1 cargo test` | `x` | `cargo xtask size` |";
    assert_eq!(
        commands(text).collect::<Vec<_>>(),
        ["cargo xtask soak", "A=1 cargo test", "cargo xtask size"]
    );
}

#[test]
fn a_command_that_runs_something_has_no_fault() {
    for command in [
        "cargo xtask soak --minutes 30",
        "cargo xtask test --only loom",
        "cargo mutants -p everloop-core --shard 3/100",
        "cargo test -p everloop --test exhaustion",
        "cargo test -p everloop --test exhaustion a_listener",
        "cargo test -p everloop --test sockets tcp_close::a_reset",
        "EVERLOOP_LONG=1 cargo test -p everloop-conformance --features std,alloc --test seeded",
    ] {
        assert_eq!(fault_of(command), None, "{command}");
    }
}

#[test]
fn what_would_run_nothing_is_a_fault() {
    for command in [
        "cargo xtask soak --hours 30",
        "cargo xtask test --only no-suite",
        "cargo test -p everloop",
        "cargo test -p no-package --test exhaustion",
        "cargo test -p everloop --test no_program",
        "cargo test -p everloop --test exhaustion no_such_test",
        // It is a test, but of another program.
        "cargo test -p everloop --test sockets a_listener_out_of",
        "cargo build",
    ] {
        assert!(fault_of(command).is_some(), "{command}");
    }
}
