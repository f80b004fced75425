use core::ptr::{self, NonNull};
use core::task::{Context, Poll, RawWakerVTable};

use super::asked::Asked;
use super::cell::VACANT;
use super::locals::Locals;
use super::progress::Progress;
use super::watch::WatchList;
use crate::EventLoop;
use crate::scope::Branch;
#[cfg(feature = "alloc")]
use crate::shim::Materialize;
use crate::shim::{AtomicPtr, Cell, Ordering};

/// Bits of a task's state, touched by its loop's context only.
pub(crate) mod state {
    /// In the ready queue.
    pub(crate) const QUEUED: u8 = 1;
    /// The body is gone; the outcome stands.
    pub(crate) const DONE: u8 = 2;
    /// A `Task` handle is there and may yet take the output.
    pub(crate) const HANDLE: u8 = 4;
    /// With `DONE`: ended by cancellation, there is no output.
    pub(crate) const CANCELLED: u8 = 8;
    /// With `DONE`: the body panicked, the payload stands where the output would.
    pub(crate) const PANICKED: u8 = 16;
    /// Without `DONE`, in the same bit: it is queued for no other reason than a search for abandoned scopes.
    pub(crate) const PROBED: u8 = PANICKED;
    /// Without `DONE`, in the bit of `CANCELLED`: it is polled by its group only, when that is polled itself.
    pub(crate) const CHILD: u8 = CANCELLED;
    /// Its poll is on the stack.
    pub(crate) const RUNNING: u8 = 32;
    /// The slot is taken: from the task's creation until its memory is given back.
    pub(crate) const LIVE: u8 = 64;
    /// With `DONE`: the output was moved out or dropped.
    pub(crate) const TAKEN: u8 = 128;
}

/// Bits that other threads and interrupts may set.
pub(crate) mod remote {
    /// In the inbox, or just about to be: see invariant INBOX.
    pub(crate) const WOKEN: u8 = 1;
    /// Cancellation was asked for from outside the loop's context.
    pub(crate) const CANCEL: u8 = 2;
    /// Made elsewhere, and on its way to its loop for the first time.
    pub(crate) const NEW: u8 = 4;
}

/// What the executor knows of every task, whatever its future: 40 bytes on a 32-bit target. It is the start of the
/// task's [`Record`].
///
/// Invariant **TASK**: all but `owner`, `inbox_next` and `branch.remote` is touched only in the context of the
/// loop that owns the task. The header is valid from the task's creation until it is given back through
/// `VTable::release`, which happens when it is DONE, has no HANDLE, is not QUEUED, and (heap) no waker counts or
/// (pool) at once, since a slot's memory never goes away and a stale wake is only a spurious poll.
#[repr(C)]
pub(crate) struct Header {
    /// The root of the task's scopes. First, so that a pointer to it is a pointer to the header.
    pub(crate) branch: Branch,
    pub(crate) id: Cell<u32>,
    /// `None` for a task that does not exist: all zeros, so that a pool takes no room in flash.
    pub(crate) vtable: Cell<Option<&'static VTable>>,
    pub(crate) owner: AtomicPtr<EventLoop>,
    /// The next task in the ready queue, or the next free slot of the pool.
    pub(crate) next: Cell<*mut Header>,
    pub(crate) inbox_next: AtomicPtr<Header>,
    pub(crate) watchers: WatchList,
    /// The task-locals that it sees.
    pub(crate) locals: Locals,
    pub(crate) progress: Progress,
}

/// For the test that no task costs more.
#[doc(hidden)]
pub const HEADER_BYTES: usize = size_of::<Header>();

const _: () = assert!(size_of::<*const ()>() != 4 || cfg!(loom) || size_of::<Header>() <= 40);

/// All that stands before a task's stage, wherever it lives.
///
/// The header is first, so that a pointer to it is a pointer to the record.
#[repr(C)]
pub(crate) struct Record {
    pub(crate) header: Header,
    labels: Labels,
    #[cfg(feature = "inspect")]
    times: super::inspect::Times,
    #[cfg(feature = "hooks")]
    hook: super::hooks::Hook,
}

/// What is told of a task to people, and by them, and what the hot paths do not need.
pub(crate) struct Labels {
    pub(crate) name: Cell<Option<&'static str>>,
    /// What was last said with a request to cancel it.
    pub(crate) message: Cell<Option<&'static str>>,
    /// Which request that was.
    pub(crate) asked: Cell<Option<Asked>>,
}

impl Record {
    pub(crate) const fn new(vtable: Option<&'static VTable>) -> Self {
        Self {
            header: Header::new(vtable),
            labels: Labels { name: Cell::new(None), message: Cell::new(None), asked: Cell::new(None) },
            #[cfg(feature = "inspect")]
            times: super::inspect::Times::new(),
            #[cfg(feature = "hooks")]
            hook: super::hooks::Hook::new(),
        }
    }
}

