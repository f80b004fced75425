use core::fmt;

/// Why a submission was refused, with what was submitted.
pub struct SubmitError<F> {
    /// The reason.
    pub kind: SubmitErrorKind,
    /// What was to make the future; it was not called.
    pub future: F,
}

/// The reasons of a [`SubmitError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum SubmitErrorKind {
    /// The loop is not running, or is closing.
    LoopClosed,
    /// Every slot of the pool is taken.
    PoolFull,
}

impl fmt::Display for SubmitErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::LoopClosed => "the event loop is not running: submit to it from when its `run` begins to when it ends",
            Self::PoolFull => {
                "all slots of the remote pool are taken: give the pool more, or drop the handles of what has ended"
            }
        })
    }
}

impl<F> fmt::Debug for SubmitError<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SubmitError").field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl<F> fmt::Display for SubmitError<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

impl<F> core::error::Error for SubmitError<F> {}
