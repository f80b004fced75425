use alloc::boxed::Box;
use alloc::rc::Rc;

use everloop_core::{CancelledError, catch_cancel, shield, sleep, timeout, wait_for};

use super::locked::{cond_wait, cond_wait_for, with};
use super::several::{completed, gathered, group, raced, static_group, try_gathered, wait};
use super::{INDICES, Running, block, span, spawn};
use crate::program::{Action, Kind, Stmt};
use crate::trace::{Error, Outcome};
use crate::world::{Held, World};

/// The line of the messages that were caught.
const FIRST_MESSAGE: u32 = 400;

pub(super) fn execute<'a>(world: &'a Rc<World>, stmt: &'a Stmt) -> Running<'a> {
    let id = stmt.id;
    match &stmt.kind {
        Kind::Gather(blocks) => Box::pin(gathered(world, blocks)),
        Kind::TryGather(bodies) => Box::pin(try_gathered(world, bodies)),
        Kind::Select(blocks) => Box::pin(raced(world, blocks)),
        Kind::Group(body, children) => Box::pin(group(world, body, children)),
        Kind::StaticGroup(body, children) => Box::pin(static_group(world, body, children)),
        Kind::Wait(when, ticks, bodies) => Box::pin(wait(world, *when, *ticks, bodies)),
        Kind::AsCompleted(ticks, bodies) => Box::pin(completed(world, id, *ticks, bodies)),
        Kind::With(object, inner) => Box::pin(with(world, id, *object, inner)),
        Kind::CondWait(object, before, after) => Box::pin(cond_wait(world, id, *object, before, after)),
        Kind::CondWaitFor(object, times, before, after) => {
            Box::pin(cond_wait_for(world, id, (*object, *times), before, after))
        }
        Kind::Do(object, action, number) => Box::pin(act(world, id, *object, *action, *number)),
        Kind::Catch(inner, cleanup, resume) => Box::pin(async move {
            let cancelled = match catch_cancel(block(world, inner)).await {
                Ok(outcome) => return outcome,
                Err(cancelled) => cancelled,
            };
            if let Some(message) = world.message_number(cancelled) {
                world.grant(0, FIRST_MESSAGE + message, id);
            }
            block(world, cleanup).await?;
            if *resume {
                match cancelled.resume().await {}
            }
            Ok(-1)
        }),
        other => Box::pin(simple(world, other)),
    }
}

async fn act(world: &Rc<World>, id: u32, object: u32, action: Action, number: u32) -> Outcome {
    let value = world.things[object as usize].act(action, number).await?;
    if !action.is_at_once() {
        world.grant(object, action as u32, id);
    }
    if action == Action::Meet {
        // Not its value, so that where indices differ on purpose all else can be compared.
        world.grant(object, INDICES.start + value as u32, id);
        return Ok(0);
    }
    Ok(value)
}

async fn simple(world: &Rc<World>, kind: &Kind) -> Outcome {
    match kind {
        Kind::Sleep(ticks) => sleep(span(*ticks)).await,
        Kind::Raise(code) => return Err(Error::User(*code)),
        Kind::Spawn(body) => spawn(world, *body as usize, false),
        Kind::SpawnEager(body) => spawn(world, *body as usize, true),
        Kind::Cancel(body) => return Ok(i32::from(world.cancel(*body as usize, 0))),
        Kind::CancelWith(body, message) => {
            return Ok(i32::from(world.cancel(*body as usize, *message)));
        }
        Kind::Uncancel(body) => return Ok(world.with_handle(*body as usize, |task| task.uncancel())),
        Kind::Cancelling(body) => return Ok(world.with_handle(*body as usize, |task| task.cancelling())),
        Kind::Reschedule(name, ticks) => {
            let when = (*ticks > 0).then(|| everloop_core::Instant::now() + span(*ticks));
            return Ok(world.timeout(*name).map_or(-1, |timeout| {
                i32::from(timeout.reschedule(when).is_ok()) + 2 * i32::from(timeout.expired())
            }));
        }
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
        Kind::Timeout(name, ticks, inner) => {
            let scope = Rc::new(timeout(span(*ticks)));
            world.timeouts.borrow_mut().push((*name, scope.clone()));
            return scope.run(block(world, inner)).await.unwrap_or(Err(Error::Timeout));
        }
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

/// What the await of a task gives: its cancellation goes on in who awaits it, as in Python.
async fn joined(mut held: Held<'_>, result: Result<Outcome, CancelledError>) -> Outcome {
    let outcome = resumed(result).await;
    held.end();
    outcome
}

pub(super) async fn resumed(result: Result<Outcome, CancelledError>) -> Outcome {
    match result {
        Ok(outcome) => outcome,
        Err(cancelled) => match cancelled.resume().await {},
    }
}
