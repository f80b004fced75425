//! Children are reaped whatever becomes of who started them. By `/proc`.
#![allow(missing_docs)]
#![cfg(target_os = "linux")]

use std::io;
use std::time::{Duration, Instant};

use everloop::process::{Process, SignalError, Stdio};
use everloop::{Runner, create_subprocess_exec, create_subprocess_shell, create_task, yield_now};
use rustix::process::{Pid, Signal, kill_process, test_kill_process};

fn run<T>(main: impl Future<Output = io::Result<T>>) -> T {
    everloop::run(main).unwrap().unwrap()
}

/// The state of a process by its letter, and its parent.
fn look(pid: u32) -> Option<(char, u32)> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let mut rest = stat.rsplit_once(") ").unwrap().1.split(' ');
    Some((rest.next()?.chars().next()?, rest.next()?.parse().ok()?))
}

fn is_child(pid: u32) -> bool {
    look(pid).is_some_and(|(_, parent)| parent == std::process::id())
}

/// Blocks until the process is no child any more, not even a dead one.
#[track_caller]
fn expect_reaped(pid: u32) {
    let start = Instant::now();
    while is_child(pid) {
        assert!(start.elapsed() < Duration::from_secs(20), "{pid} is still there: {:?}", look(pid));
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn pid(number: u32) -> Pid {
    Pid::from_raw(number as i32).unwrap()
}

async fn blocked() -> io::Result<Process> {
    create_subprocess_exec("sleep", ["3600"]).await
}

#[test]
fn a_child_is_reaped_without_anyone_waiting() {
    run(async {
        let process = create_subprocess_exec("true", [""; 0]).await?;
        while is_child(process.pid()) {
            yield_now().await;
        }
        Ok(())
    });
}

#[test]
fn a_child_is_reaped_while_its_loop_is_blocked() {
    run(async {
        let process = create_subprocess_exec("true", [""; 0]).await?;
        expect_reaped(process.pid());
        assert_eq!(process.returncode(), Some(0));
        assert_eq!(process.wait().await, 0);
        Ok(())
    });
}

#[test]
fn a_child_is_reaped_when_its_handle_was_dropped() {
    run(async {
        let process = blocked().await?;
        let number = process.pid();
        drop(process);
        assert!(is_child(number), "it runs on");
        kill_process(pid(number), Signal::TERM)?;
        expect_reaped(number);
        Ok(())
    });
}

#[test]
fn a_child_is_reaped_when_its_loop_is_gone() {
    let process = run(blocked());
    assert!(is_child(process.pid()), "it runs on");
    process.kill().unwrap();
    expect_reaped(process.pid());
    assert_eq!(process.returncode(), Some(-9));

    let number = run(async { Ok(blocked().await?.pid()) });
    assert!(is_child(number), "it runs on");
    kill_process(pid(number), Signal::TERM).unwrap();
    expect_reaped(number);
}

#[test]
fn a_child_is_reaped_when_the_thread_of_its_loop_is_gone() {
    let number = std::thread::spawn(|| run(async { Ok(blocked().await?.pid()) })).join().unwrap();
    assert!(is_child(number), "it runs on");
    kill_process(pid(number), Signal::TERM).unwrap();
    expect_reaped(number);
}

#[test]
fn a_child_is_reaped_when_the_task_that_waits_is_cancelled_with_its_loop() {
    let number = run(async {
        let process = blocked().await?;
        let number = process.pid();
        create_task(async move { process.wait().await });
        yield_now().await;
        Ok(number)
    });
    assert!(is_child(number), "it runs on");
    kill_process(pid(number), Signal::TERM).unwrap();
    expect_reaped(number);
}

#[test]
fn a_child_is_reaped_between_two_runs() {
    let mut runner = Runner::new();
    let process = runner.run(create_subprocess_exec("true", [""; 0])).unwrap().unwrap();
    expect_reaped(process.pid());
    assert_eq!(runner.run(process.wait()).unwrap(), 0);
}

#[test]
fn a_child_that_was_stopped_has_not_ended() {
    run(async {
        let process = blocked().await?;
        process.send_signal(Signal::STOP.as_raw()).unwrap();
        while look(process.pid()).unwrap().0 != 'T' {
            yield_now().await;
        }
        assert_eq!(process.returncode(), None);
        process.send_signal(Signal::CONT.as_raw()).unwrap();
        while look(process.pid()).unwrap().0 == 'T' {
            yield_now().await;
        }
        assert_eq!(process.returncode(), None);
        process.kill().unwrap();
        assert_eq!(process.wait().await, -9);
        Ok(())
    });
}

#[test]
fn a_dropped_process_is_killed_if_that_was_said() {
    run(async {
        let process = create_subprocess_exec("sleep", ["3600"]).kill_on_drop(true).await?;
        let (number, wait) = (process.pid(), process.wait());
        drop(process);
        assert_eq!(wait.await, -9);
        expect_reaped(number);
        // One that has ended is left as it is.
        let process = create_subprocess_exec("true", [""; 0]).kill_on_drop(true).await?;
        assert_eq!(process.wait().await, 0);
        let wait = process.wait();
        drop(process);
        assert_eq!(wait.await, 0);
        Ok(())
    });
}

#[test]
fn a_dropped_process_loses_its_pipes() {
    run(async {
        let process = create_subprocess_exec("cat", [""; 0]).stdin(Stdio::Pipe).await?;
        let number = process.pid();
        drop(process);
        // It reads the end.
        expect_reaped(number);
        Ok(())
    });
}

#[test]
fn a_signal_never_reaches_a_recycled_pid() {
    run(async {
        let process = create_subprocess_exec("true", [""; 0]).await?;
        assert_eq!(process.wait().await, 0);
        let number = process.pid();
        // Whoever may, has the kernel give out the same number again; the others only see that nothing is sent.
        let mut recycled = None;
        for _ in 0..200 {
            if std::fs::write("/proc/sys/kernel/ns_last_pid", format!("{}", number - 1)).is_err() {
                eprintln!("the kernel was not asked to recycle a pid: that takes a privilege");
                break;
            }
            let next = blocked().await?;
            if next.pid() == number {
                recycled = Some(next);
                break;
            }
            next.kill().unwrap();
        }
        for signal in [0, 9, 15] {
            assert!(matches!(process.send_signal(signal), Err(SignalError::Finished)));
        }
        if let Some(other) = recycled {
            assert_eq!(other.returncode(), None);
            test_kill_process(pid(number))?;
            other.kill().unwrap();
            assert_eq!(other.wait().await, -9);
        }
        Ok(())
    });
}

#[test]
fn a_new_session_is_its_own() {
    run(async {
        let session = |new| async move {
            let cat = create_subprocess_exec("cat", ["/proc/self/stat"]).stdout(Stdio::Pipe);
            let mut cat = cat.start_new_session(new).await?;
            let (output, _) = cat.communicate(b"").await?;
            let output = String::from_utf8(output.unwrap()).unwrap();
            let session: u32 =
                output.rsplit_once(") ").unwrap().1.split(' ').nth(3).unwrap().parse().unwrap();
            io::Result::Ok((session, cat.pid()))
        };
        let (theirs, number) = session(true).await?;
        assert_eq!(theirs, number);
        let (theirs, number) = session(false).await?;
        assert_ne!(theirs, number);
        assert_eq!(create_subprocess_shell("exit 8").start_new_session(true).await?.wait().await, 8);
        Ok(())
    });
}
