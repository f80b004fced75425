use core::fmt;

use super::header::{TaskRef, state};
use crate::{EventLoop, current};

/// What tells a task from all others of its loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct TaskId(pub(crate) u32);

impl TaskId {
    /// The number: the main task is 1, and each further task one more.
    pub fn get(self) -> u32 {
        self.0
    }
}

/// Displays as asyncio names a task that was not given a name: `Task-1`.
impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Task-{}", self.0)
    }
}

/// What a task is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum TaskState {
    /// It is the one that runs.
    Running,
    /// It will run in this turn or the next.
    Ready,
    /// It waits to be woken.
    Waiting,
    /// It has ended.
    Done,
}

impl fmt::Display for TaskState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Running => "running",
            Self::Ready => "ready",
            Self::Waiting => "waiting",
            Self::Done => "done",
        })
    }
}

/// What is known of a task at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaskInfo {
    id: TaskId,
    name: Option<&'static str>,
    state: TaskState,
}

impl TaskInfo {
    pub(crate) fn new(l: &EventLoop, task: TaskRef) -> Self {
        // SAFETY: `l` is the current loop and `task` one of its tasks (TASK).
        let header = unsafe { task.header() };
        let state = if l.task.get() == Some(task) {
            TaskState::Running
        } else if header.has(state::DONE) {
            TaskState::Done
        } else if header.has(state::QUEUED) {
            TaskState::Ready
        } else {
            TaskState::Waiting
        };
        Self { id: TaskId(header.id.get()), name: header.name.get(), state }
    }

    /// The task's number.
    pub fn id(&self) -> TaskId {
        self.id
    }

    /// The name it was given; a task without one is displayed by its number.
    pub fn name(&self) -> Option<&'static str> {
        self.name
    }

    /// What it was doing.
    pub fn state(&self) -> TaskState {
        self.state
    }
}

/// Displays as the task's name, or `Task-1` and so on without one.
impl fmt::Display for TaskInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name {
            Some(name) => f.pad(name),
            None => self.id.fmt(f),
        }
    }
}

/// Calls `f` for every task of the running loop that is not done. asyncio's `all_tasks`, without a set to hold them.
///
/// The order is not specified. Does nothing outside a running loop.
pub fn for_each_task(mut f: impl FnMut(TaskInfo)) {
    current::with(|l| {
        l.for_each_task(|task| {
            let info = TaskInfo::new(l, task);
            if info.state != TaskState::Done {
                f(info);
            }
        });
    });
}
