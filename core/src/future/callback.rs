//! What is called when a cell is done: nodes on the heap or in somebody's frame, first added first called.

use core::cell::Cell;
use core::marker::PhantomPinned;
use core::pin::Pin;
use core::ptr;

use pin_project_lite::pin_project;

use super::cell::Future;
use crate::flavour::Flavour;
use crate::panics::Panics;

/// Names a callback of one cell, to remove it. It says nothing of other cells, which count for themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct FutureCallbackId(u32);

/// A callback, its closure's type erased.
struct Node {
    next: Cell<*const Node>,
    id: Cell<FutureCallbackId>,
    /// Takes the closure out of the node and calls it with the cell, or only drops it if that is null. The node is in
    /// no list, and is not used after.
    fire: unsafe fn(*const Node, *const ()),
}

/// The callbacks of one cell. Not generic, so that dropping it says nothing about the cell's types.
///
/// Invariant **CALLBACKS**: each node in the list is valid, and its `fire` takes a cell of the type that the list is in.
/// A node on the heap belongs to the list, and to whoever took it out, who fires it. One in a frame is pinned, and its
/// owner takes it out before its memory goes; a forgotten one's memory is never reused. Closures are `'static`, so that
/// also a forgotten one's is valid. Nodes are touched under the cell's lock while they are in the list.
pub(super) struct CallbackList {
    first: Cell<*const Node>,
    last: Cell<*const Node>,
    /// Wraps only if there are four thousand million callbacks of one cell in its life.
    ids: Cell<u32>,
}

/// A callback that was taken out of the list and is to be called or dropped, outside the lock.
#[must_use]
pub(super) struct Taken(*const Node);

impl CallbackList {
    pub(super) const fn new() -> Self {
        Self { first: Cell::new(ptr::null()), last: Cell::new(ptr::null()), ids: Cell::new(0) }
    }

    pub(super) fn len(&self) -> usize {
        let mut len = 0;
        let mut at = self.first.get();
        // SAFETY: CALLBACKS.
        while let Some(node) = unsafe { at.as_ref() } {
            len += 1;
            at = node.next.get();
        }
        len
    }

    fn next_id(&self) -> FutureCallbackId {
        let id = self.ids.get();
        self.ids.set(id.wrapping_add(1));
        FutureCallbackId(id)
    }

    /// # Safety
    /// The node is in no list, and as CALLBACKS says.
    unsafe fn push(&self, node: *const Node) {
        let last = self.last.replace(node);
        // SAFETY: by the caller, and CALLBACKS.
        unsafe {
            (*node).next.set(ptr::null());
            match last.as_ref() {
                Some(last) => last.next.set(node),
                None => self.first.set(node),
            }
        }
    }

    /// Takes out the first.
    pub(super) fn pop(&self) -> Option<Taken> {
        self.take(|_| true)
    }

    /// Takes out the one of that number.
    pub(super) fn remove(&self, id: FutureCallbackId) -> Option<Taken> {
        // SAFETY: CALLBACKS.
        self.take(|node| unsafe { (*node).id.get() } == id)
    }

    fn take(&self, is_it: impl Fn(*const Node) -> bool) -> Option<Taken> {
        let mut prev: *const Node = ptr::null();
        let mut at = self.first.get();
        // SAFETY: CALLBACKS.
        while let Some(node) = unsafe { at.as_ref() } {
            let next = node.next.get();
            if !is_it(at) {
                prev = at;
                at = next;
                continue;
            }
            // SAFETY: CALLBACKS.
            match unsafe { prev.as_ref() } {
                Some(prev) => prev.next.set(next),
                None => self.first.set(next),
            }
            if next.is_null() {
                self.last.set(prev);
            }
            return Some(Taken(at));
        }
        None
    }
}

/// Those that were never called are dropped.
impl Drop for CallbackList {
    fn drop(&mut self) {
        let mut panics = Panics::new();
        while let Some(taken) = self.pop() {
            panics.catch(|| taken.discard());
        }
        panics.resume();
    }
}

