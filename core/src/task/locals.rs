//! Task-locals: values that a task sees and its children inherit.

use core::cell::{Cell, UnsafeCell};
use core::fmt;
use core::mem::MaybeUninit;
use core::ptr;

use super::error::{SetLocalError, SetLocalErrorKind};
#[cfg(all(feature = "alloc", target_pointer_width = "64"))]
use super::labels::Aside;
use crate::flavour::Shared;
use crate::guarded::Guarded;
use crate::shim;
use crate::{EventLoop, current};

/// A value of which each task sees its own. asyncio's context variables.
///
/// A task begins with what the task that created it saw at that moment; what either sets from then on, the other does
/// not see. A value lives until the last task that sees it has ended.
///
/// `N` is how many values can be there at once without an allocator, each shared by all tasks that inherited it. With
/// the `alloc` feature further ones go on the heap.
///
/// ```
/// # use everloop_core::{EventLoop, TaskPool, virtual_time::{UNPARKER, VirtualTime}};
/// # static LOOP: EventLoop = EventLoop::new(UNPARKER);
/// # static POOL: TaskPool<1, 64> = TaskPool::new();
/// use everloop_core::{TaskLocal, create_task};
///
/// static REQUEST: TaskLocal<u32> = TaskLocal::new();
/// # LOOP.run(&VirtualTime::new(), &[&POOL], async {
///
/// REQUEST.set(7).unwrap();
/// let child = create_task(async {
///     let inherited = REQUEST.get();
///     REQUEST.set(8).unwrap();
///     inherited
/// });
/// assert_eq!(child.await, Ok(Some(7)));
/// assert_eq!(REQUEST.get(), Some(7));
/// # }).unwrap();
/// ```
///
/// # Differs from asyncio
/// There is no `reset`; set the value before, which [`get`](Self::get) gave. There are no values outside tasks.
///
/// Invariant **LOCALS**: a task's list holds its bindings, newest first, one reference counted for each list or binding
/// that leads to it; lists of several tasks share their tails. A binding is on the heap or in its static's nodes, and
/// goes back there when the last reference does. But for taking and giving back nodes, which happens under `free`'s
/// lock, it is touched in the context of the one loop whose tasks have it.
pub struct TaskLocal<T: 'static, const N: usize = 8> {
    nodes: [Node<T>; N],
    free: Guarded<Free, Shared>,
}

/// Which nodes are free.
struct Free {
    /// Those given back, linked through `next`.
    first: Cell<*const Binding>,
    /// How many, from the first, were ever used.
    fresh: Cell<usize>,
}

// SAFETY: LOCALS: what it points at is only linked and unlinked under the lock.
unsafe impl Send for Free {}

// SAFETY: LOCALS: nodes are taken and given back under a lock, and a value stays in the context of the loop that set it.
unsafe impl<T, const N: usize> Sync for TaskLocal<T, N> {}

/// One value of one task-local, whatever its type.
#[repr(C)]
struct Binding {
    /// The address of the task-local.
    key: Cell<*const ()>,
    next: Cell<*const Binding>,
    refs: Cell<u32>,
    /// Drops the value and gives the node back. `None` while it is free: all zeros, so that it takes no flash.
    release: Cell<Option<unsafe fn(*const Binding)>>,
}

#[repr(C)]
struct Node<T> {
    binding: Binding,
    value: UnsafeCell<MaybeUninit<T>>,
}

impl<T> Node<T> {
    const fn new() -> Self {
        Self {
            binding: Binding {
                key: Cell::new(ptr::null()),
                next: Cell::new(ptr::null()),
                refs: Cell::new(0),
                release: Cell::new(None),
            },
            value: UnsafeCell::new(MaybeUninit::uninit()),
        }
    }
}

/// What a task sees: in its header, or [`Aside`], to which the header then leads, with the lowest bit set.
pub(crate) struct Locals {
    first: Cell<*const Binding>,
}

impl Locals {
    pub(crate) const fn new() -> Self {
        Self { first: Cell::new(ptr::null()) }
    }

    /// What stands aside, if anything does.
    #[cfg(all(feature = "alloc", target_pointer_width = "64"))]
    #[inline]
    pub(super) fn aside(&self) -> Option<*mut Aside> {
        let first = self.first.get();
        (first.addr() & 1 != 0).then(|| first.map_addr(|addr| addr & !1).cast_mut().cast())
    }

    /// From now on these stand in `aside`, where there are none.
    ///
    /// # Safety
    /// It stays until [`end`](Self::end).
    #[cfg(all(feature = "alloc", target_pointer_width = "64"))]
    pub(super) unsafe fn move_aside(&self, aside: *mut Aside) {
        let first = self.first.replace(aside.cast_const().cast::<Binding>().map_addr(|addr| addr | 1));
        // SAFETY: by the caller.
        unsafe { &*aside }.locals.first.set(first);
    }

    /// Frees what stands aside. Only of a task that sees nothing any more.
    #[cfg(feature = "alloc")]
    #[inline]
    pub(super) fn end(&self) {
        #[cfg(target_pointer_width = "64")]
        if let Some(aside) = self.aside() {
            self.first.set(ptr::null());
            // SAFETY: it was there until now, and the locals in it are none.
            unsafe { Aside::free(aside) };
        }
    }

