//! The life of a run: open, the main task, what is left over, close.

use core::cell::UnsafeCell;
use core::mem::MaybeUninit;
use core::task::RawWakerVTable;

use super::{EventLoop, RunError};
use crate::platform::Platform;
use crate::remote::RemoteHead;
use crate::shim::{self, Ordering};
use crate::task::{self, MainCell, MainWaker, STATIC, Stage, TaskRef, Typed, state};
use crate::{Pool, current};

/// A static loop: its main task's wakers count nothing.
pub(super) struct Static;

impl MainWaker for Static {
    const WAKER: &'static RawWakerVTable = &STATIC;
}

impl EventLoop {
    /// # Safety
    /// The loop is static, or it is on the heap, outlives this call, and `C` counts.
    pub(super) unsafe fn run_as<F: Future, C: MainWaker>(
        this: *const Self,
        platform: &dyn Platform,
        pools: &[&'static dyn Pool],
        main: F,
    ) -> Result<F::Output, RunError> {
        if !shim::current().is_null() {
            return Err(RunError::Nested);
        }
        // Not `&self`: that pointer could not free the loop, which tasks may do through the one they keep.
        // SAFETY: by the caller the loop is there until this returns.
        let l = unsafe { &*this };
        if l.running.swap(true, Ordering::Acquire) {
            return Err(RunError::AlreadyRunning);
        }
        // Declared before the guard that drops what it will hold: the future, until the main task is done.
        let stage = UnsafeCell::new(MaybeUninit::<Stage<F>>::uninit());
        // SAFETY: this context has won `running`.
        let opened = unsafe { Opened::new(this, platform) };
        for pool in pools {
            // SAFETY: the loop is the current one.
            if unsafe { pool.bind(l) }.is_err() {
                return Err(RunError::PoolInUse);
            }
        }
        // SAFETY: nothing else refers to the stage yet.
        unsafe { (*stage.get()).write(Stage::new(main)) };
        l.main_stage.set(stage.get().cast());
        l.main.header.vtable.set(Some(Typed::<F, MainCell<C>>::VTABLE));
        l.main.header.owner.store(l.this(), Ordering::Release);
        // SAFETY: the loop is the current one; the stage holds a future of this output until the task is done, and
        // the guard sees to that before the stage goes.
        let mut handle = unsafe {
            let handle = task::enroll::<F::Output>(l, task::main_task(l));
            task::wake_local(l, task::main_task(l));
            handle
        };
        l.drive(platform, |_| handle.done());
        // Taken before the rest is cleaned up, since the stage is on this stack; a panic goes on after that.
        let outcome = shim::catch(|| handle.take());
        drop(handle);
        l.finish_leftovers(platform);
        drop(opened);
        match outcome {
            Ok(result) => result.map_err(|_cancelled| RunError::Cancelled),
            Err(payload) => shim::resume(payload),
        }
    }

    /// Cancels all tasks and runs them to their end. Those that they create meanwhile are cancelled too.
    fn finish_leftovers(&self, platform: &dyn Platform) {
        while self.live.get() > 0 {
            let newest = self.next_id.get();
            self.for_each_task(|task| {
                // SAFETY: the loop is the current one, and cancelling only marks and queues.
                unsafe { task::cancel(task, None) };
            });
            self.drive(platform, |l| l.live.get() == 0 || l.next_id.get() != newest);
        }
    }

    /// Drops whatever is still there. After a run that ended well that is nothing but stale entries.
    fn clean_up(&self) {
        // Drops run foreign code: from here on it creates no tasks and sets no timers.
        self.closed.set(true);
        // A panic of the platform ended the run, or in virtual time a deadlock: no task can be polled any more.
        while self.live.get() > 0 {
            let mut victim = None;
            self.for_each_task(|task| {
                // SAFETY: the loop is the current one.
                if !unsafe { task.header() }.has(state::DONE) {
                    victim = Some(task);
                }
            });
            let Some(task) = victim else { break };
            // SAFETY: the loop is the current one, and no task is running.
            unsafe { task::abort(self, task) };
        }
        while let Some(timer) = self.timers.pop() {
            // SAFETY: HEAP-ORDER: it was in the heap until now, so it is valid.
            drop(unsafe { (*timer).taken_out() });
        }
        while let Some(task) = self.ready.pop() {
            // SAFETY: READY: it was queued until now, so it is valid.
            unsafe {
                task.header().clear(state::QUEUED);
                task::release_if_unused(task);
            }
        }
        for task in self.inbox.close() {
            self.leave_inbox(task);
        }
        self.main.header.branch.state.set(0);
        self.handler.set(None);
        // SAFETY: the loop is the current one.
        unsafe {
            RemoteHead::unbind_all(self);
            task::unbind_idle(self);
        }
    }

    /// Lets the loop be run again, by any context, once no handle is left that belongs to this one.
    fn let_go_if_unused(&self) {
        #[cfg(feature = "alloc")]
        if !self.heap.is_empty() {
            return;
        }
        if self.closed.get() && self.pools.get().is_null() {
            self.running.store(false, Ordering::Release);
        }
    }

    /// A task was given back. While the loop runs or closes it is not let go before the end; after that its last handle
    /// does it.
    pub(crate) fn task_gone(&self) {
        if !current::is(self) {
            self.let_go_if_unused();
        }
    }

    /// A task was taken out of the inbox without being queued.
    fn leave_inbox(&self, task: TaskRef) {
        // SAFETY: INBOX: the stack kept the task until here.
        unsafe {
            if let Some((new, left_inbox)) = self.open_letter(task) {
                if new {
                    task::adopt(self, task, true);
                }
                left_inbox(task);
            }
        }
    }
}

/// A run that was opened. It is closed when this is dropped, also by a panic.
struct Opened<'a> {
    l: &'a EventLoop,
    _current: current::Entered,
}

impl<'a> Opened<'a> {
    /// # Safety
    /// The caller has won `running`, and the loop outlives the guard.
    unsafe fn new(this: *const EventLoop, platform: &dyn Platform) -> Self {
        // SAFETY: by the caller.
        let l = unsafe { &*this };
        l.this.set(this);
        // SAFETY: only the lifetime is changed, and `drop` takes the pointer away before the borrow ends.
        let platform: *const (dyn Platform + 'static) = unsafe {
            core::mem::transmute::<*const (dyn Platform + '_), *const (dyn Platform + 'static)>(platform)
        };
        l.platform.set(Some(platform));
        l.closed.set(false);
        l.inbox.open();
        // SAFETY: this context runs the loop until the guard is dropped.
        let current = unsafe { current::Entered::new(this) };
        // From here on the guard closes it, also if the clock panics.
        let opened = Self { l, _current: current };
        l.time.set(l.now());
        opened
    }
}

impl Drop for Opened<'_> {
    fn drop(&mut self) {
        self.l.clean_up();
        self.l.platform.set(None);
        self.l.let_go_if_unused();
        // The current loop is restored last, by the field.
    }
}
