//! asyncio's high-level API without an operating system: one program for a server and for a microcontroller.
//!
//! This crate is the part that knows no OS and no chip: the executor, tasks, cancellation, timers, queues,
//! synchronization, and the traits by which portable code reaches the network. It allocates nothing unless the
//! `alloc` feature is on. A program also needs a platform: the crate `everloop` on a host, `everloop-embedded` on a
//! microcontroller; both re-export everything here.
//!
//! ```
//! use everloop_core::{Duration, EventLoop, TaskPool, create_task, sleep, virtual_time::{UNPARKER, VirtualTime}};
//!
//! static POOL: TaskPool<8, 256> = TaskPool::new();
//! static LOOP: EventLoop = EventLoop::new(UNPARKER);
//!
//! let answer = LOOP.run(&VirtualTime::new(), &[&POOL], async {
//!     let task = create_task(async {
//!         sleep(Duration::from_secs(1)).await;
//!         42
//!     });
//!     task.await
//! });
//! assert_eq!(answer, Ok(Ok(42)));
//! ```
#![no_std]
#![deny(unsafe_op_in_unsafe_fn, clippy::undocumented_unsafe_blocks)]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(any(feature = "std", loom))]
extern crate std;

mod barrier;
#[cfg(feature = "alloc")]
mod biased;
#[cfg(feature = "std")]
mod blocking;
mod condition;
mod current;
#[cfg(feature = "defmt")]
mod defmt_format;
mod event;
mod event_loop;
mod flavour;
mod future;
mod guarded;
mod inbox;
#[cfg(feature = "inspect")]
pub mod inspect;
mod lock;
mod log;
pub mod net;
mod panics;
pub mod platform;
mod queue;
mod remote;
mod scope;
mod semaphore;
mod shim;
pub mod stream;
mod task;
mod task_group;
mod time;
mod timer;
pub mod virtual_time;
mod waiter;
mod waker_cell;

pub use barrier::{Barrier, BrokenBarrierError};
#[cfg(feature = "std")]
pub use blocking::WaitError;
pub use condition::{Condition, ConditionWait};
/// The traits of the byte streams, so that portable code names them the same way on every platform.
pub use embedded_io_async;
pub use event::{Event, EventWait};
#[cfg(feature = "alloc")]
pub use event_loop::OwnedLoop;
#[doc(hidden)]
pub use event_loop::Refused;
pub use event_loop::{
    EventLoop, ExceptionHandler, OpenLoop, RunError, Unhandled, call_exception_handler, set_exception_handler,
};
pub use flavour::{Flavour, Local, Shared};
pub use future::{Future, FutureCallback, FutureCallbackId, FutureError, FutureWait, SetError};
pub use lock::{Lock, LockGuard};
#[cfg(feature = "alloc")]
pub use queue::{Bounded, OutOfMemory, PutError, Unbounded, ZeroCapacityError};
pub use queue::{
    FirstInFirstOut, Fixed, LastInFirstOut, LifoQueue, LowestFirst, Order, PriorityQueue, PutFailed, Queue,
    QueueShutDown, QueueStorage, QueueStream, Storage, TaskDoneError, TryGetError, TryPutError,
};
#[cfg(feature = "std")]
pub use queue::{GetBlockingError, PutBlockingError};
#[cfg(feature = "alloc")]
pub use remote::LoopHandle;
pub use remote::{RemotePool, RemoteTask, Submit, SubmitError, SubmitErrorKind, run_coroutine_threadsafe};
pub use scope::{
    CancelledError, CatchCancel, Gather, GatherSet, RescheduleError, Resume, Select, SelectSet, Shield,
    Shieldable, Timeout, TimeoutError, TimeoutRun, TryGather, TryGatherSet, WaitFor, catch_cancel, gather,
    select, select_fair, shield, timeout, timeout_at, try_gather, wait_for,
};
pub use semaphore::{BoundedSemaphore, Permit, ReleaseError, Semaphore};
pub use stream::{IncompleteReadError, LimitOverrunError, StreamReader, StreamWriter};
#[doc(hidden)]
pub use task::HEADER_BYTES;
#[cfg(feature = "hooks")]
pub use task::TaskObserver;
pub use task::{
    AllTasks, CallbackInUse, CreateError, CreateErrorKind, DoneCallback, DoneCallbackId, InvalidStateError,
    Join, Pool, SetLocalError, SetLocalErrorKind, ShieldTask, Task, TaskId, TaskInfo, TaskLocal, TaskPool,
    TaskState, WaitReason, all_tasks, create_eager_task, create_task, current_task, try_create_eager_task,
    try_create_task, waits_on,
};
pub use task::{
    AnyTask, AsCompleted, EmptySetError, NextCompleted, RemainingTasks, ReturnWhen, TaskSet, TryTask, Wait,
    WaitSet, as_completed, try_wait, wait,
};
pub use task_group::{ErrorGroup, Errors, TaskGroup, task_group};
pub use time::{Duration, DurationOverflow, Instant, TICK_HZ};
pub use timer::{
    Interval, MissedTicks, Sleep, Tick, Ticks, YieldNow, interval, interval_at, sleep, sleep_until, yield_now,
};