impl Taken {
    /// # Safety
    /// It was in the list of `cell`.
    pub(super) unsafe fn call<T, E, R: Flavour>(self, cell: &Future<T, E, R>) {
        // SAFETY: CALLBACKS, by the caller.
        unsafe { ((*self.0).fire)(self.0, ptr::from_ref(cell).cast()) };
    }

    pub(super) fn discard(self) {
        // SAFETY: CALLBACKS.
        unsafe { ((*self.0).fire)(self.0, ptr::null()) };
    }
}

impl<T, E, R: Flavour> Future<T, E, R> {
    /// Adds a node, or calls it at once if the cell is done.
    ///
    /// # Safety
    /// As [`CallbackList::push`].
    unsafe fn add_node(&self, node: *const Node) -> FutureCallbackId {
        let (id, done) = self.state.with(|state| {
            let id = state.callbacks.next_id();
            let done = state.is_done();
            if !done {
                // SAFETY: by the caller; it is in no list yet.
                unsafe {
                    (*node).id.set(id);
                    state.callbacks.push(node);
                }
            }
            (id, done)
        });
        if done {
            // SAFETY: CALLBACKS: it might as well have been in the list and taken out.
            unsafe { Taken(node).call(self) };
        }
        id
    }

    /// Removes a callback before it is called, and drops its closure. False if it was called or removed already.
    ///
    /// Takes as long as there are many before it.
    pub fn remove_done_callback(&self, id: FutureCallbackId) -> bool {
        let taken = self.state.with(|state| state.callbacks.remove(id));
        taken.map(Taken::discard).is_some()
    }
}

/// A closure with its node in front.
#[repr(C)]
struct Held<F> {
    node: Node,
    closure: Cell<Option<F>>,
    _pin: PhantomPinned,
}

impl<F> Held<F> {
    fn new(closure: F, fire: unsafe fn(*const Node, *const ())) -> Self {
        let node = Node { next: Cell::new(ptr::null()), id: Cell::new(FutureCallbackId(0)), fire };
        Self { node, closure: Cell::new(Some(closure)), _pin: PhantomPinned }
    }
}

/// # Safety
/// `cell` is null or a cell of these types.
unsafe fn call<T, E, R: Flavour, F: FnOnce(&Future<T, E, R>)>(closure: Option<F>, cell: *const ()) {
    // SAFETY: by the caller.
    if let (Some(closure), Some(cell)) = (closure, unsafe { cell.cast::<Future<T, E, R>>().as_ref() }) {
        closure(cell);
    }
}

/// # Safety
/// `node` is in a `Held<F>` that is pinned, and is in no list. `cell` as for [`call`].
unsafe fn fire_in_place<T, E, R: Flavour, F: FnOnce(&Future<T, E, R>)>(node: *const Node, cell: *const ()) {
    // SAFETY: by the caller. The closure is moved out first, since it may end the life of the node.
    unsafe { call::<T, E, R, F>((*node.cast::<Held<F>>()).closure.take(), cell) };
}

#[cfg(feature = "alloc")]
mod boxed {
    use alloc::boxed::Box;

    use super::{FutureCallbackId, Held, Node, call};
    use crate::{Flavour, Future, Local, Shared};

    /// # Safety
    /// `node` is in a `Held<F>` from a box that is now the caller's. `cell` as for [`call`].
    unsafe fn fire<T, E, R: Flavour, F: FnOnce(&Future<T, E, R>)>(node: *const Node, cell: *const ()) {
        // SAFETY: by the caller.
        unsafe {
            let held = Box::from_raw(node.cast_mut().cast::<Held<F>>());
            call::<T, E, R, F>(held.closure.take(), cell);
        }
    }

