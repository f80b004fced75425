use core::fmt;
use core::marker::PhantomData;

use super::error::InvalidStateError;
use super::header::{TaskRef, state};
use super::info::TaskId;
use super::join::Join;
use super::request;
use super::step;
use super::waker::wake_task;
use crate::scope::CancelledError;
use crate::{shim, task_group};

/// A handle to a task that was created. asyncio's `Task`.
///
/// Awaiting it, by value or by `&mut`, gives the output, or [`CancelledError`] if the task was cancelled; a panic of
/// the task goes on in whoever awaits it. Dropping it detaches the task, which runs on.
///
/// It stays on the loop that made it: it is not `Send`.
///
/// # Differs from asyncio
/// The await takes the output out, so a second await of the same handle finds it gone and panics.
pub struct Task<T> {
    task: TaskRef,
    _output: PhantomData<*const T>,
}

impl<T> Task<T> {
    /// # Safety
    /// `task` has an output of type `T` and its HANDLE bit is set for the handle made here.
    pub(crate) unsafe fn new(task: TaskRef) -> Self {
        Self { task, _output: PhantomData }
    }

    pub(crate) fn task(&self) -> TaskRef {
        self.task
    }

    /// Whether it is the task that runs.
    pub(super) fn is_current(&self) -> bool {
        crate::current::with(|l| l.task.get()) == Some(Some(self.task))
    }

    fn has(&self, bits: u8) -> bool {
        // SAFETY: HANDLE keeps the task, and the handle is in its loop's context since it is not `Send`.
        unsafe { self.task.header() }.has(bits)
    }

    /// Whether the task has ended: returned, panicked or was cancelled.
    pub fn done(&self) -> bool {
        self.has(state::DONE)
    }

    /// Whether the task has ended by cancellation.
    pub fn cancelled(&self) -> bool {
        // Before the end that bit means something else.
        self.done() && self.has(state::CANCELLED)
    }

    /// Asks the task to end: at its next poll everything up to its innermost
    /// [`catch_cancel`](crate::catch_cancel) is dropped. False, and nothing happens, if the task is done.
    ///
    /// A task that was not polled yet is dropped without being polled.
    ///
    /// A task that awaits others hands the request on to them. All that one step of a task asks for is one request: where it
    /// reaches a task a second time, by way of others that await that one, it is neither counted nor delivered again. So it
    /// comes to rest even if tasks await each other.
    pub fn cancel(&self) -> bool {
        self.cancel_with(None)
    }

    /// As [`cancel`](Self::cancel), with a message that the [`CancelledError`] carries to whoever catches it in the task
    /// and to whoever awaits the task. Of several requests the last one's counts. asyncio's `cancel(msg=...)`.
    ///
    /// A task on the heap may need memory for its first message; if there is none, it is asked without one.
    pub fn cancel_with(&self, message: impl Into<Option<&'static str>>) -> bool {
        // SAFETY: as in `has`.
        unsafe { request::cancel(self.task, message.into()) }
    }

    /// Ends the task here and now, without any cleanup: its future is dropped where it is, and it is then cancelled.
    /// False, and nothing happens, if the task is done, or if it is the one that runs, which can't be dropped under its
    /// own feet: it is cancelled instead.
    ///
    /// A child that may borrow, of a [`task_group`](crate::task_group), can be dropped only while its group is being
    /// polled: asked for elsewhere, it is dropped when the group next is.
    ///
    /// For when a task must be gone at once; [`cancel`](Self::cancel) is what lets it clean up.
    pub fn abort(&self) -> bool {
        if self.done() {
            return false;
        }
        if self.has(state::RUNNING) {
            self.cancel();
            return false;
        }
        // SAFETY: as in `has`; the task is neither done nor running, and its owner is its loop. What is not done and has
        // CHILD is a borrowing child; it is dropped when CREW allows it.
        unsafe {
            if self.has(state::CHILD) && !task_group::may_abort(self.task) {
                wake_task(self.task);
            } else {
                step::abort(&*self.task.header().owner(), self.task);
            }
        }
        true
    }

    /// What a task that was cancelled says of it.
    fn cancelled_error(&self) -> CancelledError {
        // SAFETY: as in `has`.
        CancelledError::new(unsafe { self.task.message() })
    }

