use core::cell::Cell;
use core::ptr;

std::thread_local! {
    // Without a destructor, so that a waker dropped while the thread ends can still read it.
    static CURRENT: Cell<*const ()> = const { Cell::new(ptr::null()) };
}

/// The loop that the calling thread is running, null if none.
#[inline]
pub(crate) fn current() -> *const () {
    CURRENT.get()
}

/// Sets the loop that the calling thread is running and gives back the one before.
#[inline]
pub(crate) fn set_current(new: *const ()) -> *const () {
    CURRENT.replace(new)
}
