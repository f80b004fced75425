//! Turns: what is run, and when timers and input are looked at.

use core::ptr;

use super::EventLoop;
use crate::Instant;
use crate::panics;
use crate::platform::{Platform, Wait};
use crate::shim::Ordering;
use crate::task::{self, Doing, TaskRef, remote};

/// So many polls at most until timers and input are looked at again. Looking costs a system call on a host, so not
/// every turn; peers use 61 to 128.
const LOOK_EVERY: u32 = 64;

impl EventLoop {
    /// Runs turns until `done` says so after one.
    pub(super) fn drive(&self, platform: &dyn Platform, done: &dyn Fn(&Self) -> bool) {
        let mut polls = LOOK_EVERY;
        let shuffles = platform.shuffles();
        while !done(self) {
            self.take_in();
            if self.ready.is_empty() {
                self.wait(platform);
                polls = 0;
            } else if polls >= LOOK_EVERY {
                self.look(platform);
                polls = 0;
            }
            self.turn_of(platform, shuffles, &mut polls);
        }
    }

    /// Runs turns until nothing is ready and no timer is due, without waiting: when the earliest timer is due. From then
    /// on a wake from elsewhere unparks the loop.
    pub(super) fn drive_until_idle(&self, platform: &dyn Platform) -> Option<Instant> {
        let mut polls = 0;
        let shuffles = platform.shuffles();
        // As after a wait.
        self.fire_timers(platform);
        loop {
            self.take_in();
            if self.ready.is_empty() {
                self.look(platform);
                polls = 0;
                if self.ready.is_empty() && self.inbox.prepare_park() {
                    return self.timers.next();
                }
            } else if polls >= LOOK_EVERY {
                self.look(platform);
                polls = 0;
            }
            self.turn_of(platform, shuffles, &mut polls);
        }
    }

    #[cfg_attr(feature = "std", inline(always))]
    fn turn_of(&self, platform: &dyn Platform, shuffles: bool, polls: &mut u32) {
        // Where room is plenty, the usual kind of turn has a way of its own.
        if cfg!(feature = "std") && !shuffles {
            self.turn::<false>(platform, false, polls);
        } else {
            self.turn::<true>(platform, shuffles, polls);
        }
    }

    /// Runs exactly what is ready now: what these wake waits for the next turn, and so does what is woken from elsewhere
    /// meanwhile, in the order of the wakes.
    #[cfg_attr(feature = "std", inline(always))]
    fn turn<const MAY_SHUFFLE: bool>(&self, platform: &dyn Platform, shuffles: bool, polls: &mut u32) {
        let shuffles = MAY_SHUFFLE && shuffles;
        // What is queued from here on stands behind this one.
        let Some(mut last) = self.ready.last() else { return };
        let mut left = if shuffles { self.ready.len() } else { 0 };
        loop {
            if shuffles {
                self.rest();
                // SAFETY: READY, in the loop's context; so many are left of those up to `last`.
                last = unsafe { self.ready.bring_forward(platform.pick(left) % left, last) };
                left -= 1;
            }
            let Some(task) = self.ready.pop() else {
                self.rest();
                return;
            };
            // SAFETY: READY: it was queued until now. The loop is the current one, and runs one task at a time.
            unsafe { task::step_in_turn(self, task) };
            let was_last = task == last;
            if !was_last {
                // Not only before each turn, or all that these make ready would be ahead of what was woken before.
                self.take_in();
            }
            *polls += 1;
            if *polls >= LOOK_EVERY {
                // A long turn must not keep timers and input waiting; what they wake comes after the turn. This
                // may have been its last task, and even the main one, so it is no time to wait.
                self.look(platform);
                *polls = 0;
            }
            if was_last {
                self.rest();
                return;
            }
        }
    }

    /// No task is being polled. In a turn this is not said after each poll that another follows, but before all else that
    /// is done between polls: a choice of the platform's, a step that is not plain, the end of a task, what was woken from
    /// elsewhere, timers and input.
    #[inline]
    pub(crate) fn rest(&self) {
        if task::RESTS_LATE {
            self.task.set(None);
            self.doing.set(Doing::NOTHING);
            self.scope.set(ptr::null());
        }
    }

    /// Queues what was woken from other contexts.
    #[inline]
    fn take_in(&self) {
        if self.inbox.is_idle() {
            return;
        }
        self.take_in_all();
    }

    #[inline(never)]
    fn take_in_all(&self) {
        self.rest();
        for task in self.inbox.drain() {
            self.accept(task);
        }
    }

    fn accept(&self, task: TaskRef) {
        // SAFETY: INBOX: the stack kept the task until here. The bit is cleared before the task is polled, so that a
        // wake from now on is not lost, and by a read-modify-write, so that all that led to this wake is seen.
        unsafe {
            if let Some((new, left_inbox)) = self.open_letter(task) {
                if new {
                    task::start(self, task, false);
                } else {
                    task::wake_local(self, task);
                }
                left_inbox(task);
            }
        }
    }

    /// A task was taken out of the inbox: whether it is new to the loop, which has adopted it then, and how to give up
    /// the inbox's reference. `None` if it is a slot whose pool has left this loop, while a stale wake or a new task was
    /// under way; from here on it is not this loop's to touch. One that was woken has not been used since, for a slot
    /// with the bit set is not claimed; a new task that is not adopted has been ended.
    ///
    /// # Safety
    /// INBOX: the task was just taken out.
    pub(super) unsafe fn open_letter(&self, task: TaskRef) -> Option<(bool, unsafe fn(TaskRef))> {
        // SAFETY: by the caller. What is not atomic is read before the bit is cleared, since that lets others have a slot;
        // and a new task has its owner by then, so that the next wake finds it.
        unsafe {
            let header = task.header();
            // Set by who made it, which is seen since it was pushed; and only taken away here.
            let new = header.branch.remote.load(Ordering::Relaxed) & remote::NEW != 0;
            if new && !(task.vtable().adopt)(self, task) {
                return None;
            }
            let left_inbox = ptr::eq(header.owner(), self).then(|| task.vtable().left_inbox);
            header.branch.remote.fetch_and(!(remote::WOKEN | remote::NEW), Ordering::AcqRel);
            left_inbox.map(|left_inbox| (new, left_inbox))
        }
    }

    /// Fires timers that are due and collects input.
    #[inline(never)]
    fn look(&self, platform: &dyn Platform) {
        self.rest();
        self.fire_timers(platform);
        platform.park(Wait::Poll);
    }

    /// Nothing is ready: fires timers that are due, or waits for the next, for input, or for a wake from elsewhere.
    #[inline(never)]
    fn wait(&self, platform: &dyn Platform) {
        self.fire_timers(platform);
        if !self.ready.is_empty() {
            platform.park(Wait::Poll);
        } else if self.inbox.prepare_park() {
            platform.park(match self.timers.next() {
                Some(deadline) => Wait::Until(deadline),
                None => Wait::Forever,
            });
            self.fire_timers(platform);
        }
    }

    fn fire_timers(&self, platform: &dyn Platform) {
        if self.timers.is_empty() {
            return;
        }
        let now = platform.now();
        self.time.set(now);
        while let Some(timer) = self.timers.pop_due(now) {
            // SAFETY: HEAP-ORDER: it was in the heap until now, so it is valid.
            if let Some(waker) = unsafe { (*timer).taken_out() } {
                panics::wake(waker);
            }
        }
    }
}
