//! Queues between tasks, threads and interrupts.

#[cfg(feature = "std")]
mod blocking;
#[cfg(feature = "std")]
mod blocking_error;
mod error;
mod futures;
mod heap;
mod items;
mod kinds;
mod ops;
mod order;
mod ordered;
mod state;
mod storage;
mod stream;

#[cfg(feature = "std")]
pub use blocking_error::{GetBlockingError, PutBlockingError};
#[cfg(feature = "alloc")]
pub use error::{OutOfMemory, PutError, ZeroCapacityError};
pub use error::{PutFailed, QueueShutDown, TaskDoneError, TryGetError, TryPutError};
pub(crate) use items::Items;
pub use kinds::{LifoQueue, PriorityQueue};
pub use order::{FirstInFirstOut, LastInFirstOut, LowestFirst, Order};
pub use ordered::Queue;
#[cfg(feature = "alloc")]
pub use storage::{Bounded, Unbounded};
pub use storage::{Fixed, QueueStorage, Storage};
pub use stream::QueueStream;
