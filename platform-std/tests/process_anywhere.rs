//! Subprocesses as they are on every system: this program is its own children, so no other is needed.
#![allow(missing_docs)]

use std::io::{self, BufRead, ErrorKind, Write};

use everloop::process::{CreateSubprocess, SignalError, Stdio};
use everloop::{
    Duration, create_subprocess_exec, create_subprocess_shell, create_task, gather, sleep, wait_for,
};
use libtest_mimic::{Arguments, Trial};

/// Set for a child, to what it is to do.
const CHILD: &str = "EVERLOOP_TEST_CHILD";

fn main() {
    if let Ok(what) = std::env::var(CHILD) {
        std::process::exit(child(&what).expect("its standard streams are there"));
    }
    let arguments = Arguments::from_args();
    macro_rules! trials {
        ($($name:ident)*) => {
            vec![$(Trial::test(concat!("process_anywhere::", stringify!($name)), || {
                everloop::run($name())?.map_err(Into::into)
            })),*]
        };
    }
    let trials = trials! {
        its_output_and_its_exit_status_are_there
        a_shell_runs_a_line
        much_goes_through_it_and_back
        its_two_outputs_are_apart_or_one
        it_is_read_and_written_line_by_line
        a_killed_process_has_ended
        a_wait_that_is_cancelled_can_be_waited_again
        any_number_may_wait
        many_run_at_once
        a_process_that_is_not_kept_may_be_killed
        a_program_that_is_not_there_is_an_error
        a_broken_pipe_is_no_error_of_communicate
    };
    libtest_mimic::run(&arguments, trials).exit();
}

/// What a child does. Its exit status.
fn child(what: &str) -> io::Result<i32> {
    let (mut input, mut output) = (io::stdin().lock(), io::stdout().lock());
    match what.split_once(' ').unwrap_or((what, "")) {
        ("says", status) => {
            output.write_all(b"hello\n")?;
            return Ok(status.parse().unwrap());
        }
        ("copies", _) => {
            io::copy(&mut input, &mut output)?;
        }
        ("says-twice", _) => {
            output.write_all(b"out\n")?;
            output.flush()?;
            io::stderr().write_all(b"error\n")?;
        }
        ("answers", _) => {
            for line in input.lines() {
                writeln!(output, "<{}>", line?)?;
                output.flush()?;
            }
        }
        ("sleeps", _) => std::thread::sleep(std::time::Duration::from_secs(3600)),
        ("goes", _) => {}
        _ => unreachable!("no child does {what}"),
    }
    output.flush()?;
    Ok(0)
}

/// A child that does this.
fn that(does: &str) -> CreateSubprocess {
    let this = std::env::current_exe().unwrap();
    create_subprocess_exec(this, [""; 0]).env(CHILD, does)
}

async fn its_output_and_its_exit_status_are_there() -> io::Result<()> {
    let mut process = that("says 3").stdout(Stdio::Pipe).await?;
    assert!(process.pid() > 0);
    let (output, error) = process.communicate(b"").await?;
    assert_eq!((output.as_deref(), error), (Some(&b"hello\n"[..]), None));
    assert_eq!(process.wait().await, 3);
    assert_eq!(process.returncode(), Some(3));
    Ok(())
}

async fn a_shell_runs_a_line() -> io::Result<()> {
    let mut shell = create_subprocess_shell("echo hello&& exit 5").stdout(Stdio::Pipe).await?;
    let (output, _) = shell.communicate(b"").await?;
    assert_eq!(String::from_utf8(output.unwrap()).unwrap().trim_end(), "hello");
    assert_eq!(shell.wait().await, 5);
    Ok(())
}

async fn much_goes_through_it_and_back() -> io::Result<()> {
    let sent: Vec<u8> = (0..4_000_000_u32).map(|i| (i ^ (i >> 8) ^ (i >> 16)) as u8).collect();
    let mut process = that("copies").stdin(Stdio::Pipe).stdout(Stdio::Pipe).await?;
    let (got, _) = process.communicate(&sent).await?;
    assert!(got.unwrap() == sent);
    assert_eq!(process.wait().await, 0);
    Ok(())
}

