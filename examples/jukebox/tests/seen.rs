//! What is seen of the example while it plays.
#![cfg(unix)]

use std::process::{Command, Stdio};
use std::time::Duration;

use everloop::inspect::{Snapshot, fetch};

/// All that it does once each task has begun to wait.
const TREE: &str = "\
└── Task-1 waiting on a task group
    └── task_group
        ├── Sundowning waiting on a task group (
        │   └── task_group
        │       ├── TNDNBTG waiting on a sleep (
        │       └── Levitate waiting on a sleep (
        └── TMBTE waiting on a task group (
            └── task_group
                ├── DYWTYLM waiting on a sleep (
                └── Aqua Regia waiting on a sleep (
";

/// Without the numbers of the tasks, since who asks early takes one, and without the lines of the program.
fn tree(snapshot: &Snapshot) -> String {
    let text = snapshot.tree().to_string();
    let mut tree = String::new();
    for line in text.lines().skip(1) {
        let line = match (line.find(" ["), line.find("] ")) {
            (Some(from), Some(to)) => format!("{}{}", &line[..from], &line[to + 1..]),
            _ => line.to_owned(),
        };
        match line.split_once("(examples/jukebox/src/main.rs:") {
            Some((before, _)) => tree += &format!("{before}(\n"),
            None => tree += &format!("{line}\n"),
        }
    }
    tree
}

#[test]
fn the_tree_of_its_tasks_is_seen_while_it_plays() {
    let path = std::env::temp_dir().join(format!("everloop-jukebox-{}", std::process::id()));
    let jukebox = env!("CARGO_BIN_EXE_jukebox");
    let playing = Command::new(jukebox).arg(&path).stdout(Stdio::piped()).spawn().unwrap();
    let seen = loop {
        // It may not serve yet, or its tasks may not all have begun.
        if let Ok(snapshot) = fetch(&path, Duration::from_secs(60))
            && snapshot.tasks.len() == 7
            && snapshot.tasks.iter().all(|task| task.state == "waiting")
        {
            break tree(&snapshot);
        }
        std::thread::sleep(Duration::from_millis(1));
    };
    assert_eq!(seen, TREE);
    let output = playing.wait_with_output().unwrap();
    assert!(output.status.success());
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(said.lines().filter(|line| line.starts_with("Finished: ")).count(), 4, "{said}");
    assert!(!path.exists());
}
