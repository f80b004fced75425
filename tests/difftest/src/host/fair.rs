//! What makes a program fair: that each instant has one cause.
//!
//! Everything that concerns another task is done right after a sleep of its own, and no two sleeps are equal, so that what
//! several tasks do at one moment is never a race; after it, nothing ends before the next sleep. What is done there without
//! a wait in between is a *burst*: to set an event and to cancel who waits for it, for instance, or to cancel two tasks.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::vec::Vec;

use super::pairs::Pairs;
use crate::program::{Action, Block, Kind, Program};

/// What was done in a burst so far.
#[derive(Clone, Default)]
pub struct Burst {
    objects: BTreeSet<u32>,
    spawned: bool,
    cancelled: Vec<u32>,
    /// With a message.
    said: bool,
    /// How often a task was cancelled was looked at, or changed.
    counted: bool,
    /// Somebody may have been let go on.
    let_go: bool,
    /// A deadline was moved, which has the task polled that runs under it.
    moved: bool,
    acted: bool,
    /// A task has had its first step, so that nothing else may come at this moment.
    over: bool,
    /// Whether a task may be cancelled and something else be done at one moment. Who awaits that task goes on at that moment
    /// too, so that this may be only where no task awaits another, and none consists of others.
    mixed: bool,
    /// Which tasks may be cancelled together; any, if it is not known yet.
    pairs: Option<Rc<Pairs>>,
}

impl Burst {
    /// One of a program that is `mixed`.
    pub fn new(mixed: bool, pairs: Option<Rc<Pairs>>) -> Self {
        Self { mixed, pairs, ..Self::default() }
    }

    fn acts(kind: &Kind) -> bool {
        kind.is_at_once() && !matches!(kind, Kind::Uncancel(_) | Kind::Cancelling(_) | Kind::Reschedule(..))
    }

    /// Whether this may come next, in this body; if so, it counts as done.
    pub fn takes(&mut self, kind: &Kind, body: u32) -> bool {
        let mut after = self.clone();
        let fair = after.is_fair(kind, body);
        if fair {
            *self = after;
        }
        fair
    }

    fn is_fair(&mut self, kind: &Kind, body: u32) -> bool {
        if self.over || (self.acted && matches!(kind, Kind::SpawnEager(_))) {
            return false;
        }
        self.acted |= Self::acts(kind);
        let alone = self.mixed || self.cancelled.is_empty();
        match kind {
            // What was promised to others is not there to be taken, which asyncio sees otherwise.
            Kind::Do(object, action, _) => {
                let quiet = matches!(action, Action::Look | Action::Wait | Action::Join | Action::WaitCell);
                self.let_go |= !quiet;
                (quiet || (alone && !self.moved)) && self.objects.insert(*object)
            }
            // A request reaches a task that is awaited at once in asyncio, and with the next poll here: in between it may
            // have begun.
            Kind::Spawn(_) => {
                self.spawned = true;
                self.cancelled.is_empty()
            }
            Kind::Cancel(other) | Kind::CancelWith(other, _) => {
                let allows = |one| self.pairs.as_ref().is_none_or(|pairs| pairs.allow(one, *other));
                let together = self.cancelled.iter().all(|one| allows(*one));
                // Of two messages to one task asyncio keeps the first.
                self.said |= matches!(kind, Kind::CancelWith(..));
                let silent = self.cancelled.is_empty() || !self.said;
                let first = !self.spawned && !self.counted && (self.mixed || self.objects.is_empty());
                self.cancelled.push(*other);
                first && together && silent && self.cancelled.len() <= 2
            }
            Kind::SpawnEager(_) => {
                self.over = true;
                true
            }
            // Else that task comes before others that are let go on at this moment.
            Kind::Reschedule(..) => {
                self.moved = true;
                !self.let_go
            }
            // A request that is yet to be delivered can be taken back here, and in asyncio it was delivered in part.
            Kind::Uncancel(_) | Kind::Cancelling(_) => {
                self.counted = true;
                self.cancelled.is_empty()
            }
            // One that has ended cancelled cancels who awaits it, at the same moment as the other.
            Kind::Await(other) | Kind::Shield(other) | Kind::WaitForTask(other, _) => {
                self.may_await(*other, body)
            }
            Kind::Wait(_, _, others) | Kind::TryGather(others) | Kind::AsCompleted(_, others) => {
                others.iter().all(|other| self.may_await(*other, body))
            }
            _ => true,
        }
    }

    fn may_await(&self, other: u32, body: u32) -> bool {
        self.cancelled.iter().all(|cancelled| *cancelled == other && other != body)
    }

    /// Whether others may go on at this moment, so that nothing should end at it.
    pub fn acted(&self) -> bool {
        self.acted
    }
}

