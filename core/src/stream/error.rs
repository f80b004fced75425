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
    /// The writer was closed before.
    Closed,
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full { written } => {
                write!(f, "the write buffer took {written} bytes and is full: drain it, then write the rest")
            }
            Self::AfterEof => f.write_str("the end of the stream was written already"),
            Self::Closed => f.write_str("the writer was closed already"),
        }
    }
}

impl core::error::Error for WriteError {}

/// Why what was written can't be sent any more.
#[cfg(feature = "alloc")]
#[derive(Debug, PartialEq, Eq)]
pub enum FlushError<E> {
    /// The connection was closed on this side, or its loop has ended.
    Closed,
    /// The connection has failed. All who ask are told the same.
    Io(alloc::rc::Rc<E>),
}

#[cfg(feature = "alloc")]
impl<E> Clone for FlushError<E> {
    fn clone(&self) -> Self {
        match self {
            Self::Closed => Self::Closed,
            Self::Io(error) => Self::Io(alloc::rc::Rc::clone(error)),
        }
    }
}

#[cfg(feature = "alloc")]
impl<E: fmt::Display> fmt::Display for FlushError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed => f.write_str("the connection was closed on this side"),
            Self::Io(error) => error.fmt(f),
        }
    }
}

#[cfg(feature = "alloc")]
impl<E: core::error::Error> core::error::Error for FlushError<E> {}

#[cfg(all(feature = "std", feature = "alloc"))]
impl FlushError<std::io::Error> {
    /// The kind of the system's error; [`BrokenPipe`](std::io::ErrorKind::BrokenPipe) if it was closed on this side.
    pub fn kind(&self) -> std::io::ErrorKind {
        match self {
            Self::Closed => std::io::ErrorKind::BrokenPipe,
            Self::Io(error) => error.kind(),
        }
    }
}

/// Of the same kind and with the same text.
#[cfg(all(feature = "std", feature = "alloc"))]
impl From<FlushError<std::io::Error>> for std::io::Error {
    fn from(error: FlushError<std::io::Error>) -> Self {
        match error {
            FlushError::Closed => Self::new(std::io::ErrorKind::BrokenPipe, "it was closed on this side"),
            FlushError::Io(error) => match error.raw_os_error() {
                Some(code) => Self::from_raw_os_error(code),
                None => Self::new(error.kind(), alloc::string::ToString::to_string(&error)),
            },
        }
    }
}

/// The low-water mark of a writer is not above the high one.
#[cfg(feature = "alloc")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct LimitsError {
    /// The low-water mark that was asked for.
    pub low: usize,
    /// The high-water mark that was asked for.
    pub high: usize,
}

#[cfg(feature = "alloc")]
impl fmt::Display for LimitsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the low-water mark of {} is above the high one of {}", self.low, self.high)
    }
}

#[cfg(feature = "alloc")]
impl core::error::Error for LimitsError {}
