//! Requests to end a task: those it gets, hands on and takes back.

use core::task::Waker;

use super::asked::Asked;
use super::header::{Header, TaskRef, remote, state};
use super::waker::{task as waker_task, wake_task};
use crate::EventLoop;
use crate::scope;
use crate::shim::Ordering;

/// Asks the task to end, as `Task::cancel` does. False if it is done.
///
/// # Safety
/// TASK, in the context of the task's loop.
pub(crate) unsafe fn cancel(task: TaskRef, message: Option<&'static str>) -> bool {
    // SAFETY: by the caller; a task that was made has an owner.
    unsafe { cancel_as(task, Asked::new(&*task.header().owner()), message) }
}

/// # Safety
/// As for `cancel`.
unsafe fn cancel_as(task: TaskRef, asked: Asked, message: Option<&'static str>) -> bool {
    // SAFETY: by the caller.
    unsafe {
        if task.header().has(state::DONE) {
            return false;
        }
        task.set_message(message);
        ask(task, asked);
    }
    // Not directly into the queue: the loop may not be the one that runs just now.
    // SAFETY: by the caller.
    unsafe { wake_task(task) };
    true
}

/// Hands on to `task` a request that reached the task that is running; without a number, one that begins there. False if
/// it is done.
///
/// At its end the loop asks all tasks by itself. What a task hands on for that would be a second request, and cut the
/// cleanup of one that was polled before it.
///
/// # Safety
/// TASK, in the context of the task's loop.
pub(crate) unsafe fn hand_on(task: TaskRef, asked: Option<Asked>, message: Option<&'static str>) -> bool {
    // SAFETY: by the caller.
    let (header, before) = unsafe { (task.header(), task.asked()) };
    let is_here = |l: &EventLoop| {
        let ending = l.doing.get().ends() && !id_is_newer(header.id(), l.newest_asked.get());
        core::ptr::eq(header.owner(), l).then_some(ending)
    };
    let ending = crate::current::with(is_here).flatten();
    // The number of another loop's request says nothing here.
    let asked = asked.filter(|_| ending.is_some());
    if ending == Some(true) || asked.is_some() && asked == before {
        return !header.has(state::DONE);
    }
    // SAFETY: by the caller.
    unsafe {
        match asked {
            Some(asked) => cancel_as(task, asked, message),
            None => cancel(task, message),
        }
    }
}

/// Whether a task with number `id` was made after the one with number `than`. Numbers wrap.
pub(crate) fn id_is_newer(id: u32, than: u32) -> bool {
    (id.wrapping_sub(than) as i32) > 0
}

/// Asks the task that `waker` wakes to end, from any context.
///
/// # Safety
/// TASK: it is a task's waker, and that task is the one that is meant.
pub(crate) unsafe fn cancel_from_elsewhere(waker: &Waker) {
    // SAFETY: by the caller; `remote` is a shared field.
    let header = unsafe { waker_task(waker.data()).header() };
    header.branch.remote.fetch_or(remote::CANCEL, Ordering::AcqRel);
    waker.wake_by_ref();
}

/// # Safety
/// TASK, in the context of the task's loop.
unsafe fn ask(task: TaskRef, asked: Asked) {
    // SAFETY: by the caller.
    let header = unsafe {
        task.set_asked(Some(asked));
        task.header()
    };
    let cancels = &header.branch.cancels;
    cancels.set(cancels.get().saturating_add(1));
    scope::ask(&header.branch);
}

/// Whether a request came from another context. A plain load, since there is mostly none.
#[inline]
pub(super) fn has_remote_cancel(header: &Header) -> bool {
    header.branch.remote.load(Ordering::Relaxed) & remote::CANCEL != 0
}

/// Takes over a request that came from another context.
///
/// # Safety
/// TASK, in the context of the task's loop.
#[inline]
pub(super) unsafe fn accept_remote_cancel(task: TaskRef) {
    // SAFETY: by the caller.
    let header = unsafe { task.header() };
    if has_remote_cancel(header) {
        header.branch.remote.fetch_and(!remote::CANCEL, Ordering::AcqRel);
        // SAFETY: by the caller; a task that was made has an owner.
        unsafe { ask(task, Asked::new(&*header.owner())) };
    }
}

/// Takes back one request. How many are left.
///
/// # Safety
/// TASK, in the context of the task's loop.
pub(crate) unsafe fn uncancel(task: TaskRef) -> u8 {
    // SAFETY: by the caller.
    let header = unsafe { task.header() };
    let cancels = &header.branch.cancels;
    cancels.set(cancels.get().saturating_sub(1));
    if cancels.get() == 0 && scope::withdraw(&header.branch) {
        // It comes to nothing, so one of the same moment is another.
        // SAFETY: by the caller.
        unsafe {
            task.set_asked(None);
            task.set_message(None);
        }
    }
    cancels.get()
}
