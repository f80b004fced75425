//! Other programs, run beside the loop. asyncio's subprocesses.
//!
//! ```
//! # #[cfg(unix)] {
//! use everloop::create_subprocess_exec;
//! use everloop::process::Stdio;
//!
//! everloop::run(async {
//!     let mut cat = create_subprocess_exec("cat", ["-"]).stdin(Stdio::Pipe).stdout(Stdio::Pipe).await?;
//!     let (stdout, stderr) = cat.communicate(b"hello").await?;
//!     assert_eq!(stdout.as_deref(), Some(&b"hello"[..]));
//!     assert_eq!(stderr, None); // not a pipe
//!     assert_eq!(cat.returncode(), Some(0));
//!     Ok::<_, std::io::Error>(())
//! }).unwrap().unwrap();
//! # }
//! ```
//!
//! # Who reaps
//! One thread of the process, which the first child starts, and which ends when there was no child for a second. It
//! sleeps until a child ends, takes its exit status at that moment, and wakes whoever waits for it. So no child is ever
//! left a zombie: not while its loop is busy, or stands between two runs, or is gone; and not if its [`Process`] was
//! dropped. On Linux it waits for all children by their pidfds. Elsewhere, on a kernel before 5.4, and when there is no
//! descriptor left for a pidfd, each child has such a thread for itself.
//!
//! No signal handler is installed. A program that takes the exit status of every child, by a `wait` of its own or by
//! ignoring SIGCHLD, takes it from here too: then the return code is 255, as in asyncio.
//!
//! # What starting costs
//! By `posix_spawn` some hundred microseconds, for which a thread stands still; nothing of this process is copied, however
//! much memory it has. With glibc from 2.34 on it is never otherwise. There the loop's own thread starts a program only if it
//! has not started another one since it last waited. Of several at once the others are started by threads that the loop's
//! starts for it, as many as there are processors, and the loop goes on meanwhile; they live as long as what they started.
//!
//! Elsewhere on Unix some wishes take a `fork`, which takes longer the more memory this process has: to look a program
//! up in a `PATH` that only it will have, to begin a [session](CreateSubprocess::start_new_session), and to close
//! descriptors that it would [inherit](CreateSubprocess::close_fds); and to find these, all that are open are looked
//! through.
//!
//! # How much a pipe holds
//! What the system gives it; on Linux 1 MiB once it was found full, where the system allows that, and for at most 16 pipes of
//! this process at a time, since what all pipes of a user hold together is limited.
//!
//! # What a child inherits
//! The environment, the working directory, and the three standard streams, unless told otherwise; the signals that
//! the thread blocks and that the process ignores, but for SIGPIPE, which has its default effect. It inherits no other
//! descriptor: see [`CreateSubprocess::close_fds`].
//!
//! # Windows
//! Each pipe has a thread, since the system's anonymous pipes can't be waited for. If the end to read from is dropped
//! early, its thread lasts until the child writes or ends. This has been run under Wine, and not on Windows itself.

mod child;
mod communicate;
mod error;
mod handle;
#[cfg(target_os = "linux")]
mod pidfds;
mod pipe;
mod reaper;
mod spawn;
#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod starters;
mod starting;
mod stdio;
mod subprocess;

use std::ffi::OsStr;

use spawn::Program;

pub(crate) use child::Child;
#[cfg(target_os = "linux")]
pub(crate) use pidfds::Pidfds;
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub(crate) use starters::Starters;

pub use error::SignalError;
pub use handle::Process;
pub use pipe::{PipeReader, PipeWriter};
pub use stdio::{ProcessReader, ProcessWriter, Stdio};
pub use subprocess::{CreateSubprocess, Creating};

/// A program to run with these arguments: awaited, it is started. asyncio's `create_subprocess_exec`.
///
/// A program that is a bare name is looked up in `PATH`. What else there is to say about it, such as its standard
/// streams, is said before the await: see [`CreateSubprocess`].
///
/// ```
/// # #[cfg(unix)] {
/// # use everloop::create_subprocess_exec;
/// everloop::run(async {
///     let process = create_subprocess_exec("test", ["-d", "/"]).await?;
///     assert_eq!(process.wait().await, 0);
///     Ok::<_, std::io::Error>(())
/// }).unwrap().unwrap();
/// # }
/// ```
pub fn create_subprocess_exec<I, S>(program: impl AsRef<OsStr>, args: I) -> CreateSubprocess
where
    I: IntoIterator<Item = S>,
    S: AsRef<OsStr>,
{
    let mut program = Program::new(program.as_ref());
    for arg in args {
        program.look_at(arg.as_ref());
        program.command.arg(arg);
    }
    CreateSubprocess::new(program)
}

/// A line for the shell to run: awaited, it is started. asyncio's `create_subprocess_shell`.
///
/// The shell is `/bin/sh`, on Windows `cmd.exe`. What is put into the line must be quoted as the shell wants it, or
/// whoever chose it runs what they like; [`create_subprocess_exec`] needs no quoting.
///
/// ```
/// # #[cfg(unix)] {
/// # use everloop::create_subprocess_shell;
/// everloop::run(async {
///     let process = create_subprocess_shell("exit 7").await?;
///     assert_eq!(process.wait().await, 7);
///     Ok::<_, std::io::Error>(())
/// }).unwrap().unwrap();
/// # }
/// ```
pub fn create_subprocess_shell(line: impl AsRef<OsStr>) -> CreateSubprocess {
    CreateSubprocess::new(shell(line.as_ref()))
}

#[cfg(not(windows))]
fn shell(line: &OsStr) -> Program {
    let mut shell = Program::new(OsStr::new("/bin/sh"));
    shell.look_at(line);
    shell.command.arg("-c").arg(line);
    shell
}

#[cfg(windows)]
fn shell(line: &OsStr) -> Program {
    use std::os::windows::process::CommandExt;

    let program = std::env::var_os("COMSPEC").unwrap_or_else(|| "cmd.exe".into());
    let mut shell = Program::new(&program);
    shell.look_at(line);
    // The line as it is, within the quotation marks that `/c` takes off.
    let mut quoted = std::ffi::OsString::from("\"");
    quoted.push(line);
    quoted.push("\"");
    shell.command.arg("/c").raw_arg(quoted);
    shell
}
