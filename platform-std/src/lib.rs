//! asyncio's high-level API for applications: one loop a thread, structured tasks, cancellation that can clean up,
//! and no `Send` bounds.
//!
//! This crate is the platform of a host with an operating system: [`run`], a reactor over `mio`, [sockets](net),
//! [servers](start_server), [subprocesses](process), the system's signals, and [threads](fn@to_thread) for what blocks.
//! All else (tasks, cancellation, timers, queues) is `everloop-core`'s, which knows no operating system, and is
//! re-exported here. What only uses those items also runs on a microcontroller, with the crate `everloop-embedded`.
//!
//! ```
//! use everloop::net::{TcpListener, TcpStream};
//! use everloop::{create_task, embedded_io_async::{Read, Write}};
//!
//! everloop::run(async {
//!     let listener = TcpListener::bind("127.0.0.1:0".parse().unwrap())?;
//!     let address = listener.local_addr()?;
//!     let server = create_task(async move {
//!         let (mut stream, _) = listener.accept().await?;
//!         stream.write_all(b"hello").await
//!     });
//!
//!     let mut stream = TcpStream::connect(address).await?;
//!     let mut greeting = [0; 5];
//!     stream.read_exact(&mut greeting).await.unwrap();
//!     assert_eq!(&greeting, b"hello");
//!     server.await.unwrap()
//! }).unwrap().unwrap();
//! # Ok::<(), std::io::Error>(())
//! ```
#![deny(unsafe_code, unsafe_op_in_unsafe_fn, clippy::undocumented_unsafe_blocks)]

mod error;
mod host;
#[cfg(feature = "inspect")]
pub mod inspect;
pub mod interop;
mod interrupt;
pub mod net;
pub mod process;
pub mod reactor;
mod runner;
#[cfg(unix)]
pub mod signal;
#[cfg(windows)]
#[path = "signal/windows.rs"]
pub mod signal;
#[cfg(feature = "tls")]
pub mod tls;
mod to_thread;

pub use embedded_io_async;
pub use everloop_core::*;

// In place of core's, which knows no poller that could fail.
pub use error::RunError;
pub use net::{open_connection, start_server};
#[cfg(unix)]
pub use net::{open_unix_connection, start_unix_server};
pub use process::{create_subprocess_exec, create_subprocess_shell};
pub use runner::{Runner, run};
#[cfg(any(unix, windows))]
pub use signal::ctrl_c;
#[cfg(any(unix, windows))]
pub use signal::{add_signal_handler, remove_signal_handler};
pub use to_thread::{SpawnError, ToThread, TryToThread, to_thread, try_to_thread};

// The program in the README is compiled and run with the examples of the documentation.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
