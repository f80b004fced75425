use std::fmt;
use std::io;
use std::sync::Arc;

use super::child::Child;
use super::communicate::{self, Progress};
use super::error::SignalError;
use super::stdio::{Ours, ProcessReader, ProcessWriter};

/// The same everywhere.
pub(super) const SIGKILL: i32 = 9;
/// The same everywhere.
pub(super) const SIGTERM: i32 = 15;

/// A process that was started by [`create_subprocess_exec`](super::create_subprocess_exec) or
/// [`create_subprocess_shell`](super::create_subprocess_shell). asyncio's `Process`.
///
/// Its ends of pipes may be taken out and used by different tasks. They belong to the loop that started it; all else
/// may be asked in any loop, and also when that loop is gone.
///
/// Dropping it closes what is left of its pipes, and the process runs on; it is reaped all the same when it ends. See
/// [`kill_on_drop`](super::CreateSubprocess::kill_on_drop).
///
/// ```
/// # #[cfg(unix)] {
/// use everloop::create_subprocess_exec;
/// use everloop::process::Stdio;
///
/// everloop::run(async {
///     let mut sort = create_subprocess_exec("sort", ["-n"]).stdin(Stdio::Pipe).stdout(Stdio::Pipe).await?;
///     let stdin = sort.stdin.take().unwrap();
///     stdin.write(b"10\n9\n").unwrap();
///     stdin.close();
///     assert_eq!(sort.stdout.as_mut().unwrap().readline().await.unwrap(), b"9\n");
///     assert_eq!(sort.wait().await, 0);
///     Ok::<_, std::io::Error>(())
/// }).unwrap().unwrap();
/// # }
/// ```
pub struct Process {
    /// Its standard input, if that is a pipe. Dropping this closes it, once all that was written was sent.
    pub stdin: Option<ProcessWriter>,
    /// Its standard output, if that is a pipe.
    pub stdout: Option<ProcessReader>,
    /// Its standard error, if that is a pipe of its own.
    pub stderr: Option<ProcessReader>,
    child: Owned,
    progress: Progress,
}

/// The child, which may have to be killed at the end.
struct Owned {
    child: Arc<Child>,
    kill_on_drop: bool,
}

impl Drop for Owned {
    fn drop(&mut self) {
        if self.kill_on_drop {
            // It may have ended by itself.
            let _ = self.child.send_signal(SIGKILL);
        }
    }
}

impl Process {
    pub(super) fn new(child: Arc<Child>, ours: Ours, kill_on_drop: bool) -> Self {
        let Ours { stdin, stdout, stderr } = ours;
        Self { stdin, stdout, stderr, child: Owned { child, kill_on_drop }, progress: Progress::default() }
    }

    /// The number of the process. The system may give it to another one when this has ended.
    pub fn pid(&self) -> u32 {
        self.child.child.pid()
    }

    /// How the process ended: its exit status, or on Unix -N if signal N ended it. None while it runs.
    ///
    /// # Differs from asyncio
    /// The system is asked at once, so this is right also before the loop had its turn, and while nobody waits.
    pub fn returncode(&self) -> Option<i32> {
        self.child.child.code()
    }

    /// Waits until the process has ended, and gives the [`returncode`](Self::returncode).
    ///
    /// Any number may wait, also in other loops. A process whose pipe is full waits until somebody reads it: then use
    /// [`communicate`](Self::communicate).
    ///
    /// # Cancel safety
    /// Dropping the future changes nothing; wait again.
    ///
    /// # Allocation
    /// None.
    ///
    /// # Wakes from interrupts
    /// None; the reactor or the thread that reaps the process wakes the task.
    pub fn wait(&self) -> impl Future<Output = i32> + Send + use<> {
        let child = Arc::clone(&self.child.child);
        async move { child.wait().await }
    }

    /// Writes `input` to the process and closes its standard input, also if there is no input; reads all that it writes,
    /// both streams at once; and waits until it has ended. Gives what it wrote to standard output and to standard error,
    /// each if it is a pipe that was not taken out.
    ///
    /// A process that ends or closes its standard input before it has read all is no error.
    ///
    /// The output is kept in memory, so it should not be endless. If the process hands its streams on to another one that
    /// outlives it, the output ends with that.
    ///
    /// # Errors
    /// Of kind [`InvalidInput`](io::ErrorKind::InvalidInput) if there is input and the standard input is no pipe; then
    /// nothing was done. The system's, if a pipe fails; then what was read before is kept.
    ///
    /// # Cancel safety
    /// Dropped before it was ready, it loses nothing: call it again, with the same input, and it goes on where it was.
    /// What was read is given by that call; it is no longer in the readers.
    ///
    /// # Allocation
    /// The output.
    ///
    /// # Wakes from interrupts
    /// None; the reactor and the thread that reaps the process wake the task.
    ///
    /// # Differs from asyncio
    /// Its `None` is an empty input, which does the same. There, input for which there is no pipe is lost, and so is
    /// what a call had read that was cancelled.
    pub async fn communicate(&mut self, input: &[u8]) -> io::Result<(Option<Vec<u8>>, Option<Vec<u8>>)> {
        let Self { stdin, stdout, stderr, child, progress } = self;
        communicate::all(stdin, stdout, stderr, progress, input).await?;
        child.child.wait().await;
        let Progress { stdout: output, stderr: errors, .. } = std::mem::take(progress);
        Ok((stdout.as_ref().map(|_| output.into()), stderr.as_ref().map(|_| errors.into())))
    }

    /// Sends it a signal, by its number. Number 0 sends nothing and tells whether it runs.
    ///
    /// The signal never reaches another process that has the same number by now.
    ///
    /// # Errors
    /// [`Finished`](SignalError::Finished) if it has ended, [`NoSuchSignal`](SignalError::NoSuchSignal) if there is no
    /// such signal, which on Windows is any but 9 and 15, and [`Refused`](SignalError::Refused) if this process may not.
    pub fn send_signal(&self, signal: i32) -> Result<(), SignalError> {
        self.child.child.send_signal(signal)
    }

    /// Asks it to end, by SIGTERM. On Windows the same as [`kill`](Self::kill).
    ///
    /// # Errors
    /// As [`send_signal`](Self::send_signal).
    pub fn terminate(&self) -> Result<(), SignalError> {
        self.send_signal(SIGTERM)
    }

    /// Ends it, by SIGKILL.
    ///
    /// # Errors
    /// As [`send_signal`](Self::send_signal).
    pub fn kill(&self) -> Result<(), SignalError> {
        self.send_signal(SIGKILL)
    }
}

impl fmt::Debug for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Process")
            .field("pid", &self.pid())
            .field("returncode", &self.returncode())
            .finish_non_exhaustive()
    }
}
