//! Where the system keeps no exit status. One test in a process of its own, since it says so for all children.
#![allow(missing_docs)]
#![cfg(unix)]

use std::io;

use everloop::process::{SignalError, Stdio};
use everloop::{create_subprocess_exec, create_subprocess_shell};

#[test]
fn where_nobody_keeps_the_exit_status_it_is_255() {
    // SAFETY: no handler is involved, and nothing else in this process has a say in the signal.
    unsafe { libc::signal(libc::SIGCHLD, libc::SIG_IGN) };
    everloop::run(async {
        let process = create_subprocess_shell("exit 3").await?;
        assert_eq!(process.wait().await, 255);
        assert_eq!(process.returncode(), Some(255));
        assert!(matches!(process.kill(), Err(SignalError::Finished)));
        let process = create_subprocess_exec("sleep", ["3600"]).await?;
        assert_eq!(process.returncode(), None);
        process.kill().unwrap();
        assert_eq!(process.wait().await, 255);
        let mut cat = create_subprocess_exec("cat", [""; 0]).stdin(Stdio::Pipe).stdout(Stdio::Pipe).await?;
        assert_eq!(cat.communicate(b"x").await?.0.unwrap(), b"x");
        assert_eq!(cat.returncode(), Some(255));
        io::Result::Ok(())
    })
    .unwrap()
    .unwrap();
}
