use super::handle::Task;
use super::header::state;
use super::info::TaskId;

/// A handle to a task, whatever its output: what [`wait`](crate::wait) and [`as_completed`](crate::as_completed)
/// take. `&dyn AnyTask` makes one list of handles to tasks of different outputs.
pub trait AnyTask: sealed::Handle {
    /// Whether the task has ended: returned, panicked or was cancelled.
    fn done(&self) -> bool;

    /// Whether the task has ended by cancellation.
    fn cancelled(&self) -> bool;

    /// The task's number.
    fn id(&self) -> TaskId;
}

/// A handle to a task whose output is a result, whatever its types: what [`try_wait`](crate::try_wait) takes.
pub trait TryTask: AnyTask {
    /// Whether the task has ended by an `Err` or a panic. A result that an await has taken out is not looked at.
    fn failed(&self) -> bool;
}

pub(super) mod sealed {
    use crate::task::header::TaskRef;

    /// The task of a handle.
    #[derive(Clone, Copy)]
    pub struct Handled(pub(in crate::task) TaskRef);

    /// What is a handle: it keeps its task (HANDLE) as long as it lives, and always names the same.
    pub trait Handle {
        #[doc(hidden)]
        fn handled(&self) -> Handled;
    }
}

use sealed::{Handle, Handled};

/// Whether the task has ended by a panic.
pub(super) fn has_panicked<H: AnyTask + ?Sized>(handle: &H) -> bool {
    // SAFETY: HANDLE keeps the task, and the handle is in its loop's context since it is not `Send`.
    handle.done() && unsafe { handle.handled().0.header() }.has(state::PANICKED)
}

impl<T> Handle for Task<T> {
    fn handled(&self) -> Handled {
        Handled(self.task())
    }
}

impl<T> AnyTask for Task<T> {
    fn done(&self) -> bool {
        self.done()
    }

    fn cancelled(&self) -> bool {
        self.cancelled()
    }

    fn id(&self) -> TaskId {
        self.id()
    }
}

impl<T, E> TryTask for Task<Result<T, E>> {
    fn failed(&self) -> bool {
        has_panicked(self) || matches!(self.result(), Ok(Ok(Err(_))))
    }
}

macro_rules! by_reference {
    ($($reference:ty),*) => {$(
        impl<H: AnyTask + ?Sized> Handle for $reference {
            fn handled(&self) -> Handled {
                (**self).handled()
            }
        }

        impl<H: AnyTask + ?Sized> AnyTask for $reference {
            fn done(&self) -> bool {
                (**self).done()
            }

            fn cancelled(&self) -> bool {
                (**self).cancelled()
            }

            fn id(&self) -> TaskId {
                (**self).id()
            }
        }

        impl<H: TryTask + ?Sized> TryTask for $reference {
            fn failed(&self) -> bool {
                (**self).failed()
            }
        }
    )*};
}

by_reference!(&H, &mut H);
