//! Subprocesses: how they are started, and their streams.
#![allow(missing_docs)]
#![cfg(unix)]

use std::fs::File;
use std::io::{self, ErrorKind, Write as _};
use std::os::fd::AsRawFd;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

use everloop::process::{Process, Stdio};
use everloop::reactor::ReactorError;
use everloop::{create_subprocess_exec, create_subprocess_shell, create_task, sleep, yield_now};

fn run<T>(main: impl Future<Output = io::Result<T>>) -> T {
    everloop::run(main).unwrap().unwrap()
}

/// A directory of this test's own.
fn scratch(test: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("everloop-{}-{test}", std::process::id()));
    std::fs::create_dir_all(&path).unwrap();
    path
}

/// All that a shell says to standard output for this line.
async fn said(line: &str) -> io::Result<String> {
    let mut shell = create_subprocess_shell(line).stdin(Stdio::Null).stdout(Stdio::Pipe).await?;
    let (output, _) = shell.communicate(b"").await?;
    Ok(String::from_utf8(output.unwrap()).unwrap())
}

#[test]
fn standard_input_and_output_are_streams() {
    run(async {
        let mut cat = create_subprocess_exec("cat", ["-"]).stdin(Stdio::Pipe).stdout(Stdio::Pipe).await?;
        let stdin = cat.stdin.take().unwrap();
        stdin.write(b"some data\nmore").unwrap();
        stdin.drain().await?;
        assert_eq!(cat.stdout.as_mut().unwrap().readline().await.unwrap(), b"some data\n");
        stdin.close();
        let mut rest = [0; 4];
        let stdout = cat.stdout.as_mut().unwrap();
        stdout.readexactly(&mut rest).await.unwrap();
        assert_eq!(&rest, b"more");
        assert_eq!(stdout.read(&mut rest).await?, 0);
        assert_eq!(cat.wait().await, 0);
        Ok(())
    });
}

#[test]
fn a_shell_runs_a_line() {
    run(async {
        assert_eq!(create_subprocess_shell("exit 7").await?.wait().await, 7);
        assert_eq!(said("echo a; echo \"b  $((1 + 1))\" | tr b c").await?, "a\nc  2\n");
        Ok(())
    });
}

#[test]
fn a_program_and_its_arguments_may_be_paths() {
    run(async {
        let directory = scratch("paths");
        let path = directory.join("a file with blanks");
        std::fs::write(&path, "content").unwrap();
        let mut cat = create_subprocess_exec(PathBuf::from("cat"), [&path]).stdout(Stdio::Pipe).await?;
        assert_eq!(cat.communicate(b"").await?.0.unwrap(), b"content");
        std::fs::remove_dir_all(directory).unwrap();
        Ok(())
    });
}

#[test]
fn its_pipes_belong_to_its_loop() {
    let mut cat =
        run(async { create_subprocess_exec("cat", [""; 0]).stdout(Stdio::Pipe).stdin(Stdio::Pipe).await });
    let error = everloop::run(cat.stdout.as_mut().unwrap().read(&mut [0])).unwrap().unwrap_err();
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<ReactorError>());
    assert_eq!(inner, Some(&ReactorError::OtherLoop));
    cat.kill().unwrap();
}

#[test]
fn outside_a_loop_nothing_is_started() {
    let mut creating = std::pin::pin!(create_subprocess_exec("true", [""; 0]).into_future());
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    let std::task::Poll::Ready(Err(error)) = creating.as_mut().poll(&mut cx) else {
        panic!("it was started")
    };
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<ReactorError>());
    assert_eq!(inner, Some(&ReactorError::NoRunningLoop));
}

#[test]
fn cancelled_before_its_first_poll_it_is_not_started() {
    run(async {
        let directory = scratch("unstarted");
        let path = directory.join("started");
        let task = create_task(create_subprocess_exec("touch", [&path]).into_future());
        task.cancel();
        assert!(task.await.is_err());
        drop(create_subprocess_exec("touch", [&path]));
        sleep(everloop::Duration::from_millis(20)).await;
        assert!(!path.exists());
        std::fs::remove_dir_all(directory).unwrap();
        Ok(())
    });
}

