//! What waits for several things.

use alloc::rc::Rc;
use alloc::vec::Vec;
use core::pin::pin;

use everloop_core::{
    ReturnWhen, Task, Unbounded, as_completed, gather, select, task_group, try_gather, try_wait,
};

use super::statement::resumed;
use super::{block, span};
use crate::program::Block;
use crate::trace::{Error, Outcome, fold, text};
use crate::world::{Held, World};

/// The line in which tasks are given back as they end.
const FIRST_COMPLETED: u32 = 500;

pub(super) async fn gathered(world: &Rc<World>, blocks: &[Block]) -> Outcome {
    let outcomes = gather(blocks.iter().map(|each| block(world, each)).collect::<Vec<_>>()).await;
    Ok(fold(outcomes.iter().map(|outcome| outcome.as_ref().ok())))
}

/// A handle that does not come back, whatever comes.
struct Given<'a>(Held<'a>);

impl Drop for Given<'_> {
    fn drop(&mut self) {
        self.0.end();
    }
}

fn hold_all<'a>(world: &'a World, bodies: &[u32]) -> Result<Vec<Held<'a>>, Error> {
    bodies.iter().map(|body| world.hold(*body)).collect()
}

pub(super) async fn try_gathered(world: &Rc<World>, bodies: &[u32]) -> Outcome {
    let mut held: Vec<_> = hold_all(world, bodies)?.into_iter().map(Given).collect();
    let joins = held.iter_mut().map(|given| async { resumed(given.0.task().await).await });
    let values = try_gather(joins.collect::<Vec<_>>()).await?;
    Ok(fold(values.into_iter().map(Ok).collect::<Vec<_>>().iter().map(Some)))
}

pub(super) async fn raced(world: &Rc<World>, blocks: &[Block]) -> Outcome {
    if blocks.is_empty() {
        return Err(Error::NoTask);
    }
    let outcomes = select(blocks.iter().map(|each| block(world, each)).collect::<Vec<_>>()).await;
    Ok(fold(outcomes.iter().map(Option::as_ref)))
}

pub(super) async fn wait(world: &Rc<World>, when: u32, ticks: u32, bodies: &[u32]) -> Outcome {
    let mut held = hold_all(world, bodies)?;
    let when = match when {
        0 => ReturnWhen::FirstCompleted,
        1 => ReturnWhen::FirstException,
        _ => ReturnWhen::AllCompleted,
    };
    let limit = (ticks > 0).then(|| span(ticks));
    let mut tasks: Vec<&Task<Outcome>> = held.iter_mut().map(|held| &*held.task()).collect();
    if try_wait(&mut tasks, limit, when).await.is_err() {
        return Err(Error::NoTask);
    }
    drop(tasks);
    Ok(held.iter_mut().enumerate().map(|(n, held)| i32::from(held.task().done()) << n).sum())
}

pub(super) async fn completed(world: &Rc<World>, id: u32, ticks: u32, bodies: &[u32]) -> Outcome {
    let mut held = hold_all(world, bodies)?;
    if held.is_empty() {
        return Err(Error::NoTask);
    }
    let tasks: Vec<&Task<Outcome>> = held.iter_mut().map(|held| &*held.task()).collect();
    let mut all = pin!(as_completed(tasks.clone(), (ticks > 0).then(|| span(ticks))));
    while let Some(next) = all.next().await {
        let ended = next.map_err(|_| Error::Timeout)?;
        let body = bodies.iter().zip(&tasks).find(|(_, task)| task.id() == ended.id());
        world.grant(0, FIRST_COMPLETED + body.map_or(0, |(body, _)| *body), id);
    }
    Ok(fold(tasks.iter().map(|task| task.result().ok().and_then(Result::ok))))
}

pub(super) async fn group(world: &Rc<World>, body: &Block, children: &[Block]) -> Outcome {
    let ended = task_group(Unbounded, async |group| {
        for child in children {
            drop(group.create_task(block(world, child)));
        }
        block(world, body).await
    });
    ended.await.map_err(|errors| of_group(errors.into_iter().collect()))
}

pub(super) async fn static_group(world: &Rc<World>, body: &Block, children: &[Block]) -> Outcome {
    let ended = task_group(Unbounded, async |group| {
        for child in children {
            let (world, child) = (world.clone(), child.clone());
            drop(group.create_static_task(async move { block(&world, &child).await }));
        }
        block(world, body).await
    });
    ended.await.map_err(|errors| of_group(errors.into_iter().collect()))
}

fn of_group(mut errors: Vec<Error>) -> Error {
    errors.sort_by_key(|error| text(&Err(error.clone())));
    Error::Group(errors)
}
