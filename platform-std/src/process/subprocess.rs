use std::ffi::OsStr;
use std::future::IntoFuture;
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::{fmt, io, mem};

use everloop_core::{WaitReason, waits_on};

use super::handle::Process;
use super::spawn::Program;
use super::starting::Starting;
use super::stdio::{self, Ours, Stdio};
use crate::reactor;

/// asyncio's default.
const LIMIT: usize = 64 * 1024;

/// A program that is to be run, made by [`create_subprocess_exec`](super::create_subprocess_exec) and
/// [`create_subprocess_shell`](super::create_subprocess_shell). Awaited, it is started, and gives a [`Process`].
///
/// ```
/// # #[cfg(unix)] {
/// use everloop::create_subprocess_shell;
/// use everloop::process::Stdio;
///
/// everloop::run(async {
///     let mut shell = create_subprocess_shell("pwd; echo $GREETING >&2")
///         .cwd("/")
///         .env("GREETING", "hello")
///         .stdin(Stdio::Null)
///         .stdout(Stdio::Pipe)
///         .stderr(Stdio::Stdout)
///         .await?;
///     let (output, _) = shell.communicate(b"").await?;
///     assert_eq!(output.unwrap(), b"/\nhello\n");
///     Ok::<_, std::io::Error>(())
/// }).unwrap().unwrap();
/// # }
/// ```
///
/// # Errors
/// The system's: of kind [`NotFound`](io::ErrorKind::NotFound) if there is no such program or working directory,
/// [`PermissionDenied`](io::ErrorKind::PermissionDenied) if the program may not be run. Of kind
/// [`InvalidInput`](io::ErrorKind::InvalidInput) what makes no sense. A
/// [`ReactorError`](crate::reactor::ReactorError) outside a running loop. No process was started then, but for one
/// case: the system has neither a descriptor nor a thread left to wait for it with, and it was killed.
///
/// # Cancel safety
/// The program is started at the first poll, unless [several](super#what-starting-costs) are to be started at once. Then
/// another thread does it, and this waits for that: if it is dropped meanwhile, the program is not started, or it was, and is
/// killed.
///
/// # Allocation
/// The process's state, and for each pipe its buffer.
///
/// # Wakes from interrupts
/// None; if it waits, the thread that starts the program wakes the task.
///
/// # Differs from asyncio
/// A process that nobody refers to any more runs on, unless [`kill_on_drop`](Self::kill_on_drop) says otherwise; asyncio
/// kills it whenever its garbage is collected.
#[must_use = "the program is started only if this is awaited"]
pub struct CreateSubprocess {
    program: Program,
    stdio: [Stdio; 3],
    limit: usize,
    kill_on_drop: bool,
}

impl CreateSubprocess {
    pub(super) fn new(program: Program) -> Self {
        Self { program, stdio: Default::default(), limit: LIMIT, kill_on_drop: false }
    }

    /// What its standard input is; that of this process, if nothing is said.
    pub fn stdin(mut self, stdio: impl Into<Stdio>) -> Self {
        self.stdio[0] = stdio.into();
        self
    }

    /// What its standard output is; that of this process, if nothing is said.
    pub fn stdout(mut self, stdio: impl Into<Stdio>) -> Self {
        self.stdio[1] = stdio.into();
        self
    }

    /// What its standard error is; that of this process, if nothing is said.
    pub fn stderr(mut self, stdio: impl Into<Stdio>) -> Self {
        self.stdio[2] = stdio.into();
        self
    }

