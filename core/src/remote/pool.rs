//! Room for tasks that are submitted from elsewhere, in a `static`.

use core::cell::UnsafeCell;
use core::fmt;
use core::mem::{MaybeUninit, offset_of};
use core::ptr;
use core::task::RawWakerVTable;

use super::Submit;
use super::completion::{Completion, Shares};
use super::error::{SubmitError, SubmitErrorKind};
use super::job::Job;
use super::task::RemoteTask;
use crate::EventLoop;
use crate::flavour::Shared;
use crate::guarded::Guarded;
use crate::shim::{self, AtomicPtr, Cell, Ordering};
use crate::task::{
    self, CreateErrorKind, Pool, PoolSeal, Record, STATIC, Stage, TaskRef, Typed, remote, state,
};

/// Values with a greater alignment don't fit into slots.
const ALIGN: usize = 8;

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
    owner: AtomicPtr<EventLoop>,
    free: Guarded<Free, Shared>,
    pub(crate) next: Cell<*const RemoteHead>,
    /// Set when a loop takes the pool, so that one in a `static` is all zeros.
    slots: Cell<usize>,
    stride: Cell<usize>,
}

/// Which slots are free.
struct Free {
    /// Those put back, linked through `next_free`.
    first: Cell<*const Slot<0>>,
    /// How many, from the first, were ever used.
    fresh: Cell<usize>,
}

// SAFETY: REMOTE: what it points at is static, and only linked and unlinked under the lock.
unsafe impl Send for Free {}

#[repr(C, align(8))]
struct Slot<const BYTES: usize> {
    record: Record,
    shares: Shares,
    pool: Cell<*const RemoteHead>,
    next_free: Cell<*const Slot<0>>,
    drop_completion: Cell<Option<unsafe fn(*const Slot<0>)>>,
    area: UnsafeCell<[MaybeUninit<u8>; BYTES]>,
}

/// What stands in a slot's area. The stage is first: see `Place::stage`.
#[repr(C)]
struct Area<J: Future, T> {
    stage: UnsafeCell<Stage<J>>,
    completion: Completion<T>,
}

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
            slots: [const {
                Slot {
                    record: Record::new(None),
                    shares: Shares::new(),
                    pool: Cell::new(ptr::null()),
                    next_free: Cell::new(ptr::null()),
                    drop_completion: Cell::new(None),
                    area: UnsafeCell::new([MaybeUninit::uninit(); BYTES]),
                }
            }; N],
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

