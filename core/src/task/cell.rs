//! The typed half of a task: its future, then its output, in one place.

use core::marker::PhantomData;
use core::mem::ManuallyDrop;
use core::pin::Pin;
use core::ptr;
use core::task::{Context, Poll, RawWakerVTable};

use super::header::{TaskRef, VTable, state};
use super::waker::STATIC;
use crate::EventLoop;
use crate::shim::{self, Cell, Kept, Payload};

/// What stands in a task's place: the future until it is done, then its output or what it panicked with.
pub(crate) union Stage<F: Future> {
    future: ManuallyDrop<F>,
    output: ManuallyDrop<F::Output>,
    panic: ManuallyDrop<Kept>,
}

impl<F: Future> Stage<F> {
    pub(crate) fn new(future: F) -> Self {
        Self { future: ManuallyDrop::new(future) }
    }

    /// Takes the future out, which was not polled.
    ///
    /// # Safety
    /// The stage holds it, and is empty from now on.
    pub(crate) unsafe fn take_future(stage: *mut Self) -> F {
        // SAFETY: by the caller.
        ManuallyDrop::into_inner(unsafe { ptr::read(&raw const (*stage).future) })
    }
}

/// Where a kind of task keeps its stage, and how its memory is given back.
pub(crate) trait Place {
    /// How wakers of such tasks count.
    const WAKER: &'static RawWakerVTable;
    /// Whether it is the heap, where labels are aside.
    #[cfg(all(feature = "alloc", target_pointer_width = "64"))]
    const LABELS_ARE_ASIDE: bool = false;

    /// Where the stage stands.
    ///
    /// # Safety
    /// `task` is of this kind, made for `F`.
    unsafe fn stage<F: Future>(task: TaskRef) -> *mut Stage<F>;

    /// Gives the memory back; the stage holds nothing.
    ///
    /// # Safety
    /// As for `stage`, and by TASK nothing but counted wakers refers to the task.
    unsafe fn release<F: Future>(task: TaskRef);

    /// Makes a task that was made elsewhere one of `l`'s. False if `l` is not to run it: then it was ended.
    ///
    /// # Safety
    /// As for `stage`; `l` has just taken the task out of its inbox, for the first time.
    unsafe fn adopt(_: &EventLoop, _: TaskRef) -> bool {
        false
    }

    /// Gives up the reference that the inbox had, if this kind counts.
    ///
    /// # Safety
    /// As for `stage`; the loop has just taken the task out of its inbox.
    unsafe fn left_inbox<F: Future>(_: TaskRef) {}

    /// Frees the memory, if it is not static.
    ///
    /// # Safety
    /// As for `stage`; the task was released and no waker is left. On any thread.
    #[cfg(feature = "alloc")]
    unsafe fn free<F: Future>(_: TaskRef) {}
}

/// The function table of tasks for `F` that live in `P`.
pub(crate) struct Typed<F, P>(PhantomData<(F, P)>);

impl<F: Future, P: Place> Typed<F, P> {
    pub(crate) const VTABLE: &'static VTable = &VTable {
        poll: poll::<F, P>,
        drop_future: drop_future::<F, P>,
        drop_output: drop_output::<F, P>,
        output: output::<F, P>,
        store_panic: store_panic::<F, P>,
        take_panic: take_panic::<F, P>,
        release: P::release::<F>,
        left_inbox: P::left_inbox::<F>,
        adopt: P::adopt,
        #[cfg(feature = "alloc")]
        free: P::free::<F>,
        #[cfg(all(feature = "alloc", target_pointer_width = "64"))]
        labels_are_aside: P::LABELS_ARE_ASIDE,
        waker: P::WAKER,
    };
}

unsafe fn poll<F: Future, P: Place>(task: TaskRef, cx: &mut Context<'_>) -> Poll<()> {
    // SAFETY: the executor polls a task that is not DONE, so the stage holds the future, which stays where it is
    // until it is dropped here or by `drop_future`. TAKEN says that the stage is empty, in case a drop panics.
    unsafe {
        let stage = P::stage::<F>(task);
        let Poll::Ready(output) = Pin::new_unchecked(&mut *(*stage).future).poll(cx) else {
            return Poll::Pending;
        };
        let header = task.header();
        header.set(state::TAKEN);
        ManuallyDrop::drop(&mut (*stage).future);
        ptr::write(&raw mut (*stage).output, ManuallyDrop::new(output));
        header.clear(state::TAKEN);
        Poll::Ready(())
    }
}

unsafe fn drop_future<F: Future, P: Place>(task: TaskRef) {
    // SAFETY: as in `poll`; by the caller the stage holds the future.
    unsafe { ManuallyDrop::drop(&mut (*P::stage::<F>(task)).future) }
}

unsafe fn drop_output<F: Future, P: Place>(task: TaskRef) {
    // SAFETY: by the caller the stage holds the output.
    unsafe { ManuallyDrop::drop(&mut (*P::stage::<F>(task)).output) }
}

unsafe fn output<F: Future, P: Place>(task: TaskRef) -> *mut () {
    // SAFETY: only the address is taken.
    unsafe { (&raw mut (*P::stage::<F>(task)).output).cast() }
}

unsafe fn store_panic<F: Future, P: Place>(task: TaskRef, payload: Payload) {
    // SAFETY: by the caller the stage is empty.
    unsafe { ptr::write(&raw mut (*P::stage::<F>(task)).panic, ManuallyDrop::new(shim::keep(payload))) }
}

unsafe fn take_panic<F: Future, P: Place>(task: TaskRef) -> Payload {
    // SAFETY: by the caller the stage holds a payload, and is empty from now on.
    shim::take_kept(unsafe { ManuallyDrop::into_inner(ptr::read(&raw const (*P::stage::<F>(task)).panic)) })
}

/// The table of a task that does not exist.
pub(crate) static VACANT: VTable = VTable {
    poll: |_, _| Poll::Pending,
    drop_future: |_| {},
    drop_output: |_| {},
    output: |_| ptr::null_mut(),
    store_panic: |_, _| {},
    take_panic: |_| unreachable!(),
    release: |_| {},
    left_inbox: |_| {},
    adopt: |_, _| false,
    #[cfg(feature = "alloc")]
    free: |_| {},
    #[cfg(all(feature = "alloc", target_pointer_width = "64"))]
    labels_are_aside: false,
    waker: &STATIC,
};

/// The main task: its header is in the loop, which outlives every waker; its stage is on the stack of `run`.
pub(crate) struct MainCell<C>(PhantomData<C>);

/// How wakers of a loop's main task count: not at all, or for the loop.
pub(crate) trait MainWaker {
    const WAKER: &'static RawWakerVTable;
}

impl<C: MainWaker> Place for MainCell<C> {
    const WAKER: &'static RawWakerVTable = C::WAKER;

    unsafe fn stage<F: Future>(task: TaskRef) -> *mut Stage<F> {
        // SAFETY: the main header is inside its owner; `run` has set the stage for this `F`.
        unsafe { (*task.header().owner()).main_stage.get().cast() }
    }

    unsafe fn release<F: Future>(_: TaskRef) {}
}

/// The slot for the stage of the main task.
pub(crate) type MainStage = Cell<*mut ()>;

/// The header of the main task of `l`.
pub(crate) fn main_task(l: &EventLoop) -> TaskRef {
    TaskRef::from_nonnull(ptr::NonNull::from(&l.main).cast())
}