/// Whether a program is fair.
pub fn is_fair(program: &Program) -> bool {
    let mut mixed = true;
    let mut lines = true;
    let (mut says, mut several, mut counts) = (false, false, false);
    // Those that begin on their own, at a moment at which something else is done.
    let mut apart: BTreeSet<_> = (0..program.roots as u32).collect();
    program.each(&mut |stmt| {
        mixed &= !joins(&stmt.kind);
        lines &= !matches!(&stmt.kind, Kind::Group(..) | Kind::Gather(_) | Kind::Select(_))
            || !stmt.kind.blocks().any(waits_for_condition);
        says |= matches!(&stmt.kind, Kind::CancelWith(..));
        counts |= matches!(&stmt.kind, Kind::Cancelling(_) | Kind::Uncancel(_));
        several |= consists_of_several(&stmt.kind);
        if let Kind::Spawn(body) = &stmt.kind {
            apart.insert(*body);
        }
    });
    if !lines || (says && several) {
        return false;
    }
    let whole = Whole { mixed, pairs: Rc::new(Pairs::of(program)), twice: Cell::new(false) };
    let fair = (0..)
        .zip(&program.bodies)
        .all(|(body, block)| is_block_fair(block, body, apart.contains(&body), &whole));
    // A request that reaches a task by two ways is counted twice in asyncio.
    fair && !(whole.twice.get() && counts)
}

/// What is so of the whole program.
struct Whole {
    mixed: bool,
    pairs: Rc<Pairs>,
    /// Two tasks are cancelled at one moment.
    twice: Cell<bool>,
}

/// Not in a group, a gather or a race: their parts are polled together, whoever was woken first, so that those that were notified
/// do not ask for their lock in the order of the notifications.
fn waits_for_condition(block: &Block) -> bool {
    block.iter().any(|stmt| {
        matches!(&stmt.kind, Kind::CondWait(..) | Kind::CondWaitFor(..))
            || stmt.kind.blocks().any(waits_for_condition)
    })
}

/// Whether it can end with several messages.
fn consists_of_several(kind: &Kind) -> bool {
    matches!(
        kind,
        Kind::Gather(_) | Kind::TryGather(_) | Kind::Select(_) | Kind::Group(..) | Kind::StaticGroup(..)
    )
}

/// Whether a task's end is waited for, or something is a task of its own in asyncio.
fn joins(kind: &Kind) -> bool {
    let waits = matches!(
        kind,
        Kind::Await(_) | Kind::Shield(_) | Kind::WaitForTask(..) | Kind::Wait(..) | Kind::AsCompleted(..)
    );
    waits || consists_of_several(kind)
}

/// Whether something in it ends when somebody else does something.
pub fn depends(block: &Block) -> bool {
    block.iter().any(|stmt| {
        let waits = match &stmt.kind {
            Kind::Do(_, action, _) => !action.is_at_once(),
            Kind::With(..) | Kind::CondWait(..) | Kind::CondWaitFor(..) => true,
            kind => !kind.is_at_once() && !kind.bodies().is_empty(),
        };
        waits || stmt.kind.blocks().any(depends)
    })
}

/// With `apart` it begins at one moment with something else, and so with a sleep.
fn is_block_fair(block: &Block, body: u32, apart: bool, whole: &Whole) -> bool {
    let new = || Burst::new(whole.mixed, Some(whole.pairs.clone()));
    let mut burst = new();
    let mut may_act = !apart;
    for (at, stmt) in block.iter().enumerate() {
        let inside = |inner: &Block, apart| is_block_fair(inner, body, apart, whole);
        let all = |blocks: &[Block]| blocks.iter().all(|inner| inside(inner, true));
        let fair = match &stmt.kind {
            Kind::Sleep(_) => {
                may_act = true;
                burst = new();
                continue;
            }
            // It concerns nobody else.
            Kind::Raise(_) => at > 0 || !apart,
            kind if kind.blocks().next().is_some() && burst.acted => false,
            Kind::WaitFor(_, inner) | Kind::Timeout(_, _, inner) => may_act && inside(inner, false),
            Kind::With(_, inner) => may_act && inside(inner, true),
            Kind::Gather(blocks) => may_act && all(blocks),
            // Of two parts that end at one moment both have won in asyncio. One that is empty is there first, and others
            // do not begin.
            Kind::Select(blocks) => {
                let dependent = blocks.iter().filter(|block| depends(block)).count();
                may_act && dependent < 2 && !blocks.iter().any(Vec::is_empty) && all(blocks)
            }
            Kind::Group(inner, blocks) | Kind::StaticGroup(inner, blocks) => {
                may_act && inside(inner, true) && all(blocks)
            }
            Kind::Catch(inner, other, _) | Kind::CatchError(inner, other) | Kind::Finally(inner, other) => {
                may_act && inside(inner, false) && inside(other, true)
            }
            Kind::CondWait(_, before, after) | Kind::CondWaitFor(_, _, before, after) => {
                may_act && inside(before, true) && inside(after, true)
            }
            kind => may_act && burst.takes(kind, body),
        };
        if !fair {
            return false;
        }
        may_act &= stmt.kind.is_at_once();
        if burst.cancelled.len() > 1 {
            whole.twice.set(true);
        }
    }
    !burst.acted
}
