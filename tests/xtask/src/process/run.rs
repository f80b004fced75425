//! Running a command to its end.

use super::group;
use super::piped::{Event, Process};
use anyhow::{Context, Result, bail};
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How often a child without piped output is asked whether it has ended.
const POLL: Duration = Duration::from_millis(20);
/// How long a child that closed its output may take to end.
const LAST_BREATH: Duration = Duration::from_secs(10);

/// How a command ended.
pub enum Ended {
    /// By itself.
    Exited(ExitStatus),
    /// It was killed at its time limit; these were its last lines.
    TimedOut(String),
}

/// Runs a command and gives each line of its output to `each`, which prints it.
pub fn stream(
    name: &str,
    command: &mut Command,
    limit: Duration,
    mut each: impl FnMut(&str),
) -> Result<Ended> {
    let mut process = Process::spawn(name, command)?;
    let deadline = Instant::now() + limit;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        match process.event(left) {
            Event::Line(line) => each(&line),
            Event::Closed => break,
            Event::Quiet => {}
        }
        if Instant::now() >= deadline {
            process.kill();
            // The line that never ended is the one that says where it hangs.
            while let Event::Line(line) = process.event(Duration::from_millis(200)) {
                each(&line);
            }
            return Ok(Ended::TimedOut(process.tail()));
        }
    }
    let left = deadline.saturating_duration_since(Instant::now()).max(LAST_BREATH);
    match process.wait(left) {
        Some(status) => Ok(Ended::Exited(status)),
        None => {
            process.kill();
            Ok(Ended::TimedOut(process.tail()))
        }
    }
}

/// Runs a command on this program's own output; `None` when it was killed at its time limit.
pub fn inherit(command: &mut Command, limit: Duration) -> Result<Option<ExitStatus>> {
    command.stdin(Stdio::null());
    let mut child = group::spawn(command)
        .with_context(|| format!("could not start {}", command.get_program().display()))?;
    let deadline = Instant::now() + limit;
    loop {
        if let Some(status) = group::try_wait(&mut child)? {
            return Ok(Some(status));
        }
        if Instant::now() >= deadline {
            group::kill(child.id());
            child.wait()?;
            group::try_wait(&mut child)?;
            return Ok(None);
        }
        thread::sleep(POLL);
    }
}

/// What a short command prints on standard output.
pub fn output(command: &mut Command) -> Result<String> {
    let name = command.get_program().display().to_string();
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("could not start {name}"))?;
    if !output.status.success() {
        bail!("{name} failed ({}): {}", output.status, String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
