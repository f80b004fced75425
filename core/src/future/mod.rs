//! asyncio's `Future`: a cell that is set once. In here the trait is `core::future::Future`.

mod callback;
mod cell;
mod error;
mod wait;

pub use callback::{FutureCallback, FutureCallbackId};
pub use cell::Future;
pub use error::{FutureError, SetError};
pub use wait::FutureWait;
