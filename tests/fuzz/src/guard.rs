use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};

thread_local! {
    /// What the last panic said, and where.
    static LAST: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Has panics unwind instead of ending the process, as libfuzzer would have it: the loop catches those of its tasks, and
/// some are expected.
pub fn install() {
    std::panic::set_hook(Box::new(|info| {
        LAST.with_borrow_mut(|last| *last = format!("{info}\n{}", std::backtrace::Backtrace::capture()));
    }));
}

/// Runs one case. A panic that comes out of it is a finding.
pub fn guard(case: impl FnOnce()) {
    if catch_unwind(AssertUnwindSafe(case)).is_err() {
        LAST.with_borrow(|last| eprintln!("{last}"));
        std::process::abort();
    }
}
