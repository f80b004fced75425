use core::fmt;
#[cfg(feature = "inspect")]
use core::panic::Location;

use super::header::{TaskRef, state};
use super::progress::WaitReason;
use super::request;
#[cfg(feature = "inspect")]
use crate::{Duration, Instant};
use crate::{EventLoop, current};

/// What tells a task from all others of its loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct TaskId(pub(crate) u32);

impl TaskId {
    /// The number: the first main task of a loop is 1, and each further task one more.
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
    /// Of the loop, since tasks of different loops have the same numbers, and a loop may stand where another stood.
    opening: u32,
    name: Option<&'static str>,
    state: TaskState,
    polls: u32,
    reason: WaitReason,
    cancelling: u8,
    #[cfg(feature = "inspect")]
    waiting: Duration,
    #[cfg(feature = "inspect")]
    longest: Duration,
    #[cfg(feature = "inspect")]
    created: Option<&'static Location<'static>>,
}

/// The moment at which tasks are looked at; without the `inspect` feature nobody asks for it.
#[derive(Clone, Copy)]
pub(crate) struct Moment {
    #[cfg(feature = "inspect")]
    now: Instant,
}

impl Moment {
    /// Asks the platform's clock, which is foreign code.
    pub(crate) fn now(l: &EventLoop) -> Self {
        #[cfg(not(feature = "inspect"))]
        let _ = l;
        Self {
            #[cfg(feature = "inspect")]
            now: l.now(),
        }
    }
}

impl TaskInfo {
    pub(crate) fn new(l: &EventLoop, task: TaskRef) -> Self {
        Self::seen(l, task, Moment::now(l))
    }

