//! The command `everloop-ps`.
#![allow(missing_docs)]
#![cfg(all(unix, feature = "inspect"))]

mod support;

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use everloop::inspect::serve;
use everloop::{Duration, create_task, sleep, to_thread};
use support::Folder;

const PROGRAM: &str = env!("CARGO_BIN_EXE_everloop-ps");

fn asks(words: &[&str]) -> Output {
    Command::new(PROGRAM).args(words).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// What the command prints of a loop with one more task, which is asleep.
fn shown(form: &'static str) -> String {
    let folder = Folder::new();
    let path = folder.join("socket");
    everloop::run(async {
        serve(&path).unwrap();
        let sleeper = create_task(sleep(Duration::from_secs(3600))).named("sleeper");
        let at = path.clone();
        let output = to_thread(move || asks(&[form, at.to_str().unwrap()])).await;
        sleeper.cancel();
        assert!(output.status.success(), "{output:?}");
        assert_eq!(text(&output.stderr), "");
        text(&output.stdout).to_owned()
    })
    .unwrap()
}

#[test]
fn ps_prints_a_table() {
    let table = shown("ps");
    let mut lines = table.lines();
    assert!(lines.next().unwrap().contains("longest poll"), "{table}");
    let main = lines.next().unwrap();
    assert!(main.contains("Task-1") && main.contains("a thread"), "{table}");
    let sleeper = lines.next().unwrap();
    assert!(sleeper.contains("sleeper") && sleeper.contains("waiting  a sleep"), "{table}");
    assert!(sleeper.contains("tests/inspect_command.rs:"), "{table}");
    assert_eq!(lines.next(), None);
}

#[test]
fn pstree_prints_a_tree() {
    let tree = shown("pstree");
    let mut lines = tree.lines();
    assert!(lines.next().unwrap().starts_with(&format!("process {}, thread ", std::process::id())), "{tree}");
    assert_eq!(lines.next(), Some("├── Task-1 [1] waiting on a thread"));
    assert!(lines.next().unwrap().starts_with("└── sleeper [3] waiting on a sleep ("), "{tree}");
    assert_eq!(lines.next(), None);
}

#[test]
fn json_prints_all_that_is_known() {
    let snapshot: serde_json::Value = serde_json::from_str(&shown("json")).unwrap();
    assert_eq!(snapshot["pid"], std::process::id());
    assert_eq!(snapshot["tasks"][1]["name"], "sleeper");
}

#[test]
fn what_is_not_understood_is_answered_with_the_usage() {
    let wrong: [&[&str]; 7] = [
        &[],
        &["ps"],
        &["top", "path"],
        &["ps", "path", "another"],
        &["ps", "path", "--timeout"],
        &["ps", "path", "--timeout", "-1"],
        &["ps", "path", "--watch"],
    ];
    for words in wrong {
        let output = asks(words);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        assert!(text(&output.stderr).contains("usage: everloop-ps"), "{output:?}");
    }
    let help = asks(&["--help"]);
    assert!(help.status.success() && text(&help.stdout).contains("usage: everloop-ps"));
}

#[test]
fn where_nobody_serves_it_says_so() {
    let folder = Folder::new();
    let path: PathBuf = folder.join("socket");
    let output = asks(&["ps", path.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stderr);
    assert!(said.contains(path.to_str().unwrap()) && said.contains("inspect::serve"), "{said}");
}

#[test]
fn a_loop_that_does_not_answer_in_time_is_named() {
    let folder = Folder::new();
    let path = folder.join("socket");
    let _silent = std::os::unix::net::UnixListener::bind(&path).unwrap();
    let output = asks(&["pstree", path.to_str().unwrap(), "--timeout", "0.05"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("no answer in time"), "{output:?}");
}

#[test]
fn who_reads_its_output_may_stop_before_the_end() {
    let mut child =
        Command::new(PROGRAM).arg("--help").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(text(&output.stderr), "");
}
