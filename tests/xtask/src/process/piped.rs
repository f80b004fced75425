//! A child whose output is read line by line.

use super::group;
use anyhow::{Context, Result};
use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

/// How many of the last lines are kept for an error message.
const TAIL: usize = 20;
/// How often a child is asked whether it has ended.
const POLL: Duration = Duration::from_millis(10);

/// What a child did.
pub enum Event {
    /// It printed a line (standard output and standard error alike).
    Line(String),
    /// It closed its output, so it has ended or is about to.
    Closed,
    /// Nothing in the given time.
    Quiet,
}

/// A running child; dropping it kills it.
pub struct Process {
    name: String,
    child: Child,
    status: Option<ExitStatus>,
    lines: Receiver<String>,
    tail: VecDeque<String>,
}

impl Process {
    /// Starts a command with its output piped and nothing to read.
    pub fn spawn(name: &str, command: &mut Command) -> Result<Self> {
        Self::spawn_with(name, command, Stdio::null())
    }

    /// Starts a command with its output piped and this as its standard input.
    pub fn spawn_with(name: &str, command: &mut Command, stdin: Stdio) -> Result<Self> {
        command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = group::spawn(command)
            .with_context(|| format!("could not start {name} ({})", command.get_program().display()))?;
        let (sender, lines) = channel();
        if let Some(out) = child.stdout.take() {
            forward(out, sender.clone());
        }
        if let Some(err) = child.stderr.take() {
            forward(err, sender);
        }
        Ok(Self { name: name.to_owned(), child, status: None, lines, tail: VecDeque::new() })
    }

    /// The next thing it does, within `limit`.
    pub fn event(&mut self, limit: Duration) -> Event {
        match self.lines.recv_timeout(limit) {
            Ok(line) => {
                self.remember(&line);
                Event::Line(line)
            }
            Err(RecvTimeoutError::Disconnected) => Event::Closed,
            Err(RecvTimeoutError::Timeout) => Event::Quiet,
        }
    }

    /// The exit status, if it has ended.
    pub fn exited(&mut self) -> Option<ExitStatus> {
        if self.status.is_none() {
            self.status = group::try_wait(&mut self.child).ok().flatten();
        }
        self.status
    }

    /// The exit status, if it ends within `limit`.
    pub fn wait(&mut self, limit: Duration) -> Option<ExitStatus> {
        let deadline = Instant::now() + limit;
        loop {
            let status = self.exited();
            if status.is_some() || Instant::now() >= deadline {
                return status;
            }
            thread::sleep(POLL);
        }
    }

    /// An error if it has ended, with the last lines it printed.
    pub fn ensure_running(&mut self) -> Result<()> {
        match self.exited() {
            None => Ok(()),
            Some(status) => {
                let said = self.said();
                anyhow::bail!("{} has ended ({status}){said}", self.name)
            }
        }
    }

    /// Kills it with all its descendants, and waits for its end.
    pub fn kill(&mut self) {
        if self.exited().is_none() && group::kill(self.child.id()) {
            self.wait(Duration::from_secs(10));
        }
    }

    /// The last lines it printed.
    pub fn tail(&mut self) -> String {
        while let Ok(line) = self.lines.try_recv() {
            self.remember(&line);
        }
        self.tail.iter().map(|line| format!("    {line}\n")).collect()
    }

    /// The last lines as the end of an error message.
    pub fn said(&mut self) -> String {
        // What it printed just before its end may still be under way.
        thread::sleep(POLL);
        match self.tail() {
            none if none.is_empty() => "; it printed nothing".to_owned(),
            tail => format!("; its last lines:\n{}", tail.trim_end()),
        }
    }

    fn remember(&mut self, line: &str) {
        if self.tail.len() == TAIL {
            self.tail.pop_front();
        }
        self.tail.push_back(line.to_owned());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Sends each line; the last may lack its newline, as when a test hangs after `test name ... `.
fn forward(from: impl Read + Send + 'static, to: Sender<String>) {
    thread::spawn(move || {
        let mut from = BufReader::new(from);
        let mut bytes = Vec::new();
        while let Ok(1..) = from.read_until(b'\n', &mut bytes) {
            let line = String::from_utf8_lossy(&bytes);
            if to.send(line.trim_end_matches(['\r', '\n']).to_owned()).is_err() {
                // Nobody listens, but a full pipe would stop the child.
                let _ = std::io::copy(&mut from, &mut std::io::sink());
                return;
            }
            bytes.clear();
        }
    });
}
