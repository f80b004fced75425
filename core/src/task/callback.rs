//! What is called when a task is done: nodes in its list of watchers, beside those of who awaits it.

use core::cell::Cell;
use core::fmt;
#[cfg(feature = "alloc")]
use core::marker::PhantomData;
use core::mem::ManuallyDrop;
use core::ptr;

use super::handle::Task;
use super::header::TaskRef;
use super::info::TaskInfo;
use super::watch::{Kind, Node};
use crate::shim::{self, AtomicBool, Ordering};

/// The start of one callback of one task.
///
/// Invariant **CALLBACK**: a callback whose node is linked is valid and its `task` is the task that has it. When the task
/// ends, or the callback is removed, it is taken out of the list and settled: then it is its owner's again.
#[repr(C)]
pub(super) struct Callback {
    node: Node,
    task: Cell<Option<TaskRef>>,
    /// Tells it from a later one at the same address.
    number: Cell<u32>,
    /// Calls it, or without a task only lets go of it.
    settle: unsafe fn(*const Callback, Option<TaskRef>),
}

impl Callback {
    const fn new(settle: unsafe fn(*const Self, Option<TaskRef>)) -> Self {
        Self { node: Node::new(Kind::Callback), task: Cell::new(None), number: Cell::new(0), settle }
    }

    /// # Safety
    /// CALLBACK: the end of its task has just taken it out of the list.
    pub(super) unsafe fn call(this: *const Self) {
        // SAFETY: by the caller.
        unsafe { ((*this).settle)(this, (*this).task.get()) };
    }

    /// # Safety
    /// CALLBACK: `this` stays where it is until it is settled, and is in no list. The task is not done.
    unsafe fn link(this: *const Self, task: TaskRef) -> DoneCallbackId {
        // SAFETY: by the caller, and TASK: the caller has a handle.
        unsafe {
            let l = &*task.header().owner();
            (*this).task.set(Some(task));
            (*this).number.set(l.take_callback_number());
            task.header().watchers.push(this.cast());
            DoneCallbackId { node: this.cast(), number: (*this).number.get() }
        }
    }
}

/// Which callback of a task: what [`Task::remove_done_callback`] takes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct DoneCallbackId {
    /// The node's address, only compared. Null for one that was called at once.
    node: *const (),
    number: u32,
}

impl fmt::Debug for DoneCallbackId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("DoneCallbackId").field(&self.number).finish()
    }
}

/// A callback that needs no allocator, for a `static`: at most one task has it at a time.
///
/// ```
/// # use everloop_core::{EventLoop, TaskPool, virtual_time::{UNPARKER, VirtualTime}};
/// # static LOOP: EventLoop = EventLoop::new(UNPARKER);
/// # static POOL: TaskPool<1, 64> = TaskPool::new();
/// use everloop_core::{DoneCallback, Event, Shared, create_task};
///
/// static DONE: Event<Shared> = Event::new();
/// static SET: DoneCallback<u32> = DoneCallback::new(|task| {
///     assert_eq!(task.result(), Ok(Ok(&7)));
///     DONE.set();
/// });
/// # LOOP.run(&VirtualTime::new(), &[&POOL], async {
///
/// let task = create_task(async { 7 });
/// task.add_static_done_callback(&SET).unwrap();
/// DONE.wait().await;
/// # }).unwrap();
/// ```
#[repr(C)]
pub struct DoneCallback<T> {
    node: Callback,
    /// A task has it.
    taken: AtomicBool,
    call: fn(&Task<T>),
}

// SAFETY: CALLBACK: the node is touched only in the context of the loop whose task won `taken`.
unsafe impl<T> Sync for DoneCallback<T> {}

impl<T> DoneCallback<T> {
    /// A callback that calls `call`.
    pub const fn new(call: fn(&Task<T>)) -> Self {
        Self { node: Callback::new(settle_static::<T>), taken: AtomicBool::new(false), call }
    }
}

impl<T> fmt::Debug for DoneCallback<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DoneCallback").field("taken", &self.taken.load(Ordering::Relaxed)).finish()
    }
}

/// # Safety
/// `node` is that of a static `DoneCallback<T>`, out of its list, of a task with output `T`.
unsafe fn settle_static<T>(node: *const Callback, task: Option<TaskRef>) {
    // SAFETY: by the caller; the node is the start of it. It is free before it is called, so that it may be added anew.
    let callback = unsafe { &*node.cast::<DoneCallback<T>>() };
    callback.node.task.set(None);
    callback.taken.store(false, Ordering::Release);
    if let Some(task) = task {
        // SAFETY: by the caller.
        unsafe { call(task, callback.call) };
    }
}

/// A callback on the heap.
#[cfg(feature = "alloc")]
#[repr(C)]
struct Boxed<T, F> {
    node: Callback,
    call: F,
    _output: PhantomData<T>,
}

