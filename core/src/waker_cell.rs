//! Keeping a waker in a cell.

use core::cell::Cell;
use core::task::Waker;

/// Makes `cell` hold a waker of the same task as `waker`, cloning only when it does not yet. The old one is dropped
/// last, since dropping a foreign waker can run any code, this cell's owner included.
#[inline]
pub(crate) fn refresh(cell: &Cell<Option<Waker>>, waker: &Waker) {
    let old = cell.take();
    if let Some(same) = old {
        if same.will_wake(waker) {
            cell.set(Some(same));
            return;
        }
        cell.set(Some(waker.clone()));
        drop(same);
        return;
    }
    cell.set(Some(waker.clone()));
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
