//! The life of a loop: open, its main tasks one after another, what is left over, close.

use core::cell::{Cell, UnsafeCell};
use core::mem::MaybeUninit;
use core::task::RawWakerVTable;

use super::{EventLoop, RunError};
use crate::platform::Platform;
use crate::remote::RemoteHead;
use crate::scope::CancelledError;
use crate::shim::{self, Ordering, Payload};
use crate::task::{self, MainCell, MainWaker, STATIC, Stage, TaskRef, Typed, state};
use crate::{Pool, current};

/// A static loop: its main task's wakers count nothing.
pub struct Static;

impl MainWaker for Static {
    const WAKER: &'static RawWakerVTable = &STATIC;
}

/// Runs `main` as the main task of an open loop until it is done: its value, or that it was cancelled, or its panic.
///
/// # Safety
/// `l` is open and the current loop. It is static, or it is on the heap, outlives this call, and `C` counts.
pub(super) unsafe fn main<F: Future, C: MainWaker>(
    l: &EventLoop,
    platform: &dyn Platform,
    main: F,
) -> Result<Result<F::Output, CancelledError>, Payload> {
    // Declared before the guard that drops what it will hold: the future, until the main task is done.
    let stage = UnsafeCell::new(MaybeUninit::<Stage<F>>::uninit());
    // SAFETY: nothing else refers to the stage yet.
    unsafe { (*stage.get()).write(Stage::new(main)) };
    l.main_stage.set(stage.get().cast());
    l.main.header.vtable.set(Some(Typed::<F, MainCell<C>>::VTABLE));
    l.main.header.owner.store(l.this(), Ordering::Release);
    let main = MainTask { l };
    // SAFETY: the loop is the current one; the stage holds a future of this output until the task is done, and
    // the guard sees to that before the stage goes.
    let mut handle = unsafe {
        let handle = task::enroll::<F::Output>(l, task::main_task(l));
        task::wake_local(l, task::main_task(l));
        handle
    };
    l.drive(platform, &|_| handle.done());
    // Taken now, since the stage is on this stack; a panic goes on after what else is to be done.
    let outcome = shim::catch(|| handle.take());
    drop(handle);
    drop(main);
    outcome
}

/// The main task of one run. When this is dropped, nothing of it is left: it is done, and in no queue, so that the
/// header can serve the next run.
struct MainTask<'a> {
    l: &'a EventLoop,
}

