//! A panic ends the run.

use crate::console::Direct;
use core::fmt::Write;
use core::panic::PanicInfo;
use core::sync::atomic::{AtomicBool, Ordering};

/// The exit code after a panic, as that of a Rust program on the host.
const PANICKED: u32 = 101;

static PANICKING: AtomicBool = AtomicBool::new(false);

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    cortex_m::interrupt::disable();
    // A message whose own formatting panics must not bring us back here for ever.
    if !PANICKING.load(Ordering::Relaxed) {
        PANICKING.store(true, Ordering::Relaxed);
        crate::flush();
        // Not through the console, which may be borrowed by the very code that panicked.
        let _ = writeln!(Direct, "{info}");
    }
    crate::exit(PANICKED)
}