    /// Adds a variable to the environment, which is that of this process otherwise.
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.program.look_at(name.as_ref());
        self.program.look_at(value.as_ref());
        self.program.command.env(name, value);
        self
    }

    /// Adds variables to the environment.
    pub fn envs<K: AsRef<OsStr>, V: AsRef<OsStr>>(
        mut self,
        variables: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        for (name, value) in variables {
            self = self.env(name, value);
        }
        self
    }

    /// Takes a variable out of the environment.
    pub fn env_remove(mut self, name: impl AsRef<OsStr>) -> Self {
        self.program.command.env_remove(name);
        self
    }

    /// Begins with an empty environment, without what was added before.
    pub fn env_clear(mut self) -> Self {
        self.program.command.env_clear();
        self.program.env_clear = true;
        self
    }

    /// The directory it starts in; that of this process, if nothing is said. A program given by a relative path is
    /// looked up in the one or the other, as the system has it: better give it whole.
    pub fn cwd(mut self, directory: impl AsRef<Path>) -> Self {
        self.program.look_at(directory.as_ref().as_os_str());
        self.program.command.current_dir(directory);
        self
    }

    /// How many bytes the readers of its pipes hold back at most, which is also the longest line; 64 KiB if nothing is
    /// said. The process waits with the next when that and the pipe are full.
    pub fn limit(mut self, bytes: usize) -> Self {
        self.limit = bytes;
        self
    }

    /// With `false` it inherits also the descriptors of this process that are open for inheritance. They are not, if
    /// nothing is said.
    ///
    /// On Unix these are those without `FD_CLOEXEC`. What Rust's libraries open has that flag, so mostly there are
    /// none, unless this process has inherited some itself. Without glibc from 2.34 on, one that another thread opens
    /// without the flag at this very moment may slip through, and all do where the system does not list them, as on
    /// Linux without `/proc`. On Windows this says nothing: handles are opened for inheritance only when a process is
    /// made.
    pub fn close_fds(mut self, close: bool) -> Self {
        self.program.close_fds = close;
        self
    }

    /// With `true` it leads a session of its own, so that it has no terminal and gets no signal of one. On Windows this
    /// says nothing.
    pub fn start_new_session(mut self, start: bool) -> Self {
        self.program.start_new_session = start;
        self
    }

    /// With `true` it is killed when its [`Process`] is dropped. It runs on, if nothing is said.
    pub fn kill_on_drop(mut self, kill: bool) -> Self {
        self.kill_on_drop = kill;
        self
    }

    fn begin(self, cx: &Context<'_>) -> io::Result<Begun> {
        let Self { program, stdio, limit, kill_on_drop } = self;
        let driver = reactor::current()?;
        // These systems make a pipe first, and see to it that it is not inherited after that.
        #[cfg(target_vendor = "apple")]
        let _alone = {
            static ALONE: std::sync::Mutex<()> = std::sync::Mutex::new(());
            ALONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
        };
        let (theirs, ours) = stdio::open(stdio, limit, &driver)?;
        Starting::new(program, theirs, &driver, cx).map(|starting| Begun { starting, ours, kill_on_drop })
    }
}

impl IntoFuture for CreateSubprocess {
    type Output = io::Result<Process>;
    type IntoFuture = Creating;

    fn into_future(self) -> Creating {
        Creating { state: State::Fresh(Box::new(self)) }
    }
}

impl fmt::Debug for CreateSubprocess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreateSubprocess")
            .field("command", &self.program.command)
            .field("stdio", &self.stdio)
            .finish_non_exhaustive()
    }
}

/// The future of a [`CreateSubprocess`].
#[must_use = "the program is started only if this is awaited"]
pub struct Creating {
    state: State,
}

enum State {
    Fresh(Box<CreateSubprocess>),
    Begun(Box<Begun>),
    Ended,
}

/// The program is started, here or elsewhere, and this is for its process.
struct Begun {
    starting: Starting,
    ours: Ours,
    kill_on_drop: bool,
}

impl Future for Creating {
    type Output = io::Result<Process>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut begun = match mem::replace(&mut self.state, State::Ended) {
            State::Fresh(subprocess) => Box::new(subprocess.begin(cx)?),
            State::Begun(begun) => begun,
            State::Ended => panic!("polled again after it was ready"),
        };
        match begun.starting.poll(cx) {
            Poll::Ready(started) => {
                let Begun { ours, kill_on_drop, .. } = *begun;
                Poll::Ready(started.map(|child| Process::new(child, ours, kill_on_drop)))
            }
            Poll::Pending => {
                self.state = State::Begun(begun);
                waits_on(WaitReason::Thread);
                Poll::Pending
            }
        }
    }
}

impl fmt::Debug for Creating {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut s = f.debug_struct("Creating");
        if let State::Fresh(subprocess) = &self.state {
            s.field("subprocess", subprocess);
        }
        s.finish_non_exhaustive()
    }
}
