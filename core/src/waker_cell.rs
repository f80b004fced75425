//! Keeping a waker in a cell.

use core::cell::Cell;
use core::task::Waker;

use crate::task;

/// Makes `cell` hold a waker of the same task as `waker`, cloning only when it does not yet. The old one is dropped
/// last, since dropping a foreign waker can run any code, this cell's owner included.
#[inline]
pub(crate) fn refresh(cell: &Cell<Option<Waker>>, waker: &Waker) {
    // SAFETY: to compare two wakers runs no code that could reach the cell.
    if unsafe { (*cell.as_ptr()).as_ref() }.is_some_and(|same| same.will_wake(waker)) {
        return;
    }
    let old = cell.replace(Some(task::clone_waker(waker)));
    drop(old);
}

/// Wakes the waker in `cell`, as [`panics::wake`](crate::panics::wake) does, and takes it for that: one wake is enough until its owner is polled again, which puts it
/// back. It is not cloned, since that is foreign code, which may end the life of the cell.
///
/// # Safety
/// `cell` is valid when this is called; it need not be once this returns, nor while the waker is woken.
pub(crate) unsafe fn wake(cell: *const Cell<Option<Waker>>) {
    // SAFETY: by the caller.
    if let Some(waker) = unsafe { (*cell).take() } {
        crate::panics::wake(waker);
    }
}
