use core::cell::Cell;
use core::ptr;

// loom's threads share one thread of the system, so only loom's own thread-locals tell them apart.
loom::thread_local! {
    static CURRENT: Cell<*const ()> = Cell::new(ptr::null());
}

pub(crate) fn current() -> *const () {
    CURRENT.with(Cell::get)
}

pub(crate) fn set_current(new: *const ()) -> *const () {
    CURRENT.with(|slot| slot.replace(new))
}