    /// How many times [`cancel`](Self::cancel) was called and not taken back; at most 255.
    pub fn cancelling(&self) -> usize {
        // SAFETY: as in `has`.
        usize::from(unsafe { self.task.header() }.branch.cancels.get())
    }

    /// Takes one [`cancel`](Self::cancel) back and gives how many are left. At none, a request that was not yet
    /// delivered is withdrawn; one that was is not undone.
    pub fn uncancel(&self) -> usize {
        // SAFETY: as in `has`.
        usize::from(unsafe { request::uncancel(self.task) })
    }

    /// The output, by reference.
    ///
    /// # Errors
    /// The outer one if the task is not done or its output was taken by an await; the inner one if it was cancelled.
    ///
    /// # Panics
    /// If the task panicked.
    pub fn result(&self) -> Result<Result<&T, CancelledError>, InvalidStateError> {
        if !self.done() {
            return Err(InvalidStateError);
        }
        if self.cancelled() {
            return Ok(Err(self.cancelled_error()));
        }
        if self.has(state::TAKEN) {
            return Err(InvalidStateError);
        }
        assert!(!self.has(state::PANICKED), "the task panicked; await it to go on with its panic");
        // SAFETY: the task is done with an output of type `T` that is not taken, and stays while the handle is borrowed.
        Ok(Ok(unsafe { &*(self.task.vtable().output)(self.task).cast::<T>() }))
    }

    /// Takes the outcome of a task that is done.
    pub(crate) fn take(&mut self) -> Result<T, CancelledError> {
        // SAFETY: as in `has`; the stage holds what the bits say, and is empty from here on.
        unsafe {
            let header = self.task.header();
            debug_assert!(header.has(state::DONE));
            if header.has(state::CANCELLED) {
                return Err(self.cancelled_error());
            }
            assert!(!header.has(state::TAKEN), "the task's result was already taken by another await");
            header.set(state::TAKEN);
            if header.has(state::PANICKED) {
                shim::resume((self.task.vtable().take_panic)(self.task));
            }
            Ok((self.task.vtable().output)(self.task).cast::<T>().read())
        }
    }

    /// The task's number.
    pub fn id(&self) -> TaskId {
        // SAFETY: as in `has`.
        TaskId(unsafe { self.task.header() }.id())
    }

    /// The name it was given. A task without one is displayed by its number, as `Task-1`.
    pub fn name(&self) -> Option<&'static str> {
        // SAFETY: as in `has`.
        unsafe { self.task.name() }
    }

    /// Gives the task a name. A task on the heap may need memory for its first; if there is none, it stays without a name.
    pub fn set_name(&self, name: &'static str) {
        // SAFETY: as in `has`.
        unsafe { self.task.set_name(name) };
    }

    /// The same handle, its task named.
    pub fn named(self, name: &'static str) -> Self {
        self.set_name(name);
        self
    }
}

impl<T> Drop for Task<T> {
    fn drop(&mut self) {
        // SAFETY: as in `has`; this is the last use of the handle.
        unsafe {
            self.task.header().clear(state::HANDLE);
            step::release_if_unused(self.task);
        }
    }
}

impl<T> fmt::Debug for Task<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut s = f.debug_struct("Task");
        s.field("id", &self.id().get());
        if let Some(name) = self.name() {
            s.field("name", &name);
        }
        s.field("done", &self.done()).field("cancelled", &self.cancelled()).finish()
    }
}

/// # Cancel safety
/// The await holds the cancellation of its own task back until the awaited task, which is cancelled too, has
/// ended. Dropping the future of `task.await` detaches the task.
///
/// # Allocation
/// None.
///
/// # Wakes from interrupts
/// None of its own.
impl<T> IntoFuture for Task<T> {
    type Output = Result<T, CancelledError>;
    type IntoFuture = Join<T, Self>;

    fn into_future(self) -> Self::IntoFuture {
        Join::new(self)
    }
}

/// As for the handle by value, but that dropping the future leaves the handle.
impl<'a, T> IntoFuture for &'a mut Task<T> {
    type Output = Result<T, CancelledError>;
    type IntoFuture = Join<T, &'a mut Task<T>>;

    fn into_future(self) -> Self::IntoFuture {
        Join::new(self)
    }
}
