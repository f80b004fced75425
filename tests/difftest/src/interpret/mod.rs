//! Runs a program on everloop.

use alloc::boxed::Box;
use alloc::rc::Rc;
use core::cell::Cell;
use core::pin::Pin;

use everloop_core::platform::{Platform, Wait};
use everloop_core::virtual_time::VirtualTime;
use everloop_core::{Duration, Instant, create_eager_task, create_task, sleep};

use crate::program::{Block, Program};
use crate::trace::{Outcome, Trace, text};
use crate::world::{Note, World};
use statement::execute;

mod locked;
mod several;
mod statement;

/// When what is left over is looked at and cancelled: later than anything that a program waits for.
pub const HORIZON: u64 = 1 << 40;

/// How long what failed takes before it fails: another time for each statement.
const SETTLE: u32 = 2_000_003;
const SETTLE_STEP: u32 = 4_099;

/// The lines of a barrier's parties by their indices.
pub const INDICES: core::ops::Range<u32> = 200..300;

/// A run that can be driven by a loop.
pub struct Run {
    world: Rc<World>,
}

impl Run {
    /// A run of this program.
    pub fn new(program: Program) -> Self {
        Self { world: Rc::new(World::new(program)) }
    }

    /// The main task: starts the roots, and looks at what is left at the end.
    pub fn main(&self) -> impl Future<Output = ()> + 'static {
        let world = self.world.clone();
        async move {
            for body in 0..world.program.roots {
                spawn(&world, body, false);
            }
            sleep(Duration::from_ticks(HORIZON)).await;
            let left = world.left();
            world.trace.borrow_mut().left = left;
            world.closing.set(true);
        }
    }

    /// What came of it, once the loop has run it, or has broken down over it.
    pub fn finish(self, clock: &Clock) -> Trace {
        self.world.dead.set(true);
        self.world.tasks.borrow_mut().clear();
        let mut trace = self.world.trace.take();
        trace.deadlock = clock.deadlock.get();
        trace.end = clock.now().as_ticks();
        trace.sort();
        trace
    }

    /// From here on drops are no part of the trace: for a platform that is about to panic.
    pub fn clock(&self) -> Clock {
        Clock { time: VirtualTime::new(), deadlock: Cell::new(false), world: self.world.clone() }
    }
}

/// Virtual time that says when nothing could ever happen any more.
pub struct Clock {
    time: VirtualTime,
    deadlock: Cell<bool>,
    world: Rc<World>,
}

impl Platform for Clock {
    fn now(&self) -> Instant {
        self.time.now()
    }

    fn park(&self, wait: Wait) {
        if matches!(wait, Wait::Forever) {
            self.deadlock.set(true);
            self.world.dead.set(true);
        }
        self.time.park(wait);
    }
}

type Running<'a> = Pin<Box<dyn Future<Output = Outcome> + 'a>>;

fn spawn(world: &Rc<World>, body: usize, eager: bool) {
    // When those that are created while others are being cancelled are asked themselves is nobody's promise.
    if world.closing.get() {
        return;
    }
    let its = world.clone();
    let main = async move { block(&its, &its.program.bodies[body]).await };
    let task = if eager { create_eager_task(main) } else { create_task(main) };
    world.spawned(body, task);
}

fn block<'a>(world: &'a Rc<World>, block: &'a Block) -> Running<'a> {
    Box::pin(async move {
        let mut last = 0;
        for stmt in block {
            let mut note = Note::new(world, stmt.id);
            let outcome = execute(world, stmt).await;
            if outcome.is_err() {
                note.failed(text(&outcome));
                // At this moment others may go on with what was done before, or with what this lets go of.
                sleep(span(SETTLE + stmt.id * SETTLE_STEP)).await;
            }
            note.end(text(&outcome));
            last = outcome?;
        }
        Ok(last)
    })
}

fn span(ticks: u32) -> Duration {
    Duration::from_ticks(u64::from(ticks))
}
