use core::fmt;

/// Why the await of a [`Future`](crate::Future) gives no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum FutureError<E> {
    /// The cell was cancelled.
    Cancelled,
    /// The cell was given an error.
    Error(E),
}

impl<E: fmt::Display> fmt::Display for FutureError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cancelled => f.write_str("the future was cancelled"),
            Self::Error(error) => error.fmt(f),
        }
    }
}

impl<E: fmt::Debug + fmt::Display> core::error::Error for FutureError<E> {}

/// A [`Future`](crate::Future) was to be set though it is done already, or is being set by another context. asyncio's
/// `InvalidStateError` from `set_result` and `set_exception`.
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct SetError<T>(
    /// The value that was not taken.
    pub T,
);

impl<T> fmt::Debug for SetError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SetError")
    }
}

impl<T> fmt::Display for SetError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the future is done already: it is set once, or cancelled")
    }
}

impl<T> core::error::Error for SetError<T> {}