/// # Safety
/// `node` is that of a `Boxed<T, F>`, out of its list, of a task with output `T`.
#[cfg(feature = "alloc")]
unsafe fn settle_boxed<T, F: FnOnce(&Task<T>)>(node: *const Callback, task: Option<TaskRef>) {
    // SAFETY: by the caller.
    let callback = unsafe { alloc::boxed::Box::from_raw(node.cast_mut().cast::<Boxed<T, F>>()) };
    if let Some(task) = task {
        // SAFETY: by the caller.
        unsafe { call(task, callback.call) };
    }
}

/// Calls `f` outside of any task. A panic goes to the loop's handler.
///
/// # Safety
/// `task` is done, its output is a `T`, and it is kept while this runs, in its loop's context.
unsafe fn call<T>(task: TaskRef, f: impl FnOnce(&Task<T>)) {
    // SAFETY: by the caller; the handle is not dropped, so it gives nothing up.
    let (l, handle) = unsafe { (&*task.header().owner(), ManuallyDrop::new(Task::<T>::new(task))) };
    let before = l.task.replace(None);
    let called = shim::catch(|| f(&handle));
    l.task.set(before);
    if let Err(payload) = called {
        l.unhandled(Some(TaskInfo::new(l, task)), payload);
    }
}

/// A static callback is that of another task already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct CallbackInUse;

impl fmt::Display for CallbackInUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the callback is another task's: give each task one of its own, or remove it there")
    }
}

impl core::error::Error for CallbackInUse {}

impl<T> Task<T> {
    /// Has `f` called when the task is done, however it ends, with the task as its argument. Those who wait for a task
    /// are told in the order in which they came, callbacks and awaits alike. asyncio's `add_done_callback`.
    ///
    /// `f` is called in the loop's context, outside of any task. A panic in it goes to the loop's exception handler and
    /// keeps nobody else from being told.
    ///
    /// # Differs from asyncio
    /// On a task that is done already `f` is called at once; and else at the moment the task ends, not at the next turn.
    #[cfg(feature = "alloc")]
    pub fn add_done_callback(&self, f: impl FnOnce(&Self) + 'static) -> DoneCallbackId
    where
        T: 'static,
    {
        if self.done() {
            // SAFETY: the task is done, and the handle keeps it.
            unsafe { call(self.task(), f) };
            return DoneCallbackId { node: ptr::null(), number: 0 };
        }
        let boxed = alloc::boxed::Box::new(Boxed {
            node: Callback::new(settler(&f)),
            call: f,
            _output: PhantomData::<T>,
        });
        // SAFETY: CALLBACK: it stays where it is until it is settled. The pointer has the right to all of it.
        unsafe { Callback::link(alloc::boxed::Box::into_raw(boxed).cast_const().cast(), self.task()) }
    }

    /// As `add_done_callback`, without an allocator.
    ///
    /// # Errors
    /// The callback is another task's, or this one's already.
    pub fn add_static_done_callback(
        &self,
        callback: &'static DoneCallback<T>,
    ) -> Result<DoneCallbackId, CallbackInUse> {
        if callback.taken.swap(true, Ordering::Acquire) {
            return Err(CallbackInUse);
        }
        // From the whole callback, so that the pointer may reach all of it.
        let node = ptr::from_ref(callback).cast::<Callback>();
        if self.done() {
            // SAFETY: it is in no list; the task is done, and the handle keeps it.
            unsafe { settle_static::<T>(node, Some(self.task())) };
            return Ok(DoneCallbackId { node: ptr::null(), number: 0 });
        }
        // SAFETY: CALLBACK: it is static, and in no list since it was not taken.
        Ok(unsafe { Callback::link(node, self.task()) })
    }

    /// Takes a callback back that was not called yet. False if there is none: it was called, or removed before.
    pub fn remove_done_callback(&self, id: DoneCallbackId) -> bool {
        if self.done() {
            return false;
        }
        // SAFETY: TASK: the handle keeps the task, and is in its loop's context.
        let watchers = unsafe { &self.task().header().watchers };
        let found = watchers.find(|node| {
            // SAFETY: WATCH: it is valid. CALLBACK: one of that kind is the start of a callback.
            unsafe {
                (*node).is_callback()
                    && ptr::eq(node.cast(), id.node)
                    && (*node.cast::<Callback>()).number.get() == id.number
            }
        });
        let Some(node) = found else { return false };
        // SAFETY: CALLBACK: it is in this list; once out of it, it is let go of.
        unsafe {
            watchers.remove(node);
            let callback = node.cast::<Callback>();
            ((*callback).settle)(callback, None);
        }
        true
    }
}

/// What settles a callback of the type of `f`.
#[cfg(feature = "alloc")]
fn settler<T, F: FnOnce(&Task<T>)>(_: &F) -> unsafe fn(*const Callback, Option<TaskRef>) {
    settle_boxed::<T, F>
}
