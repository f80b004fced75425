use super::error::{CreateError, CreateErrorKind};
use super::handle::Task;
use super::header::{TaskRef, state};
use super::site::Site;
use super::slots;
use super::step;
use super::waker::wake_local;
use crate::{EventLoop, current};

/// Starts a task: from the next turn on it runs beside its creator, in the order in which all that is ready became
/// so. asyncio's `create_task`.
///
/// It goes into the smallest free slot it fits into of the [`TaskPool`](crate::TaskPool)s that the loop was given;
/// with the `alloc` feature, if there is none, onto the heap. Dropping the [`Task`] detaches it.
///
/// # Panics
/// Outside a running loop, and without `alloc` when no slot is free or none is large enough;
/// [`try_create_task`] gives the future back instead.
#[track_caller]
pub fn create_task<F>(future: F) -> Task<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    match try_create_task(future) {
        Ok(task) => task,
        Err(error) => panic!("{}", error.kind),
    }
}

/// As [`create_task`].
///
/// # Errors
/// No loop is running, or (without `alloc`) no slot that is large enough is free. The future comes back.
#[cfg_attr(feature = "inspect", track_caller)]
pub fn try_create_task<F>(future: F) -> Result<Task<F::Output>, CreateError<F>>
where
    F: Future + 'static,
    F::Output: 'static,
{
    try_create(future, Start::Queued, Site::caller())
}

/// As [`create_task`], but the task's first step runs at once, inside this call, up to where it first waits. One that
/// never waits is done when this returns, and was never queued. asyncio's `create_task(..., eager_start=True)`.
///
/// The order of tasks is then no longer that of their creation: a task that is started so runs before all that is
/// ready.
///
/// # Panics
/// As [`create_task`]. A panic of the task's first step is kept for who awaits it.
#[track_caller]
pub fn create_eager_task<F>(future: F) -> Task<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    match try_create_eager_task(future) {
        Ok(task) => task,
        Err(error) => panic!("{}", error.kind),
    }
}

/// As [`create_eager_task`].
///
/// # Errors
/// As for [`try_create_task`]; the future comes back and was not polled.
#[cfg_attr(feature = "inspect", track_caller)]
pub fn try_create_eager_task<F>(future: F) -> Result<Task<F::Output>, CreateError<F>>
where
    F: Future + 'static,
    F::Output: 'static,
{
    try_create(future, Start::Eager, Site::caller())
}

/// How a new task's first step comes about.
#[derive(Clone, Copy)]
pub(super) enum Start {
    /// At the next turn.
    Queued,
    /// At once, inside its creator's.
    Eager,
}

fn try_create<F>(future: F, start: Start, site: Site) -> Result<Task<F::Output>, CreateError<F>>
where
    F: Future + 'static,
    F::Output: 'static,
{
    create_with(future, start, site, place)
}

/// Makes a task where `place` puts it, and starts it.
pub(super) fn create_with<F: Future>(
    future: F,
    start: Start,
    site: Site,
    place: impl FnOnce(&EventLoop, &mut Option<F>) -> Result<Task<F::Output>, CreateErrorKind>,
) -> Result<Task<F::Output>, CreateError<F>> {
    // The future goes in by way of an option, so that it can come back from a closure that did not use it.
    let mut future = Some(future);
    let made = current::with(|l| {
        let task = place(l, &mut future)?;
        #[cfg(feature = "inspect")]
        // SAFETY: TASK: it is new, and `l` is the current loop.
        unsafe {
            task.task().times().set_created(site.location());
        }
        #[cfg(not(feature = "inspect"))]
        let _ = site;
        // SAFETY: TASK: it is new, `l` is the current loop, and the handle keeps it.
        unsafe {
            match start {
                Start::Queued => wake_local(l, task.task()),
                Start::Eager => step::step(l, task.task()),
            }
        }
        Ok(task)
    });
    match (made.unwrap_or(Err(CreateErrorKind::NoRunningLoop)), future) {
        (Ok(task), _) => Ok(task),
        (Err(kind), Some(future)) => {
            crate::log::log!(warn, "no task was created: {}", kind);
            Err(CreateError { kind, future })
        }
        (Err(_), None) => unreachable!(),
    }
}

