use super::*;
use nix::sys::signal::kill;
use nix::unistd::Pid;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

const SOON: Duration = Duration::from_secs(10);

fn shell(script: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script]);
    command
}

/// A child that prints the number of a grandchild.
fn family() -> (Process, Pid) {
    let mut process = Process::spawn("a family", &mut shell("sleep 1000 & echo $!; wait")).unwrap();
    let Event::Line(line) = process.event(SOON) else { panic!("no line") };
    (process, Pid::from_raw(line.parse().unwrap()))
}

/// Killed and reaped, or killed and still to be reaped by whoever inherited it.
fn gone(pid: Pid) -> bool {
    let deadline = Instant::now() + SOON;
    while Instant::now() < deadline {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        if kill(pid, None).is_err() || stat.contains(") Z ") {
            return true;
        }
        thread::sleep(Duration::from_millis(10));
    }
    false
}

fn collect(script: &str, limit: Duration) -> (Vec<String>, Ended) {
    let mut lines = Vec::new();
    let ended = stream("a script", &mut shell(script), limit, |line| lines.push(line.to_owned())).unwrap();
    lines.sort();
    (lines, ended)
}

#[test]
fn both_outputs_are_read_to_the_last_byte() {
    let (lines, ended) = collect("echo one; echo two >&2; printf three; exit 3", SOON);
    assert_eq!(lines, ["one", "three", "two"]);
    assert!(matches!(ended, Ended::Exited(status) if status.code() == Some(3)));
}

#[test]
fn a_hang_ends_at_the_limit_and_shows_its_unfinished_line() {
    let start = Instant::now();
    let (lines, ended) = collect("echo one; printf 'test two ... '; sleep 1000", Duration::from_millis(300));
    assert_eq!(lines, ["one", "test two ... "]);
    assert!(matches!(ended, Ended::TimedOut(tail) if tail.contains("test two")));
    assert!(start.elapsed() < SOON);
}

#[test]
fn a_flood_ends_at_the_limit_too() {
    let (lines, ended) = collect("yes", Duration::from_millis(200));
    assert!(!lines.is_empty());
    assert!(matches!(ended, Ended::TimedOut(_)));
}

#[test]
fn dropping_a_process_kills_its_descendants() {
    let (process, grandchild) = family();
    drop(process);
    assert!(gone(grandchild));
}

#[test]
fn a_panic_kills_its_descendants() {
    let (process, grandchild) = family();
    let panicked = catch_unwind(AssertUnwindSafe(move || {
        let _process = process;
        // Without the message of a panic.
        std::panic::resume_unwind(Box::new(()));
    }));
    assert!(panicked.is_err());
    assert!(gone(grandchild));
}

#[test]
fn an_end_is_told_with_the_last_lines() {
    let mut process = Process::spawn("a script", &mut shell("echo oh no; exit 7")).unwrap();
    assert!(process.wait(SOON).is_some());
    let error = process.ensure_running().unwrap_err().to_string();
    assert!(error.contains("a script has ended") && error.contains("oh no"), "{error}");
}

#[test]
fn a_program_that_does_not_exist_is_an_error() {
    assert!(Process::spawn("nothing", &mut Command::new("no-such-program-anywhere")).is_err());
    assert!(inherit(&mut Command::new("no-such-program-anywhere"), SOON).is_err());
}

#[test]
fn a_command_on_our_own_output_has_a_limit() {
    assert!(inherit(&mut shell("sleep 1000"), Duration::from_millis(100)).unwrap().is_none());
    assert!(inherit(&mut shell("exit 0"), SOON).unwrap().unwrap().success());
}
