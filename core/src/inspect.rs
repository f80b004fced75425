//! How the tasks of a loop hang together: which scopes each is in, and who awaits whom.

use core::ptr;

use crate::scope::{self, Branch};
use crate::task::{Moment, TaskInfo, TaskRef};
use crate::{TaskId, current};

pub use crate::scope::ScopeKind;

/// Tells a scope from all others that are there at the same moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScopeId(usize);

/// A part of what [`survey`] finds.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Finding {
    /// A task that is not done. What follows, up to the next task, is of this one.
    Task {
        /// What is known of it.
        info: TaskInfo,
        /// The root of its scopes.
        root: ScopeId,
    },
    /// A scope that the task is in. Each comes after the one around it, and of several in one the newest comes first.
    Scope {
        /// The scope.
        scope: ScopeId,
        /// What it is.
        kind: ScopeKind,
        /// The scope around it, or the root.
        within: ScopeId,
    },
    /// A task that waits for the task to end: by awaiting it, by [`wait`](crate::wait) or
    /// [`as_completed`](crate::as_completed), or as the one that runs the group of which the task is a child.
    Awaited {
        /// The task that waits. It may be that this one is done and has left a forgotten future behind.
        by: TaskId,
        /// In which of its scopes; it may be that this one has ended since.
        within: ScopeId,
    },
}

/// Looks at all tasks of the running loop that are not done, in no particular order, and puts what it finds into `into`,
/// from its start. How much there is to find: if that is more than `into` holds, the rest is left out, so make it larger
/// and ask again. None outside a running loop.
///
/// It takes as long as there is much to find, in one step of the task that calls.
///
/// ```
/// # use everloop_core::{EventLoop, TaskPool, virtual_time::{UNPARKER, VirtualTime}};
/// # static LOOP: EventLoop = EventLoop::new(UNPARKER);
/// # static POOL: TaskPool<2, 256> = TaskPool::new();
/// use everloop_core::inspect::{Finding, survey};
/// use everloop_core::{Duration, create_task, sleep, yield_now};
/// # LOOP.run(&VirtualTime::new(), &[&POOL], async {
///
/// let slow = create_task(sleep(Duration::from_secs(1))).named("slow");
/// let slow_id = slow.id();
/// let awaiting = create_task(async { slow.await.unwrap() });
/// yield_now().await;
///
/// let mut found = [None; 16];
/// let count = survey(&mut found);
/// assert!(count <= found.len());
/// // Of `slow` it is found that `awaiting` awaits it.
/// let of_slow = found.iter().flatten().skip_while(|found| {
///     !matches!(found, Finding::Task { info, .. } if info.id() == slow_id)
/// });
/// assert!(matches!(of_slow.skip(1).next(), Some(Finding::Awaited { by, .. }) if *by == awaiting.id()));
/// # }).unwrap();
/// ```
pub fn survey(into: &mut [Option<Finding>]) -> usize {
    into.fill(None);
    let mut count = 0;
    let mut put = |finding| {
        if let Some(place) = into.get_mut(count) {
            *place = Some(finding);
        }
        count += 1;
    };
    current::with(|l| {
        // Before the walk, during which no foreign code may run: the clock is the platform's.
        let now = Moment::now(l);
        l.for_each_task(|task| {
            let info = TaskInfo::seen(l, task, now);
            if info.state() == crate::TaskState::Done {
                return;
            }
            put(Finding::Task { info, root: id(task.branch()) });
            // SAFETY: TASK: it is a task of the current loop, and nothing in here runs foreign code. SCOPE.
            unsafe {
                scope::each_below(task.branch(), |scope, kind, within| {
                    put(Finding::Scope { scope: id(scope), kind, within: id(within) });
                });
                for_each_awaiter(l, task, |by, within| {
                    put(Finding::Awaited { by: TaskId(by), within: ScopeId(within) });
                });
            }
        });
    });
    count
}

fn id(branch: *const Branch) -> ScopeId {
    ScopeId(branch.addr())
}

/// Calls `f` with the number of each task that waits for `task` and the address of the branch in which it does.
///
/// # Safety
/// TASK, in the context of `l`, whose task it is; it is not done. `f` runs no foreign code.
unsafe fn for_each_awaiter(l: &crate::EventLoop, task: TaskRef, mut f: impl FnMut(u32, usize)) {
    // SAFETY: by the caller. CREW: the group's part is there while it is set.
    unsafe {
        let group = task.times().group();
        if !ptr::eq(group, ptr::null())
            && let Some((by, within)) = (*group).of(l)
        {
            f(by, within);
        }
        task.header().watchers.for_each_awaiter(|awaiter| {
            if let Some((by, within)) = awaiter.of(l) {
                f(by, within);
            }
        });
    }
}
