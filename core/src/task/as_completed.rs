use core::cell::Cell;
use core::pin::Pin;
use core::task::{Context, Poll};

use futures_core::{FusedStream, Stream};
use pin_project_lite::pin_project;

use super::any::AnyTask;
use super::group::{Group, Member};
use super::header::TaskRef;
use super::limit::Limit;
use crate::{Duration, Instant, TimeoutError};

/// What can be given to [`as_completed`]: an array of handles, or with `alloc` a `Vec`. A handle is a
/// [`Task`](crate::Task), or a reference to one, or a `&dyn AnyTask`.
pub trait TaskSet: sealed::Sealed {
    /// One of the handles.
    type Handle: AnyTask;
    #[doc(hidden)]
    type Slots: AsRef<[Slot<Self::Handle>]>;
    #[doc(hidden)]
    fn slots(self) -> Self::Slots;
}

mod sealed {
    pub trait Sealed {}
}

/// A handle, until it is given back, with what waits for its task. The member is first, so that a pointer to it is
/// one to the slot.
#[repr(C)]
pub struct Slot<H> {
    member: Member,
    handle: Cell<Option<H>>,
}

impl<H: AnyTask> Slot<H> {
    fn new(handle: H) -> Self {
        Self { member: Member::new(), handle: Cell::new(Some(handle)) }
    }

    /// The slot's task, until its handle is given back.
    fn task(&self) -> Option<TaskRef> {
        let handle = self.handle.take()?;
        let task = handle.handled().0;
        self.handle.set(Some(handle));
        Some(task)
    }

    fn member(this: *const Self) -> *const Member {
        this.cast()
    }

    /// # Safety
    /// The member is a slot's, with the right to all of it.
    unsafe fn of<'a>(member: *const Member) -> &'a Self {
        // SAFETY: by the caller.
        unsafe { &*member.cast() }
    }
}

/// Gives the handles of `tasks` back one by one, each when its task is done, in the order in which the tasks ended.
/// asyncio's `as_completed`.
///
/// The result is pinned, and then [`next`](AsCompleted::next) or the [`Stream`] gives the handles, whose results are
/// ready. It may be left and taken up again, also by another task; what ends meanwhile is kept in order.
///
/// `timeout` counts from the call, for all of them together. When it is over, and nothing that has ended is left to
/// give, each of the rest is an error, also if its task ends later; their handles may still be
/// [taken back](AsCompleted::take_remaining). Zero lets everything that is ready run once.
///
/// ```
/// # use everloop_core::{EventLoop, TaskPool, virtual_time::{UNPARKER, VirtualTime}};
/// # static LOOP: EventLoop = EventLoop::new(UNPARKER);
/// # static POOL: TaskPool<4, 256> = TaskPool::new();
/// use core::pin::pin;
/// use everloop_core::{Duration, as_completed, create_task, sleep};
/// # LOOP.run(&VirtualTime::new(), &[&POOL], async {
///
/// let after = |seconds| create_task(async move {
///     sleep(Duration::from_secs(seconds)).await;
///     seconds
/// });
/// let mut completed = pin!(as_completed([after(9), after(1), after(2)], Some(Duration::from_secs(5))));
/// assert_eq!(completed.next().await.unwrap().unwrap().await, Ok(1));
/// assert_eq!(completed.next().await.unwrap().unwrap().await, Ok(2));
/// assert!(completed.next().await.unwrap().is_err());
/// let late = completed.take_remaining().next().unwrap();
/// assert_eq!(late.await, Ok(9));
/// # }).unwrap();
/// ```
///
/// # Differs from asyncio
/// It takes tasks, not coroutines, so it always gives back what it was given. A handle that is given twice, by
/// reference, comes back twice. What ended after the deadline, but before it was asked for, is still given.
///
/// # Allocation
/// None for an array. For a `Vec` one block, at the call.
///
/// # Panics
/// With a timeout, outside a running loop.
#[track_caller]
pub fn as_completed<S: TaskSet>(tasks: S, timeout: Option<Duration>) -> AsCompleted<S> {
    let slots = tasks.slots();
    let left = slots.as_ref().len();
    let limit = Limit::new(timeout.map(|timeout| Instant::now() + timeout));
    AsCompleted { slots, group: Group::new(), limit, left, started: false, expired: false }
}

pin_project! {
    /// Tasks that are given back as they end: see [`as_completed`]. Dropping it drops the handles it still has, which
    /// detaches their tasks if they are `Task`s.
    #[must_use = "it gives the tasks back when it is asked to: `next().await`"]
    pub struct AsCompleted<S: TaskSet> {
        #[pin]
        slots: S::Slots,
        #[pin]
        group: Group,
        #[pin]
        limit: Limit,
        // How many items are yet to come, errors among them.
        left: usize,
        started: bool,
        expired: bool,
    }

    impl<S: TaskSet> PinnedDrop for AsCompleted<S> {
        fn drop(this: Pin<&mut Self>) {
            this.as_ref().leave_all();
        }
    }
}

