//! Tasks: their header, where they live, how they are woken and polled, and the handle to one.

mod any;
mod as_completed;
mod cell;
mod create;
mod error;
mod group;
mod handle;
mod header;
#[cfg(feature = "alloc")]
mod heap;
mod info;
mod join;
mod limit;
mod pool;
mod ready;
mod slots;
mod step;
mod wait;
mod waker;
mod watch;

pub(crate) use cell::{MainCell, MainStage, MainWaker, Stage, Typed, main_task};
pub(crate) use create::start;
pub(crate) use header::{Header, TaskRef, remote, state};
#[cfg(feature = "alloc")]
pub(crate) use heap::HeapTasks;
pub(crate) use ready::Ready;
pub(crate) use slots::{PoolHeader, bind, for_each_slot, unbind_idle};
pub(crate) use step::{abort, cancel, probe, release_if_unused, step};
#[cfg(feature = "alloc")]
pub(crate) use waker::task as waker_task;
pub(crate) use waker::{STATIC, wake, wake_local};

pub use any::{AnyTask, TryTask};
pub use as_completed::{AsCompleted, NextCompleted, RemainingTasks, TaskSet, as_completed};
pub use create::{create_task, current_task, try_create_task};
pub use error::{CreateError, CreateErrorKind, InvalidStateError};
pub use handle::Task;
pub use info::{TaskId, TaskInfo, TaskState, for_each_task};
pub use join::Join;
pub use pool::{Pool, TaskPool};
pub use wait::{EmptySetError, ReturnWhen, Wait, WaitSet, try_wait, wait};
