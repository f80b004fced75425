//! One step of a task: deliver what was asked of it, poll it once, see to its end.

use core::mem::ManuallyDrop;
use core::ptr;
use core::task::{Context, Poll};

use super::header::{Header, TaskRef, state};
#[cfg(feature = "hooks")]
use super::hooks::Hook;
use super::info::TaskInfo;
use super::progress::Doing;
use super::request::{accept_remote_cancel, has_remote_cancel};
use super::waker::borrowed;
use super::watch::{self, End};
use crate::EventLoop;
use crate::panics;
use crate::scope::{self, Enter};
use crate::shim;

/// From one plain task to the next a turn does not say that none is being polled: see [`EventLoop::rest`].
pub(crate) const RESTS_LATE: bool =
    cfg!(all(feature = "std", not(feature = "hooks"), not(feature = "inspect")));

/// How a step ended.
enum Outcome {
    Pending,
    Output,
    Cancelled,
    Panicked(shim::Payload),
}

/// Runs a task that was just taken from the ready queue, or has the group run that it is a borrowing child of. Beneath it no
/// other step of the loop is under way.
///
/// # Safety
/// TASK, in the context of `l`, whose task it is; it is not running.
// Where room is plenty, without calls from turn to poll, and without what is for steps inside others and for requests.
#[cfg_attr(feature = "std", inline(always))]
pub(crate) unsafe fn step_in_turn(l: &EventLoop, task: TaskRef) {
    // SAFETY: by the caller.
    unsafe {
        if cfg!(feature = "std") && is_plain(task.header()) {
            run_new::<true>(l, task);
        } else {
            l.rest();
            step(l, task);
        }
    }
}

/// Whether there is nothing to do for a task but to poll it.
#[inline]
fn is_plain(header: &Header) -> bool {
    // PROBED and CHILD mean that only of a task that is not DONE, and one that is is not plain either.
    !header.has(state::DONE | state::CHILD | state::PROBED)
        && !scope::has_request(&header.branch)
        && !has_remote_cancel(header)
}

/// As [`step_in_turn`], also inside another step.
///
/// # Safety
/// As there.
#[inline(never)]
pub(crate) unsafe fn step(l: &EventLoop, task: TaskRef) {
    // SAFETY: by the caller.
    unsafe {
        if task.header().branch.state.get() & (state::CHILD | state::DONE) == state::CHILD {
            crate::task_group::forward(l, task);
        } else {
            run(l, task);
        }
    }
}

/// Polls a task that is no longer in a queue.
///
/// # Safety
/// TASK, in the context of `l`, whose task it is; it is not running. A borrowing child: only by its group.
pub(crate) unsafe fn run(l: &EventLoop, task: TaskRef) {
    // SAFETY: by the caller.
    unsafe {
        if task.header().has(state::DONE) {
            // It ended while it was queued.
            task.header().clear(state::QUEUED);
            release_if_unused(task);
        } else {
            run_new::<false>(l, task);
        }
    }
}

/// As [`run`], of a task that is not done; a `PLAIN` one is polled in its turn, beneath no other step, and was not asked to end.
///
/// # Safety
/// As there.
#[cfg_attr(feature = "std", inline(always))]
unsafe fn run_new<const PLAIN: bool>(l: &EventLoop, task: TaskRef) {
    // SAFETY: by the caller. The task is not released before the end of this function: RUNNING keeps it.
    let header = unsafe { task.header() };
    let bits = header.branch.state.get();
    header.branch.state.set(bits & !(state::QUEUED | state::PROBED) | state::RUNNING);
    // Inside another task's step, what is said of that one is put back.
    let before = if PLAIN { (None, Doing::NOTHING) } else { (l.task.get(), l.doing.get()) };
    l.task.set(Some(task));
    l.doing.set(header.progress.begin(!PLAIN && bits & state::PROBED != 0));
    if !PLAIN {
        // SAFETY: by the caller.
        unsafe { accept_remote_cancel(task) };
    }
    #[cfg(feature = "inspect")]
    let start = l.now();
    #[cfg(feature = "hooks")]
    // SAFETY: by the caller. RUNNING keeps the task.
    let told = unsafe { Hook::begin(l, task) };
    // SAFETY: by the caller.
    let outcome = unsafe { poll::<PLAIN>(l, task, header) };
    #[cfg(feature = "hooks")]
    // SAFETY: as above.
    unsafe {
        Hook::end(task, told, matches!(outcome, Outcome::Pending));
    }
    #[cfg(feature = "inspect")]
    // SAFETY: by the caller.
    unsafe {
        task.times().polled(start, l.now());
    }
    header.progress.polled(l.doing.get());
    let is_pending = matches!(outcome, Outcome::Pending);
    if !(PLAIN && is_pending && RESTS_LATE) {
        l.task.set(before.0);
        l.doing.set(before.1);
    }
    if is_pending {
        header.clear(state::RUNNING);
        return;
    }
    // SAFETY: by the caller.
    unsafe {
        match outcome {
            Outcome::Pending => {}
            Outcome::Output => finish(l, task, 0),
            Outcome::Cancelled => finish(l, task, state::CANCELLED | state::TAKEN),
            Outcome::Panicked(payload) => {
                (task.vtable().store_panic)(task, payload);
                header.clear(state::TAKEN);
                finish(l, task, state::PANICKED);
            }
        }
    }
}

