//! Room for tasks that are submitted from elsewhere, in a `static`.

use core::fmt;
use core::mem::offset_of;
use core::ptr;

use super::Submit;
use super::error::{SubmitError, SubmitErrorKind};
use super::job::Job;
use super::slot::{ALIGN, Area, Slot, claim, send};
use super::task::RemoteTask;
use crate::EventLoop;
use crate::flavour::Shared;
use crate::guarded::Guarded;
use crate::shim::{AtomicPtr, Cell, Ordering};
use crate::task::{CreateErrorKind, Pool, PoolSeal, TaskRef, state};

/// What is known of every remote pool, whatever its sizes.
///
/// Invariant **REMOTE**: a slot is in the list of free ones, under its lock, or it is taken: from then on it is of the
/// context that took it until that has pushed it into a loop's inbox, then of the loop's side and the handle
/// (SHARES), and the second of them puts it back. While it is free nothing but stale wakers refers to it, and those
/// read its `owner`, its bits and, in the context of the loop that `owner` names, its state, which is then zero. A task
/// is only put into it while its bits are zero, so that no wake of it is under way; else it goes back as it is. `owner` of the pool names the loop that has
/// it in its list, which `next` belongs to. `owner` of a slot is that loop or null: only that loop sets it, when it
/// adopts a task, and takes it away, when it lets go of the pool; so a context whose loop it names may read the state.
pub(crate) struct RemoteHead {
    pub(super) owner: AtomicPtr<EventLoop>,
    pub(super) free: Guarded<Free, Shared>,
    pub(crate) next: Cell<*const RemoteHead>,
    /// Set when a loop takes the pool, so that one in a `static` is all zeros.
    slots: Cell<usize>,
    stride: Cell<usize>,
}

/// Which slots are free.
pub(super) struct Free {
    /// Those put back, linked through `next_free`.
    pub(super) first: Cell<*const Slot<0>>,
    /// How many, from the first, were ever used.
    fresh: Cell<usize>,
}

// SAFETY: REMOTE: what it points at is static, and only linked and unlinked under the lock.
unsafe impl Send for Free {}

/// Room for `N` tasks that are submitted from another thread, from an interrupt or from a loop of another priority, in a
/// `static`, without an allocator: see [`run_coroutine_threadsafe`](crate::run_coroutine_threadsafe).
///
/// It is handed to [`EventLoop::run`](crate::EventLoop::run) with the loop's task pools, and serves that loop while it
/// runs. What is sent, the future that it makes, and the output with its lock have to fit in `BYTES`, which is checked at
/// compile time. A slot is taken until its task has ended and its [`RemoteTask`] is dropped.
///
/// ```
/// # use everloop_core::{virtual_time::{UNPARKER, VirtualTime}};
/// use everloop_core::{EventLoop, RemotePool, run_coroutine_threadsafe, yield_now};
///
/// static REMOTE: RemotePool<2, 128> = RemotePool::new();
/// static LOOP: EventLoop = EventLoop::new(UNPARKER);
///
/// fn interrupt_handler() {
///     // Dropping the handle detaches the task.
///     drop(run_coroutine_threadsafe(async || { yield_now().await }, &REMOTE));
/// }
///
/// LOOP.run(&VirtualTime::new(), &[&REMOTE], async {
///     let task = run_coroutine_threadsafe(async || 42, &REMOTE).unwrap();
///     assert_eq!(task.await, Ok(42));
/// }).unwrap();
/// # let _ = interrupt_handler;
/// ```
#[repr(C)]
pub struct RemotePool<const N: usize, const BYTES: usize> {
    head: RemoteHead,
    slots: [Slot<BYTES>; N],
}

// SAFETY: REMOTE.
unsafe impl<const N: usize, const BYTES: usize> Sync for RemotePool<N, BYTES> {}

impl<const N: usize, const BYTES: usize> RemotePool<N, BYTES> {
    /// A pool with all slots free.
    pub const fn new() -> Self {
        Self {
            head: RemoteHead {
                owner: AtomicPtr::new(ptr::null_mut()),
                free: Guarded::new(Free { first: Cell::new(ptr::null()), fresh: Cell::new(0) }),
                next: Cell::new(ptr::null()),
                slots: Cell::new(0),
                stride: Cell::new(0),
            },
            slots: [const { Slot::new() }; N],
        }
    }

    /// How many slots there are.
    pub const fn capacity(&self) -> usize {
        N
    }

    /// A slot that nobody else has from now on.
    fn take(&'static self) -> Option<*const Slot<0>> {
        // The lock is taken anew for each slot, so that interrupts are never masked longer for there being many that
        // can't be taken now. Those are kept aside meanwhile.
        let mut aside = ptr::null();
        let taken = loop {
            let Some(slot) = self.pop() else { break None };
            // SAFETY: REMOTE: it is this context's. One that some stale wake is just pushing is left alone.
            unsafe {
                if claim(&(*slot).record) {
                    break Some(slot);
                }
                (*slot).next_free.set(aside);
            }
            aside = slot;
        };
        // SAFETY: REMOTE: all those aside are this context's.
        while let Some(slot) = unsafe { aside.as_ref() } {
            let next = slot.next_free.get();
            self.head.free.with(|free| slot.next_free.set(free.first.replace(aside)));
            aside = next;
        }
        taken
    }

