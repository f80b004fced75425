//! What is done with a lock or a permit.

use alloc::rc::Rc;

use super::block;
use crate::objects::Thing;
use crate::program::Block;
use crate::trace::Outcome;
use crate::world::World;

/// The lines of those who were let in, and of those who were notified.
const ENTERED: u32 = 100;
const NOTIFIED: u32 = 101;

pub(super) async fn with(world: &Rc<World>, id: u32, object: u32, inner: &Block) -> Outcome {
    let thing = &world.things[object as usize];
    let (_lock, _counted, _permit);
    match thing {
        Thing::Lock(lock) => _lock = lock.acquire().await,
        Thing::Condition(lock, _) => _counted = lock.acquire().await,
        _ => _permit = thing.permit().await,
    }
    world.grant(object, ENTERED, id);
    block(world, inner).await
}

pub(super) async fn cond_wait(
    world: &Rc<World>,
    id: u32,
    object: u32,
    before: &Block,
    after: &Block,
) -> Outcome {
    let Thing::Condition(lock, condition) = &world.things[object as usize] else { return Ok(0) };
    let mut guard = lock.acquire().await;
    world.grant(object, ENTERED, id);
    block(world, before).await?;
    condition.wait(&mut guard).await;
    world.grant(object, NOTIFIED, id);
    block(world, after).await
}

pub(super) async fn cond_wait_for(
    world: &Rc<World>,
    id: u32,
    (object, times): (u32, u32),
    before: &Block,
    after: &Block,
) -> Outcome {
    let Thing::Condition(lock, condition) = &world.things[object as usize] else { return Ok(0) };
    let mut guard = lock.acquire().await;
    world.grant(object, ENTERED, id);
    block(world, before).await?;
    let enough = guard.saturating_add(times);
    condition.wait_for(&mut guard, |notified| *notified >= enough).await;
    world.grant(object, NOTIFIED, id);
    block(world, after).await
}
