//! Pipes that hold more once they were full, and that large pieces go through. A program of its own, since so many are
//! large at a time.
#![allow(missing_docs)]
#![cfg(target_os = "linux")]

use std::cell::Cell;
use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use everloop::process::{Process, Stdio};
use everloop::{Duration, create_subprocess_exec, create_task, sleep, wait_for, yield_now};

/// More than a pipe holds as it is made.
const MUCH: usize = 512 * 1024;

/// What is moved at once, where that is much.
const BLOCK: usize = 256 * 1024;

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

/// Awaits it. Whether it was ready at once.
async fn at_once<F: Future>(future: F) -> (F::Output, bool) {
    let mut future = pin!(future);
    let mut polls = 0;
    let output = poll_fn(|cx| {
        polls += 1;
        future.as_mut().poll(cx)
    })
    .await;
    (output, polls == 1)
}

#[test]
fn drain_lets_others_have_their_turn_after_a_large_write_and_not_after_a_small_one() {
    let Some(_alone) = alone() else { return };
    everloop::run(async {
        let mut process = deaf().await;
        let stdin = process.stdin.take().unwrap();
        let turns = Rc::new(Cell::new(0));
        let other = create_task({
            let turns = Rc::clone(&turns);
            async move {
                loop {
                    turns.set(turns.get() + 1);
                    yield_now().await;
                }
            }
        });
        yield_now().await;

        stdin.write(b"little").unwrap();
        assert!(at_once(stdin.drain()).await.1);

        // The pipe grows, and takes it all at once.
        stdin.write(&[0; BLOCK]).unwrap();
        assert_eq!(stdin.pending(), 0);
        let before = turns.get();
        let (drained, was_at_once) = at_once(stdin.drain()).await;
        drained.unwrap();
        assert!(!was_at_once);
        assert!(turns.get() > before);
        // Once is enough.
        assert!(at_once(stdin.drain()).await.1);

        // Dropped while it lets others have their turn, it has lost nothing.
        stdin.write(&[0; BLOCK]).unwrap();
        assert_eq!(stdin.pending(), 0);
        {
            let mut drain = pin!(stdin.drain());
            poll_fn(|cx| {
                assert!(drain.as_mut().poll(cx).is_pending());
                Poll::Ready(())
            })
            .await;
        }
        stdin.write(&[0; BLOCK]).unwrap();
        assert_eq!(stdin.pending(), 0);
        stdin.drain().await.unwrap();

        other.abort();
    })
    .unwrap();
}

/// Of a process that has written so much and ended: what the first read gives, and whether the end comes in the same turn.
async fn first_and_end(count: usize) -> (usize, bool) {
    let args = ["-c", &count.to_string(), "/dev/zero"];
    let mut process = create_subprocess_exec("head", args).stdout(Stdio::Pipe).await.unwrap();
    assert_eq!(process.wait().await, 0);
    let stdout = process.stdout.as_mut().unwrap();
    let mut block = vec![0; BLOCK];
    let first = stdout.read(&mut block).await.unwrap();
    let (end, was_at_once) = at_once(stdout.read(&mut block)).await;
    assert_eq!(end.unwrap(), 0);
    (first, was_at_once)
}

#[test]
fn a_read_after_a_large_one_that_got_all_there_was_lets_others_have_their_turn() {
    let Some(_alone) = alone() else { return };
    everloop::run(async {
        assert_eq!(first_and_end(64 * 1024).await, (64 * 1024, false));
        assert_eq!(first_and_end(1000).await, (1000, true));
    })
    .unwrap();
}
