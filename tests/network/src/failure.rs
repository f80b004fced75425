//! Why a case failed.

use core::fmt::{self, Display, Write};
use embedded_io::{Error, ErrorKind};
use heapless::String;

/// A short text without an allocator; what is too long is cut off.
#[derive(Debug)]
pub struct Failure(String<96>);

/// How a case ended.
pub type Outcome = Result<(), Failure>;

impl Failure {
    pub fn new(text: fmt::Arguments<'_>) -> Self {
        let mut failure = Self(String::new());
        // An error means that it is full.
        let _ = failure.write_fmt(text);
        failure
    }

    pub fn io(what: &str, kind: ErrorKind) -> Self {
        Self::new(format_args!("{what}: {kind:?}"))
    }
}

impl Write for Failure {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.chars().try_for_each(|c| self.0.push(c)).map_err(|_| fmt::Error)
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Says what was being done as an error of the network came.
pub trait During<T> {
    fn during(self, what: &str) -> Result<T, Failure>;
}

impl<T, E: Error> During<T> for Result<T, E> {
    fn during(self, what: &str) -> Result<T, Failure> {
        self.map_err(|error| Failure::io(what, error.kind()))
    }
}

/// Ends the case with a reason unless the condition holds.
macro_rules! ensure {
    ($condition:expr, $($reason:tt)+) => {
        if !$condition {
            return Err($crate::failure::Failure::new(::core::format_args!($($reason)+)));
        }
    };
}
pub(crate) use ensure;