/// # Safety
/// As for `step`.
#[cfg_attr(feature = "std", inline(always))]
unsafe fn poll<const PLAIN: bool>(l: &EventLoop, task: TaskRef, header: &Header) -> Outcome {
    let root = task.branch();
    let copied = if PLAIN {
        false
    } else {
        // SAFETY: by the caller; the root is valid as long as its header.
        let Enter::Poll { copied } = (unsafe { scope::enter(root) }) else {
            // SAFETY: no child is active, so the future is not needed for cleanup.
            return unsafe { drop_future(l, task) };
        };
        copied
    };
    // SAFETY: by the caller; what is polled is LIVE.
    let vtable = unsafe { task.live_vtable() };
    // SAFETY: the waker is not dropped, and clones of it count.
    let waker = ManuallyDrop::new(unsafe { borrowed(task, vtable) });
    let mut cx = Context::from_waker(&waker);
    let around = if PLAIN { ptr::null() } else { l.scope.get() };
    l.scope.set(root);
    // SAFETY: the task is not DONE, so its stage holds the future.
    let polled = shim::catch(|| unsafe { (vtable.poll)(task, &mut cx) });
    if PLAIN && RESTS_LATE && matches!(polled, Ok(Poll::Pending)) && !scope::has_raised(&header.branch) {
        return Outcome::Pending;
    }
    l.scope.set(around);
    // SAFETY: the root is valid as long as its header.
    unsafe {
        match polled {
            Ok(Poll::Pending) if scope::leave(root, copied) => drop_future(l, task),
            Ok(Poll::Pending) => Outcome::Pending,
            Ok(Poll::Ready(())) => {
                scope::orphan_children(root);
                // A request that came too late to be delivered still counts: the task ends cancelled.
                accept_remote_cancel(task);
                if !scope::is_asked(&header.branch) {
                    return Outcome::Output;
                }
                header.set(state::TAKEN);
                match shim::catch(|| (task.vtable().drop_output)(task)) {
                    Ok(()) => Outcome::Cancelled,
                    Err(payload) => Outcome::Panicked(payload),
                }
            }
            Err(payload) => {
                // The future is dropped if the panic left it there. A second panic adds nothing to the first.
                if !header.has(state::TAKEN) {
                    discard(drop_future(l, task));
                }
                scope::orphan_children(root);
                Outcome::Panicked(payload)
            }
        }
    }
}

/// Drops the future of a task that was cancelled, or that panicked.
///
/// # Safety
/// As for `step`; the stage holds the future.
unsafe fn drop_future(l: &EventLoop, task: TaskRef) -> Outcome {
    let root = task.branch();
    // SAFETY: by the caller.
    unsafe {
        task.header().set(state::TAKEN);
        let dropped = {
            let _inside = scope::Inside::new(l, root);
            shim::catch(|| (task.vtable().drop_future)(task))
        };
        scope::orphan_children(root);
        match dropped {
            Ok(()) => Outcome::Cancelled,
            Err(payload) => Outcome::Panicked(payload),
        }
    }
}

/// Drops the payload of an outcome that nobody will see.
fn discard(outcome: Outcome) {
    if let Outcome::Panicked(payload) = outcome {
        shim::discard(payload);
    }
}

/// Drops a task that is not done where it is, without cleanup.
///
/// # Safety
/// TASK, in the context of `l`, whose task it is; it is not running.
pub(crate) unsafe fn abort(l: &EventLoop, task: TaskRef) {
    // SAFETY: by the caller; the stage of a task that is not done holds the future.
    unsafe {
        let header = task.header();
        header.set(state::RUNNING);
        #[cfg(feature = "hooks")]
        let told = Hook::begin(l, task);
        // A panic in a drop is of no use to anybody here.
        discard(drop_future(l, task));
        #[cfg(feature = "hooks")]
        Hook::end(task, told, false);
        task.set_message(None);
        finish(l, task, state::CANCELLED | state::TAKEN);
    }
}