#[test]
fn a_program_that_can_not_be_run_is_a_typed_error() {
    run(async {
        let error = create_subprocess_exec("/no/such/program", [""; 0]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        let error = create_subprocess_exec("everloop-has-no-such-program", [""; 0])
            .stdin(Stdio::Pipe)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        let directory = scratch("unrunnable");
        let path = directory.join("data");
        std::fs::write(&path, "no program").unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).unwrap();
        let error = create_subprocess_exec(&path, [""; 0]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::PermissionDenied);
        let error = create_subprocess_exec(&directory, [""; 0]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::PermissionDenied);
        let error = create_subprocess_exec("true", [""; 0]).cwd("/no/such/directory").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        // One that is no program is looked up further on, and so is told.
        let path = format!("{}:/no/such/directory", directory.display());
        let error = create_subprocess_exec("data", [""; 0]).env("PATH", path).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::PermissionDenied);
        let error = create_subprocess_exec("", [""; 0]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        std::fs::remove_dir_all(directory).unwrap();
        Ok(())
    });
}

#[test]
fn what_makes_no_sense_is_a_typed_error() {
    run(async {
        let program = || create_subprocess_exec("true", [""; 0]);
        for subprocess in [
            program().stdin(Stdio::Stdout),
            program().stdout(Stdio::Stdout),
            program().stdout(Stdio::Pipe).limit(0),
            // What has a zero byte, where the system would take it to end.
            create_subprocess_exec("true", ["a\0b"]),
            create_subprocess_exec("tr\0ue", [""; 0]),
            create_subprocess_shell("true; \0"),
            program().env("A\0", "b"),
            program().envs([("A", "b\0")]),
            program().cwd("/\0"),
        ] {
            assert_eq!(subprocess.await.unwrap_err().kind(), ErrorKind::InvalidInput);
        }
        Ok(())
    });
}

#[test]
fn the_environment_is_that_of_this_process_with_what_was_said() {
    run(async {
        let line = "echo \"$HOME|$EVERLOOP_A|$EVERLOOP_B\"";
        let home = std::env::var("HOME").unwrap_or_default();
        let output = |mut shell: Process| async move {
            let (output, _) = shell.communicate(b"").await?;
            io::Result::Ok(String::from_utf8(output.unwrap()).unwrap())
        };
        let shell = || create_subprocess_shell(line).stdout(Stdio::Pipe);
        let said = output(shell().env("EVERLOOP_A", "a").envs([("EVERLOOP_B", "b")]).await?).await?;
        assert_eq!(said, format!("{home}|a|b\n"));
        let said = output(shell().env_remove("HOME").await?).await?;
        assert_eq!(said, "||\n");
        let said = output(shell().env("EVERLOOP_A", "a").env_clear().env("EVERLOOP_B", "b").await?).await?;
        assert_eq!(said, "||b\n");
        Ok(())
    });
}

#[test]
fn a_bare_name_is_looked_up_in_the_path_that_the_program_will_have() {
    run(async {
        let directory = scratch("lookup");
        let (path, elsewhere) = (directory.join("everloop-says"), directory.join("elsewhere"));
        // Not a script of our own: what another thread starts at this moment may have it open to write.
        std::os::unix::fs::symlink("/bin/echo", &path).unwrap();
        // What has the name and can't be run does not hide what can.
        std::fs::create_dir_all(elsewhere.join("everloop-says"))?;
        let all = format!("/no/such/directory:{}:{}:/bin", elsewhere.display(), directory.display());
        let says = || create_subprocess_exec("everloop-says", ["found", "it"]).stdout(Stdio::Pipe);
        assert_eq!(says().await.unwrap_err().kind(), ErrorKind::NotFound);
        let (output, _) = says().env("PATH", &all).await?.communicate(b"").await?;
        assert_eq!(output.unwrap(), b"found it\n");
        let (output, _) = says().env_clear().env("PATH", &all).cwd("/").await?.communicate(b"").await?;
        assert_eq!(output.unwrap(), b"found it\n");
        // Without a path there are those of the system.
        let mut echo = create_subprocess_exec("echo", ["there"]).env_clear().stdout(Stdio::Pipe).await?;
        assert_eq!(echo.communicate(b"").await?.0.unwrap(), b"there\n");
        std::fs::remove_dir_all(directory)?;
        Ok(())
    });
}

