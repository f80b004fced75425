//! Runs a program on everloop.

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::vec::Vec;
use core::cell::Cell;
use core::pin::Pin;

use everloop_core::platform::{Platform, Wait};
use everloop_core::virtual_time::VirtualTime;
use everloop_core::{
    CancelledError, Duration, Instant, ReturnWhen, Task, Unbounded, catch_cancel, create_task, gather,
    shield, sleep, task_group, timeout, try_gather, try_wait, wait_for,
};

use crate::objects::Thing;
use crate::program::{Action, Block, Kind, Program, Stmt};
use crate::trace::{Error, Outcome, Trace, fold, text};
use crate::world::{Held, Note, World};

/// When what is left over is looked at and cancelled: later than anything that a program waits for.
pub const HORIZON: u64 = 1 << 40;

/// How long what failed takes before it fails: another time for each statement.
const SETTLE: u32 = 2_000_003;
const SETTLE_STEP: u32 = 4_099;

/// The line of a barrier's party with index zero.
pub const FIRST_INDEX: u32 = 200;

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
                spawn(&world, body);
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

fn spawn(world: &Rc<World>, body: usize) {
    // When those that are created while others are being cancelled are asked themselves is nobody's promise.
    if world.closing.get() {
        return;
    }
    let its = world.clone();
    let task = create_task(async move { block(&its, &its.program.bodies[body]).await });
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

/// What the await of a task gives: its cancellation goes on in who awaits it, as in Python.
async fn joined(mut held: Held<'_>, result: Result<Outcome, CancelledError>) -> Outcome {
    let outcome = resumed(result).await;
    held.end();
    outcome
}

async fn resumed(result: Result<Outcome, CancelledError>) -> Outcome {
    match result {
        Ok(outcome) => outcome,
        Err(cancelled) => match cancelled.resume().await {},
    }
}

fn execute<'a>(world: &'a Rc<World>, stmt: &'a Stmt) -> Running<'a> {
    match &stmt.kind {
        Kind::Gather(blocks) => Box::pin(async move {
            let outcomes = gather(blocks.iter().map(|each| block(world, each)).collect::<Vec<_>>()).await;
            Ok(fold(outcomes.iter().map(|outcome| outcome.as_ref().ok())))
        }),
        Kind::Group(body, children) => Box::pin(group(world, body, children)),
        Kind::Wait(when, ticks, bodies) => Box::pin(wait(world, *when, *ticks, bodies)),
        Kind::TryGather(bodies) => Box::pin(async move {
            let held = bodies.iter().map(|body| world.hold(*body)).collect::<Result<Vec<_>, _>>();
            let mut held: Vec<_> = held?.into_iter().map(Given).collect();
            let joins = held.iter_mut().map(|given| async { resumed(given.0.task().await).await });
            let values = try_gather(joins.collect::<Vec<_>>()).await?;
            Ok(fold(values.into_iter().map(Ok).collect::<Vec<_>>().iter().map(Some)))
        }),
        Kind::With(object, inner) => Box::pin(with(world, stmt.id, *object, inner)),
        Kind::CondWait(object, before, after) => Box::pin(cond_wait(world, stmt.id, *object, before, after)),
        Kind::Do(object, action, number) => Box::pin(async move {
            let value = world.things[*object as usize].act(*action, *number).await?;
            if matches!(
                action,
                Action::Put | Action::Get | Action::Join | Action::Wait | Action::Keep | Action::Meet
            ) {
                world.grant(*object, *action as u32, stmt.id);
            }
            if *action == Action::Meet {
                // Not its value, so that where indices differ on purpose all else can be compared.
                world.grant(*object, FIRST_INDEX + value as u32, stmt.id);
                return Ok(0);
            }
            Ok(value)
        }),
        other => Box::pin(simple(world, other)),
    }
}

async fn simple(world: &Rc<World>, kind: &Kind) -> Outcome {
    match kind {
        Kind::Sleep(ticks) => sleep(span(*ticks)).await,
        Kind::Raise(code) => return Err(Error::User(*code)),
        Kind::Spawn(body) => spawn(world, *body as usize),
        Kind::Cancel(body) => return Ok(i32::from(world.cancel(*body as usize))),
        Kind::Await(body) => {
            let mut held = world.hold(*body)?;
            let result = held.task().await;
            return joined(held, result).await;
        }
        Kind::Shield(body) => {
            let mut held = world.hold(*body)?;
            let result = shield(held.task()).await;
            return joined(held, result).await;
        }
        Kind::WaitForTask(body, ticks) => {
            let mut held = world.hold(*body)?;
            if let Ok(result) = wait_for(held.task(), span(*ticks)).await {
                return joined(held, result).await;
            }
            held.end();
            return Err(Error::Timeout);
        }
        Kind::WaitFor(ticks, inner) => {
            return wait_for(block(world, inner), span(*ticks)).await.unwrap_or(Err(Error::Timeout));
        }
        Kind::Timeout(ticks, inner) => {
            let scope = timeout(span(*ticks));
            return scope.run(block(world, inner)).await.unwrap_or(Err(Error::Timeout));
        }
        Kind::Catch(inner, cleanup, resume) => match catch_cancel(block(world, inner)).await {
            Ok(outcome) => return outcome,
            Err(cancelled) => {
                block(world, cleanup).await?;
                if *resume {
                    match cancelled.resume().await {}
                }
                return Ok(-1);
            }
        },
        Kind::CatchError(inner, handler) => {
            if let Ok(value) = block(world, inner).await {
                return Ok(value);
            }
            block(world, handler).await?;
            return Ok(-2);
        }
        Kind::Finally(inner, cleanup) => {
            let ended = catch_cancel(block(world, inner)).await;
            block(world, cleanup).await?;
            return resumed(ended).await;
        }
        _ => {}
    }
    Ok(0)
}

/// A handle that does not come back, whatever comes.
struct Given<'a>(Held<'a>);

