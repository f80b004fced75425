use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::any::{AnyTask, TryTask, has_panicked};
use super::group::{Group, Member};
use super::limit::Limit;
use crate::{Duration, Instant};

/// When [`wait`] and [`try_wait`] return.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum ReturnWhen {
    /// As soon as one of the tasks has ended.
    FirstCompleted,
    /// As soon as one of the tasks has ended by a panic, or for [`try_wait`] by an `Err`; without one, when all have
    /// ended. A task that was cancelled does not count, as in asyncio.
    FirstException,
    /// When all of the tasks have ended.
    AllCompleted,
}

/// Nothing was given to wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct EmptySetError;

impl fmt::Display for EmptySetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the set of tasks is empty: give at least one task to wait for")
    }
}

impl core::error::Error for EmptySetError {}

/// What can be waited for: a mutable reference to an array of handles, or with `alloc` to a slice or a `Vec` of any
/// length. A handle is a [`Task`](crate::Task), or a reference to one, or a `&dyn AnyTask`.
pub trait WaitSet: sealed::Sealed {
    /// One of the handles.
    type Handle: AnyTask;
    /// The handles of the tasks that are done, and of those that are not.
    type Split;
    #[doc(hidden)]
    type Members: AsRef<[Member]>;
    #[doc(hidden)]
    fn members(&self) -> Self::Members;
    #[doc(hidden)]
    fn handles(&self) -> &[Self::Handle];
    #[doc(hidden)]
    fn split(self) -> Self::Split;
}

mod sealed {
    pub trait Sealed {}
}

/// Waits for several tasks, and gives the handles of those that are done and of those that are not. asyncio's `wait`.
///
/// The set is reordered: first the handles of all tasks that are done at the moment of the return, then the others,
/// each part in the order of the arguments. A `timeout` is no error: when it is over, what is done by then is told
/// from what is not. It counts from the first poll, and zero lets everything that is ready run once.
///
/// With [`FirstException`](ReturnWhen::FirstException) a task that ends by a panic ends the wait; for tasks whose
/// `Err`s are to do so too, see [`try_wait`].
///
/// ```
/// # use everloop_core::{EventLoop, TaskPool, virtual_time::{UNPARKER, VirtualTime}};
/// # static LOOP: EventLoop = EventLoop::new(UNPARKER);
/// # static POOL: TaskPool<4, 256> = TaskPool::new();
/// use everloop_core::{AnyTask, Duration, ReturnWhen, create_task, sleep, wait};
/// # LOOP.run(&VirtualTime::new(), &[&POOL], async {
///
/// let after = |seconds| create_task(async move {
///     sleep(Duration::from_secs(seconds)).await;
///     seconds
/// });
/// let mut tasks = [after(3), after(1), after(2)];
/// let (done, pending) = wait(&mut tasks, None, ReturnWhen::FirstCompleted).await.unwrap();
/// assert_eq!(done[0].result(), Ok(Ok(&1)));
/// assert_eq!(pending.len(), 2);
///
/// // Tasks of different outputs, for at most ten seconds.
/// let (number, text) = (after(5), create_task(async { "text" }));
/// let mut both: [&dyn AnyTask; 2] = [&number, &text];
/// wait(&mut both, Some(Duration::from_secs(10)), ReturnWhen::AllCompleted).await.unwrap();
/// assert!(number.done() && text.done());
/// # }).unwrap();
/// ```
///
/// # Errors
/// [`EmptySetError`] if there is nothing to wait for.
///
/// # Differs from asyncio
/// The sets are parts of the one that was given, not new ones. A handle that is given twice is reported twice. If
/// there is nothing to wait for any more it returns without letting others run.
///
/// # Cancel safety
/// A cancellation does not reach the tasks: the wait ends at once, and they run on. So they do when the future is
/// dropped; the handles are then in the order in which they were given.
///
/// # Allocation
/// None for an array. For a slice or a `Vec` one block, at the call.
///
/// # Wakes from interrupts
/// None of its own: the tasks' ends and the loop's timer.
///
/// # Panics
/// With a timeout, if polled outside a running loop.
pub fn wait<S: WaitSet>(tasks: S, timeout: Option<Duration>, return_when: ReturnWhen) -> Wait<S> {
    Wait::new(tasks, timeout, return_when, has_panicked)
}