    impl<T, E, R: Flavour> Future<T, E, R> {
        fn add_boxed<F: FnOnce(&Self) + 'static>(&self, closure: F) -> FutureCallbackId {
            let held = Box::into_raw(Box::new(Held::new(closure, fire::<T, E, R, F>)));
            // SAFETY: it is in no list, and belongs to it from here on.
            unsafe { self.add_node(held.cast_const().cast()) }
        }
    }

    impl<T, E> Future<T, E, Local> {
        /// Has `callback` called once when the cell is done, or at once if it is. Callbacks are called in the order in
        /// which they were added, inside the call that sets or cancels; a panic of one goes on from there when all were
        /// called.
        ///
        /// One box is allocated, and freed after the call. [`done_callback`](Self::done_callback) needs none.
        ///
        /// # Differs from asyncio
        /// A callback is called at once, not at the loop's next turn: it needs no loop.
        pub fn add_done_callback(&self, callback: impl FnOnce(&Self) + 'static) -> FutureCallbackId {
            self.add_boxed(callback)
        }
    }

    impl<T, E> Future<T, E, Shared> {
        /// Has `callback` called once when the cell is done, or at once if it is. Callbacks are called in the order in
        /// which they were added, inside the call that sets or cancels; a panic of one goes on from there when all were
        /// called.
        ///
        /// One box is allocated, and freed after the call, both without the lock. It runs and is freed in the context
        /// that sets the cell: in an interrupt handler, if that is who does.
        ///
        /// # Differs from asyncio
        /// A callback is called at once, not at the loop's next turn: it needs no loop.
        pub fn add_done_callback(&self, callback: impl FnOnce(&Self) + Send + 'static) -> FutureCallbackId {
            self.add_boxed(callback)
        }
    }
}

impl<T, E> Future<T, E> {
    /// A callback that is kept in the caller's frame, so that nothing is allocated: pin it, then
    /// [`add`](FutureCallback::add) it. Dropping it removes it.
    ///
    /// Only for `Local` cells: another context could be calling it while it is dropped. A `Shared` cell has callbacks with
    /// the `alloc` feature only; without it, let a task wait.
    ///
    /// ```
    /// use core::cell::Cell;
    /// use core::pin::pin;
    /// use everloop_core::Future;
    ///
    /// # std::thread_local!(static SUM: Cell<u32> = const { Cell::new(0) });
    /// let cell: Future<u32> = Future::new();
    /// let mut callback = pin!(cell.done_callback(|cell| SUM.set(*cell.result().unwrap().unwrap())));
    /// callback.as_mut().add();
    /// cell.set_result(3).unwrap();
    /// assert_eq!(SUM.get(), 3);
    /// ```
    pub fn done_callback<F: FnOnce(&Self) + 'static>(&self, callback: F) -> FutureCallback<'_, T, E, F> {
        let held = Held::new(callback, fire_in_place::<T, E, crate::Local, F>);
        FutureCallback { cell: self, added: false, held }
    }
}

pin_project! {
    /// A callback in its owner's frame: see [`Future::done_callback`].
    #[must_use = "a callback is called only after it was added"]
    pub struct FutureCallback<'a, T, E, F> {
        cell: &'a Future<T, E>,
        added: bool,
        #[pin]
        held: Held<F>,
    }

    impl<T, E, F> PinnedDrop for FutureCallback<'_, T, E, F> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            if *this.added {
                let node: *const Node = ptr::from_ref(this.held.as_ref().get_ref()).cast();
                // By its address: a number may come again. The closure is dropped with the rest.
                let _taken = this.cell.state.with(|state| state.callbacks.take(|other| other == node));
            }
        }
    }
}

impl<T, E, F> FutureCallback<'_, T, E, F> {
    /// Adds it behind the callbacks that are there; if the cell is done, it is called at once. Once only: after that
    /// this does nothing, and gives the same number.
    pub fn add(self: Pin<&mut Self>) -> FutureCallbackId {
        let this = self.project();
        let held = this.held.as_ref().get_ref();
        if !*this.added {
            *this.added = true;
            // SAFETY: it is pinned and in no list, and its drop takes it out.
            let id = unsafe { this.cell.add_node(ptr::from_ref(held).cast()) };
            held.node.id.set(id);
        }
        held.node.id.get()
    }
}