    /// The list.
    #[inline]
    fn list(&self) -> &Cell<*const Binding> {
        #[cfg(all(feature = "alloc", target_pointer_width = "64"))]
        if let Some(aside) = self.aside() {
            // SAFETY: it is there as long as the header leads to it.
            return unsafe { &(*aside).locals.first };
        }
        &self.first
    }

    /// Whether it sees nothing.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.list().get().is_null()
    }

    /// Sees from now on what `other` sees. Only for one that sees nothing.
    pub(crate) fn inherit(&self, other: &Self) {
        debug_assert!(self.first.get().is_null());
        self.first.set(hold(other.list().get()));
    }

    /// Sees nothing any more. Drops values that nobody else sees.
    pub(crate) fn clear(&self) {
        // SAFETY: LOCALS: the list's reference is given up.
        unsafe { let_go(self.list().replace(ptr::null())) };
    }

    /// The binding for `key`, and whether no one else can see it.
    fn find(&self, key: *const ()) -> Option<(&Binding, bool)> {
        let mut sole = true;
        let mut at = self.list().get();
        // SAFETY: LOCALS: all in the list are valid as long as it holds them, and the caller does not change it.
        while let Some(binding) = unsafe { at.as_ref() } {
            sole &= binding.refs.get() == 1;
            if binding.key.get() == key {
                return Some((binding, sole));
            }
            at = binding.next.get();
        }
        None
    }
}

impl Locals {
    /// Takes the first binding out of this list that a newer one of the same key hides in it, unless it stands behind one
    /// that others see. Its reference is the caller's to give up, which may run foreign code.
    fn take_hidden(&self) -> Option<*const Binding> {
        let mut link = self.list();
        // SAFETY: LOCALS: as in `find`.
        while let Some(binding) = unsafe { link.get().as_ref() } {
            if self.find(binding.key.get()).is_some_and(|(first, _)| !ptr::eq(first, binding)) {
                return Some(link.replace(hold(binding.next.get())));
            }
            if binding.refs.get() > 1 {
                // What it leads to is also seen by others.
                return None;
            }
            link = &binding.next;
        }
        None
    }
}

/// Counts one more reference.
fn hold(binding: *const Binding) -> *const Binding {
    // SAFETY: LOCALS: the caller has a list that leads to it.
    if let Some(binding) = unsafe { binding.as_ref() } {
        binding.refs.set(binding.refs.get() + 1);
    }
    binding
}

/// Gives one reference up, and with the last one the binding and its own reference to the next.
///
/// # Safety
/// LOCALS: the reference was counted.
unsafe fn let_go(mut at: *const Binding) {
    let mut panic = None;
    // SAFETY: by the caller, and LOCALS.
    while let Some(binding) = unsafe { at.as_ref() } {
        binding.refs.set(binding.refs.get() - 1);
        if binding.refs.get() > 0 {
            break;
        }
        let next = binding.next.get();
        if let Some(release) = binding.release.take()
            // A panic in the drop of a value must not keep the others.
            // SAFETY: it was the last reference.
            && let Err(payload) = shim::catch(|| unsafe { release(at) })
        {
            match &panic {
                None => panic = Some(payload),
                Some(_) => shim::discard(payload),
            }
        }
        at = next;
    }
    if let Some(payload) = panic {
        shim::resume(payload);
    }
}

