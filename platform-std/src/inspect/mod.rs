//! Looks at the tasks of a running program from outside: asyncio's `python -m asyncio ps` and `pstree`. Only with the
//! feature `inspect`.
//!
//! The program calls [`serve`] with a path (on Unix), and from then on its loop answers whoever connects to the Unix
//! socket there. The command `everloop-ps`, which this crate has with the same feature, asks and prints the answer as a
//! table or as a tree of who awaits whom:
//!
//! ```text
//! $ cargo install everloop --features inspect
//! $ everloop-ps ps /run/user/1000/shop.socket
//! $ everloop-ps pstree /run/user/1000/shop.socket
//! ```
//!
//! In the program itself [`Snapshot::take`] gives the same, for instance to log it:
//!
//! ```
//! use everloop::inspect::Snapshot;
//! use everloop::{Event, create_task, yield_now};
//!
//! everloop::run(async {
//!     let event = std::rc::Rc::new(<Event>::new());
//!     let waits = std::rc::Rc::clone(&event);
//!     let order = create_task(async move { waits.wait().await }).named("order");
//!     let bill = create_task(async move { order.await }).named("bill");
//!     yield_now().await;
//!
//!     let tree = Snapshot::take().tree().to_string();
//!     // └── bill [3] waiting on a task (src/main.rs:8)
//!     //     └── order [2] waiting on an event (src/main.rs:7)
//!     assert!(tree.contains("\n└── bill [3] waiting on a task ("));
//!     assert!(tree.contains("\n    └── order [2] waiting on an event ("));
//!     event.set();
//!     bill.await.unwrap().unwrap();
//! }).unwrap();
//! ```
//!
//! # Differs from asyncio
//! asyncio's commands read the memory of any process of the same user. Here the program has to serve, and its loop has to
//! run: one that hangs in a poll does not answer. There are no stacks of coroutines in Rust; in their place the tree shows
//! the scopes that each task is in, and both forms show what it waits on and where it was created.
//!
//! # Protocol
//! The client sends one line, `everloop-inspect 1 snapshot`. The loop answers with one line of JSON and closes: an object
//! with `version`, which is 1, and either `snapshot`, whose members are the fields of [`Snapshot`], or `error`, a text
//! for people. Members may be added without a new version; a client ignores those that it does not know.

#[cfg(unix)]
mod fetch;
mod human;
#[cfg(unix)]
mod protocol;
#[cfg(unix)]
mod serve;
mod snapshot;
mod table;
mod tree;

pub use everloop_core::inspect::*;

#[cfg(unix)]
pub use fetch::{FetchError, fetch};
#[cfg(unix)]
pub use serve::{Serving, serve};
pub use snapshot::{AwaitEntry, CreationSite, ScopeEntry, Snapshot, TaskEntry};
pub use table::Table;
pub use tree::Tree;