async fn its_two_outputs_are_apart_or_one() -> io::Result<()> {
    let mut process = that("says-twice").stdout(Stdio::Pipe).stderr(Stdio::Pipe).await?;
    let (output, error) = process.communicate(b"").await?;
    assert_eq!((output.unwrap(), error.unwrap()), (b"out\n".to_vec(), b"error\n".to_vec()));
    let mut process = that("says-twice").stdout(Stdio::Pipe).stderr(Stdio::Stdout).await?;
    let (output, error) = process.communicate(b"").await?;
    assert_eq!((output.unwrap(), error), (b"out\nerror\n".to_vec(), None));
    let mut process = that("says-twice").stdout(Stdio::Null).stderr(Stdio::Pipe).await?;
    let (output, error) = process.communicate(b"").await?;
    assert_eq!((output, error.unwrap()), (None, b"error\n".to_vec()));
    Ok(())
}

async fn it_is_read_and_written_line_by_line() -> io::Result<()> {
    let mut process = that("answers").stdin(Stdio::Pipe).stdout(Stdio::Pipe).await?;
    let (input, mut output) = (process.stdin.take().unwrap(), process.stdout.take().unwrap());
    for line in ["one", "two", "three"] {
        input.write(format!("{line}\n").as_bytes()).unwrap();
        input.drain().await?;
        assert_eq!(output.readline().await.unwrap(), format!("<{line}>\n").as_bytes());
    }
    input.close();
    assert_eq!(output.readline().await.unwrap(), b"");
    assert_eq!(process.wait().await, 0);
    Ok(())
}

async fn a_killed_process_has_ended() -> io::Result<()> {
    for terminate in [false, true] {
        let process = that("sleeps").await?;
        assert_eq!(process.returncode(), None);
        if terminate {
            process.terminate().unwrap()
        } else {
            process.kill().unwrap()
        }
        assert_ne!(process.wait().await, 0);
        assert!(matches!(process.kill(), Err(SignalError::Finished)));
        assert!(matches!(process.terminate(), Err(SignalError::Finished)));
    }
    Ok(())
}

async fn a_wait_that_is_cancelled_can_be_waited_again() -> io::Result<()> {
    let process = that("sleeps").await?;
    for _ in 0..2 {
        wait_for(process.wait(), Duration::from_millis(5)).await.unwrap_err();
    }
    let waiting = create_task(process.wait());
    sleep(Duration::from_millis(5)).await;
    waiting.cancel();
    let _ = waiting.await.unwrap_err();
    process.kill().unwrap();
    assert_ne!(process.wait().await, 0);
    Ok(())
}

async fn any_number_may_wait() -> io::Result<()> {
    let mut process = that("copies").stdin(Stdio::Pipe).stdout(Stdio::Null).await?;
    let waiting = (process.wait(), process.wait(), create_task(process.wait()));
    process.stdin.take().unwrap().close();
    let (one, two, three) = gather(waiting).await;
    assert_eq!((one.unwrap(), two.unwrap(), three.unwrap().unwrap()), (0, 0, 0));
    assert_eq!(process.wait().await, 0);
    Ok(())
}

async fn many_run_at_once() -> io::Result<()> {
    let mut processes = Vec::new();
    for status in 0..16 {
        processes.push(that(&format!("says {status}")).stdout(Stdio::Pipe).await?);
    }
    for (status, mut process) in processes.into_iter().enumerate() {
        let (output, _) = process.communicate(b"").await?;
        assert_eq!(output.unwrap(), b"hello\n");
        assert_eq!(process.wait().await, status as i32);
    }
    Ok(())
}

async fn a_process_that_is_not_kept_may_be_killed() -> io::Result<()> {
    let mut process = that("sleeps").stdout(Stdio::Pipe).kill_on_drop(true).await?;
    let (mut output, ended) = (process.stdout.take().unwrap(), process.wait());
    drop(process);
    assert_ne!(ended.await, 0);
    assert_eq!(output.readline().await.unwrap(), b"");
    Ok(())
}

async fn a_program_that_is_not_there_is_an_error() -> io::Result<()> {
    let error = create_subprocess_exec("everloop-has-no-such-program", [""; 0]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    Ok(())
}

async fn a_broken_pipe_is_no_error_of_communicate() -> io::Result<()> {
    let mut process = that("goes").stdin(Stdio::Pipe).await?;
    process.communicate(&vec![0; 1_000_000]).await?;
    assert_eq!(process.wait().await, 0);
    Ok(())
}
