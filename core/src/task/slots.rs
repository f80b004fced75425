//! The slots of a pool, whatever its sizes.

use core::alloc::Layout;
use core::ptr;
use core::task::RawWakerVTable;

use super::cell::{Place, Stage, Typed};
use super::create::enroll;
use super::error::CreateErrorKind;
use super::handle::Task;
use super::header::{Header, TaskRef, remote, state};
use super::pool::{Slot, TaskPool};
use super::waker::STATIC;
use crate::EventLoop;
use crate::shim::{AtomicPtr, Cell, Ordering};

/// Futures with a greater alignment don't fit into slots.
pub(super) const ALIGN: usize = 8;

/// What is known of every pool, whatever its sizes.
///
/// Invariant **POOL**: all but `owner` is touched only in the context of the loop that `owner` names, and `owner`
/// only changes from null to a loop, by that loop, and back to null when no slot is LIVE and the loop has closed.
/// While it has an owner, the pool is in that loop's list. A slot's `owner` is that loop or null.
pub(crate) struct PoolHeader {
    owner: AtomicPtr<EventLoop>,
    /// Slots given back, linked through `next`.
    free: Cell<*mut Header>,
    /// How many slots, from the first, were ever used.
    fresh: Cell<usize>,
    live: Cell<usize>,
    /// The next pool of the same loop.
    pub(crate) next: Cell<*const PoolHeader>,
    /// Set when a loop takes the pool: the pool of a `static` is all zeros, and takes no room in flash.
    shape: Cell<Shape>,
}

/// The sizes of a pool.
#[derive(Clone, Copy)]
pub(crate) struct Shape {
    slots: usize,
    bytes: usize,
}

impl Shape {
    pub(super) const fn new(slots: usize, bytes: usize) -> Self {
        Self { slots, bytes }
    }
}

/// Makes `pool` serve `l`, if it does not yet.
///
/// # Safety
/// `l` is the current loop and `pool` is the header of a static pool of that shape.
pub(crate) unsafe fn bind(
    l: &EventLoop,
    pool: *const PoolHeader,
    shape: Shape,
) -> Result<(), CreateErrorKind> {
    // SAFETY: by the caller.
    let head = unsafe { &*pool };
    let this = l.this();
    match head.owner.compare_exchange(ptr::null_mut(), this, Ordering::AcqRel, Ordering::Acquire) {
        Ok(_) => {
            head.shape.set(shape);
            // Kept by the size of the slots, so that a task takes the smallest it fits into.
            let mut link = &l.pools;
            // SAFETY: POOL: what is in the list is static, and serves `l`.
            while let Some(other) = unsafe { link.get().as_ref() } {
                if other.bytes() >= head.bytes() {
                    break;
                }
                link = &other.next;
            }
            head.next.set(link.replace(pool));
            #[cfg(feature = "alloc")]
            l.keep_forever();
            Ok(())
        }
        Err(owner) if ptr::eq(owner, this) => Ok(()),
        Err(_) => Err(CreateErrorKind::PoolInUse),
    }
}

/// The loop closes: lets go of its pools that have no task left. The others follow with their last task.
///
/// # Safety
/// In the context of `l`.
pub(crate) unsafe fn unbind_idle(l: &EventLoop) {
    let mut link = &l.pools;
    // SAFETY: POOL: what is in the list is static, and serves `l`.
    while let Some(head) = unsafe { link.get().as_ref() } {
        if head.live.get() == 0 {
            // A stale waker looks at the slot's owner to tell whether it may touch the rest of the slot.
            for index in 0..head.fresh.get() {
                // SAFETY: POOL, and below the number of slots.
                unsafe { slot(link.get(), index).header() }.owner.store(ptr::null_mut(), Ordering::Release);
            }
            link.set(head.next.replace(ptr::null()));
            head.owner.store(ptr::null_mut(), Ordering::Release);
        } else {
            link = &head.next;
        }
    }
}

