//! `communicate`: all that goes in and comes out, at once.
#![allow(missing_docs)]
#![cfg(unix)]

mod support;

use std::io::{self, ErrorKind};

use everloop::process::{CreateSubprocess, Stdio};
use everloop::{Duration, create_subprocess_exec, create_subprocess_shell, create_task, wait_for, yield_now};
use rustix::process::Signal;
use support::{many, poll_once};

fn run<T>(main: impl Future<Output = io::Result<T>>) -> T {
    everloop::run(main).unwrap().unwrap()
}

fn cat() -> CreateSubprocess {
    create_subprocess_exec("cat", [""; 0]).stdin(Stdio::Pipe).stdout(Stdio::Pipe)
}

/// Bytes that show where they stood.
fn pattern(count: usize) -> Vec<u8> {
    (0..count).map(|place| (place ^ (place >> 8) ^ (place >> 16)) as u8).collect()
}

/// Not by `assert_eq`, which would print them.
fn assert_same(got: &[u8], expected: &[u8]) {
    assert_eq!(got.len(), expected.len());
    let differs = got.iter().zip(expected).position(|(a, b)| a != b);
    assert_eq!(differs, None);
}

#[test]
fn it_feeds_reads_and_waits() {
    run(async {
        let mut process = cat().stderr(Stdio::Pipe).await?;
        let (stdout, stderr) = process.communicate(b"some data").await?;
        assert_eq!((stdout, stderr), (Some(b"some data".to_vec()), Some(Vec::new())));
        assert_eq!(process.returncode(), Some(0));
        Ok(())
    });
}

#[test]
fn it_closes_standard_input_also_without_input() {
    run(async {
        let mut process = cat().await?;
        assert_eq!(process.communicate(b"").await?, (Some(Vec::new()), None));
        assert_eq!(process.returncode(), Some(0));
        Ok(())
    });
}

#[test]
#[cfg(target_os = "linux")]
fn standard_input_can_be_opened_by_its_name() {
    run(async {
        let cat = create_subprocess_exec("cat", ["/dev/stdin"]).stdin(Stdio::Pipe).stdout(Stdio::Pipe);
        assert_eq!(cat.await?.communicate(b"abc").await?.0.unwrap(), b"abc");
        Ok(())
    });
}

#[test]
fn what_is_no_pipe_gives_nothing() {
    run(async {
        let mut process = cat().stdout(Stdio::Null).stderr(Stdio::Pipe).await?;
        assert_eq!(process.communicate(b"abc").await?, (None, Some(Vec::new())));
        let mut process = cat().stderr(Stdio::Null).await?;
        assert_eq!(process.communicate(b"abc").await?, (Some(b"abc".to_vec()), None));
        Ok(())
    });
}

#[test]
fn a_broken_pipe_is_ignored() {
    run(async {
        let input = vec![0; 1 << 20];
        let mut process = create_subprocess_exec("true", [""; 0]).stdin(Stdio::Pipe).await?;
        assert_eq!(process.communicate(&input).await?, (None, None));
        assert_eq!(process.returncode(), Some(0));
        // It has read a part, and what it wrote is there.
        let mut process =
            create_subprocess_exec("head", ["-c", "3"]).stdin(Stdio::Pipe).stdout(Stdio::Pipe).await?;
        assert_eq!(process.communicate(&input).await?.0.unwrap(), [0; 3]);
        Ok(())
    });
}

#[test]
fn input_without_a_pipe_is_an_error_and_nothing_is_done() {
    run(async {
        let mut process = cat().stdin(Stdio::Null).await?;
        let error = process.communicate(b"input").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert_eq!(process.communicate(b"").await?.0.unwrap(), b"");
        // A pipe that somebody has taken is none either.
        let mut process = cat().await?;
        let stdin = process.stdin.take();
        assert_eq!(process.communicate(b"input").await.unwrap_err().kind(), ErrorKind::InvalidInput);
        drop(stdin);
        assert_eq!(process.communicate(b"").await?.0.unwrap(), b"");
        Ok(())
    });
}

#[test]
fn both_outputs_and_the_input_go_on_at_once() {
    run(async {
        // Each of them is more than a pipe holds, and the process waits for each before it goes on to the next.
        let line =
            "head -c 300000 /dev/zero >&2; head -c 300000 /dev/zero; cat >&2; head -c 300000 /dev/zero";
        let mut process =
            create_subprocess_shell(line).stdin(Stdio::Pipe).stdout(Stdio::Pipe).stderr(Stdio::Pipe).await?;
        let (stdout, stderr) = process.communicate(&vec![0; 400_000]).await?;
        assert_eq!((stdout.unwrap().len(), stderr.unwrap().len()), (600_000, 700_000));
        Ok(())
    });
}

