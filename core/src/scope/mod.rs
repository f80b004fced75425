//! Cancellation: the tree of scopes that a request travels down and surfaces through.
//!
//! A scope is a place where a request stops to be dealt with: the root of a task, `catch_cancel`, `wait_for`, the
//! await of a task. `ARCHITECTURE.md`, "Cancellation", has the rules; they are cited here as R1 to R10.

mod branch;
mod catch;
#[cfg(feature = "alloc")]
mod crowd;
mod deadline;
mod error;
mod gather;
mod kind;
mod message;
mod pass;
mod select;
mod shield;
mod slot;
mod timeout;
mod tree;
mod wait_for;
mod walk;
#[cfg(feature = "alloc")]
mod woken;

pub(crate) use branch::{
    Branch, Scope, as_branch, ask, clear_requests, has_raised, has_request, is_asked, own, reset, withdraw,
};
pub(crate) use error::raise;
pub(crate) use message::{as_task_message, asked, message, raise_message};
pub(crate) use pass::{Inside, Pass, current_branch, drop_inner, pass_and_stay};
pub(crate) use tree::{
    Enter, arrive, enter, finish, finish_and_ask_again, leave, orphan_children, surface, take_above,
    take_request,
};
#[cfg(feature = "inspect")]
pub(crate) use walk::each_below;

pub use catch::{CatchCancel, catch_cancel};
pub use error::{CancelledError, RescheduleError, Resume, TimeoutError};
pub use gather::{Gather, GatherSet, TryGather, TryGatherSet, gather, try_gather};
pub use kind::ScopeKind;
pub use select::{Select, SelectSet, select, select_fair};
pub use shield::{Shield, Shieldable, shield};
pub use timeout::{Timeout, TimeoutRun, timeout, timeout_at};
pub use wait_for::{WaitFor, wait_for};
