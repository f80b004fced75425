//! Why a test failed.

use core::fmt::{self, Display, Write};
use heapless::String;

/// A short text without an allocator; what is too long is cut off.
#[derive(Debug)]
pub struct Reason(String<96>);

impl Reason {
    /// From `format_args!`.
    pub fn new(text: fmt::Arguments<'_>) -> Self {
        let mut reason = Self(String::new());
        // An error means that it is full.
        let _ = reason.write_fmt(text);
        reason
    }
}

impl Write for Reason {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.chars().try_for_each(|c| self.0.push(c)).map_err(|_| fmt::Error)
    }
}

impl Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
