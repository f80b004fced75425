//! Which request to end is which.
//!
//! A request has a number, which whoever hands it on keeps: the await of a task, or a group. A task that was asked with a
//! number is not asked with it again, neither to be counted nor to be delivered: else a request would go round for ever
//! between tasks that await each other.
//!
//! All that one step of a task asks for has one number. So two requests of one moment are one, also where the second
//! reaches a task by way of another that awaits it.

use core::num::NonZeroU32;

use crate::EventLoop;
use crate::shim::Cell;

/// The number of a request, among those of one loop.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Asked(NonZeroU32);

/// The newest request of a loop, and the step that it began in.
pub(crate) struct Asking {
    newest: Cell<Option<Asked>>,
    step: Cell<Step>,
}

/// The number of the task that runs, and how often it was polled before.
type Step = Option<(u32, u32)>;

impl Asking {
    pub(crate) const fn new() -> Self {
        Self { newest: Cell::new(None), step: Cell::new(None) }
    }
}

impl Asked {
    /// Of a request that begins now, for a task of `l`.
    pub(crate) fn new(l: &EventLoop) -> Self {
        let step = step(l);
        let before = l.asking.step.replace(step);
        match l.asking.newest.get() {
            Some(newest) if step.is_some() && step == before => newest,
            newest => {
                let next = newest.map_or(0, |newest| newest.0.get()).wrapping_add(1);
                let next = Self(NonZeroU32::new(next).unwrap_or(NonZeroU32::MIN));
                l.asking.newest.set(Some(next));
                next
            }
        }
    }
}

/// `None` outside of tasks, where each request is of a moment of its own, and so is one of a task whose polls are not
/// counted any more.
fn step(l: &EventLoop) -> Step {
    // SAFETY: TASK: it is the task that runs, and this is its loop's context.
    let header = unsafe { l.task.get()?.header() };
    Some((header.id(), header.progress.counted_polls()?))
}
