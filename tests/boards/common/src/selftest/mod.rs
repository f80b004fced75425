//! What the boards' self-tests share: telling the outcome, waiting under a limit, and the tests of the clock and of
//! a network driver.

pub mod clock;
pub mod ethernet;
mod flag;
mod reason;
mod report;

pub use flag::{Flag, wait_until};
pub use reason::Reason;
pub use report::Report;

/// How a test ended.
pub type Outcome = Result<(), Reason>;

/// Ends the test with a reason unless the condition holds.
#[macro_export]
macro_rules! ensure {
    ($condition:expr, $($reason:tt)+) => {
        if !$condition {
            return Err($crate::selftest::Reason::new(::core::format_args!($($reason)+)));
        }
    };
}
