//! Subprocesses: how they end, who is told, and signals.
#![allow(missing_docs)]
#![cfg(unix)]

mod support;

use std::io;

use everloop::process::{Process, SignalError, Stdio};
use everloop::{
    Duration, create_subprocess_exec, create_subprocess_shell, create_task, gather, wait_for, yield_now,
};
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use support::poll_once;

const TERM: i32 = Signal::TERM.as_raw();

fn run<T>(main: impl Future<Output = io::Result<T>>) -> T {
    everloop::run(main).unwrap().unwrap()
}

async fn blocked() -> io::Result<Process> {
    create_subprocess_exec("sleep", ["3600"]).await
}

/// Waits until it sleeps, with the signals as they are by then.
async fn sleeping(line: &str) -> io::Result<Process> {
    let mut shell =
        create_subprocess_shell(format!("{line} echo ready; exec sleep 3600")).stdout(Stdio::Pipe).await?;
    assert_eq!(shell.stdout.as_mut().unwrap().readline().await.unwrap(), b"ready\n");
    Ok(shell)
}

#[test]
fn an_exit_by_signal_n_is_minus_n() {
    run(async {
        let process = sleeping("").await?;
        process.kill().unwrap();
        assert_eq!(process.wait().await, -9);
        let process = sleeping("").await?;
        process.terminate().unwrap();
        assert_eq!(process.wait().await, -15);
        let process = sleeping("").await?;
        process.send_signal(Signal::USR1.as_raw()).unwrap();
        assert_eq!(process.wait().await, -Signal::USR1.as_raw());
        // One of the real-time signals, which have no names.
        let process = sleeping("").await?;
        process.send_signal(libc::SIGTERM + 25).unwrap();
        assert_eq!(process.wait().await, -(libc::SIGTERM + 25));
        assert_eq!(create_subprocess_shell("kill -ABRT $$").await?.wait().await, -Signal::ABORT.as_raw());
        // A status is none: a shell says this of a program that a signal ended.
        assert_eq!(create_subprocess_shell("exit 137").await?.wait().await, 137);
        Ok(())
    });
}

#[test]
fn a_process_may_handle_a_signal() {
    run(async {
        let mut shell =
            create_subprocess_shell("trap 'exit 3' TERM; echo ready; while :; do sleep 0.01; done")
                .stdout(Stdio::Pipe)
                .await?;
        assert_eq!(shell.stdout.as_mut().unwrap().readline().await.unwrap(), b"ready\n");
        shell.terminate().unwrap();
        assert_eq!(shell.wait().await, 3);
        Ok(())
    });
}

#[test]
fn a_process_that_ignores_sigterm_lives_until_it_is_killed() {
    let mut left = None;
    run(async {
        let process = sleeping("trap '' TERM;").await?;
        for _ in 0..3 {
            // It was sent, which is all that can be told.
            process.terminate().unwrap();
            wait_for(process.wait(), Duration::from_millis(5)).await.unwrap_err();
            assert_eq!(process.returncode(), None);
        }
        process.kill().unwrap();
        assert_eq!(process.wait().await, -9);

        let process = sleeping("trap '' TERM;").await?;
        process.terminate().unwrap();
        left = Pid::from_raw(process.pid() as i32);
        Ok(())
    });
    // Nor did the end of the loop wait for one, and it is reaped after that.
    let left = left.unwrap();
    test_kill_process(left).unwrap();
    kill_process(left, Signal::KILL).unwrap();
    while test_kill_process(left).is_ok() {
        std::thread::yield_now();
    }
}

#[test]
fn a_signal_to_a_finished_process_is_an_error() {
    run(async {
        let process = create_subprocess_exec("true", [""; 0]).await?;
        // Nobody waits, and the loop has no turn.
        while process.returncode().is_none() {
            std::thread::yield_now();
        }
        assert!(matches!(process.send_signal(TERM), Err(SignalError::Finished)));
        assert!(matches!(process.terminate(), Err(SignalError::Finished)));
        assert!(matches!(process.kill(), Err(SignalError::Finished)));
        assert!(matches!(process.send_signal(0), Err(SignalError::Finished)));
        assert_eq!(process.wait().await, 0);
        assert!(matches!(process.kill(), Err(SignalError::Finished)));
        Ok(())
    });
}

#[test]
fn a_process_that_was_killed_has_ended_although_its_own_child_has_the_pipe() {
    run(async {
        let line = "echo ready; sleep 3600 & echo $!; wait";
        let mut shell = create_subprocess_shell(line).stdout(Stdio::Pipe).await?;
        let stdout = shell.stdout.as_mut().unwrap();
        stdout.readline().await.unwrap();
        let number = str::from_utf8(stdout.readline().await.unwrap()).unwrap().trim().parse().unwrap();
        shell.kill().unwrap();
        assert_eq!(shell.wait().await, -9);
        let rest = shell.stdout.as_mut().unwrap();
        assert!(poll_once(rest.read(&mut [0])).await.is_none(), "its child holds it open");
        kill_process(Pid::from_raw(number).unwrap(), Signal::KILL)?;
        assert_eq!(rest.read(&mut [0]).await?, 0);
        Ok(())
    });
}

