//! Which task awaits another, and in which of its scopes: only with the `inspect` feature, and nothing at all without.

#[cfg(feature = "inspect")]
use core::cell::Cell;

#[cfg(feature = "inspect")]
use crate::EventLoop;
use crate::scope::Branch;

/// Who polled last what waits for tasks.
pub(crate) struct Awaiter {
    #[cfg(feature = "inspect")]
    last: Cell<Option<Awaits>>,
}

/// A task that awaits.
#[cfg(feature = "inspect")]
#[derive(Clone, Copy)]
struct Awaits {
    /// Of the loop: see `TaskInfo`.
    opening: u32,
    id: u32,
    /// The address of the branch inside which it awaits. It may be gone, so it is only compared.
    under: usize,
}

#[cfg(feature = "inspect")]
impl Awaits {
    fn running(l: &EventLoop, under: *const Branch) -> Option<Self> {
        // SAFETY: TASK: it is the running task of the current loop.
        let id = unsafe { l.task.get()?.header() }.id();
        Some(Self { opening: l.opening.get(), id, under: under.addr() })
    }
}

impl Awaiter {
    pub(crate) const fn new() -> Self {
        Self {
            #[cfg(feature = "inspect")]
            last: Cell::new(None),
        }
    }

    /// It is the task that runs, inside what `under` gives.
    #[inline]
    pub(crate) fn note(&self, under: impl FnOnce() -> *const Branch) {
        #[cfg(feature = "inspect")]
        self.last.set(crate::current::with(|l| Awaits::running(l, under())).flatten());
        #[cfg(not(feature = "inspect"))]
        let _ = under;
    }

    /// Its number and the address of the branch, if it is a task of `l`.
    #[cfg(feature = "inspect")]
    pub(crate) fn of(&self, l: &EventLoop) -> Option<(u32, usize)> {
        let last = self.last.get()?;
        (last.opening == l.opening.get()).then_some((last.id, last.under))
    }
}
