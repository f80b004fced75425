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

/// A clone of the waker in `cell`.
pub(crate) fn cloned(cell: &Cell<Option<Waker>>) -> Option<Waker> {
    let waker = cell.take()?;
    let copy = waker.clone();
    // Whoever put another one in meanwhile (from inside a foreign `clone`) knew better.
    if let Some(newer) = cell.replace(Some(waker)) {
        cell.set(Some(newer.clone()));
        return Some(newer);
    }
    Some(copy)
}