    /// What is known of a task `at` a moment just before. Runs no foreign code.
    pub(crate) fn seen(l: &EventLoop, task: TaskRef, at: Moment) -> Self {
        // SAFETY: `l` is the current loop and `task` one of its tasks (TASK).
        let (header, name) = unsafe { (task.header(), task.name()) };
        let state = if header.has(state::DONE) {
            TaskState::Done
        } else if header.has(state::RUNNING) {
            TaskState::Running
        } else if header.has(state::QUEUED) {
            TaskState::Ready
        } else {
            TaskState::Waiting
        };
        #[cfg(feature = "inspect")]
        // SAFETY: as above.
        let times = unsafe { task.times() };
        #[cfg(not(feature = "inspect"))]
        let _ = at;
        Self {
            id: TaskId(header.id()),
            opening: l.opening.get(),
            name,
            state,
            polls: header.progress.polls(),
            reason: header.progress.reason(),
            cancelling: header.branch.cancels.get(),
            #[cfg(feature = "inspect")]
            waiting: if state == TaskState::Running { Duration::ZERO } else { at.now - times.since() },
            #[cfg(feature = "inspect")]
            longest: times.longest(),
            #[cfg(feature = "inspect")]
            created: times.created(),
        }
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

    /// What it was waiting on; `None` unless it was waiting. What the task's last poll said last counts; a future of
    /// another crate is [`WaitReason::Other`].
    pub fn waits_on(&self) -> Option<WaitReason> {
        (self.state == TaskState::Waiting).then_some(self.reason)
    }

    /// How often it was polled; at most 16,777,215.
    pub fn polls(&self) -> u32 {
        self.polls
    }

    /// How many requests to cancel it had, as [`Task::cancelling`](crate::Task::cancelling).
    pub fn cancelling(&self) -> usize {
        usize::from(self.cancelling)
    }

    /// How long ago its last poll ended, or it was created if there was none: how long it has been waiting. Zero for a
    /// task that runs.
    #[cfg(feature = "inspect")]
    pub fn waiting_for(&self) -> Duration {
        self.waiting
    }

    /// The longest that one of its polls took.
    #[cfg(feature = "inspect")]
    pub fn longest_poll(&self) -> Duration {
        self.longest
    }

    /// Where in the program it was created; `None` for a main task, and for one that was
    /// [submitted](crate::run_coroutine_threadsafe) from elsewhere.
    #[cfg(feature = "inspect")]
    pub fn created_at(&self) -> Option<&'static Location<'static>> {
        self.created
    }

    /// Asks the task to end, as [`Task::cancel`](crate::Task::cancel) does. False if it is done, and outside its loop, also
    /// in another one.
    ///
    /// This looks for the task by its number, so it takes as long as there are many.
    pub fn cancel(&self) -> bool {
        self.cancel_with(None)
    }

    /// As [`cancel`](Self::cancel), with a message as [`Task::cancel_with`](crate::Task::cancel_with).
    pub fn cancel_with(&self, message: impl Into<Option<&'static str>>) -> bool {
        let message = message.into();
        current::with(|l| {
            if l.opening.get() != self.opening {
                return false;
            }
            let mut found = None;
            l.for_each_task(|task| {
                // SAFETY: TASK: it is a task of the current loop.
                if unsafe { task.header() }.id() == self.id.0 {
                    found = Some(task);
                }
            });
            // SAFETY: as above.
            found.is_some_and(|task| unsafe { request::cancel(task, message) })
        })
        .unwrap_or(false)
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

/// What is known of the task that calls, or `None` outside tasks. asyncio's `current_task`.
pub fn current_task() -> Option<TaskInfo> {
    current::with(|l| l.task.get().map(|task| TaskInfo::new(l, task))).flatten()
}

/// The tasks of the running loop that are not done, in the order of their creation. asyncio's `all_tasks`.
///
/// Without `alloc` each is told as it is when the iterator comes to it, and every step looks at all tasks for the next;
/// with it a list of them is made at once. None outside a running loop.
///
/// ```
/// # use everloop_core::{EventLoop, TaskPool, virtual_time::{UNPARKER, VirtualTime}};
/// # static LOOP: EventLoop = EventLoop::new(UNPARKER);
/// # static POOL: TaskPool<1, 256> = TaskPool::new();
/// use everloop_core::{Duration, TaskState, WaitReason, all_tasks, create_task, sleep, yield_now};
/// # LOOP.run(&VirtualTime::new(), &[&POOL], async {
///
/// let task = create_task(sleep(Duration::from_secs(1))).named("sleeper");
/// yield_now().await;
/// for task in all_tasks().filter(|task| task.state() == TaskState::Waiting) {
///     assert_eq!((task.name(), task.waits_on()), (Some("sleeper"), Some(WaitReason::Sleep)));
/// }
/// # }).unwrap();
/// ```
///
/// All of them together can be displayed, on a UART as well: a line for each, with its name, its state and what it waits
/// on.
///
/// ```
/// # use everloop_core::{EventLoop, TaskPool, virtual_time::{UNPARKER, VirtualTime}};
/// # static LOOP: EventLoop = EventLoop::new(UNPARKER);
/// # static POOL: TaskPool<1, 256> = TaskPool::new();
/// # use everloop_core::{Duration, all_tasks, create_task, sleep, yield_now};
/// # LOOP.run(&VirtualTime::new(), &[&POOL], async {
/// # create_task(sleep(Duration::from_secs(1))).named("sleeper");
/// # yield_now().await;
/// assert_eq!(all_tasks().to_string(), "Task-1 running\nsleeper waiting for a sleep\n");
/// # }).unwrap();
/// ```
pub fn all_tasks() -> AllTasks {
    AllTasks::new()
}

/// The iterator of [`all_tasks`].
#[cfg(not(feature = "alloc"))]
#[derive(Clone, Debug)]
pub struct AllTasks {
    last: u32,
}

#[cfg(not(feature = "alloc"))]
impl AllTasks {
    fn new() -> Self {
        Self { last: 0 }
    }
}

#[cfg(not(feature = "alloc"))]
impl Iterator for AllTasks {
    type Item = TaskInfo;

    fn next(&mut self) -> Option<TaskInfo> {
        let info = current::with(|l| {
            let mut next: Option<(u32, TaskRef)> = None;
            l.for_each_task(|task| {
                // SAFETY: TASK: it is a task of the current loop.
                let header = unsafe { task.header() };
                let id = header.id();
                if !header.has(state::DONE) && id > self.last && next.is_none_or(|(least, _)| id < least) {
                    next = Some((id, task));
                }
            });
            next.map(|(_, task)| TaskInfo::new(l, task))
        })
        .flatten()?;
        self.last = info.id.0;
        Some(info)
    }
}

/// The iterator of [`all_tasks`].
#[cfg(feature = "alloc")]
#[derive(Clone, Debug)]
pub struct AllTasks {
    tasks: alloc::vec::IntoIter<TaskInfo>,
}

#[cfg(feature = "alloc")]
impl AllTasks {
    fn new() -> Self {
        let mut tasks = alloc::vec::Vec::new();
        current::with(|l| {
            let now = Moment::now(l);
            l.for_each_task(|task| {
                let info = TaskInfo::seen(l, task, now);
                if info.state != TaskState::Done {
                    tasks.push(info);
                }
            });
        });
        tasks.sort_unstable_by_key(|task| task.id);
        Self { tasks: tasks.into_iter() }
    }
}

#[cfg(feature = "alloc")]
impl Iterator for AllTasks {
    type Item = TaskInfo;

    fn next(&mut self) -> Option<TaskInfo> {
        self.tasks.next()
    }
}

/// A line for each task that is left, without an allocator.
impl fmt::Display for AllTasks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.clone().try_for_each(|task| match task.waits_on() {
            Some(reason) => writeln!(f, "{task} {} for {reason}", task.state()),
            None => writeln!(f, "{task} {}", task.state()),
        })
    }
}
