use core::ptr::{self, NonNull};
use core::task::{Context, Poll, RawWakerVTable};

#[cfg(target_pointer_width = "64")]
use super::asked::Asked;
use super::cell::VACANT;
use super::labels::Labels;
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

/// What the executor knows of every task, whatever its future: 40 bytes on a 32-bit target, 72 on a 64-bit one. It is the start of the
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
    // What a wake from elsewhere touches stands together, so that mostly one cache line passes between the processors.
    pub(crate) inbox_next: AtomicPtr<Header>,
    pub(crate) owner: AtomicPtr<EventLoop>,
    /// Its number. Where pointers have 64 bits it stands in the branch, which else would have padding.
    #[cfg(not(target_pointer_width = "64"))]
    number: Cell<u32>,
    /// `None` for a task that does not exist: all zeros, so that a pool takes no room in flash.
    pub(crate) vtable: Cell<Option<&'static VTable>>,
    /// The next task in the ready queue, or the next free slot of the pool.
    pub(crate) next: Cell<*mut Header>,
    pub(crate) watchers: WatchList,
    /// The task-locals that it sees.
    pub(crate) locals: Locals,
    pub(crate) progress: Progress,
    /// Which request to cancel it was the last: a label, which stands here where padding would.
    #[cfg(target_pointer_width = "64")]
    pub(super) asked: Cell<Option<Asked>>,
}

/// For the test that no task costs more.
#[doc(hidden)]
pub const HEADER_BYTES: usize = size_of::<Header>();

const _: () = assert!(cfg!(loom) || size_of::<Header>() <= if size_of::<*const ()>() == 4 { 40 } else { 72 });

/// All that stands before a task's stage in static memory.
///
/// The header is first, so that a pointer to it is a pointer to the record.
#[repr(C)]
pub(crate) struct Record {
    pub(crate) header: Header,
    #[cfg(feature = "inspect")]
    times: super::inspect::Times,
    #[cfg(feature = "hooks")]
    hook: super::hooks::Hook,
    pub(super) labels: Labels,
}

impl Record {
    pub(crate) const fn new(vtable: Option<&'static VTable>) -> Self {
        Self {
            header: Header::new(vtable),
            #[cfg(feature = "inspect")]
            times: super::inspect::Times::new(),
            #[cfg(feature = "hooks")]
            hook: super::hooks::Hook::new(),
            labels: Labels::new(),
        }
    }
}

/// The start of what stands before a task's stage on the heap, as in [`Record`].
#[cfg(all(feature = "alloc", target_pointer_width = "64"))]
#[repr(C)]
pub(crate) struct HeapRecord {
    pub(crate) header: Header,
    #[cfg(feature = "inspect")]
    times: super::inspect::Times,
    #[cfg(feature = "hooks")]
    hook: super::hooks::Hook,
}

/// All that stands before a task's stage, but for what is the heap's own.
#[cfg(all(feature = "alloc", not(target_pointer_width = "64")))]
pub(crate) type HeapRecord = Record;

#[cfg(all(feature = "alloc", target_pointer_width = "64"))]
impl HeapRecord {
    pub(crate) const fn new(vtable: Option<&'static VTable>) -> Self {
        Self {
            header: Header::new(vtable),
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
    /// It is a heap task, whose labels are aside.
    #[cfg(all(feature = "alloc", target_pointer_width = "64"))]
    pub(crate) labels_are_aside: bool,
    /// How wakers of the task count.
    pub(crate) waker: &'static RawWakerVTable,
}

impl Header {
    pub(crate) const fn new(vtable: Option<&'static VTable>) -> Self {
        Self {
            branch: Branch::root(),
            #[cfg(not(target_pointer_width = "64"))]
            number: Cell::new(0),
            vtable: Cell::new(vtable),
            owner: AtomicPtr::new(ptr::null_mut()),
            next: Cell::new(ptr::null_mut()),
            inbox_next: AtomicPtr::new(ptr::null_mut()),
            watchers: WatchList::new(),
            locals: Locals::new(),
            progress: Progress::new(),
            #[cfg(target_pointer_width = "64")]
            asked: Cell::new(None),
        }
    }

    fn number(&self) -> &Cell<u32> {
        #[cfg(target_pointer_width = "64")]
        return &self.branch.number;
        #[cfg(not(target_pointer_width = "64"))]
        return &self.number;
    }

    /// Its number among the tasks of its loop.
    #[inline]
    pub(crate) fn id(&self) -> u32 {
        self.number().get()
    }

    #[inline]
    pub(crate) fn set_id(&self, id: u32) {
        self.number().set(id);
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

    /// The task's times.
    ///
    /// # Safety
    /// TASK, in the context of the task's loop.
    #[cfg(feature = "inspect")]
    #[inline]
    pub(crate) unsafe fn times<'a>(self) -> &'a super::inspect::Times {
        // SAFETY: by the caller; the pointer has the right to the whole task, which starts with a record or as one.
        unsafe { &(*self.as_ptr().cast::<Record>()).times }
    }

    /// Who is told of the task's polls.
    ///
    /// # Safety
    /// TASK, in the context of the task's loop.
    #[cfg(feature = "hooks")]
    #[inline]
    pub(super) unsafe fn hook<'a>(self) -> &'a super::hooks::Hook {
        // SAFETY: as for `times`.
        unsafe { &(*self.as_ptr().cast::<Record>()).hook }
    }

    /// The function table of a task that there is.
    ///
    /// # Safety
    /// TASK, in the context of the task's loop, and it is LIVE.
    #[inline]
    pub(super) unsafe fn live_vtable(self) -> &'static VTable {
        // SAFETY: by the caller; a task gets its table before it is LIVE, and keeps it.
        unsafe { self.header().vtable.get().unwrap_unchecked() }
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
