use std::any::Any;
use std::boxed::Box;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::string::String;

/// What a panic threw.
pub(crate) type Payload = Box<dyn Any + Send>;

/// A payload where room is dear, since there mostly is none.
pub(crate) type Kept = Box<Payload>;

/// Puts a payload into a place of its own.
pub(crate) fn keep(payload: Payload) -> Kept {
    Box::new(payload)
}

/// Takes it out.
#[allow(clippy::boxed_local, reason = "that is where it was kept")]
pub(crate) fn take_kept(kept: Kept) -> Payload {
    *kept
}

/// Whether [`catch`] does anything.
pub(crate) const CATCHES: bool = true;

/// Runs `f`; a panic in it is an error.
#[inline]
pub(crate) fn catch<T>(f: impl FnOnce() -> T) -> Result<T, Payload> {
    // What `f` left half-done is a task's future, which is dropped and never polled again.
    catch_unwind(AssertUnwindSafe(f))
}

/// Goes on with a caught panic.
pub(crate) fn resume(payload: Payload) -> ! {
    resume_unwind(payload)
}

/// Drops what a panic threw. Its own drop may panic too, and again; that is where it ends.
pub(crate) fn discard(payload: Payload) {
    if let Err(again) = catch(|| drop(payload)) {
        core::mem::forget(again);
    }
}

/// What a panic said, if that was a text.
pub(crate) fn message(payload: &Payload) -> Option<&str> {
    payload.downcast_ref::<&str>().copied().or_else(|| payload.downcast_ref::<String>().map(String::as_str))
}

/// Tells of a panic that nobody will see otherwise.
pub(crate) fn report(unhandled: &crate::Unhandled<'_>) {
    std::eprintln!("{unhandled}");
}
