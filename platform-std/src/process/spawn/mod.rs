//! Starts a program.

#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod closing;
#[cfg(unix)]
mod inherit;

use std::ffi::OsStr;
use std::io;
use std::process::Command;

use super::stdio::{Theirs, invalid};

/// A program and all that was said about it.
pub(super) struct Program {
    /// Without its standard streams.
    pub(super) command: Command,
    /// Something in it has a zero byte, which is where the system would take it to end.
    pub(super) has_nul: bool,
    /// The environment is what `command` adds, and nothing else.
    pub(super) env_clear: bool,
    pub(super) close_fds: bool,
    pub(super) start_new_session: bool,
    /// The signals that it blocks, if another thread starts it than the one that wants it.
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    pub(super) blocked: Option<closing::Signals>,
}

/// What was started: where all is done by its number, that.
#[cfg(target_os = "linux")]
pub(super) type Started = u32;
#[cfg(not(target_os = "linux"))]
pub(super) type Started = std::process::Child;

impl Program {
    pub(super) fn new(program: &OsStr) -> Self {
        Self {
            command: Command::new(program),
            has_nul: has_nul(program),
            env_clear: false,
            close_fds: true,
            start_new_session: false,
            #[cfg(all(target_os = "linux", target_env = "gnu"))]
            blocked: None,
        }
    }

    /// Has it inherit from this thread what another one that starts it may have otherwise. False if no other can.
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    pub(super) fn take_along(&mut self) -> bool {
        self.blocked = closing::Signals::blocked();
        closing::is_there() && self.blocked.is_some()
    }

    /// Takes note of a string that becomes a part of it.
    pub(super) fn look_at(&mut self, text: &OsStr) {
        self.has_nul |= has_nul(text);
    }

    /// Starts it. When this returns, its ends of pipes are closed on this side.
    pub(super) fn start(self, stdio: [Theirs; 3]) -> io::Result<Started> {
        if self.has_nul {
            return Err(invalid("a zero byte can't be a part of what a program is given"));
        }
        #[cfg(all(target_os = "linux", target_env = "gnu"))]
        if let Some(started) = closing::start(&self, &stdio) {
            return started;
        }
        let mut command = self.command;
        let [stdin, stdout, stderr] = stdio;
        command.stdin(stdin).stdout(stdout).stderr(stderr);
        #[cfg(unix)]
        {
            if self.close_fds {
                inherit::close_fds(&mut command);
            }
            if self.start_new_session {
                inherit::start_new_session(&mut command);
            }
        }
        let child = command.spawn()?;
        #[cfg(target_os = "linux")]
        let child = child.id();
        Ok(child)
    }
}

fn has_nul(text: &OsStr) -> bool {
    text.as_encoded_bytes().contains(&0)
}
