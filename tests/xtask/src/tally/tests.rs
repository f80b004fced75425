use super::*;

fn count(output: &str) -> Tally {
    let mut counter = Counter::default();
    output.lines().for_each(|line| counter.line(line));
    counter.finish()
}

fn counts(output: &str) -> (u64, u64, u64) {
    let tally = count(output);
    (tally.passed, tally.failed, tally.skipped)
}

const LIBTEST: &str = "
running 3 tests
test queue::fifo ... ok
test queue::slow ... ignored, takes a minute
test queue::lifo ... FAILED

test result: FAILED. 1 passed; 1 failed; 1 ignored; 0 measured; 2 filtered out; finished in 0.00s
";

#[test]
fn libtest_lines_are_counted_with_names() {
    let tally = count(LIBTEST);
    assert_eq!((tally.passed, tally.failed, tally.skipped), (1, 1, 1));
    assert_eq!(tally.failures, ["queue::lifo"]);
    assert_eq!(tally.skips, ["queue::slow: takes a minute"]);
}

#[test]
fn several_binaries_add_up() {
    assert_eq!(counts(&LIBTEST.repeat(3)), (3, 3, 3));
}

#[test]
fn the_brief_form_is_enough() {
    assert_eq!(counts("test result: ok. 12 passed; 0 failed; 1 ignored"), (12, 0, 1));
}

#[test]
fn colours_do_not_matter() {
    let line = "test result: \u{1b}[32mok\u{1b}[m. 7 passed; 0 failed; 0 ignored; 0 measured";
    assert_eq!(counts(line), (7, 0, 0));
}

#[test]
fn a_doc_test_without_reason_is_named() {
    let line = "test core/src/lib.rs - run (line 3) ... ignored";
    assert_eq!(count(line).skips, ["core/src/lib.rs - run (line 3): no reason given"]);
}

#[test]
fn a_program_that_fails_by_itself_has_a_name() {
    let mut counter = Counter::default();
    counter.line("test result: ok. 12 passed; 0 failed; 1 ignored");
    counter.line("error: test failed, to rerun pass `-p everloop-core --test turns`");
    assert_eq!(counter.programs(), ["-p everloop-core --test turns"]);
}

#[test]
fn what_a_failed_test_said_is_kept_with_its_name() {
    let output = "
running 2 tests
test a::one ... FAILED
test other ... ok

failures:

---- a::one stdout ----

thread 'a::one' panicked at a.rs:3:
test other ... no outcome, since this is output
note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace


failures:
    a::one

test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s
";
    let tally = count(output);
    assert_eq!((tally.passed, tally.failed), (1, 1));
    let said = "thread 'a::one' panicked at a.rs:3: | test other ... no outcome, since this is output";
    assert_eq!(tally.failures, [format!("a::one: {said}")]);
}

#[test]
fn what_a_watcher_found_in_a_program_that_failed_is_kept() {
    let mut counter = Counter::default();
    let output = "
     Running tests/well.rs (deps/well)
==12== Warning: set address range perms: large range
test result: ok. 3 passed; 0 failed; 0 ignored
     Running tests/leaky.rs (deps/leaky)
--13-- WARNING: unhandled amd64-linux syscall: 441
==13==
==13== 16 bytes in 1 blocks are definitely lost
==13==    at 0x48: malloc
test result: ok. 3 passed; 0 failed; 0 ignored
error: test failed, to rerun pass `-p it --test leaky`";
    output.lines().for_each(|line| counter.line(line));
    assert_eq!(counter.reported(), ["16 bytes in 1 blocks are definitely lost", "at 0x48: malloc"]);
}

#[test]
fn a_binary_that_dies_counts_as_one_failure() {
    let tally = count("running 3 tests\ntest a ... ok\n");
    assert_eq!((tally.passed, tally.failed), (0, 1));
    assert_eq!(tally.within("core").failures, ["core: a test program ended before its result"]);
}

#[test]
fn the_harness_line_counts_alone_on_a_line() {
    assert_eq!(counts("4 passed, 0 failed"), (4, 0, 0));
    assert_eq!(counts("  4 passed, 1 failed, 2 skipped\r"), (4, 1, 2));
    assert_eq!(counts("so 4 passed, 0 failed"), (0, 0, 0));
    assert_eq!(counts("4 passed, 0 failed, all well"), (0, 0, 0));
    assert_eq!(counts("4 passed, 0 failed, 1 skipped, 2 more"), (0, 0, 0));
    assert_eq!(counts("4 passed"), (0, 0, 0));
    assert_eq!(counts("-4 passed, 0 failed"), (0, 0, 0));
}

#[test]
fn harness_names_are_noted() {
    let tally = count("test sleep ... ok\ntest udp ... skipped: no driver\n1 passed, 0 failed, 1 skipped");
    assert_eq!((tally.passed, tally.failed, tally.skipped), (1, 0, 1));
    assert_eq!(tally.skips, ["udp: no driver"]);
}

#[test]
fn other_lines_count_nothing() {
    assert_eq!(count("Compiling x\nrunning away\nrunning 3 laps\ntest\n"), Tally::default());
}

#[test]
fn the_closing_line_names_skips_only_when_there_are_some() {
    let mut tally = Tally::default();
    assert_eq!(tally.to_string(), "0 passed, 0 failed");
    tally.pass();
    tally.fail("x");
    assert_eq!(tally.to_string(), "1 passed, 1 failed");
    tally.skip("y: why");
    assert_eq!(tally.to_string(), "1 passed, 1 failed, 1 skipped");
}

#[test]
fn the_test_that_never_ended_is_known() {
    let unfinished = |output: &str| {
        let mut counter = Counter::default();
        output.lines().for_each(|line| counter.line(line));
        counter.unfinished().map(str::to_owned)
    };
    assert_eq!(unfinished("test a ... ok\ntest b ... panicked at src/b.rs:3\nno").as_deref(), Some("b"));
    assert_eq!(unfinished("test a ... ok\ntest b ... ").as_deref(), Some("b"));
    assert_eq!(unfinished("test a ... \ntest b ... ok"), None);
    assert_eq!(unfinished("test a ... FAILED: it is wrong ... very\ntest b ... ignored"), None);
}