    /// A slot that was put back, or was never used.
    fn pop(&'static self) -> Option<*const Slot<0>> {
        // From the whole pool, so that the pointer may reach all of a slot.
        let pool = ptr::from_ref(self);
        self.head.free.with(|free| {
            let first = free.first.get();
            // SAFETY: REMOTE: those in the list are slots of this static.
            if let Some(slot) = unsafe { first.as_ref() } {
                free.first.set(slot.next_free.get());
                return Some(first);
            }
            let fresh = free.fresh.get();
            if fresh == N {
                return None;
            }
            free.fresh.set(fresh + 1);
            // SAFETY: below the number of slots.
            unsafe {
                let slot: *const Slot<BYTES> = (&raw const (*pool).slots).cast::<Slot<BYTES>>().add(fresh);
                (*slot).pool.set(pool.cast());
                Some(slot.cast())
            }
        })
    }
}

impl<const N: usize, const BYTES: usize> super::sealed::Sealed for &'static RemotePool<N, BYTES> {}

impl<const N: usize, const BYTES: usize> Submit for &'static RemotePool<N, BYTES> {
    fn submit<F, Fut>(self, make: F) -> Result<RemoteTask<Fut::Output>, SubmitError<F>>
    where
        F: FnOnce() -> Fut + Send + 'static,
        Fut: Future + 'static,
        Fut::Output: Send + 'static,
    {
        const {
            assert!(
                size_of::<Area<Job<F, Fut, Fut::Output>, Fut::Output>>() <= BYTES,
                "what is sent, its future or its output is too large for the pool's slots"
            );
            assert!(
                align_of::<Area<Job<F, Fut, Fut::Output>, Fut::Output>>() <= ALIGN,
                "what is sent, its future or its output is aligned more strictly than a pool's slots"
            );
        }
        let l = self.head.owner.load(Ordering::Acquire);
        if l.is_null() {
            return Err(SubmitError { kind: SubmitErrorKind::LoopClosed, future: make });
        }
        let Some(slot) = self.take() else {
            return Err(SubmitError { kind: SubmitErrorKind::PoolFull, future: make });
        };
        // SAFETY: REMOTE: the slot is this context's. A loop that has served a pool is never freed. What is sent is `Send`.
        unsafe { send::<F, Fut>(slot, l, make) }
    }
}

impl<const N: usize, const BYTES: usize> PoolSeal for RemotePool<N, BYTES> {
    unsafe fn bind(&'static self, l: &EventLoop) -> Result<(), CreateErrorKind> {
        let this = l.this();
        match self.head.owner.compare_exchange(ptr::null_mut(), this, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => {
                self.head.slots.set(N);
                self.head.stride.set(size_of::<Slot<BYTES>>());
                let pool = ptr::from_ref(self).cast::<RemoteHead>();
                self.head.next.set(l.remote_pools.replace(pool));
                #[cfg(feature = "alloc")]
                l.keep_forever();
                Ok(())
            }
            Err(owner) if ptr::eq(owner, this) => Ok(()),
            Err(_) => Err(CreateErrorKind::PoolInUse),
        }
    }
}

impl<const N: usize, const BYTES: usize> Pool for RemotePool<N, BYTES> {}

impl RemoteHead {
    /// Calls `f` with each task in the remote pools of `l`.
    ///
    /// # Safety
    /// REMOTE: in the context of `l`.
    pub(crate) unsafe fn for_each(l: &EventLoop, mut f: impl FnMut(TaskRef)) {
        // SAFETY: by the caller.
        unsafe {
            Self::for_each_slot(l, |task| {
                // The state is this loop's only if it has adopted a task in the slot before.
                let header = task.header();
                if ptr::eq(header.owner(), l) && header.has(state::LIVE) {
                    f(task);
                }
            });
        }
    }

    /// # Safety
    /// As for `for_each`. Of the slots only what is atomic may be touched.
    unsafe fn for_each_slot(l: &EventLoop, mut f: impl FnMut(TaskRef)) {
        let mut pool = l.remote_pools.get();
        // SAFETY: REMOTE: what is in the list is static and serves `l`. The slots stand behind the head, `stride` apart.
        unsafe {
            while let Some(head) = pool.as_ref() {
                for index in 0..head.slots.get() {
                    let at = pool.byte_add(offset_of!(RemotePool<1, 0>, slots) + index * head.stride.get());
                    f(TaskRef::from_nonnull(ptr::NonNull::new_unchecked(at.cast_mut().cast())));
                }
                pool = head.next.get();
            }
        }
    }

    /// The loop closes: lets go of its remote pools.
    ///
    /// # Safety
    /// REMOTE: in the context of `l`, none of whose tasks is live.
    pub(crate) unsafe fn unbind_all(l: &EventLoop) {
        // SAFETY: by the caller.
        unsafe {
            Self::for_each_slot(l, |task| {
                // A stale waker looks at the slot's owner to tell whether it may touch the rest of the slot.
                task.header().owner.store(ptr::null_mut(), Ordering::Release);
            });
            while let Some(head) = l.remote_pools.get().as_ref() {
                l.remote_pools.set(head.next.replace(ptr::null()));
                head.owner.store(ptr::null_mut(), Ordering::Release);
            }
        }
    }
}

impl<const N: usize, const BYTES: usize> Default for RemotePool<N, BYTES> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const N: usize, const BYTES: usize> fmt::Debug for RemotePool<N, BYTES> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemotePool").field("slots", &N).finish()
    }
}
