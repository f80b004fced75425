//! What makes a program fair: that each instant has one cause.
//!
//! Everything that concerns another task is done right after a sleep of its own, and no two sleeps are equal, so that what
//! several tasks do at one moment is never a race; after it, nothing ends before the next sleep. What is done there without a wait in between is a *burst*: to set an
//! event and to cancel who waits for it, for instance.

use std::collections::BTreeSet;

use crate::program::{Block, Kind, Program};

/// What was done in a burst so far.
#[derive(Clone, Default)]
pub struct Burst {
    objects: BTreeSet<u32>,
    spawned: bool,
    cancelled: bool,
    own: bool,
    acted: bool,
}

impl Burst {
    /// Whether this may come next, in this body; if so, it counts as done.
    pub fn takes(&mut self, kind: &Kind, body: u32) -> bool {
        self.acted |= match kind {
            Kind::Spawn(_) | Kind::Cancel(_) => true,
            Kind::Do(_, action, _) => action.is_at_once(),
            _ => false,
        };
        match kind {
            // What was promised to others is not there to be taken, which asyncio sees otherwise.
            Kind::Do(object, ..) => self.objects.insert(*object),
            // A request reaches a task that is awaited at once in asyncio, and with the next poll here: in between it may
            // have begun.
            Kind::Spawn(_) => {
                self.spawned = true;
                !self.cancelled
            }
            Kind::Cancel(other) => {
                self.cancelled = true;
                self.own |= *other == body;
                !self.spawned
            }
            // Whether the own request or a cancelled task comes first is a race.
            Kind::TryGather(_) => !self.own,
            _ => true,
        }
    }
}

impl Burst {
    /// Whether others may go on at this moment, so that nothing should end at it.
    pub fn acted(&self) -> bool {
        self.acted
    }
}

/// Whether a program is fair.
pub fn is_fair(program: &Program) -> bool {
    (0..).zip(&program.bodies).all(|(body, block)| is_block_fair(block, body, true))
}

/// With `apart` it begins at one moment with something else, and so with a sleep.
fn is_block_fair(block: &Block, body: u32, apart: bool) -> bool {
    let mut burst = Burst::default();
    let mut may_act = !apart;
    for (at, stmt) in block.iter().enumerate() {
        let inside = |inner: &Block, apart| is_block_fair(inner, body, apart);
        let all = |blocks: &[Block]| blocks.iter().all(|inner| inside(inner, true));
        let fair = match &stmt.kind {
            Kind::Sleep(_) => {
                may_act = true;
                burst = Burst::default();
                continue;
            }
            // It concerns nobody else.
            Kind::Raise(_) => at > 0 || !apart,
            kind if kind.blocks().next().is_some() && burst.acted => false,
            Kind::WaitFor(_, inner) | Kind::Timeout(_, inner) => may_act && inside(inner, false),
            Kind::With(_, inner) => may_act && inside(inner, true),
            Kind::Gather(blocks) => may_act && all(blocks),
            Kind::Group(inner, blocks) => may_act && inside(inner, true) && all(blocks),
            Kind::Catch(inner, other, _) | Kind::CatchError(inner, other) | Kind::Finally(inner, other) => {
                may_act && inside(inner, false) && inside(other, true)
            }
            Kind::CondWait(_, before, after) => may_act && inside(before, true) && inside(after, true),
            kind => may_act && burst.takes(kind, body),
        };
        if !fair {
            return false;
        }
        may_act &= match &stmt.kind {
            Kind::Spawn(_) | Kind::Cancel(_) => true,
            Kind::Do(_, action, _) => action.is_at_once(),
            _ => false,
        };
    }
    !burst.acted
}
