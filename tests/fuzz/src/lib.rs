//! What the targets share.

mod guard;
mod input;

pub use guard::{guard, install};
pub use input::Input;
