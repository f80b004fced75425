//! How far a task is: its polls, and what it waits on.

use core::fmt;

use crate::shim::Cell;

/// What a task that waits is waiting on: the last thing that its last poll found not ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
#[repr(u8)]
pub enum WaitReason {
    /// A future that is not this runtime's, or one that says nothing.
    Other = 0,
    /// A [`sleep`](crate::sleep) or an interval.
    Sleep,
    /// Another task's end.
    Task,
    /// The parts of a [`gather`](crate::gather).
    Gather,
    /// The parts of a [`select`](crate::select).
    Select,
    /// The first of several tasks, or all of them.
    Tasks,
    /// The children of a [`task_group`](crate::task_group).
    TaskGroup,
    /// A [`Future`](crate::Future) that is not set.
    Future,
    /// An item of a queue.
    QueueGet,
    /// Room in a queue.
    QueuePut,
    /// The end of a queue's work.
    QueueJoin,
    /// An event.
    Event,
    /// A lock.
    Lock,
    /// A condition's notification.
    Condition,
    /// A semaphore's permit.
    Semaphore,
    /// The other parties of a barrier.
    Barrier,
    /// A byte stream or a socket.
    Stream,
    /// A thread that runs a blocking function.
    Thread,
}

impl WaitReason {
    const ALL: [Self; 18] = [
        Self::Other,
        Self::Sleep,
        Self::Task,
        Self::Gather,
        Self::Select,
        Self::Tasks,
        Self::TaskGroup,
        Self::Future,
        Self::QueueGet,
        Self::QueuePut,
        Self::QueueJoin,
        Self::Event,
        Self::Lock,
        Self::Condition,
        Self::Semaphore,
        Self::Barrier,
        Self::Stream,
        Self::Thread,
    ];
}

/// Says what the running task waits on, for who asks: a future that finds itself not ready calls it before it gives
/// [`Poll::Pending`](core::task::Poll::Pending). The last one to do so in a poll is what the task is said to wait on.
///
/// Nothing depends on it. Outside tasks it does nothing.
#[cfg_attr(feature = "std", inline)]
pub fn waits_on(reason: WaitReason) {
    crate::current::with(|l| l.doing.set(l.doing.get().waiting(reason)));
}

impl fmt::Display for WaitReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Other => "something else",
            Self::Sleep => "a sleep",
            Self::Task => "a task",
            Self::Gather => "a gather",
            Self::Select => "a select",
            Self::Tasks => "several tasks",
            Self::TaskGroup => "a task group",
            Self::Future => "a future",
            Self::QueueGet => "an item of a queue",
            Self::QueuePut => "room in a queue",
            Self::QueueJoin => "the end of a queue's work",
            Self::Event => "an event",
            Self::Lock => "a lock",
            Self::Condition => "a condition",
            Self::Semaphore => "a semaphore",
            Self::Barrier => "a barrier",
            Self::Stream => "a stream",
            Self::Thread => "a thread",
        })
    }
}

/// What is known of the poll that is under way: what the task's [`Progress`] is to be when it has ended, but for counting it,
/// and marks that are gone then.
#[derive(Clone, Copy)]
pub(crate) struct Doing(u32);

impl Doing {
    /// No task is being polled.
    pub(crate) const NOTHING: Self = Self(0);

    /// The task waits on this.
    #[inline]
    fn waiting(self, reason: WaitReason) -> Self {
        Self(self.0 & !REASON | reason as u32)
    }

    /// Whether it is a search for abandoned scopes, and nothing else.
    pub(super) fn probes(self) -> bool {
        self.0 & PROBES != 0
    }

    /// Whether the task hears in this poll that it is to end, since the loop does.
    pub(crate) fn ends(self) -> bool {
        self.0 & ENDING != 0
    }
}

/// The polls of a task and what it waits on, in one word: the reason in the lower bits of the lowest byte, and above it
/// whether the loop, which ends, has asked the task to end and not polled it since.
pub(crate) struct Progress(Cell<u32>);

/// The reason.
const REASON: u32 = PROBES - 1;
/// Of a poll only: it is a search for abandoned scopes, and nothing else.
const PROBES: u32 = 1 << 6;
/// Above the reasons.
const ENDING: u32 = 1 << 7;
/// One poll, above all these.
const POLL: u32 = 1 << 8;

impl Progress {
    pub(crate) const fn new() -> Self {
        Self(Cell::new(0))
    }

    pub(crate) fn reset(&self) {
        self.0.set(0);
    }

    /// A poll begins, which is a search for abandoned scopes if `probes`, and nothing else. In it the task hears that it is to
    /// end, if the loop does.
    #[inline]
    pub(super) fn begin(&self, probes: bool) -> Doing {
        Doing(self.0.get() & !REASON | if probes { PROBES } else { 0 })
    }

    /// Counts a poll that has ended. The count stays where it is once it is full.
    #[inline]
    pub(super) fn polled(&self, doing: Doing) {
        let counted = doing.0.checked_add(POLL).unwrap_or(doing.0);
        self.0.set(counted & !(PROBES | ENDING));
    }

    /// The loop ends, and has asked the task to end. Until its next poll has ended.
    pub(crate) fn set_ending(&self) {
        self.0.set(self.0.get() | ENDING);
    }

    pub(crate) fn polls(&self) -> u32 {
        self.0.get() / POLL
    }

    /// The same, as long as it is one more after each.
    pub(crate) fn counted_polls(&self) -> Option<u32> {
        (self.polls() < u32::MAX / POLL).then(|| self.polls())
    }

    pub(crate) fn reason(&self) -> WaitReason {
        WaitReason::ALL.get((self.0.get() & REASON) as usize).copied().unwrap_or(WaitReason::Other)
    }
}