/// What differs between tasks: by the type of the future, and by where the task lives.
pub(crate) struct VTable {
    /// Polls the future. When ready, the future has been dropped and the output stored in its place.
    pub(crate) poll: unsafe fn(TaskRef, &mut Context<'_>) -> Poll<()>,
    /// Drops the future.
    pub(crate) drop_future: unsafe fn(TaskRef),
    /// Drops the output.
    pub(crate) drop_output: unsafe fn(TaskRef),
    /// Where the output stands.
    pub(crate) output: unsafe fn(TaskRef) -> *mut (),
    /// Keeps a panic's payload in place of the output.
    pub(crate) store_panic: unsafe fn(TaskRef, crate::shim::Payload),
    /// The payload that `store_panic` kept.
    pub(crate) take_panic: unsafe fn(TaskRef) -> crate::shim::Payload,
    /// Gives the memory back, unless a waker still counts.
    pub(crate) release: unsafe fn(TaskRef),
    /// Gives up the reference that the inbox had.
    pub(crate) left_inbox: unsafe fn(TaskRef),
    /// Makes a task that was made elsewhere one of the loop's. False if the loop is not to run it: then it was ended.
    pub(crate) adopt: unsafe fn(&EventLoop, TaskRef) -> bool,
    /// Frees the memory of a released task that no waker counts for any more.
    #[cfg(feature = "alloc")]
    pub(crate) free: unsafe fn(TaskRef),
    /// How wakers of the task count.
    pub(crate) waker: &'static RawWakerVTable,
}

impl Header {
    pub(crate) const fn new(vtable: Option<&'static VTable>) -> Self {
        Self {
            branch: Branch::root(),
            id: Cell::new(0),
            vtable: Cell::new(vtable),
            owner: AtomicPtr::new(ptr::null_mut()),
            next: Cell::new(ptr::null_mut()),
            inbox_next: AtomicPtr::new(ptr::null_mut()),
            watchers: WatchList::new(),
            locals: Locals::new(),
            progress: Progress::new(),
        }
    }

    #[inline]
    pub(crate) fn has(&self, bits: u8) -> bool {
        self.branch.state.get() & bits != 0
    }

    #[inline]
    pub(crate) fn set(&self, bits: u8) {
        self.branch.state.set(self.branch.state.get() | bits);
    }

    #[inline]
    pub(crate) fn clear(&self, bits: u8) {
        self.branch.state.set(self.branch.state.get() & !bits);
    }

    /// Makes the atomics exist, before others can see the header: see `AtomicPtr::materialize`.
    #[cfg(feature = "alloc")]
    pub(crate) fn materialize(&self) {
        self.owner.materialize();
        self.inbox_next.materialize();
        self.branch.remote.materialize();
    }

    /// The loop that owns the task.
    #[inline]
    pub(crate) fn owner(&self) -> *const EventLoop {
        self.owner.load(Ordering::Relaxed)
    }
}

/// A pointer to a task's header that keeps its right to the whole task.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct TaskRef(NonNull<Header>);

impl TaskRef {
    #[inline]
    pub(crate) fn from_ptr(header: *mut Header) -> Option<Self> {
        NonNull::new(header).map(Self)
    }

    #[inline]
    pub(crate) fn from_nonnull(header: NonNull<Header>) -> Self {
        Self(header)
    }

    #[inline]
    pub(crate) fn as_ptr(self) -> *mut Header {
        self.0.as_ptr()
    }

    /// The root of the task's scopes, with the right to the whole task.
    #[inline]
    pub(crate) fn branch(self) -> *const Branch {
        self.as_ptr().cast()
    }

    /// # Safety
    /// TASK: the header is valid while the reference is used; other contexts keep to the three shared fields.
    #[inline]
    pub(crate) unsafe fn header<'a>(self) -> &'a Header {
        // SAFETY: by the caller.
        unsafe { self.0.as_ref() }
    }

    /// The task's labels.
    ///
    /// # Safety
    /// TASK, in the context of the task's loop.
    #[inline]
    pub(crate) unsafe fn labels<'a>(self) -> &'a Labels {
        // SAFETY: by the caller; the pointer has the right to the whole task, of which the record is the start.
        unsafe { &(*self.as_ptr().cast::<Record>()).labels }
    }

    /// The task's times.
    ///
    /// # Safety
    /// TASK, in the context of the task's loop.
    #[cfg(feature = "inspect")]
    #[inline]
    pub(crate) unsafe fn times<'a>(self) -> &'a super::inspect::Times {
        // SAFETY: as for `labels`.
        unsafe { &(*self.as_ptr().cast::<Record>()).times }
    }

    /// Who is told of the task's polls.
    ///
    /// # Safety
    /// TASK, in the context of the task's loop.
    #[cfg(feature = "hooks")]
    #[inline]
    pub(super) unsafe fn hook<'a>(self) -> &'a super::hooks::Hook {
        // SAFETY: as for `labels`.
        unsafe { &(*self.as_ptr().cast::<Record>()).hook }
    }

    /// The function table.
    ///
    /// # Safety
    /// TASK, in the context of the task's loop.
    #[inline]
    pub(crate) unsafe fn vtable(self) -> &'static VTable {
        // SAFETY: by the caller.
        unsafe { self.header() }.vtable.get().unwrap_or(&VACANT)
    }
}
