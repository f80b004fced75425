//! asyncio's `TaskGroup`: children that may borrow, and that all have ended when the group has.

mod crew;
mod drive;
mod error;
mod group;
mod member;

use core::fmt;
use core::marker::PhantomData;

use crate::queue::Storage;
use crate::task::{self, CreateError, CreateErrorKind, Task};
use drive::Drive;
use group::Group;
use member::Member;

pub(crate) use crew::{forward, may_abort};
pub use error::{ErrorGroup, Errors};

/// Runs `body`, which creates tasks in the group that it is given, and waits for all of them. asyncio's
/// `async with TaskGroup()`.
///
/// `room` says how many children may live at once: `Fixed::<N>` keeps what is needed for `N` in place,
/// `Unbounded` any number on the heap. Each child takes a slot of the loop's pools, or with `alloc` a place on the
/// heap. Children may borrow whatever outlives the call, and may create further children.
///
/// The first child that returns an error, or the body if it does, has all others asked to end, each with its cleanup;
/// when all have ended, every error is given. A child that was cancelled by itself harms nobody. A panic of a child
/// counts as an error, and goes on in who awaits the group.
///
/// ```
/// # use everloop_core::{EventLoop, TaskPool, virtual_time::{UNPARKER, VirtualTime}};
/// # static LOOP: EventLoop = EventLoop::new(UNPARKER);
/// # static POOL: TaskPool<2, 512> = TaskPool::new();
/// use everloop_core::{Duration, Fixed, sleep, task_group};
/// # LOOP.run(&VirtualTime::new(), &[&POOL], async {
///
/// let words = ["hello", "world"];
/// let lengths = task_group(Fixed::<2>, async |group| {
///     let first = group.create_task(async { Ok::<_, &str>(words[0].len()) });
///     let second = group.create_task(async {
///         sleep(Duration::from_secs(1)).await;
///         Ok(words[1].len())
///     });
///     Ok((first.await, second.await))
/// });
/// assert_eq!(lengths.await.unwrap(), (Ok(5), Ok(5)));
/// # }).unwrap();
/// ```
///
/// # Errors
/// Every error of a child and of the body, in the order in which they came up, the body's last.
///
/// # Order
/// A child of [`create_task`](TaskGroup::create_task) is polled inside its group's task: when its turn comes it has that
/// task polled, so it runs one turn later than a task on its own would. Among themselves such children run first come
/// first served. A child of [`create_static_task`](TaskGroup::create_static_task), which borrows nothing, is polled by
/// the loop like every task.
///
/// # Why children may borrow
/// Nothing but the group's own future polls a child that borrows, and dropping that future drops all children first. If
/// it is forgotten instead, with `mem::forget` for instance, the children are neither polled nor dropped any more,
/// whatever wakes or aborts them, so that nobody looks at what they borrowed; their slots, or places on the heap, stay
/// taken for good. So does their loop once its run is over: nobody can tell a group that was forgotten from one that was
/// stowed away and is yet to drop them there. Another run of a static loop is then refused, as
/// [`AlreadyRunning`](crate::RunError::AlreadyRunning).
///
/// # Differs from asyncio
/// A cancellation of the group's task reaches the children at once, together with the body, and goes on outwards when
/// all have ended, whatever they made of it. An error wins over it, and then it is delivered at the next await. Awaiting
/// the handle of a child that failed tells that it was cancelled: its error is the group's.
///
/// # Panics
/// If it has children and is polled in another event loop than the one that they were created in: nobody would poll them
/// there. Dropping it there is fine.
///
/// # Cancel safety
/// Dropping it drops the body and then the children, at once and without cleanup.
///
/// # Allocation
/// With `Fixed` none but the children's tasks themselves.
///
/// # Wakes from interrupts
/// As the body and the children do.
pub async fn task_group<'env, S, B, R, E>(room: S, body: B) -> Result<R, ErrorGroup<E, S>>
where
    S: Storage,
    B: for<'scope> AsyncFnOnce(&'scope TaskGroup<'scope, 'env, E, S>) -> Result<R, E>,
{
    // It only names the type.
    drop(room);
    let group = Group::new();
    let scope = TaskGroup { group: &raw const group, scope: PhantomData, env: PhantomData };
    let _end = EndChildren(&group);
    Drive::new(body(&scope), &group).await
}

/// The children of a [`task_group`]. asyncio's `TaskGroup`.
pub struct TaskGroup<'scope, 'env: 'scope, E, S: Storage> {
    /// CREW: it is in the same future, and is there as long as this is.
    group: *const Group<E, S>,
    scope: PhantomData<&'scope mut &'scope ()>,
    env: PhantomData<&'env mut &'env ()>,
}

