//! Where in the program a task was created: only with the `inspect` feature, and nothing at all without.

#[cfg(feature = "inspect")]
use core::panic::Location;

#[derive(Clone, Copy)]
pub(crate) struct Site {
    #[cfg(feature = "inspect")]
    at: &'static Location<'static>,
}

impl Site {
    /// Where the function was called that calls this.
    #[inline]
    #[cfg_attr(feature = "inspect", track_caller)]
    pub(crate) fn caller() -> Self {
        Self {
            #[cfg(feature = "inspect")]
            at: Location::caller(),
        }
    }

    #[cfg(feature = "inspect")]
    pub(crate) fn location(self) -> &'static Location<'static> {
        self.at
    }
}