/// As [`wait`], for tasks whose outputs are results: for [`FirstException`](ReturnWhen::FirstException) an `Err`
/// counts as well as a panic.
///
/// A result that an await has taken out before can't be looked at, and does not count.
///
/// ```
/// # use everloop_core::{EventLoop, TaskPool, virtual_time::{UNPARKER, VirtualTime}};
/// # static LOOP: EventLoop = EventLoop::new(UNPARKER);
/// # static POOL: TaskPool<4, 256> = TaskPool::new();
/// use everloop_core::{Duration, ReturnWhen, create_task, sleep, try_wait};
/// # LOOP.run(&VirtualTime::new(), &[&POOL], async {
///
/// let after = |seconds, outcome: Result<(), u32>| create_task(async move {
///     sleep(Duration::from_secs(seconds)).await;
///     outcome
/// });
/// let mut tasks = [after(3, Ok(())), after(2, Err(7)), after(1, Ok(()))];
/// let (done, pending) = try_wait(&mut tasks, None, ReturnWhen::FirstException).await.unwrap();
/// assert_eq!((done.len(), pending.len()), (2, 1));
/// # }).unwrap();
/// ```
///
/// # Errors
/// [`EmptySetError`] if there is nothing to wait for.
///
/// # Cancel safety
/// As for [`wait`].
///
/// # Allocation
/// As for [`wait`].
///
/// # Wakes from interrupts
/// As for [`wait`].
///
/// # Panics
/// As for [`wait`].
pub fn try_wait<S: WaitSet<Handle: TryTask>>(
    tasks: S,
    timeout: Option<Duration>,
    return_when: ReturnWhen,
) -> Wait<S> {
    Wait::new(tasks, timeout, return_when, TryTask::failed)
}

pin_project! {
    /// The future of [`wait`] and [`try_wait`].
    #[must_use = "futures do nothing unless awaited"]
    pub struct Wait<S: WaitSet> {
        set: Option<S>,
        #[pin]
        members: S::Members,
        #[pin]
        group: Group,
        #[pin]
        limit: Limit,
        timeout: Option<Duration>,
        return_when: ReturnWhen,
        failed: fn(&S::Handle) -> bool,
        started: bool,
    }

    impl<S: WaitSet> PinnedDrop for Wait<S> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            if let Some(set) = this.set {
                let (members, group) = (this.members.as_ref(), this.group.as_ref());
                let (handles, members) = (set.handles(), members.get_ref().as_ref());
                Watch { handles, members, group: group.get_ref() }.leave_all();
            }
        }
    }
}

impl<S: WaitSet> Wait<S> {
    fn new(
        set: S,
        timeout: Option<Duration>,
        return_when: ReturnWhen,
        failed: fn(&S::Handle) -> bool,
    ) -> Self {
        let members = set.members();
        let group = Group::new();
        if return_when == ReturnWhen::AllCompleted {
            group.wait_for_all();
        }
        let limit = Limit::new(None);
        Self { set: Some(set), members, group, limit, timeout, return_when, failed, started: false }
    }
}

impl<S: WaitSet> Future for Wait<S> {
    type Output = Result<S::Split, EmptySetError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let Some(set) = this.set.as_ref() else { panic!("`wait` was polled after it was ready") };
        let handles = set.handles();
        if handles.is_empty() {
            *this.set = None;
            return Poll::Ready(Err(EmptySetError));
        }
        let (members, group) = (this.members.as_ref(), this.group.as_ref());
        let watch = Watch { handles, members: members.get_ref().as_ref(), group: group.get_ref() };
        let mut over;
        if *this.started {
            over = watch.brings_the_end(*this.return_when, *this.failed) || this.limit.has_passed();
        } else {
            *this.started = true;
            over = is_over(handles, *this.return_when, *this.failed);
            if !over {
                if let Some(timeout) = *this.timeout {
                    this.limit.as_mut().start(Instant::now() + timeout);
                }
                watch.join_all();
            }
        }
        if !over {
            this.limit.as_ref().wake_with(cx.waker());
            group.set_waker(cx.waker());
            // A clone of a foreign waker may have ended a task, which then found nobody to wake.
            over = watch.brings_the_end(*this.return_when, *this.failed);
        }
        if !over {
            crate::waits_on(crate::WaitReason::Tasks);
            return Poll::Pending;
        }
        watch.leave_all();
        this.limit.clear();
        let Some(set) = this.set.take() else { unreachable!() };
        Poll::Ready(Ok(set.split()))
    }
}