impl Drop for MainTask<'_> {
    fn drop(&mut self) {
        let task = task::main_task(self.l);
        let header = &self.l.main.header;
        // SAFETY: the loop is the current one, and no task is running. The stage is still there. READY: what is in
        // the queue stays in it, but for the main task.
        unsafe {
            if !header.has(state::DONE) {
                // The platform has panicked: no task can be polled any more, so the loop closes.
                self.l.closed.set(true);
                task::abort(self.l, task);
            }
            if header.has(state::QUEUED) {
                header.clear(state::QUEUED);
                let queued = self.l.ready.len();
                for _ in 0..queued {
                    match self.l.ready.pop() {
                        Some(other) if other != task => self.l.ready.push(other),
                        _ => {}
                    }
                }
            }
            task::release_if_unused(task);
        }
        header.branch.state.set(0);
    }
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
        // Not `&self`: that pointer could not free the loop, which tasks may do through the one they keep.
        // SAFETY: by the caller the loop is there until this returns.
        let opened = unsafe { Opened::first(this, platform, pools)? };
        // SAFETY: by the caller; the guard keeps the loop open and current.
        let outcome = unsafe { self::main::<F, C>(opened.l, platform, main) };
        opened.l.finish_leftovers(platform);
        drop(opened);
        match outcome {
            Ok(result) => result.map_err(|_cancelled| RunError::Cancelled),
            Err(payload) => shim::resume(payload),
        }
    }

    /// Cancels all tasks and runs them to their end. Those that they create meanwhile may be what their cleanup needs, so
    /// they are cancelled when these have ended.
    pub(super) fn finish_leftovers(&self, platform: &dyn Platform) {
        // Nobody is asked twice, which would cut cleanup.
        let mut asked = None;
        while self.live.get() > 0 {
            let newest = self.next_id.get();
            self.newest_asked.set(newest);
            self.for_each_task(|task| {
                // SAFETY: the loop is the current one, and cancelling only marks and queues.
                unsafe {
                    let header = task.header();
                    if asked.is_none_or(|asked| task::id_is_newer(header.id(), asked))
                        && task::cancel(task, None)
                    {
                        header.progress.set_ending();
                    }
                }
            });
            asked = Some(newest);
            // Looked for anew only when something has ended.
            let looked = Cell::new(None);
            self.drive(platform, &|l| {
                let ended = Some(l.ended.get());
                l.live.get() == 0
                    || (l.next_id.get() != newest
                        && looked.replace(ended) != ended
                        && !l.has_older_than(newest))
            });
        }
    }

    /// Whether a task is left that is not newer than the one with number `id`.
    fn has_older_than(&self, id: u32) -> bool {
        let mut found = false;
        self.for_each_task(|task| {
            // SAFETY: the loop is the current one. A borrowing child ends with its group.
            let header = unsafe { task.header() };
            found |= !header.has(state::DONE | state::CHILD) && !task::id_is_newer(header.id(), id);
        });
        found
    }

    /// Drops whatever is still there. After a run that ended well that is nothing but stale entries.
    fn clean_up(&self) {
        // Drops run foreign code: from here on it creates no tasks and sets no timers.
        self.closed.set(true);
        // A panic of the platform ended the run, or in virtual time a deadlock: no task can be polled any more.
        while self.live.get() > 0 {
            let mut victim = None;
            self.for_each_task(|task| {
                // Children that borrow go with their group: if that was forgotten, what they borrowed may be gone.
                // SAFETY: the loop is the current one.
                if !unsafe { task.header() }.has(state::DONE | state::CHILD) {
                    victim = Some(task);
                }
            });
            let Some(task) = victim else { break };
            // SAFETY: the loop is the current one, and no task is running.
            unsafe { task::abort(self, task) };
        }
        while let Some(timer) = self.timers.pop() {
            // SAFETY: HEAP-ORDER: it was in the heap until now, so it is valid.
            let waker = unsafe { (*timer).taken_out() };
            if let Err(payload) = shim::catch(|| drop(waker)) {
                self.unhandled(None, payload);
            }
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
        self.handler.set(None);
        // SAFETY: the loop is the current one.
        unsafe {
            RemoteHead::unbind_all(self);
            task::unbind_idle(self);
            #[cfg(feature = "alloc")]
            self.heap.tidy();
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

    /// A task was given back. While the loop runs or closes, be it beneath another loop, it is not let go before the end;
    /// after that its last handle does it.
    #[inline]
    pub(crate) fn task_gone(&self) {
        if self.platform.get().is_none() {
            self.let_go_if_unused();
        }
    }

    /// A task was taken out of the inbox without being queued.
    fn leave_inbox(&self, task: TaskRef) {
        // SAFETY: INBOX: the stack kept the task until here.
        unsafe {
            if let Some((new, left_inbox)) = self.open_letter(task) {
                if new {
                    task::start(self, task, true);
                }
                left_inbox(task);
            }
        }
    }
}

/// While it lives, its loop is open and the current one. It is closed when this is dropped, also by a panic, unless it
/// is to [stay open](Self::stay_open).
pub(super) struct Opened<'a> {
    l: &'a EventLoop,
    stays_open: Cell<bool>,
    _current: current::Entered,
}

impl<'a> Opened<'a> {
    /// Opens a loop that nobody runs, with `pools` as the room for tasks.
    ///
    /// # Safety
    /// The loop outlives the guard.
    pub(super) unsafe fn first(
        this: *const EventLoop,
        platform: &dyn Platform,
        pools: &[&'static dyn Pool],
    ) -> Result<Self, RunError> {
        if !shim::current().is_null() {
            return Err(RunError::Nested);
        }
        // SAFETY: by the caller.
        unsafe { Self::on_top(this, platform, pools) }
    }

    /// As [`first`](Self::first), also while another loop is the current one, which it is again after the guard.
    ///
    /// # Safety
    /// As there.
    pub(super) unsafe fn on_top(
        this: *const EventLoop,
        platform: &dyn Platform,
        pools: &[&'static dyn Pool],
    ) -> Result<Self, RunError> {
        // SAFETY: by the caller.
        if unsafe { &*this }.running.swap(true, Ordering::Acquire) {
            return Err(RunError::AlreadyRunning);
        }
        // SAFETY: this context has won `running`.
        let opened = unsafe { Self::again(this, platform) };
        opened.l.look_at_clock();
        opened.l.opening.set(shim::next_number());
        for pool in pools {
            // SAFETY: the loop is the current one.
            if unsafe { pool.bind(opened.l) }.is_err() {
                return Err(RunError::PoolInUse);
            }
        }
        Ok(opened)
    }

    /// Enters a loop that this context has opened, or is opening. The time that its tasks see is that of the last look.
    ///
    /// # Safety
    /// The caller has won `running`, and the loop outlives the guard.
    pub(super) unsafe fn again(this: *const EventLoop, platform: &dyn Platform) -> Self {
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
        // From here on the guard closes it, also if the platform panics.
        Self { l, stays_open: Cell::new(false), _current: current }
    }

    /// Leaves the loop without closing it. It stays this context's: `running` is not given back.
    pub(super) fn stay_open(self) {
        self.stays_open.set(true);
    }
}

impl Drop for Opened<'_> {
    fn drop(&mut self) {
        let closes = !self.stays_open.get();
        if closes {
            self.l.clean_up();
        }
        self.l.platform.set(None);
        if closes {
            self.l.let_go_if_unused();
        }
        // The current loop is restored last, by the field.
    }
}