impl<'scope, E, S: Storage> TaskGroup<'scope, '_, E, S> {
    fn group(&self) -> &Group<E, S> {
        // SAFETY: CREW: whoever has a reference to this is the body or a child, which are gone before the group.
        unsafe { &*self.group }
    }

    /// Starts a child, which may borrow. Its [`Task`] is as any other; dropping it only means that nobody looks at the
    /// child's value.
    ///
    /// # Panics
    /// Where [`try_create_task`](Self::try_create_task) gives an error: mind that a group that failed takes no children.
    #[track_caller]
    pub fn create_task<T, F>(&self, future: F) -> Task<T>
    where
        F: Future<Output = Result<T, E>> + 'scope,
        T: 'scope,
    {
        match self.try_create_task(future) {
            Ok(task) => task,
            Err(error) => panic!("{}", error.kind),
        }
    }

    /// As [`create_task`](Self::create_task).
    ///
    /// # Errors
    /// The group has failed, was asked to end or has ended; as many children live as it has room for; or, without
    /// `alloc`, no slot is free. The future comes back.
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn try_create_task<T, F>(&self, future: F) -> Result<Task<T>, CreateError<F>>
    where
        F: Future<Output = Result<T, E>> + 'scope,
        T: 'scope,
    {
        self.create(future, task::Polled::ByItsGroup, task::Site::caller())
    }

    /// Starts a child that borrows nothing, so that the loop itself polls it.
    ///
    /// # Panics
    /// As [`create_task`](Self::create_task).
    #[track_caller]
    pub fn create_static_task<T, F>(&self, future: F) -> Task<T>
    where
        F: Future<Output = Result<T, E>> + 'static,
        T: 'static,
    {
        match self.try_create_static_task(future) {
            Ok(task) => task,
            Err(error) => panic!("{}", error.kind),
        }
    }

    /// As [`create_static_task`](Self::create_static_task).
    ///
    /// # Errors
    /// As for [`try_create_task`](Self::try_create_task).
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn try_create_static_task<T, F>(&self, future: F) -> Result<Task<T>, CreateError<F>>
    where
        F: Future<Output = Result<T, E>> + 'static,
        T: 'static,
    {
        self.create(future, task::Polled::ByTheLoop, task::Site::caller())
    }

    fn create<T, F>(
        &self,
        future: F,
        polled: task::Polled,
        site: task::Site,
    ) -> Result<Task<T>, CreateError<F>>
    where
        F: Future<Output = Result<T, E>>,
    {
        let group = self.group();
        let refusal = if group.shut.get() {
            Some(CreateErrorKind::GroupShutDown)
        } else if group.capacity().is_some_and(|room| group.crew.len() >= room) {
            Some(CreateErrorKind::GroupFull)
        } else {
            None
        };
        if let Some(kind) = refusal {
            return Err(CreateError { kind, future });
        }
        // SAFETY: CREW: a child of `create_task` is polled by its group alone, which ends it before what it borrows goes;
        // one of `create_static_task` borrows nothing. The crew is pinned in the group's future.
        let made = unsafe {
            task::create_member(Member::new(future, self.group), polled, site, |task| group.crew.insert(task))
        };
        made.map_err(|error| match error.future.into_future() {
            Some(future) => CreateError { kind: error.kind, future },
            None => unreachable!("it was not polled"),
        })
    }
}

impl<E, S: Storage> fmt::Debug for TaskGroup<'_, '_, E, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let group = self.group();
        f.debug_struct("TaskGroup")
            .field("children", &group.crew.len())
            .field("shut", &group.shut.get())
            .finish()
    }
}

/// Ends all children when it is dropped: after the body, before the group.
struct EndChildren<'g, E, S: Storage>(&'g Group<E, S>);

impl<E, S: Storage> Drop for EndChildren<'_, E, S> {
    fn drop(&mut self) {
        self.0.shut.set(true);
        while let Some(task) = self.0.crew.oldest() {
            // SAFETY: TASK: its future was not dropped, so it was not given back. CREW: one that is running is not polled
            // by this group, whose future could not be dropped then, so it borrows nothing: it is let go, and ends at its
            // next await.
            unsafe {
                if task.header().has(task::state::RUNNING) {
                    self.0.crew.release_oldest();
                    task::cancel(task, None);
                } else {
                    task::abort(&*task.header().owner(), task);
                }
            }
        }
    }
}
