//! A panic ends the run.

use core::panic::PanicInfo;
use core::sync::atomic::{AtomicBool, Ordering};

/// The exit code after a panic, as that of a Rust program on the host.
const PANICKED: u32 = 101;

static PANICKING: AtomicBool = AtomicBool::new(false);

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    // No interrupt gets in any more.
    // SAFETY: there is no release, since nothing goes on after this.
    let _ = unsafe { critical_section::acquire() };
    if cfg!(feature = "silent") {
        crate::exit(PANICKED);
    }
    // A message whose own formatting panics must not bring us back here for ever.
    if PANICKING.load(Ordering::Relaxed) {
        crate::exit(PANICKED);
    }
    PANICKING.store(true, Ordering::Relaxed);
    crate::fatal(PANICKED, format_args!("{info}"))
}
