/// Without `std` a panic never returns, so there is nothing to carry.
pub(crate) struct Payload(());

/// A payload where room is dear.
pub(crate) type Kept = Payload;

pub(crate) fn keep(payload: Payload) -> Kept {
    payload
}

pub(crate) fn take_kept(kept: Kept) -> Payload {
    kept
}

/// Whether [`catch`] does anything.
pub(crate) const CATCHES: bool = false;

#[inline]
pub(crate) fn catch<T>(f: impl FnOnce() -> T) -> Result<T, Payload> {
    Ok(f())
}

pub(crate) fn resume(_: Payload) -> ! {
    unreachable!("nothing makes a payload")
}

pub(crate) fn discard(_: Payload) {}

pub(crate) fn message(_: &Payload) -> Option<&str> {
    None
}

pub(crate) fn report(_: &crate::Unhandled<'_>) {}
