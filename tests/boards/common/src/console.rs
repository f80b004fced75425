//! The console: text to the host's standard output, a line at a time.

use crate::host;
use core::cell::RefCell;
use core::fmt::{self, Write};
use critical_section::Mutex;

/// A call to the host stops the whole machine and costs as much as thousands of instructions, so that text is
/// gathered to lines. A longer line goes out in pieces.
const LINE: usize = 256;

struct Console {
    line: [u8; LINE],
    len: usize,
}

static CONSOLE: Mutex<RefCell<Console>> = Mutex::new(RefCell::new(Console { line: [0; LINE], len: 0 }));

impl Console {
    fn flush(&mut self) {
        host::write(&self.line[..self.len]);
        self.len = 0;
    }
}

impl Write for Console {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let ends_line = text.contains('\n');
        let mut rest = text.as_bytes();
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.len().min(LINE - self.len));
            self.line[self.len..self.len + now.len()].copy_from_slice(now);
            self.len += now.len();
            if self.len == LINE {
                self.flush();
            }
            rest = later;
        }
        if ends_line {
            self.flush();
        }
        Ok(())
    }
}

/// Writes at once; for text that cannot wait for its line.
pub(crate) struct Direct;

impl Write for Direct {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        host::write(text.as_bytes());
        Ok(())
    }
}

/// What [`print!`](crate::print!) calls. Text of one call stays together, also when an interrupt prints.
#[doc(hidden)]
pub fn print(text: fmt::Arguments<'_>) {
    critical_section::with(|cs| {
        // Neither writer fails; an error can only be that of a `Display`, and then its text is cut off.
        let _ = match CONSOLE.borrow(cs).try_borrow_mut() {
            Ok(mut console) => console.write_fmt(text),
            // A `Display` that itself prints while it is printed.
            Err(_) => Direct.write_fmt(text),
        };
    });
}

/// Writes out a line that has not ended yet.
pub fn flush() {
    critical_section::with(|cs| {
        if let Ok(mut console) = CONSOLE.borrow(cs).try_borrow_mut() {
            console.flush();
        }
    });
}

/// Prints to the host's standard output. What does not end a line stays here until the line's end,
/// [`flush`](crate::flush) or [`exit`](crate::exit). May be used anywhere, interrupt handlers included.
#[macro_export]
macro_rules! print {
    ($($arg:tt)*) => { $crate::print(::core::format_args!($($arg)*)) };
}

/// Prints a line to the host's standard output; see [`print!`](crate::print!).
#[macro_export]
macro_rules! println {
    () => { $crate::print(::core::format_args!("\n")) };
    ($($arg:tt)*) => { $crate::print(::core::format_args!("{}\n", ::core::format_args!($($arg)*))) };
}