/// The pool of `l` that `task` is a slot of.
///
/// # Safety
/// In the context of `l`; `task` is in a slot of one of its pools.
unsafe fn pool_of(l: &EventLoop, task: TaskRef) -> &'static PoolHeader {
    // By address, since a pointer in every slot would cost more than looking at the one to three pools of a loop.
    let mut pool = l.pools.get();
    loop {
        // SAFETY: POOL, and by the caller one of the pools is the right one.
        let head = unsafe { &*pool };
        let offset = task.as_ptr().addr().wrapping_sub(pool.addr());
        if offset < head.size() {
            return head;
        }
        pool = head.next.get();
    }
}

impl PoolHeader {
    /// Of a pool with all slots free. All zeros.
    pub(super) const fn new() -> Self {
        Self {
            owner: AtomicPtr::new(ptr::null_mut()),
            free: Cell::new(ptr::null_mut()),
            fresh: Cell::new(0),
            live: Cell::new(0),
            next: Cell::new(ptr::null()),
            shape: Cell::new(Shape { slots: 0, bytes: 0 }),
        }
    }

    fn bytes(&self) -> usize {
        self.shape.get().bytes
    }

    fn stride(&self) -> usize {
        (STAGE + self.bytes()).next_multiple_of(ALIGN)
    }

    /// The bytes from this header to the end of the pool.
    fn size(&self) -> usize {
        FIRST + self.shape.get().slots * self.stride()
    }
}

/// Calls `f` with every task in the pools of `l`.
///
/// # Safety
/// POOL: in the context of `l`.
pub(crate) unsafe fn for_each_slot(l: &EventLoop, mut f: impl FnMut(TaskRef)) {
    let mut pool = l.pools.get();
    // SAFETY: POOL: what is in the list is static and serves `l`; `index` stays within the slots.
    unsafe {
        while let Some(head) = pool.as_ref() {
            for index in 0..head.fresh.get() {
                let task = slot(pool, index);
                if task.header().has(state::LIVE) {
                    f(task);
                }
            }
            pool = head.next.get();
        }
    }
}

/// # Safety
/// `pool` is the header of a static pool and `index` is below its number of slots.
unsafe fn slot(pool: *const PoolHeader, index: usize) -> TaskRef {
    // SAFETY: by the caller: `TaskPool` and `Slot` are `repr(C)`, so the slots, of `bytes` each behind their header,
    // follow the pool's header at these offsets, and the pointer came from the whole pool.
    unsafe {
        let at = pool.byte_add(FIRST + index * (*pool).stride());
        TaskRef::from_nonnull(ptr::NonNull::new_unchecked(at.cast_mut().cast()))
    }
}

/// Where the stage stands in a slot.
const STAGE: usize = core::mem::offset_of!(Slot<0>, stage);
/// Where the first slot stands in a pool.
const FIRST: usize = core::mem::offset_of!(TaskPool<1, 0>, slots);

/// Takes the smallest free slot of the pools of `l` that `layout` fits into; a task is yet to be [put](put) there.
///
/// # Errors
/// There is none.
///
/// # Safety
/// `l` is the current loop.
pub(super) unsafe fn find(l: &EventLoop, layout: Layout) -> Result<TaskRef, CreateErrorKind> {
    let mut refusal = CreateErrorKind::NoPool;
    // The pools are few and in the order of their slots' size.
    let mut next = l.pools.get();
    // SAFETY: POOL: what is in the list is static and serves `l`.
    while let Some(head) = unsafe { next.as_ref() } {
        if layout.align() > ALIGN {
            return Err(CreateErrorKind::OverAligned { align: layout.align(), slot: ALIGN });
        }
        if layout.size() <= head.bytes() {
            // SAFETY: as above.
            match unsafe { free_slot(l, next) } {
                Some(task) => return Ok(task),
                None => refusal = CreateErrorKind::PoolFull,
            }
        } else if refusal != CreateErrorKind::PoolFull {
            refusal = CreateErrorKind::TooLarge { bytes: layout.size(), slot: head.bytes() };
        }
        next = head.next.get();
    }
    Err(refusal)
}