impl Drop for Given<'_> {
    fn drop(&mut self) {
        self.0.end();
    }
}

fn span(ticks: u32) -> Duration {
    Duration::from_ticks(u64::from(ticks))
}

async fn group(world: &Rc<World>, body: &Block, children: &[Block]) -> Outcome {
    let ended = task_group(Unbounded, async |group| {
        for child in children {
            drop(group.create_task(block(world, child)));
        }
        block(world, body).await
    });
    ended.await.map_err(|errors| {
        let mut errors: Vec<_> = errors.into_iter().collect();
        errors.sort_by_key(|error| text(&Err(error.clone())));
        Error::Group(errors)
    })
}

async fn wait(world: &Rc<World>, when: u32, ticks: u32, bodies: &[u32]) -> Outcome {
    let mut held = bodies.iter().map(|body| world.hold(*body)).collect::<Result<Vec<_>, _>>()?;
    let when = match when {
        0 => ReturnWhen::FirstCompleted,
        1 => ReturnWhen::FirstException,
        _ => ReturnWhen::AllCompleted,
    };
    let limit = (ticks > 0).then(|| span(ticks));
    let mut tasks: Vec<&Task<Outcome>> = held.iter_mut().map(|held: &mut Held<'_>| &*held.task()).collect();
    if try_wait(&mut tasks, limit, when).await.is_err() {
        return Err(Error::NoTask);
    }
    drop(tasks);
    Ok(held.iter_mut().enumerate().map(|(n, held)| i32::from(held.task().done()) << n).sum())
}

async fn with(world: &Rc<World>, id: u32, object: u32, inner: &Block) -> Outcome {
    let thing = &world.things[object as usize];
    let (_guard, _permit);
    match thing {
        Thing::Lock(lock) | Thing::Condition(lock, _) => _guard = lock.acquire().await,
        _ => _permit = thing.permit().await,
    }
    world.grant(object, 100, id);
    block(world, inner).await
}

async fn cond_wait(world: &Rc<World>, id: u32, object: u32, before: &Block, after: &Block) -> Outcome {
    let Thing::Condition(lock, condition) = &world.things[object as usize] else { return Ok(0) };
    let mut guard = lock.acquire().await;
    world.grant(object, 100, id);
    block(world, before).await?;
    condition.wait(&mut guard).await;
    world.grant(object, 101, id);
    block(world, after).await
}