impl<T: 'static, const N: usize> TaskLocal<T, N> {
    /// A task-local that no task has set.
    pub const fn new() -> Self {
        Self {
            nodes: [const { Node::new() }; N],
            free: Guarded::new(Free { first: Cell::new(ptr::null()), fresh: Cell::new(0) }),
        }
    }

    fn key(&'static self) -> *const () {
        ptr::from_ref(self).cast()
    }

    /// Sets what the running task sees, and its children to come.
    ///
    /// # Errors
    /// Outside a task; and without `alloc` when all `N` values are in use. The value comes back.
    pub fn set(&'static self, value: T) -> Result<(), SetLocalError<T>> {
        let mut value = Some(value);
        let set = current::with(|l| {
            let task = l.task.get()?;
            // SAFETY: TASK: it is the running task of the current loop.
            let locals = &unsafe { task.header() }.locals;
            Some(self.set_in(locals, &mut value))
        });
        match (set.flatten(), value) {
            (Some(Ok(old)), _) => {
                // Foreign code, once all is in order.
                drop(old);
                while let Some(hidden) = current::with(take_hidden).flatten() {
                    // SAFETY: LOCALS: the reference of the list is given up.
                    unsafe { let_go(hidden) };
                }
                Ok(())
            }
            (Some(Err(kind)), Some(value)) => Err(SetLocalError { kind, value }),
            (None, Some(value)) => Err(SetLocalError { kind: SetLocalErrorKind::NoTask, value }),
            (_, None) => unreachable!(),
        }
    }

    /// Gives the value back that was replaced.
    fn set_in(&'static self, locals: &Locals, value: &mut Option<T>) -> Result<Option<T>, SetLocalErrorKind> {
        if let Some((binding, true)) = locals.find(self.key()) {
            // SAFETY: LOCALS: a binding under this key is the start of a `Node<T>`, and no one else can see it.
            let place = unsafe { &mut *(*ptr::from_ref(binding).cast::<Node<T>>()).value.get() };
            let Some(value) = value.take() else { unreachable!() };
            // SAFETY: a binding in a list has a value.
            return Ok(Some(unsafe { core::mem::replace(place, MaybeUninit::new(value)).assume_init() }));
        }
        let (node, release) = self.node().ok_or(SetLocalErrorKind::Full)?;
        let Some(value) = value.take() else { unreachable!() };
        // SAFETY: the node was free, so it is this context's alone. The list's reference to what was first becomes the
        // binding's.
        unsafe {
            (*(*node).value.get()).write(value);
            let binding = &(*node).binding;
            binding.key.set(self.key());
            binding.refs.set(1);
            binding.release.set(Some(release));
            binding.next.set(locals.list().replace(node.cast()));
        }
        Ok(None)
    }

    /// A free node, and what gives it back.
    #[allow(clippy::type_complexity, reason = "a pointer and what to do with it")]
    fn node(&'static self) -> Option<(*const Node<T>, unsafe fn(*const Binding))> {
        let node = self.free.with(|free| {
            // SAFETY: LOCALS: those in the list of free nodes are nodes of this static.
            if let Some(first) = unsafe { free.first.get().as_ref() } {
                free.first.set(first.next.get());
                return Some(ptr::from_ref(first).cast::<Node<T>>());
            }
            let node = self.nodes.get(free.fresh.get())?;
            free.fresh.set(free.fresh.get() + 1);
            Some(ptr::from_ref(node))
        });
        if let Some(node) = node {
            return Some((node, give_back::<T, N>));
        }
        #[cfg(feature = "alloc")]
        return Some((alloc::boxed::Box::into_raw(alloc::boxed::Box::new(Node::new())), free_node::<T>));
        #[cfg(not(feature = "alloc"))]
        None
    }

    /// Calls `f` with what the running task sees; `None` if it was never set, and outside a task.
    pub fn with<R>(&'static self, f: impl FnOnce(&T) -> R) -> Option<R> {
        let binding = current::with(|l| {
            let task = l.task.get()?;
            // SAFETY: TASK: it is the running task of the current loop.
            let (binding, _) = unsafe { task.header() }.locals.find(self.key())?;
            // Held, so that `f` may set it anew, or end the task.
            Some(Held(hold(binding)))
        })
        .flatten()?;
        // SAFETY: LOCALS: it is the start of a `Node<T>` with a value, which stays while it is held, and is not replaced
        // while there is more than one reference.
        Some(f(unsafe { (*(*binding.0.cast::<Node<T>>()).value.get()).assume_init_ref() }))
    }

    /// What the running task sees; `None` if it was never set, and outside a task.
    pub fn get(&'static self) -> Option<T>
    where
        T: Clone,
    {
        self.with(T::clone)
    }
}

/// A binding that is hidden from the running task: see [`Locals::take_hidden`].
fn take_hidden(l: &EventLoop) -> Option<*const Binding> {
    // SAFETY: TASK: it is the running task of the current loop.
    unsafe { l.task.get()?.header() }.locals.take_hidden()
}

/// A counted reference to a binding.
struct Held(*const Binding);

impl Drop for Held {
    fn drop(&mut self) {
        // SAFETY: the reference was counted when this was made.
        unsafe { let_go(self.0) };
    }
}

/// # Safety
/// LOCALS: the last reference to a binding in a node of a static `TaskLocal<T, N>` is gone.
unsafe fn give_back<T: 'static, const N: usize>(binding: *const Binding) {
    // SAFETY: by the caller. The node is given back also if the drop of its value panics.
    unsafe {
        let local = &*(*binding).key.get().cast::<TaskLocal<T, N>>();
        struct GiveBack<'a>(&'a Guarded<Free, Shared>, *const Binding);
        impl Drop for GiveBack<'_> {
            fn drop(&mut self) {
                // SAFETY: LOCALS: the node is valid for ever, and nobody's any more.
                self.0.with(|free| unsafe { (*self.1).next.set(free.first.replace(self.1)) });
            }
        }
        let _give_back = GiveBack(&local.free, binding);
        (*(*binding.cast::<Node<T>>()).value.get()).assume_init_drop();
    }
}

/// # Safety
/// LOCALS: the last reference to a binding on the heap is gone.
#[cfg(feature = "alloc")]
unsafe fn free_node<T>(binding: *const Binding) {
    // SAFETY: by the caller; it was made by `node` with a value.
    unsafe {
        let node = alloc::boxed::Box::from_raw(binding.cast_mut().cast::<Node<T>>());
        drop(node.value.into_inner().assume_init());
    }
}

impl<T, const N: usize> Default for TaskLocal<T, N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T, const N: usize> fmt::Debug for TaskLocal<T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TaskLocal")
    }
}
