//! Several programs that are started at once: all but the first by other threads than the loop's.
#![allow(missing_docs)]
#![cfg(all(target_os = "linux", target_env = "gnu"))]

#[path = "support/mod.rs"]
mod support;

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::process::Command;
use std::time::Duration as Span;

use everloop::process::{CreateSubprocess, Stdio};
use everloop::{
    Duration, create_subprocess_exec, create_subprocess_shell, create_task, gather, sleep, wait_for,
};
use rustix::process::{Signal, test_kill_process};
use support::{Folder, many, poll_once};

fn shell(line: &str) -> CreateSubprocess {
    create_subprocess_shell(line)
}

/// Has the next one that is started be one of several: when the loop has waited, one is started at once.
async fn first() {
    for _ in 0..1_000 {
        let first = create_subprocess_exec("sleep", ["0.05"]).into_future();
        if let Some(started) = poll_once(first).await {
            drop(started.unwrap());
            return;
        }
        // On a slow machine it may have passed before the loop comes to wait for it.
        sleep(Duration::from_millis(1)).await;
    }
    panic!("none is started at once");
}

#[test]
fn all_are_started_and_end_as_they_should() {
    everloop::run(async {
        let tasks: Vec<_> = (0..many(100))
            .map(|number| {
                create_task(async move {
                    let line = format!("cat; echo {number}; exit {}", number % 7);
                    let mut process = shell(&line).stdin(Stdio::Pipe).stdout(Stdio::Pipe).await.unwrap();
                    let (output, _) = process.communicate(b"in ").await.unwrap();
                    assert_eq!(output.unwrap(), format!("in {number}\n").into_bytes());
                    assert_eq!(process.returncode(), Some(number as i32 % 7));
                    process.pid()
                })
            })
            .collect();
        let mut pids = BTreeSet::new();
        for task in tasks {
            pids.insert(task.await.unwrap());
        }
        assert!(pids.len() > many(100) / 2, "most of them lived at once");
    })
    .unwrap();
}

#[test]
fn the_loop_goes_on_while_they_are_started() {
    everloop::run(async {
        first().await;
        assert!(poll_once(shell("exit 0").into_future()).await.is_none());
        // And when it has waited, the next one is the first again.
        first().await;
    })
    .unwrap();
}

#[test]
fn what_is_wrong_is_told() {
    everloop::run(async {
        first().await;
        let missing = create_subprocess_exec("/no/such/program", [] as [&str; 0]).await;
        assert_eq!(missing.unwrap_err().kind(), ErrorKind::NotFound);
        first().await;
        let zero = create_subprocess_exec("true", ["a\0b"]).await;
        assert_eq!(zero.unwrap_err().kind(), ErrorKind::InvalidInput);
    })
    .unwrap();
}

#[test]
fn one_that_is_given_up_is_not_left_running() {
    let folder = Folder::new();
    everloop::run(async {
        first().await;
        for number in 0..20 {
            let line = format!("echo $$ >{}/{number}; exec sleep 1000", folder.path().display());
            assert!(poll_once(shell(&line).into_future()).await.is_none());
            if number % 2 == 0 {
                // Some are started by now, and some are not.
                std::thread::sleep(Span::from_millis(3));
            }
        }
        sleep(Duration::from_millis(200)).await;
        for file in std::fs::read_dir(folder.path()).unwrap() {
            let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
            let Ok(pid) = text.trim().parse() else { continue };
            let pid = rustix::process::Pid::from_raw(pid).unwrap();
            assert!(test_kill_process(pid).is_err(), "{pid:?} lives on");
        }
    })
    .unwrap();
}

#[test]
fn each_inherits_the_signals_that_the_loops_thread_blocks() {
    let blocked = |signal: Signal, how| {
        // SAFETY: the calls change which signals this thread blocks, and read a set that was written.
        unsafe {
            let mut set = std::mem::zeroed();
            libc::sigemptyset(&raw mut set);
            libc::sigaddset(&raw mut set, signal.as_raw());
            assert_eq!(libc::pthread_sigmask(how, &raw const set, std::ptr::null_mut()), 0);
        }
    };
    everloop::run(async {
        // A child that lives keeps the thread that has started it, from before the signal is blocked.
        first().await;
        let old = create_subprocess_exec("sleep", ["1000"]).kill_on_drop(true).await.unwrap();
        blocked(Signal::USR2, libc::SIG_BLOCK);
        let mut masks = BTreeSet::new();
        first().await;
        for _ in 0..4 {
            let grep = create_subprocess_exec("grep", ["SigBlk", "/proc/self/status"]).stdout(Stdio::Pipe);
            let (output, _) = grep.await.unwrap().communicate(b"").await.unwrap();
            let line = String::from_utf8(output.unwrap()).unwrap();
            let mask = u64::from_str_radix(line.split_whitespace().nth(1).unwrap(), 16).unwrap();
            masks.insert(mask & 1 << (Signal::USR2.as_raw() - 1) != 0);
            first().await;
        }
        assert_eq!(masks, BTreeSet::from([true]));
        drop(old);
    })
    .unwrap();
}

#[test]
fn the_thread_that_started_one_lives_as_long() {
    let run = Command::new("setpriv").args(["--pdeathsig", "KILL", "true"]).status();
    if !run.is_ok_and(|status| status.success()) {
        return;
    }
    everloop::run(async {
        first().await;
        let start = || create_subprocess_exec("setpriv", ["--pdeathsig", "KILL", "sleep", "1000"]);
        let started = gather(vec![start().into_future(), start().into_future()]).await;
        let all: Vec<_> = started.into_iter().map(|process| process.unwrap().unwrap()).collect();
        for process in &all {
            assert!(wait_for(process.wait(), Duration::from_millis(200)).await.is_err(), "it was killed");
        }
        for process in &all {
            process.kill().unwrap();
            assert_eq!(process.wait().await, -9);
        }
    })
    .unwrap();
}