#[test]
fn a_signal_that_races_with_the_end_is_sent_or_is_an_error() {
    run(async {
        for n in 0..200 {
            let process = create_subprocess_exec("true", [""; 0]).await?;
            for _ in 0..n * 10 {
                std::hint::spin_loop();
            }
            match process.terminate() {
                Ok(()) => assert!(matches!(process.wait().await, 0 | -15)),
                Err(SignalError::Finished) => assert_eq!(process.wait().await, 0),
                Err(error) => panic!("{error}"),
            }
        }
        Ok(())
    });
}

#[test]
fn a_signal_that_does_not_exist_is_an_error() {
    run(async {
        let process = blocked().await?;
        for signal in [-9, -1, 1000, i32::MAX, i32::MIN] {
            assert!(matches!(process.send_signal(signal), Err(SignalError::NoSuchSignal)), "{signal}");
        }
        process.send_signal(0).unwrap();
        assert_eq!(process.returncode(), None);
        process.kill().unwrap();
        assert_eq!(process.wait().await, -9);
        Ok(())
    });
}

#[test]
fn the_return_code_is_none_while_it_runs() {
    run(async {
        let process = blocked().await?;
        assert_eq!(process.returncode(), None);
        assert_eq!(
            format!("{process:?}"),
            format!("Process {{ pid: {}, returncode: None, .. }}", process.pid())
        );
        process.kill().unwrap();
        process.wait().await;
        assert_eq!(process.returncode(), Some(-9));
        assert_eq!(
            format!("{process:?}"),
            format!("Process {{ pid: {}, returncode: Some(-9), .. }}", process.pid())
        );
        Ok(())
    });
}

#[test]
fn any_number_may_wait_at_once() {
    run(async {
        let mut cat = create_subprocess_exec("cat", [""; 0]).stdin(Stdio::Pipe).await?;
        let waits: Vec<_> = (0..50).map(|_| cat.wait()).collect();
        let tasks: Vec<_> = (0..50).map(|_| create_task(cat.wait())).collect();
        // Another loop on another thread.
        let elsewhere = std::thread::spawn({
            let wait = cat.wait();
            move || everloop::run(wait).unwrap()
        });
        yield_now().await;
        cat.stdin = None;
        assert!(gather(waits).await.into_iter().all(|code| code == Ok(0)));
        for task in tasks {
            assert_eq!(task.await, Ok(0));
        }
        assert_eq!(elsewhere.join().unwrap(), 0);
        // And when it has ended.
        assert_eq!(gather([(); 10].map(|()| cat.wait())).await, [(); 10].map(|()| Ok(0)));
        Ok(())
    });
}

#[test]
fn a_waker_that_panics_keeps_nobody_from_being_told() {
    struct Panics;
    impl std::task::Wake for Panics {
        fn wake(self: std::sync::Arc<Self>) {
            panic!("on purpose");
        }
    }
    run(async {
        let process = blocked().await?;
        let waker = std::task::Waker::from(std::sync::Arc::new(Panics));
        let mut cx = std::task::Context::from_waker(&waker);
        let mut first = Box::pin(process.wait());
        assert!(first.as_mut().poll(&mut cx).is_pending());
        let second = create_task(process.wait());
        let mut third = Box::pin(process.wait());
        yield_now().await;
        assert!(third.as_mut().poll(&mut cx).is_pending());
        // By way of the thread that reaps, which goes on.
        kill_process(Pid::from_raw(process.pid() as i32).unwrap(), Signal::KILL)?;
        assert_eq!(second.await, Ok(-9));
        assert_eq!(create_subprocess_shell("exit 7").await?.wait().await, 7);
        Ok(())
    });
}

#[test]
fn a_cancelled_wait_can_be_waited_again() {
    run(async {
        let process = blocked().await?;
        let mut waiting = create_task(process.wait());
        yield_now().await;
        waiting.cancel();
        assert!((&mut waiting).await.is_err());
        assert!(!waiting.cancel());
        assert_eq!(poll_once(process.wait()).await, None);
        process.kill().unwrap();
        assert_eq!(process.wait().await, -9);
        Ok(())
    });
}

#[test]
fn it_may_be_waited_for_in_another_loop_than_its_own() {
    let process = run(blocked());
    process.kill().unwrap();
    assert_eq!(everloop::run(process.wait()).unwrap(), -9);
}