/// Marks the task done, tells who waits for it, and gives it back if nobody has a handle.
///
/// # Safety
/// As for `step`.
unsafe fn finish(l: &EventLoop, task: TaskRef, how: u8) {
    // Not handed in as a reference: that would have to stay valid to the end, where the task may be freed.
    // SAFETY: by the caller.
    let header = unsafe { task.header() };
    let bits = header.branch.state.get();
    // A child counted as a part of its group's task.
    if bits & state::CHILD == 0 {
        l.live.set(l.live.get() - 1);
    }
    let bits = bits & !(state::CHILD | state::PROBED);
    header.branch.state.set(bits);
    let done = bits | state::DONE | how;
    // Its place stands before any other code runs, which may look who ended first.
    let place = l.ended.replace(l.ended.get().wrapping_add(1));
    // Mostly one waits at most, and there is nothing whose drop would run other code before that one is told. Where room is
    // scarce that has no way of its own.
    let alone = cfg!(feature = "std") && header.locals.is_empty();
    let one = if alone { header.watchers.seal_one(place) } else { None };
    match one {
        Some(watcher) => {
            header.branch.state.set(done);
            scope::clear_requests(&header.branch);
            // SAFETY: WATCH: it was in the list until now.
            if let Some(waker) = watcher.and_then(|watcher| unsafe { watch::told(watcher) }) {
                panics::wake(waker);
            }
        }
        // SAFETY: by the caller.
        None => unsafe { tell_all(l, task, done, place) },
    }
    header.clear(state::RUNNING);
    // SAFETY: by the caller.
    unsafe { release_if_unused(task) }
}

/// The rare half of [`finish`]: the task is done, its state is to be `done`, and several wait for it, or it has
/// task-locals.
///
/// # Safety
/// As for `step`.
#[inline(never)]
unsafe fn tell_all(l: &EventLoop, task: TaskRef, done: u8, place: u32) {
    // SAFETY: by the caller.
    let header = unsafe { task.header() };
    let watchers = End::new();
    // SAFETY: it stays in this frame.
    unsafe { header.watchers.seal(place, &watchers) };
    header.branch.state.set(done);
    scope::clear_requests(&header.branch);
    if let Err(payload) = shim::catch(|| header.locals.clear()) {
        l.unhandled(Some(TaskInfo::new(l, task)), payload);
    }
    while let Some(waker) = watchers.pop() {
        if let Some(waker) = waker {
            panics::wake(waker);
        }
    }
}

/// Gives a task back if nothing needs it: it is done, has no handle, is not on the stack and not queued. While it is
/// queued only its output goes, at once: that of a group's child may borrow what ends with the group or the handle.
///
/// # Safety
/// TASK, in the context of the task's loop. The task must not be used afterwards.
#[inline]
pub(crate) unsafe fn release_if_unused(task: TaskRef) {
    // SAFETY: by the caller.
    unsafe {
        if task.header().branch.state.get() & (state::HANDLE | state::RUNNING | state::DONE) == state::DONE {
            release_unused(task);
        }
    }
}

/// The second half of [`release_if_unused`].
///
/// # Safety
/// As there.
unsafe fn release_unused(task: TaskRef) {
    // SAFETY: by the caller.
    let header = unsafe { task.header() };
    // SAFETY: by the caller. While the output is dropped RUNNING keeps the task, in case that drop comes back here.
    unsafe {
        if !header.has(state::TAKEN) {
            header.set(state::TAKEN | state::RUNNING);
            if header.has(state::PANICKED) {
                // The owner of a task that was not given back is there, running or not.
                let l = &*header.owner();
                l.unhandled(Some(TaskInfo::new(l, task)), (task.vtable().take_panic)(task));
            } else {
                // A panic in the drop of a result nobody wants must not take the loop down.
                if let Err(payload) = shim::catch(|| (task.vtable().drop_output)(task)) {
                    shim::discard(payload);
                }
            }
            header.clear(state::RUNNING);
        }
        if !header.has(state::QUEUED) {
            (task.vtable().release)(task);
        }
    }
}

/// Calls `probe`, which wakes scopes of the task that is running to see whether somebody polls them. If nothing else
/// has woken the task in this step, the next one is for the probe alone. Does nothing in a step that is itself one.
pub(crate) fn probe(probe: impl FnOnce()) -> bool {
    crate::current::with(|l| {
        if l.doing.get().probes() {
            return false;
        }
        let Some(task) = l.task.get() else { return false };
        // SAFETY: it is the running task of the current loop.
        let header = unsafe { task.header() };
        let alone = !header.has(state::QUEUED) || header.has(state::PROBED);
        probe();
        if alone && header.has(state::QUEUED) {
            header.set(state::PROBED);
        }
        true
    })
    .unwrap_or(false)
}