/// Takes a free slot of a pool that serves `l` from now on; a task is yet to be [put](put) there.
///
/// # Errors
/// There is none, the pool serves another loop, or `l` is closed.
///
/// # Safety
/// As for `bind`.
#[inline(never)]
pub(super) unsafe fn take_from(
    l: &EventLoop,
    pool: *const PoolHeader,
    shape: Shape,
) -> Result<TaskRef, CreateErrorKind> {
    if l.is_closed() {
        return Err(CreateErrorKind::LoopClosed);
    }
    // SAFETY: by the caller.
    unsafe {
        bind(l, pool, shape)?;
        free_slot(l, pool).ok_or(CreateErrorKind::PoolFull)
    }
}

/// Makes the task of a slot that was just taken, and gives its handle. It is yet to be started.
///
/// # Safety
/// `l` is the current loop, and the future at `future`, which is moved out, fits into the slot.
pub(super) unsafe fn put<F: Future>(l: &EventLoop, slot: TaskRef, future: *const F) -> Task<F::Output> {
    // SAFETY: by the caller: POOL holds here, and the stage of a free slot is empty and large enough.
    unsafe {
        InPool::stage::<F>(slot).write(Stage::new(future.read()));
        slot.header().vtable.set(Some(Typed::<F, InPool>::VTABLE));
        enroll(l, slot)
    }
}

/// # Safety
/// `pool` serves `l`, the current loop.
unsafe fn free_slot(l: &EventLoop, pool: *const PoolHeader) -> Option<TaskRef> {
    // SAFETY: by the caller.
    let head = unsafe { &*pool };
    // A slot that some stale wake is just pushing to another loop must not change loops: look at the next.
    let mut link = &head.free;
    while let Some(task) = TaskRef::from_ptr(link.get()) {
        // SAFETY: a free slot is static memory.
        let header = unsafe { task.header() };
        if claim(l, header) {
            link.set(header.next.get());
            head.live.set(head.live.get() + 1);
            return Some(task);
        }
        link = &header.next;
    }
    if head.fresh.get() == head.shape.get().slots {
        return None;
    }
    // SAFETY: below the number of slots.
    let task = unsafe { slot(pool, head.fresh.get()) };
    head.fresh.set(head.fresh.get() + 1);
    // SAFETY: a slot is static memory. One that was never used has no wakers, so it can be claimed.
    claim(l, unsafe { task.header() });
    head.live.set(head.live.get() + 1);
    Some(task)
}

/// Makes `l` the owner of a free slot. False if a wake for the owner before is under way.
fn claim(l: &EventLoop, header: &Header) -> bool {
    let this = l.this();
    let before = header.owner.load(Ordering::Relaxed);
    if ptr::eq(before, this) {
        return true;
    }
    header.owner.store(this, Ordering::Release);
    // A pusher sets WOKEN and then reads the owner. Either this sees its bit, or it sees the new owner.
    if header.branch.remote.fetch_or(0, Ordering::AcqRel) & remote::WOKEN == 0 {
        return true;
    }
    header.owner.store(before, Ordering::Release);
    false
}

/// Tasks in a pool's slots.
pub(crate) struct InPool;

impl Place for InPool {
    const WAKER: &'static RawWakerVTable = &STATIC;

    unsafe fn stage<F: Future>(task: TaskRef) -> *mut Stage<F> {
        // SAFETY: the header is in a slot, and the pointer has the right to the whole pool.
        unsafe { task.as_ptr().byte_add(STAGE).cast() }
    }

    unsafe fn release<F: Future>(task: TaskRef) {
        // SAFETY: by the caller this is the loop's context.
        unsafe {
            let header = task.header();
            header.branch.state.set(0);
            header.vtable.set(None);
            let l = &*header.owner();
            let head = pool_of(l, task);
            header.next.set(head.free.replace(task.as_ptr()));
            head.live.set(head.live.get() - 1);
            if l.is_closed() {
                unbind_idle(l);
                l.task_gone();
            }
        }
    }
}