#[test]
fn many_bytes_go_through_intact() {
    let size = if std::env::var_os("EVERLOOP_LONG").is_some() { 256 << 20 } else { many(8 << 20) };
    run(async {
        let input = pattern(size);
        let mut process = cat().await?;
        let (output, _) = process.communicate(&input).await?;
        assert_same(&output.unwrap(), &input);
        assert_eq!(process.returncode(), Some(0));
        Ok(())
    });
}

#[test]
fn output_beyond_the_limit_comes_whole() {
    run(async {
        let mut process = cat().limit(10).await?;
        let (output, _) = process.communicate(&pattern(1000)).await?;
        assert_same(&output.unwrap(), &pattern(1000));
        Ok(())
    });
}

#[test]
fn what_was_written_and_read_by_hand_before_counts() {
    run(async {
        let mut process = cat().await?;
        let stdin = process.stdin.as_mut().unwrap();
        stdin.write(b"first\nsecond\n").unwrap();
        stdin.drain().await?;
        assert_eq!(process.stdout.as_mut().unwrap().readline().await.unwrap(), b"first\n");
        process.stdin.as_mut().unwrap().write(b"third\n").unwrap();
        let (output, _) = process.communicate(b"fourth\n").await?;
        assert_eq!(output.unwrap(), b"second\nthird\nfourth\n");
        Ok(())
    });
}

#[test]
fn an_input_that_was_ended_by_hand_is_not_fed() {
    run(async {
        let mut process = cat().await?;
        process.stdin.as_mut().unwrap().write_eof();
        assert_eq!(process.communicate(b"late").await?.0.unwrap(), b"");
        Ok(())
    });
}

#[test]
fn a_second_one_finds_the_end() {
    run(async {
        let mut process = cat().await?;
        assert_eq!(process.communicate(b"once").await?.0.unwrap(), b"once");
        assert_eq!(process.communicate(b"").await?.0.unwrap(), b"");
        assert_eq!(process.communicate(b"twice").await.unwrap_err().kind(), ErrorKind::InvalidInput);
        Ok(())
    });
}

#[test]
fn a_cancelled_one_goes_on_when_called_again() {
    run(async {
        let input = pattern(many(3_000_000));
        let mut process = cat().await?;
        // It stands still at first, so that some are cut however fast it is.
        process.send_signal(Signal::STOP.as_raw()).unwrap();
        let mut cut = 0;
        let (output, _) = loop {
            let outcome = match cut % 3 {
                0 => poll_once(process.communicate(&input)).await,
                1 => wait_for(process.communicate(&input), Duration::from_micros(50)).await.ok(),
                _ => wait_for(process.communicate(&input), Duration::from_micros(1)).await.ok(),
            };
            match outcome {
                Some(output) => break output?,
                None => cut += 1,
            }
            if cut == 10 {
                process.send_signal(Signal::CONT.as_raw()).unwrap();
            }
            yield_now().await;
        };
        assert!(cut >= 10);
        assert_same(&output.unwrap(), &input);
        assert_eq!(process.returncode(), Some(0));
        Ok(())
    });
}

#[test]
fn one_that_was_cancelled_after_all_was_fed_may_get_the_input_again() {
    run(async {
        let line = "cat; echo copied >&2; exec sleep 3600";
        let mut process =
            create_subprocess_shell(line).stdin(Stdio::Pipe).stdout(Stdio::Pipe).stderr(Stdio::Pipe).await?;
        let mut stderr = process.stderr.take().unwrap();
        // Long enough for all but its end, however long that is.
        while process.stdin.is_some() {
            let _ = wait_for(process.communicate(b"input"), Duration::from_millis(1)).await;
        }
        assert_eq!(stderr.readline().await.unwrap(), b"copied\n");
        process.kill().unwrap();
        assert_eq!(process.communicate(b"input").await?.0.unwrap(), b"input");
        assert_eq!(process.returncode(), Some(-9));
        Ok(())
    });
}

#[test]
fn many_run_at_once() {
    run(async {
        let tasks: Vec<_> = (0..20)
            .map(|n| {
                create_task(async move {
                    let input = pattern(50_000 + n);
                    let (output, _) = cat().await?.communicate(&input).await?;
                    assert_same(&output.unwrap(), &input);
                    io::Result::Ok(())
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap()?;
        }
        Ok(())
    });
}