/// What is over at the start.
fn is_over<H: AnyTask>(handles: &[H], return_when: ReturnWhen, failed: fn(&H) -> bool) -> bool {
    match return_when {
        ReturnWhen::FirstCompleted => handles.iter().any(H::done),
        ReturnWhen::FirstException => handles.iter().any(failed) || handles.iter().all(H::done),
        ReturnWhen::AllCompleted => handles.iter().all(H::done),
    }
}

/// The handles with the members that wait for their tasks.
struct Watch<'a, H> {
    handles: &'a [H],
    members: &'a [Member],
    group: &'a Group,
}

impl<H: AnyTask> Watch<'_, H> {
    /// Waits for all that are not done.
    fn join_all(&self) {
        for (handle, member) in self.handles.iter().zip(self.members) {
            if !handle.done() {
                // SAFETY: GROUP and WATCH: pinned in one future, which leaves in its drop. HANDLE keeps the task.
                unsafe { self.group.join(member, handle.handled().0) };
            }
        }
    }

    /// Waits for none of them any longer.
    fn leave_all(&self) {
        for (handle, member) in self.handles.iter().zip(self.members) {
            // SAFETY: HANDLE keeps the task, and each member waits for the task of its own handle.
            unsafe { self.group.leave(member, handle.handled().0) };
        }
    }

    /// Whether what happened since the last look ends the wait.
    fn brings_the_end(&self, return_when: ReturnWhen, failed: fn(&H) -> bool) -> bool {
        let mut end = self.group.waiting() == 0;
        match return_when {
            ReturnWhen::FirstCompleted => end |= !self.group.line_is_empty(),
            ReturnWhen::AllCompleted => {}
            ReturnWhen::FirstException => {
                while let Some(member) = self.group.take() {
                    let index = (member.addr() - self.members.as_ptr().addr()) / size_of::<Member>();
                    end |= failed(&self.handles[index]);
                }
            }
        }
        end
    }
}

/// Moves the handles of tasks that are done to the front, and keeps the order otherwise. How many are done.
fn partition<H: AnyTask>(handles: &mut [H]) -> usize {
    if let [handle] = handles {
        return usize::from(handle.done());
    }
    // In halves, so that many cost little; the depth is the logarithm of their number.
    let half = handles.len() / 2;
    let (front, back) = handles.split_at_mut(half);
    if back.is_empty() {
        return 0;
    }
    let (before, after) = (partition(front), partition(back));
    handles[before..half + after].rotate_left(half - before);
    before + after
}

impl<H: AnyTask, const N: usize> sealed::Sealed for &mut [H; N] {}

impl<'a, H: AnyTask, const N: usize> WaitSet for &'a mut [H; N] {
    type Handle = H;
    type Split = (&'a mut [H], &'a mut [H]);
    type Members = [Member; N];

    fn members(&self) -> Self::Members {
        [const { Member::new() }; N]
    }

    fn handles(&self) -> &[H] {
        *self
    }

    fn split(self) -> Self::Split {
        let done = partition(self);
        self.split_at_mut(done)
    }
}

#[cfg(feature = "alloc")]
mod any_length {
    use alloc::boxed::Box;
    use alloc::vec::Vec;

    use super::{AnyTask, Member, WaitSet, partition, sealed};

    impl<H: AnyTask> sealed::Sealed for &mut [H] {}

    impl<'a, H: AnyTask> WaitSet for &'a mut [H] {
        type Handle = H;
        type Split = (&'a mut [H], &'a mut [H]);
        type Members = Box<[Member]>;

        fn members(&self) -> Self::Members {
            self.iter().map(|_| Member::new()).collect()
        }

        fn handles(&self) -> &[H] {
            self
        }

        fn split(self) -> Self::Split {
            let done = partition(self);
            self.split_at_mut(done)
        }
    }

    impl<H: AnyTask> sealed::Sealed for &mut Vec<H> {}

    impl<'a, H: AnyTask> WaitSet for &'a mut Vec<H> {
        type Handle = H;
        type Split = (&'a mut [H], &'a mut [H]);
        type Members = Box<[Member]>;

        fn members(&self) -> Self::Members {
            self.iter().map(|_| Member::new()).collect()
        }

        fn handles(&self) -> &[H] {
            self
        }

        fn split(self) -> Self::Split {
            self.as_mut_slice().split()
        }
    }
}
