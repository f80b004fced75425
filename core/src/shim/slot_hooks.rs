//! Without `std` the platform keeps the slot: it alone knows about cores and interrupt levels. Linked by name, as
//! `critical-section` and `embassy-time-driver` do it.

// SAFETY: the signatures are the contract: a platform defines both, see `ARCHITECTURE.md`, "The seam".
unsafe extern "Rust" {
    /// The loop that the calling context (core and interrupt level) is running. Null if there is none, and null
    /// also when the platform can't prove that the caller is not an interrupt handler on top of that loop.
    safe fn _everloop_current() -> *const ();
    /// Sets the loop of the calling context and gives back the one before.
    safe fn _everloop_set_current(new: *const ()) -> *const ();
}

#[inline]
pub(crate) fn current() -> *const () {
    _everloop_current()
}

#[inline]
pub(crate) fn set_current(new: *const ()) -> *const () {
    _everloop_set_current(new)
}
