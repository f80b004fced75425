//! Pipes that hold more once they were full. A program of its own, since so many are large at a time.
#![allow(missing_docs)]
#![cfg(target_os = "linux")]

use std::sync::{Mutex, MutexGuard, PoisonError};

use everloop::create_subprocess_exec;
use everloop::process::{Process, Stdio};
use everloop::{Duration, sleep, wait_for};

/// More than a pipe holds as it is made.
const MUCH: usize = 512 * 1024;

/// One test at a time; none where the system does not let this user's pipes grow.
fn alone() -> Option<MutexGuard<'static, ()>> {
    static ALONE: Mutex<()> = Mutex::new(());
    let guard = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let (pipe, _) = std::io::pipe().unwrap();
    rustix::pipe::fcntl_setpipe_size(&pipe, 2 * MUCH).ok()?;
    Some(guard)
}

/// A process that reads nothing.
async fn deaf() -> Process {
    create_subprocess_exec("sleep", ["1000"]).stdin(Stdio::Pipe).kill_on_drop(true).await.unwrap()
}

/// How much of a lot its pipe does not take.
fn left_over(process: &Process) -> usize {
    let stdin = process.stdin.as_ref().unwrap();
    stdin.write(&vec![0; MUCH]).unwrap();
    stdin.pending()
}

#[test]
fn a_pipe_that_is_written_full_takes_more() {
    let Some(_alone) = alone() else { return };
    everloop::run(async {
        let process = deaf().await;
        assert_eq!(left_over(&process), 0);
        // It is full at some time all the same.
        assert!(left_over(&process) < MUCH);
        assert!(left_over(&process) > 0);
    })
    .unwrap();
}

#[test]
fn a_pipe_that_is_found_full_takes_more() {
    let Some(_alone) = alone() else { return };
    everloop::run(async {
        let mut process = create_subprocess_exec("head", ["-c", &MUCH.to_string(), "/dev/zero"])
            .stdout(Stdio::Pipe)
            .await
            .unwrap();
        // Until it waits for room: a pipe that was never full stays as it is.
        sleep(Duration::from_millis(100)).await;
        let mut first = vec![0; 64 * 1024];
        process.stdout.as_mut().unwrap().readexactly(&mut first).await.unwrap();
        // It ends although nobody reads the rest.
        let code = wait_for(process.wait(), Duration::from_secs(60)).await;
        assert_eq!(code, Ok(0));
        let (rest, _) = process.communicate(b"").await.unwrap();
        assert_eq!(rest.unwrap().len(), MUCH - first.len());
    })
    .unwrap();
}

#[test]
fn no_more_than_a_few_are_large_at_a_time() {
    let Some(_alone) = alone() else { return };
    everloop::run(async {
        let mut all = Vec::new();
        for _ in 0..20 {
            all.push(deaf().await);
        }
        let large = all.iter().filter(|process| left_over(process) == 0).count();
        assert_eq!(large, 16);
        drop(all);
        // What they leave behind sends what it has, and finds that nobody reads.
        sleep(Duration::from_millis(100)).await;
        let another = deaf().await;
        assert_eq!(left_over(&another), 0);
    })
    .unwrap();
}
