use core::alloc::Layout;
use core::mem::ManuallyDrop;

use super::cell::Stage;
use super::error::{CreateError, CreateErrorKind};
use super::handle::Task;
use super::header::{TaskRef, state};
use super::site::Site;
use super::slots;
use super::step;
use super::waker::{wake_local, wake_new};
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
    create_or_panic(future, Start::Queued, Site::caller())
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
    create_or_panic(future, Start::Eager, Site::caller())
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

#[cfg_attr(feature = "std", inline)]
fn try_create<F>(future: F, start: Start, site: Site) -> Result<Task<F::Output>, CreateError<F>>
where
    F: Future + 'static,
    F::Output: 'static,
{
    create_with(future, start, site, anywhere, |_, _| {})
}

#[cfg_attr(feature = "std", inline)]
#[track_caller]
fn create_or_panic<F>(future: F, start: Start, site: Site) -> Task<F::Output>
where
    F: Future + 'static,
    F::Output: 'static,
{
    let mut future = ManuallyDrop::new(future);
    // SAFETY: the future is moved out if the task is made, and else dropped here.
    unsafe {
        match create_from(&raw const *future, start, site, anywhere, |_, _| {}) {
            Ok(task) => task,
            Err(kind) => {
                ManuallyDrop::drop(&mut future);
                refuse(kind)
            }
        }
    }
}

#[cold]
#[track_caller]
fn refuse(kind: CreateErrorKind) -> ! {
    panic!("{kind}")
}

/// Takes a slot of the pools of `l`, the current loop; `None` is a place on the heap. Not generic: only the layout matters,
/// and programs create tasks in many places.
#[cfg_attr(feature = "std", inline)]
fn anywhere(l: &EventLoop, layout: Layout) -> Result<Option<TaskRef>, CreateErrorKind> {
    if cfg!(feature = "alloc") && l.pools.get().is_null() && !l.is_closed() {
        return Ok(None);
    }
    in_a_pool(l, layout)
}

#[inline(never)]
fn in_a_pool(l: &EventLoop, layout: Layout) -> Result<Option<TaskRef>, CreateErrorKind> {
    if l.is_closed() {
        return Err(CreateErrorKind::LoopClosed);
    }
    // SAFETY: by the caller `l` is the current loop.
    match unsafe { slots::find(l, layout) } {
        #[cfg(feature = "alloc")]
        Err(_) => Ok(None),
        found => found.map(Some),
    }
}

/// Makes a task in the slot that `place` takes for it, or on the heap, calls `enlist` with it before anybody else sees it,
/// and starts it.
#[cfg_attr(feature = "std", inline)]
pub(super) fn create_with<F: Future>(
    future: F,
    start: Start,
    site: Site,
    place: impl FnOnce(&EventLoop, Layout) -> Result<Option<TaskRef>, CreateErrorKind>,
    enlist: impl FnOnce(&EventLoop, TaskRef),
) -> Result<Task<F::Output>, CreateError<F>> {
    let future = ManuallyDrop::new(future);
    // SAFETY: the future is moved out if the task is made, and else given back.
    match unsafe { create_from(&raw const *future, start, site, place, enlist) } {
        Ok(task) => Ok(task),
        Err(kind) => Err(CreateError { kind, future: ManuallyDrop::into_inner(future) }),
    }
}

/// As [`create_with`], of the future at `future`, so that it is moved once only.
///
/// # Safety
/// There is one. It is moved out unless this fails.
#[cfg_attr(feature = "std", inline)]
unsafe fn create_from<F: Future>(
    future: *const F,
    start: Start,
    site: Site,
    place: impl FnOnce(&EventLoop, Layout) -> Result<Option<TaskRef>, CreateErrorKind>,
    enlist: impl FnOnce(&EventLoop, TaskRef),
) -> Result<Task<F::Output>, CreateErrorKind> {
    let created = current::with(|l| {
        let slot = place(l, Layout::new::<Stage<F>>())?;
        // SAFETY: by the caller; the slot was taken for this layout, and `l` is the current loop.
        let task = unsafe {
            match slot {
                Some(slot) => slots::put(l, slot, future),
                #[cfg(feature = "alloc")]
                None => super::heap::create(l, future),
                #[cfg(not(feature = "alloc"))]
                None => unreachable!(),
            }
        };
        #[cfg(feature = "inspect")]
        // SAFETY: TASK: it is new, and `l` is the current loop.
        unsafe {
            task.task().times().set_created(site.location());
        }
        #[cfg(not(feature = "inspect"))]
        let _ = site;
        enlist(l, task.task());
        // SAFETY: TASK: it is new, `l` is the current loop, and the handle keeps it.
        unsafe {
            match start {
                Start::Queued => wake_new(l, task.task()),
                Start::Eager => step::step(l, task.task()),
            }
        }
        Ok(task)
    });
    let created = created.unwrap_or(Err(CreateErrorKind::NoRunningLoop));
    if let Err(kind) = &created {
        tell_of(kind);
    }
    created
}

#[cold]
fn tell_of(kind: &CreateErrorKind) {
    let _ = kind;
    crate::log::log!(warn, "no task was created: {}", kind);
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
    create_with(future, Start::Queued, site, anywhere, |l, task| {
        if polled == Polled::ByItsGroup {
            // SAFETY: TASK: it is new, and `l` is the current loop.
            unsafe { task.header() }.set(state::CHILD);
            // A part of its group's task: the loop does not wait for it beyond that one's end.
            l.live.set(l.live.get() - 1);
        }
        enlist(task);
    })
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
        task.forget_labels();
        enroll_unlabelled(l, task)
    }
}

/// As [`enroll`], where nothing was said of another task in the same place.
///
/// # Safety
/// As there.
#[cfg_attr(feature = "std", inline)]
pub(super) unsafe fn enroll_unlabelled<T>(l: &EventLoop, task: TaskRef) -> Task<T> {
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
        task.set_asked(None);
        #[cfg(feature = "inspect")]
        task.times().reset(l.now());
        header.watchers.open();
        header.set_id(l.take_id());
        l.live.set(l.live.get() + 1);
        Task::new(task)
    }
}