#[test]
fn it_starts_in_the_directory_that_was_said() {
    run(async {
        let mut pwd = create_subprocess_exec("pwd", ["-P"]).cwd("/").stdout(Stdio::Pipe).await?;
        assert_eq!(pwd.communicate(b"").await?.0.unwrap(), b"/\n");
        let here = std::env::current_dir().unwrap().canonicalize().unwrap();
        assert_eq!(said("pwd -P").await?, format!("{}\n", here.display()));
        Ok(())
    });
}

#[test]
fn standard_error_may_go_into_standard_output() {
    run(async {
        let line = "echo 1; echo 2 >&2; echo 3";
        let mut shell = create_subprocess_shell(line).stdout(Stdio::Pipe).stderr(Stdio::Stdout).await?;
        assert!(shell.stderr.is_none());
        assert_eq!(shell.communicate(b"").await?, (Some(b"1\n2\n3\n".to_vec()), None));

        let directory = scratch("merged");
        let path = directory.join("output");
        let mut file = File::create(&path)?;
        file.write_all(b"0\n")?;
        let shell = create_subprocess_shell(line).stdout(file).stderr(Stdio::Stdout).await?;
        assert_eq!(shell.wait().await, 0);
        assert_eq!(std::fs::read_to_string(&path)?, "0\n1\n2\n3\n");
        std::fs::remove_dir_all(directory)?;

        let quiet = "test \"$(readlink /proc/self/fd/2)\" = /dev/null";
        let shell = create_subprocess_shell(quiet).stdout(Stdio::Null).stderr(Stdio::Stdout).await?;
        assert_eq!(shell.wait().await, if cfg!(target_os = "linux") { 0 } else { 1 });
        Ok(())
    });
}

/// Says in the environment that the test is run by itself once more.
const AGAIN: &str = "EVERLOOP_AGAIN";

#[test]
fn standard_streams_are_inherited_if_nothing_is_said() {
    const NAME: &str = "standard_streams_are_inherited_if_nothing_is_said";
    if std::env::var_os(AGAIN).is_some() {
        return run(async {
            let line = "read line; echo \"<$line>\"; echo lost >&2";
            assert_eq!(create_subprocess_shell(line).await?.wait().await, 0);
            let line = "echo merged >&2";
            assert_eq!(create_subprocess_shell(line).stderr(Stdio::Stdout).await?.wait().await, 0);
            Ok(())
        });
    }
    let directory = scratch("inherited");
    let path = directory.join("input");
    std::fs::write(&path, "line\n").unwrap();
    let mut again = Command::new(std::env::current_exe().unwrap());
    again.args(["--exact", NAME]).env(AGAIN, "1").stdin(File::open(&path).unwrap());
    let output = again.output().unwrap();
    let (stdout, stderr) =
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(output.status.success(), "{stdout}{stderr}");
    assert!(stdout.contains("<line>\nmerged\n") && !stdout.contains("lost"), "{stdout}");
    assert!(stderr.contains("lost\n") && !stderr.contains("merged"), "{stderr}");
    std::fs::remove_dir_all(directory).unwrap();
}

