//! The process groups that are alive.

use nix::sys::signal::{Signal, killpg};
use nix::sys::wait::waitpid;
use nix::unistd::Pid;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The leaders of the groups. A leader is reaped only under this lock, so an id in it is never a stranger's.
static ALIVE: Mutex<Vec<u32>> = Mutex::new(Vec::new());

fn alive() -> MutexGuard<'static, Vec<u32>> {
    ALIVE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts a command in a group of its own.
pub fn spawn(command: &mut Command) -> io::Result<Child> {
    // Spawned under the lock: an interrupt in between would miss the child.
    let mut alive = alive();
    let child = command.process_group(0).spawn()?;
    alive.push(child.id());
    Ok(child)
}

/// The exit status, if the leader has ended.
pub fn try_wait(child: &mut Child) -> io::Result<Option<ExitStatus>> {
    let mut alive = alive();
    let status = child.try_wait()?;
    if status.is_some() {
        alive.retain(|id| *id != child.id());
    }
    Ok(status)
}

/// Kills a group, leader and descendants; false if it has ended and was reaped.
pub fn kill(id: u32) -> bool {
    let alive = alive();
    let there = alive.contains(&id);
    if there {
        kill_group(id);
    }
    there
}

/// Kills every group and reaps the leaders, since after this nobody else will.
pub fn kill_all() {
    let mut alive = alive();
    for id in alive.iter() {
        kill_group(*id);
    }
    for id in alive.drain(..) {
        let _ = waitpid(pid(id), None);
    }
}

fn kill_group(id: u32) {
    // It may have ended in the meantime, which is just as well.
    let _ = killpg(pid(id), Signal::SIGKILL);
}

/// The standard library and the system disagree on the type only.
fn pid(id: u32) -> Pid {
    Pid::from_raw(id.cast_signed())
}

/// Kills every group when dropped.
pub struct KillAll;

impl Drop for KillAll {
    fn drop(&mut self) {
        kill_all();
    }
}