/// Marks a slot as on its way to its loop. False if a wake of it is under way.
fn claim(record: &Record) -> bool {
    let bits = &record.header.branch.remote;
    bits.compare_exchange(0, remote::WOKEN | remote::NEW, Ordering::AcqRel, Ordering::Acquire).is_ok()
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

/// # Safety
/// REMOTE: the caller has taken the slot, and its area is large enough; `l` is there for ever.
unsafe fn send<F, Fut>(
    slot: *const Slot<0>,
    l: *mut EventLoop,
    make: F,
) -> Result<RemoteTask<Fut::Output>, SubmitError<F>>
where
    F: FnOnce() -> Fut + Send + 'static,
    Fut: Future + 'static,
    Fut::Output: Send + 'static,
{
    // SAFETY: by the caller.
    unsafe {
        let area = area::<Job<F, Fut, Fut::Output>, Fut::Output>(slot);
        let completion = &raw const (*area).completion;
        completion.cast_mut().write(Completion::new());
        let job = Job::<F, Fut, Fut::Output>::new(make, completion, ptr::null());
        (*area).stage.get().write(Stage::new(job));
        (*slot).drop_completion.set(Some(drop_completion::<Job<F, Fut, Fut::Output>, Fut::Output>));
        (*slot).shares.begin(finalize);
        let header = &(*slot).record.header;
        header.vtable.set(Some(Typed::<Job<F, Fut, Fut::Output>, InRemotePool>::VTABLE));
        let task = TaskRef::from_nonnull(ptr::NonNull::new_unchecked(slot.cast_mut().cast()));
        if !(*l).inbox.push(task) {
            let job = Stage::take_future((*area).stage.get());
            header.vtable.set(None);
            drop_completion::<Job<F, Fut, Fut::Output>, Fut::Output>(slot);
            put_back(slot);
            return Err(SubmitError { kind: SubmitErrorKind::LoopClosed, future: job.into_sent() });
        }
        Ok(RemoteTask::new(completion, &raw const (*slot).shares, task::static_waker(task)))
    }
}

/// # Safety
/// REMOTE: the slot's area is large enough for it.
unsafe fn area<J: Future, T>(slot: *const Slot<0>) -> *mut Area<J, T> {
    // SAFETY: by the caller; the pointer has the right to the whole pool.
    unsafe { slot.cast_mut().byte_add(offset_of!(Slot<0>, area)).cast() }
}

/// # Safety
/// REMOTE: the slot holds a completion of this type that nobody else refers to.
unsafe fn drop_completion<J: Future, T>(slot: *const Slot<0>) {
    // SAFETY: by the caller.
    unsafe { ptr::drop_in_place(&raw mut (*area::<J, T>(slot)).completion) }
}

/// # Safety
/// SHARES: both have let go of the slot.
unsafe fn finalize(shares: *const Shares) {
    // SAFETY: by the caller; it stands in a slot, and the pointer has the right to the whole pool.
    unsafe {
        let slot = shares.byte_sub(offset_of!(Slot<0>, shares)).cast::<Slot<0>>();
        if let Some(drop_completion) = (*slot).drop_completion.take() {
            drop_completion(slot);
        }
        put_back(slot);
    }
}

/// # Safety
/// REMOTE: the slot is the caller's, and holds nothing.
unsafe fn put_back(slot: *const Slot<0>) {
    // SAFETY: by the caller.
    unsafe {
        // A request that came too late, and what a slot that no loop adopted was marked with.
        let bits = &(*slot).record.header.branch.remote;
        bits.fetch_and(!remote::CANCEL, Ordering::AcqRel);
        if bits.load(Ordering::Acquire) & remote::NEW != 0 {
            bits.fetch_and(!(remote::NEW | remote::WOKEN), Ordering::AcqRel);
        }
        (*(*slot).pool.get()).free.with(|free| (*slot).next_free.set(free.first.replace(slot)));
    }
}

/// Tasks in a remote pool's slots.
struct InRemotePool;

impl task::Place for InRemotePool {
    const WAKER: &'static RawWakerVTable = &STATIC;

    unsafe fn stage<F: Future>(task: TaskRef) -> *mut Stage<F> {
        // SAFETY: the header is the start of a slot, and the stage is first in its area.
        unsafe { task.as_ptr().byte_add(offset_of!(Slot<0>, area)).cast() }
    }

    unsafe fn release<F: Future>(task: TaskRef) {
        let slot = task.as_ptr().cast_const().cast::<Slot<0>>();
        // SAFETY: by the caller this is the loop's context, which is done with the slot.
        unsafe {
            (*slot).record.header.branch.state.set(0);
            (*slot).record.header.vtable.set(None);
            // As in `unbind_all`, if the pool has left the loop while the slot was on its way: a stale waker must not take
            // the slot for this loop's once another one has it.
            let header = &(*slot).record.header;
            if !ptr::eq((*(*slot).pool.get()).owner.load(Ordering::Acquire), header.owner()) {
                header.owner.store(ptr::null_mut(), Ordering::Release);
            }
            Shares::let_go(&raw const (*slot).shares);
        }
    }

    unsafe fn adopt(l: &EventLoop, task: TaskRef) -> bool {
        let slot = task.as_ptr().cast_const().cast::<Slot<0>>();
        // SAFETY: REMOTE: the slot is in a static pool. One that serves another loop by now, or none, is not enumerated by
        // this one: the task, which holds no more than what was sent, ends here. Its owner and state are left alone,
        // since they may be that other loop's; its bits keep stale wakes away until it is put back.
        unsafe {
            if ptr::eq((*(*slot).pool.get()).owner.load(Ordering::Acquire), l) {
                (*slot).record.header.owner.store(l.this(), Ordering::Release);
                return true;
            }
            // A panic in a drop is of no use to anybody here.
            if let Err(payload) = shim::catch(|| (task.vtable().drop_future)(task)) {
                shim::discard(payload);
            }
            (*slot).record.header.vtable.set(None);
            Shares::let_go(&raw const (*slot).shares);
            false
        }
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
