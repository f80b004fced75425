//! The end of a run that went wrong.

use crate::console::Direct;
use core::fmt::{self, Write};

/// The exit code after a fault of the processor.
pub const FAULTED: u32 = 102;

/// Prints a line on what happened and ends the run.
pub fn fatal(code: u32, text: fmt::Arguments<'_>) -> ! {
    if cfg!(feature = "silent") {
        crate::exit(code)
    }
    crate::flush();
    // Not through the console, which may be borrowed by the very code that failed.
    let _ = writeln!(Direct, "{text}");
    crate::exit(code)
}