impl<S: TaskSet> AsCompleted<S> {
    /// The handle of the next task that has ended, or `None` when there are no more.
    ///
    /// # Errors
    /// [`TimeoutError`] for each that had not ended in time.
    ///
    /// # Cancel safety
    /// Nothing is lost by dropping the future: what has ended is given by the next call. A cancellation does not
    /// reach the tasks.
    ///
    /// # Allocation
    /// None.
    ///
    /// # Wakes from interrupts
    /// None of its own: the tasks' ends and the loop's timer.
    pub fn next<'a>(self: &'a mut Pin<&mut Self>) -> NextCompleted<'a, S> {
        NextCompleted { all: self.as_mut() }
    }

    /// Takes back the handles that were not given yet, done or not, in the order of the arguments. From then on
    /// [`next`](Self::next) gives `None`. What the iterator is not asked for stays, to be taken later.
    pub fn take_remaining<'a>(self: &'a mut Pin<&mut Self>) -> RemainingTasks<'a, S> {
        self.as_ref().leave_all();
        let this = self.as_mut().project();
        this.limit.clear();
        *this.left = 0;
        RemainingTasks { all: self.as_ref(), at: 0 }
    }

    fn slots(self: Pin<&Self>) -> &[Slot<S::Handle>] {
        self.get_ref().slots.as_ref()
    }

    /// Waits for all that are not done, and puts those that are in line, in the order in which they ended.
    fn start(self: Pin<&Self>) {
        let group = &self.get_ref().group;
        for slot in self.slots() {
            let Some(task) = slot.task() else { continue };
            // SAFETY: GROUP and WATCH: pinned in this, which leaves in its drop. HANDLE keeps the task.
            unsafe {
                if task.header().has(super::state::DONE) {
                    group.put(Slot::member(slot));
                } else {
                    group.join(Slot::member(slot), task);
                }
            }
        }
        group.sort(|one, other| {
            // SAFETY: all in the line are slots, whose handles were not given back.
            let place = |member| unsafe {
                Slot::<S::Handle>::of(member).task().map_or(0, |task| task.header().watchers.place())
            };
            place(one).wrapping_sub(place(other)).cast_signed() < 0
        });
    }

    /// Waits for none of the tasks any longer.
    fn leave_all(self: Pin<&Self>) {
        for slot in self.slots() {
            if let Some(task) = slot.task() {
                // SAFETY: HANDLE keeps the task, and each member waits for the task of its own slot.
                unsafe { self.get_ref().group.leave(Slot::member(slot), task) };
            }
        }
    }

    /// Gives back the first of those that have ended.
    fn take(self: Pin<&mut Self>) -> Option<S::Handle> {
        let this = self.project();
        let member = this.group.take()?;
        *this.left -= 1;
        if this.group.waiting() == 0 {
            this.limit.clear();
        }
        // SAFETY: GROUP: members of this group are slots, put in line with the right to all of them.
        unsafe { Slot::<S::Handle>::of(member) }.handle.take()
    }
}

impl<S: TaskSet> Stream for AsCompleted<S> {
    type Item = Result<S::Handle, TimeoutError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        if !self.started {
            *self.as_mut().project().started = true;
            self.as_ref().start();
        } else if !self.expired && self.group.line_is_empty() && self.limit.has_passed() {
            self.as_ref().leave_all();
            self.limit.clear();
            *self.as_mut().project().expired = true;
        }
        if let Some(handle) = self.as_mut().take() {
            return Poll::Ready(Some(Ok(handle)));
        }
        let this = self.as_mut().project();
        if *this.expired {
            *this.left -= 1;
            return Poll::Ready(Some(Err(TimeoutError::new())));
        }
        this.limit.as_ref().wake_with(cx.waker());
        this.group.set_waker(cx.waker());
        // A clone of a foreign waker may have ended a task, which then found nobody to wake.
        match self.take() {
            Some(handle) => Poll::Ready(Some(Ok(handle))),
            None => {
                crate::waits_on(crate::WaitReason::Tasks);
                Poll::Pending
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl<S: TaskSet> FusedStream for AsCompleted<S> {
    fn is_terminated(&self) -> bool {
        self.left == 0
    }
}

/// The future of [`AsCompleted::next`].
#[must_use = "futures do nothing unless awaited"]
pub struct NextCompleted<'a, S: TaskSet> {
    all: Pin<&'a mut AsCompleted<S>>,
}

impl<S: TaskSet> Future for NextCompleted<'_, S> {
    type Output = Option<Result<S::Handle, TimeoutError>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.all.as_mut().poll_next(cx)
    }
}

/// The iterator of [`AsCompleted::take_remaining`].
pub struct RemainingTasks<'a, S: TaskSet> {
    all: Pin<&'a AsCompleted<S>>,
    at: usize,
}

impl<S: TaskSet> Iterator for RemainingTasks<'_, S> {
    type Item = S::Handle;

    fn next(&mut self) -> Option<S::Handle> {
        let rest = self.all.slots().get(self.at..)?;
        let (skipped, handle) =
            rest.iter().enumerate().find_map(|(i, slot)| Some((i, slot.handle.take()?)))?;
        self.at += skipped + 1;
        Some(handle)
    }
}

impl<H: AnyTask, const N: usize> sealed::Sealed for [H; N] {}

impl<H: AnyTask, const N: usize> TaskSet for [H; N] {
    type Handle = H;
    type Slots = [Slot<H>; N];

    fn slots(self) -> Self::Slots {
        self.map(Slot::new)
    }
}

#[cfg(feature = "alloc")]
mod any_length {
    use alloc::boxed::Box;
    use alloc::vec::Vec;

    use super::{AnyTask, Slot, TaskSet, sealed};

    impl<H: AnyTask> sealed::Sealed for Vec<H> {}

    impl<H: AnyTask> TaskSet for Vec<H> {
        type Handle = H;
        type Slots = Box<[Slot<H>]>;

        fn slots(self) -> Self::Slots {
            self.into_iter().map(Slot::new).collect()
        }
    }
}