/// Who polls a member of a group.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Polled {
    /// The loop, as every task.
    ByTheLoop,
    /// Its group, when it is polled itself: the member may borrow.
    ByItsGroup,
}

/// Starts a member of a group, and calls `enlist` with it before anybody else sees it.
///
/// # Safety
/// A future that is not `'static` is dropped before what it borrows, or never touched again; one that is polled by its
/// group begins with a `Child` that `enlist` puts into the group's crew.
pub(crate) unsafe fn create_member<F: Future>(
    future: F,
    polled: Polled,
    site: Site,
    enlist: impl FnOnce(TaskRef),
) -> Result<Task<F::Output>, CreateError<F>> {
    create_with(future, Start::Queued, site, |l, future| {
        let task = place(l, future)?;
        if polled == Polled::ByItsGroup {
            // SAFETY: TASK: it is new, and `l` is the current loop.
            unsafe { task.task().header() }.set(state::CHILD);
            // A part of its group's task: the loop does not wait for it beyond that one's end.
            l.live.set(l.live.get() - 1);
        }
        enlist(task.task());
        Ok(task)
    })
}

fn place<F>(l: &EventLoop, future: &mut Option<F>) -> Result<Task<F::Output>, CreateErrorKind>
where
    F: Future,
{
    if l.is_closed() {
        return Err(CreateErrorKind::LoopClosed);
    }
    let mut refusal = CreateErrorKind::NoPool;
    // The pools are few and in the order of their slots' size.
    let mut next = l.pools.get();
    // SAFETY: POOL: what is in the list is static and serves `l`, the current loop.
    while let Some(head) = unsafe { next.as_ref() } {
        // SAFETY: as above.
        unsafe {
            if slots::fits::<F>(next) {
                match slots::take(l, next, future) {
                    Ok(task) => return Ok(task),
                    Err(kind) => refusal = kind,
                }
            } else if refusal != CreateErrorKind::PoolFull {
                refusal = CreateErrorKind::TooLarge {
                    bytes: size_of::<super::cell::Stage<F>>(),
                    slot: slots::bytes(next),
                };
            }
        }
        next = head.next.get();
    }
    #[cfg(feature = "alloc")]
    if let Some(future) = future.take() {
        return Ok(super::heap::create(l, future));
    }
    Err(refusal)
}

/// Starts a task that was made elsewhere: it runs from the next turn on, or, if the loop is `closing`, ends here,
/// unpolled.
///
/// # Safety
/// TASK: `l`, the current loop, has just adopted it.
pub(crate) unsafe fn start(l: &EventLoop, task: TaskRef, closing: bool) {
    // SAFETY: by the caller. Nobody has a handle that would look at an output.
    unsafe {
        drop(enroll::<()>(l, task));
        if closing {
            step::abort(l, task);
        } else {
            wake_local(l, task);
        }
    }
}

/// Gives a new task its identity and makes its handle. It is yet to be started.
///
/// # Safety
/// TASK: `task` belongs to `l`, the current loop, and its stage holds a future of output `T`.
pub(crate) unsafe fn enroll<T>(l: &EventLoop, task: TaskRef) -> Task<T> {
    // SAFETY: by the caller.
    unsafe {
        let header = task.header();
        let branch = &header.branch;
        branch.state.set(state::LIVE | state::HANDLE);
        branch.cancels.set(0);
        crate::scope::reset(branch);
        header.progress.reset();
        if let Some(creator) = l.task.get() {
            header.locals.inherit(&creator.header().locals);
        }
        let labels = task.labels();
        labels.name.set(None);
        labels.message.set(None);
        #[cfg(feature = "inspect")]
        task.times().reset(l.now());
        header.watchers.open();
        header.id.set(l.take_id());
        l.live.set(l.live.get() + 1);
        Task::new(task)
    }
}
