//! Tasks without an allocator: slots of a `static`.

use core::cell::UnsafeCell;
use core::mem::MaybeUninit;
use core::ptr;

use super::cell::Stage;
use super::create::{Start, create_with};
use super::error::{CreateError, CreateErrorKind};
use super::handle::Task;
use super::header::Record;
use super::site::Site;
use super::slots::{ALIGN, PoolHeader, Shape, bind, take_from};
use crate::EventLoop;

#[repr(C, align(8))]
pub(super) struct Slot<const BYTES: usize> {
    record: Record,
    pub(super) stage: UnsafeCell<[MaybeUninit<u8>; BYTES]>,
}

/// Room for `N` tasks whose futures and outputs take up to `BYTES` bytes each, in a `static`.
///
/// Any future that fits may go in: generic, anonymous, with captured values. A slot is taken until its task has
/// ended and the [`Task`] handle is dropped. On a 32-bit target a slot costs 56 bytes more than `BYTES`: 40 for running,
/// joining and cancelling the task, 16 for its name and a cancellation's message.
///
/// A pool serves one loop at a time: the one it was handed to in [`EventLoop::run`](crate::EventLoop::run), or the first that creates a
/// task in it, until that loop closes.
///
/// ```
/// use everloop_core::{EventLoop, TaskPool, create_task, virtual_time::{UNPARKER, VirtualTime}};
///
/// static POOL: TaskPool<4, 64> = TaskPool::new();
/// static LOOP: EventLoop = EventLoop::new(UNPARKER);
///
/// let sum = LOOP.run(&VirtualTime::new(), &[&POOL], async {
///     let task = create_task(async { 1 + 1 });
///     task.await
/// });
/// assert_eq!(sum, Ok(Ok(2)));
/// ```
#[repr(C)]
pub struct TaskPool<const N: usize, const BYTES: usize> {
    head: PoolHeader,
    pub(super) slots: [Slot<BYTES>; N],
}

// SAFETY: all but `owner` is touched only in the context of the loop that `owner` names (invariant POOL).
unsafe impl<const N: usize, const BYTES: usize> Sync for TaskPool<N, BYTES> {}

/// What a loop can be given as room for tasks: a [`TaskPool`] or a [`RemotePool`](crate::RemotePool), of any size.
pub trait Pool: sealed::PoolSeal + Sync {}

pub(crate) mod sealed {
    use crate::{CreateErrorKind, EventLoop};

    pub trait PoolSeal {
        /// Makes the pool serve `l`, if it does not yet.
        ///
        /// # Safety
        /// `l` is the current loop.
        unsafe fn bind(&'static self, l: &EventLoop) -> Result<(), CreateErrorKind>;
    }
}

impl<const N: usize, const BYTES: usize> Pool for TaskPool<N, BYTES> {}

impl<const N: usize, const BYTES: usize> sealed::PoolSeal for TaskPool<N, BYTES> {
    unsafe fn bind(&'static self, l: &EventLoop) -> Result<(), CreateErrorKind> {
        // SAFETY: by the caller, and a pool is static.
        unsafe { bind(l, self.header(), Shape::new(N, BYTES)) }
    }
}

impl<const N: usize, const BYTES: usize> TaskPool<N, BYTES> {
    fn header(&'static self) -> *const PoolHeader {
        // From the whole pool, so that the pointer may reach the slots.
        ptr::from_ref(self).cast()
    }

    /// A pool with all slots free.
    pub const fn new() -> Self {
        Self {
            head: PoolHeader::new(),
            slots: [const {
                Slot { record: Record::new(None), stage: UnsafeCell::new([MaybeUninit::uninit(); BYTES]) }
            }; N],
        }
    }

    /// Creates a task in this pool, on the running loop. As [`create_task`](crate::create_task), but that the
    /// future fits is checked at compile time.
    ///
    /// # Errors
    /// All slots are taken, the pool serves another loop, or no loop is running. The future comes back.
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn try_create_task<F>(&'static self, future: F) -> Result<Task<F::Output>, CreateError<F>>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        self.try_create(future, Start::Queued, Site::caller())
    }

    fn try_create<F>(
        &'static self,
        future: F,
        start: Start,
        site: Site,
    ) -> Result<Task<F::Output>, CreateError<F>>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        const {
            assert!(
                size_of::<Stage<F>>() <= BYTES,
                "the task's future or output is too large for the pool's slots"
            );
            assert!(
                align_of::<Stage<F>>() <= ALIGN,
                "the task's future is aligned more strictly than a pool's slots"
            );
        }
        let pool = self.header();
        // SAFETY: `l` is the current loop, and a pool is static.
        let place = |l: &EventLoop, _| unsafe { take_from(l, pool, Shape::new(N, BYTES)).map(Some) };
        create_with(future, start, site, place, |_, _| {})
    }

    /// As [`try_create_task`](Self::try_create_task).
    ///
    /// # Panics
    /// Where that gives an error.
    #[track_caller]
    pub fn create_task<F>(&'static self, future: F) -> Task<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        match self.try_create_task(future) {
            Ok(task) => task,
            Err(error) => panic!("{}", error.kind),
        }
    }

    /// As [`try_create_task`](Self::try_create_task), started as by [`create_eager_task`](crate::create_eager_task).
    ///
    /// # Errors
    /// As there; the future was not polled.
    #[cfg_attr(feature = "inspect", track_caller)]
    pub fn try_create_eager_task<F>(&'static self, future: F) -> Result<Task<F::Output>, CreateError<F>>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        self.try_create(future, Start::Eager, Site::caller())
    }

    /// How many slots there are.
    pub const fn capacity(&self) -> usize {
        N
    }
}

impl<const N: usize, const BYTES: usize> Default for TaskPool<N, BYTES> {
    fn default() -> Self {
        Self::new()
    }
}
