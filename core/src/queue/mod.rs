//! Queues between tasks, threads and interrupts.

mod error;
mod fifo;
mod ops;
mod state;
mod storage;

pub use error::{QueueShutDown, TaskDoneError, TryGetError, TryPutError};
pub use fifo::Queue;
pub(crate) use storage::Buffer;
#[cfg(feature = "alloc")]
pub use storage::Unbounded;
pub use storage::{Fixed, Storage};
