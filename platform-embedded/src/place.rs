//! Which context is calling, as a number that tells it from all others.

/// Never zero. `None` if it can't be told.
#[cfg(not(feature = "std"))]
pub(crate) fn here() -> Option<u32> {
    let context = crate::arch::context();
    context.level.map(|level| (u32::from(context.core) << 17) | (u32::from(level) + 1))
}

/// A number for each thread.
#[cfg(feature = "std")]
pub(crate) fn here() -> Option<u32> {
    use std::sync::atomic::{AtomicU32, Ordering};
    static LAST: AtomicU32 = AtomicU32::new(0);
    std::thread_local!(static HERE: u32 = LAST.fetch_add(1, Ordering::Relaxed) + 1);
    HERE.try_with(|here| *here).ok()
}
