use super::error::{CreateError, CreateErrorKind};
use super::handle::Task;
use super::header::{TaskRef, state};
use super::info::TaskInfo;
use super::slots;
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
pub fn try_create_task<F>(future: F) -> Result<Task<F::Output>, CreateError<F>>
where
    F: Future + 'static,
    F::Output: 'static,
{
    let mut future = Some(future);
    match current::with(|l| place(l, &mut future)).unwrap_or(Err(CreateErrorKind::NoRunningLoop)) {
        Ok(task) => Ok(task),
        Err(kind) => match future {
            Some(future) => Err(CreateError { kind, future }),
            None => unreachable!(),
        },
    }
}

fn place<F>(l: &EventLoop, future: &mut Option<F>) -> Result<Task<F::Output>, CreateErrorKind>
where
    F: Future + 'static,
    F::Output: 'static,
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

/// Gives a new task its identity, queues it, and makes its handle.
///
/// # Safety
/// TASK: `task` belongs to `l`, the current loop, and its stage holds a future of output `T`.
pub(crate) unsafe fn start<T>(l: &EventLoop, task: TaskRef) -> Task<T> {
    // SAFETY: by the caller.
    unsafe {
        let header = task.header();
        let branch = &header.branch;
        branch.state.set(state::LIVE | state::HANDLE);
        branch.cancels.set(0);
        crate::scope::reset(branch);
        header.watchers.open();
        header.name.set(None);
        header.id.set(l.take_id());
        l.live.set(l.live.get() + 1);
        wake_local(l, task);
        Task::new(task)
    }
}

/// What is known of the task that calls, or `None` outside tasks. asyncio's `current_task`.
pub fn current_task() -> Option<TaskInfo> {
    current::with(|l| l.task.get().map(|task| TaskInfo::new(l, task))).flatten()
}
