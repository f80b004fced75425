//! Tasks: their header, where they live, how they are woken and polled, and the handle to one.

mod any;
mod as_completed;
mod asked;
mod awaiter;
mod awaiting;
mod callback;
mod cell;
mod create;
mod error;
mod group;
mod handle;
mod header;
#[cfg(feature = "alloc")]
mod heap;
#[cfg(feature = "hooks")]
mod hooks;
mod info;
#[cfg(feature = "inspect")]
mod inspect;
mod join;
mod labels;
mod limit;
mod locals;
mod pool;
mod progress;
mod ready;
mod request;
mod shield;
mod site;
mod slots;
mod step;
mod wait;
mod waker;
mod watch;

pub(crate) use asked::{Asked, Asking};
pub(crate) use awaiter::Awaiter;
pub(crate) use cell::{MainCell, MainStage, MainWaker, Place, Stage, Typed, main_task};
pub(crate) use create::{Polled, create_member, enroll, start};
pub(crate) use header::{Header, Record, TaskRef, remote, state};
#[cfg(feature = "alloc")]
pub(crate) use heap::{HeapTasks, bear, send};
#[cfg(feature = "inspect")]
pub(crate) use info::Moment;
pub(crate) use pool::sealed::PoolSeal;
pub(crate) use progress::Doing;
pub(crate) use ready::Ready;
pub(crate) use request::{cancel, cancel_from_elsewhere, hand_on, id_is_newer};
pub(crate) use site::Site;
pub(crate) use slots::{PoolHeader, for_each_slot, unbind_idle};
pub(crate) use step::{RESTS_LATE, abort, probe, release_if_unused, run, step_in_turn};
#[cfg(feature = "alloc")]
pub(crate) use waker::task as waker_task;
#[cfg(feature = "alloc")]
pub(crate) use waker::wake;
pub(crate) use waker::{
    STATIC, clone_waker, is_own_waker, static_waker, wake_by_ref, wake_local, wake_own, wake_task,
};

pub use any::{AnyTask, TryTask};
pub use as_completed::{AsCompleted, NextCompleted, RemainingTasks, TaskSet, as_completed};
pub use callback::{CallbackInUse, DoneCallback, DoneCallbackId};
pub use create::{create_eager_task, create_task, try_create_eager_task, try_create_task};
pub use error::{CreateError, CreateErrorKind, InvalidStateError, SetLocalError, SetLocalErrorKind};
pub use handle::Task;
#[doc(hidden)]
pub use header::HEADER_BYTES;
#[cfg(feature = "hooks")]
pub use hooks::TaskObserver;
pub use info::{AllTasks, TaskId, TaskInfo, TaskState, all_tasks, current_task};
pub use join::Join;
pub use locals::TaskLocal;
pub use pool::{Pool, TaskPool};
pub use progress::{WaitReason, waits_on};
pub use shield::ShieldTask;
pub use wait::{EmptySetError, ReturnWhen, Wait, WaitSet, try_wait, wait};
