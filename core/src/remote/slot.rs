//! One place of a remote pool, and the task in it. Invariant REMOTE: see [`RemoteHead`].

use core::cell::UnsafeCell;
use core::mem::{MaybeUninit, offset_of};
use core::ptr;
use core::task::RawWakerVTable;

use super::completion::{Completion, Shares};
use super::error::{SubmitError, SubmitErrorKind};
use super::job::Job;
use super::pool::RemoteHead;
use super::task::RemoteTask;
use crate::inbox::Inbox;
use crate::panics::Panics;
use crate::shim::{self, Cell, Ordering};
use crate::task::{self, Record, STATIC, Stage, TaskRef, Typed, remote};
use crate::{EventLoop, event_loop};

/// Values with a greater alignment don't fit into slots.
pub(super) const ALIGN: usize = 8;

#[repr(C, align(8))]
pub(super) struct Slot<const BYTES: usize> {
    pub(super) record: Record,
    shares: Shares,
    pub(super) pool: Cell<*const RemoteHead>,
    pub(super) next_free: Cell<*const Slot<0>>,
    drop_completion: Cell<Option<unsafe fn(*const Slot<0>)>>,
    area: UnsafeCell<[MaybeUninit<u8>; BYTES]>,
}

/// What stands in a slot's area. The stage is first: see `Place::stage`.
#[repr(C)]
pub(super) struct Area<J: Future, T> {
    stage: UnsafeCell<Stage<J>>,
    completion: Completion<T>,
}

impl<const BYTES: usize> Slot<BYTES> {
    pub(super) const fn new() -> Self {
        Self {
            record: Record::new(None),
            shares: Shares::new(),
            pool: Cell::new(ptr::null()),
            next_free: Cell::new(ptr::null()),
            drop_completion: Cell::new(None),
            area: UnsafeCell::new([MaybeUninit::uninit(); BYTES]),
        }
    }
}

/// Marks a slot as on its way to its loop. False if a wake of it is under way.
pub(super) fn claim(record: &Record) -> bool {
    let bits = &record.header.branch.remote;
    bits.compare_exchange(0, remote::WOKEN | remote::NEW, Ordering::AcqRel, Ordering::Acquire).is_ok()
}

/// # Safety
/// REMOTE: the caller has taken the slot, and its area is large enough; `l` is there for ever.
pub(super) unsafe fn send<F, Fut>(
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
        if !Inbox::push(&raw const (*l).inbox, task, || ()) {
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
        let mut panics = Panics::new();
        if let Some(drop_completion) = (*slot).drop_completion.take() {
            panics.catch(|| drop_completion(slot));
        }
        put_back(slot);
        panics.resume();
    }
}

/// The loop's side lets go.
///
/// # Safety
/// As for `Shares::let_go`.
unsafe fn let_go(slot: *const Slot<0>) {
    // SAFETY: by the caller.
    if let Err(payload) = shim::catch(|| unsafe { Shares::let_go(&raw const (*slot).shares) }) {
        // Of the drop of an output that nobody wants, which must not take the loop down.
        event_loop::unhandled(payload);
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
            let_go(slot);
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
            let_go(slot);
            false
        }
    }
}