#[test]
fn standard_streams_that_this_process_has_closed_do_not_get_in_the_way() {
    const NAME: &str = "standard_streams_that_this_process_has_closed_do_not_get_in_the_way";
    if std::env::var_os(AGAIN).is_some() {
        run(async {
            // SAFETY: nothing owns it, and what uses it bears it.
            unsafe { libc::close(0) };
            // Another one in its place, which would be standard input when it comes to be standard output.
            let path = std::env::temp_dir().join(format!("everloop-{}-{NAME}", std::process::id()));
            let file = File::create(&path)?;
            assert_eq!(file.as_raw_fd(), 0);
            let mut cat = create_subprocess_exec("cat", [""; 0]).stdin(Stdio::Pipe).stdout(file).await?;
            cat.communicate(b"text").await?;
            assert_eq!(std::fs::read(&path)?, b"text");
            std::fs::remove_file(path)
        });
        std::process::exit(0);
    }
    let mut again = Command::new(std::env::current_exe().unwrap());
    let output = again.args(["--exact", NAME]).env(AGAIN, "1").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn files_may_be_standard_streams() {
    run(async {
        let directory = scratch("files");
        let (from, to) = (directory.join("from"), directory.join("to"));
        std::fs::write(&from, "text").unwrap();
        let copy =
            create_subprocess_exec("cat", [""; 0]).stdin(File::open(&from)?).stdout(File::create(&to)?);
        let process = copy.await?;
        assert!(process.stdin.is_none() && process.stdout.is_none() && process.stderr.is_none());
        assert_eq!(process.wait().await, 0);
        assert_eq!(std::fs::read_to_string(&to)?, "text");
        std::fs::remove_dir_all(directory)?;
        Ok(())
    });
}

#[test]
fn no_input_is_an_input_at_its_end() {
    run(async {
        let mut wc = create_subprocess_exec("wc", ["-c"]).stdin(Stdio::Null).stdout(Stdio::Pipe).await?;
        let (output, _) = wc.communicate(b"").await?;
        assert_eq!(String::from_utf8(output.unwrap()).unwrap().trim(), "0");
        Ok(())
    });
}

#[test]
fn what_it_wrote_can_be_read_after_its_end() {
    run(async {
        let line = "head -c 50000 /dev/zero; exit 1";
        let mut shell = create_subprocess_shell(line).stdout(Stdio::Pipe).await?;
        assert_eq!(shell.wait().await, 1);
        let mut buf = vec![0; 4096];
        let mut total = 0;
        loop {
            match shell.stdout.as_mut().unwrap().read(&mut buf).await? {
                0 => break,
                count => total += count,
            }
            yield_now().await;
        }
        assert_eq!(total, 50_000);
        Ok(())
    });
}

#[test]
fn a_line_longer_than_the_limit_is_an_error() {
    run(async {
        let mut shell = create_subprocess_shell("echo 0123456789").stdout(Stdio::Pipe).limit(8).await?;
        let stdout = shell.stdout.as_mut().unwrap();
        assert!(stdout.readline().await.is_err());
        // What there was of it is gone, and the rest is the next.
        assert_eq!(stdout.readline().await.unwrap(), b"89\n");
        Ok(())
    });
}

#[test]
fn a_write_to_a_process_that_has_ended_is_a_broken_pipe() {
    run(async {
        let mut process = create_subprocess_exec("true", [""; 0]).stdin(Stdio::Pipe).await?;
        process.wait().await;
        let stdin = process.stdin.as_mut().unwrap();
        // Not always the first: what another thread starts at this moment has a copy of every pipe for a moment.
        let error = loop {
            stdin.write(b"lost").unwrap();
            if let Err(error) = stdin.drain().await {
                break error;
            }
        };
        assert_eq!(error.kind(), ErrorKind::BrokenPipe);
        Ok(())
    });
}

#[test]
fn a_writer_that_waits_is_told_that_the_process_has_ended() {
    run(async {
        let mut process = create_subprocess_exec("sleep", ["3600"]).stdin(Stdio::Pipe).await?;
        let stdin = process.stdin.take().unwrap();
        let writing = create_task(async move {
            loop {
                let _full = stdin.write(&[0; 4096]);
                if let Err(error) = stdin.drain().await {
                    return error.kind();
                }
            }
        });
        sleep(everloop::Duration::from_millis(5)).await;
        assert!(!writing.done());
        process.kill().unwrap();
        assert_eq!(writing.await, Ok(ErrorKind::BrokenPipe));
        Ok(())
    });
}

#[test]
fn a_closed_writer_refuses_more() {
    run(async {
        let mut cat = create_subprocess_exec("cat", [""; 0]).stdin(Stdio::Pipe).stdout(Stdio::Null).await?;
        let stdin = cat.stdin.as_mut().unwrap();
        stdin.write_eof();
        assert!(stdin.write(b"more").is_err());
        assert_eq!(cat.wait().await, 0);
        Ok(())
    });
}
