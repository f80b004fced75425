use core::fmt;

/// The stream ended before all that was asked for had come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct IncompleteReadError {
    /// How many bytes had come. [`StreamReader::partial`](super::StreamReader::partial) lends them.
    pub partial: usize,
    /// How many were asked for; `None` when reading up to a separator.
    pub expected: Option<usize>,
}

impl fmt::Display for IncompleteReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.expected {
            Some(expected) => write!(f, "the stream ended after {} of {expected} bytes", self.partial),
            None => write!(f, "the stream ended after {} bytes without the separator", self.partial),
        }
    }
}

impl core::error::Error for IncompleteReadError {}

/// There is no separator within the reader's limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct LimitOverrunError {
    /// How many bytes at the start of the buffer hold no part of a separator: what may be consumed to go on. Of
    /// `readexactly`, how many are there. None if the separator is longer than a buffer of a fixed size.
    pub consumed: usize,
}

impl fmt::Display for LimitOverrunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "no separator within the limit; the first {} bytes hold none and can be consumed",
            self.consumed
        )
    }
}

impl core::error::Error for LimitOverrunError {}

/// Why a read failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum ReadError<E> {
    /// The stream ended too early.
    Incomplete(IncompleteReadError),
    /// What was asked for is longer than the limit.
    LimitOverrun(LimitOverrunError),
    /// The connection failed.
    Io(E),
}

impl<E: fmt::Display> fmt::Display for ReadError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Incomplete(error) => error.fmt(f),
            Self::LimitOverrun(error) => error.fmt(f),
            Self::Io(error) => error.fmt(f),
        }
    }
}

impl<E: core::error::Error> core::error::Error for ReadError<E> {}

/// Why a write took not all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum WriteError {
    /// The buffer is full: `drain().await`, then write the rest.
    Full {
        /// How many bytes were taken.
        written: usize,
    },
    /// The end of the stream was written before.
    AfterEof,
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full { written } => {
                write!(f, "the write buffer took {written} bytes and is full: drain it, then write the rest")
            }
            Self::AfterEof => f.write_str("the end of the stream was written already"),
        }
    }
}

impl core::error::Error for WriteError {}
