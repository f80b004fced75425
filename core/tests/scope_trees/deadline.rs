//! Scopes with a deadline, and what must become of them.

use std::cell::Cell;
use std::future::poll_fn;
use std::rc::Rc;

use everloop_core::{Instant, Timeout, create_task, sleep, timeout, wait_for};

use crate::node::{Micros, Moved, Node};
use crate::run::{Boxed, build};
use crate::world::{Due, Path, What, World, micros, now, under};

/// Later than any deadline.
const NEVER: Micros = Micros::MAX;

pub async fn wait(inner: Node, span: Micros, world: &Rc<World>, path: &Path) {
    let id = world.id();
    let start = now();
    let frame = under(path, What::Deadline(Due { at: Cell::new(start + span), moved: Cell::new(None) }));
    let inner = build(inner, world.clone(), frame.clone());
    let result = wait_for(inner, micros(span)).await;
    world.note(|| format!("wait_for {id} until {} ends: {result:?}", due(&frame).at.get()));
    // Zero never polls, so it does not see that an outer one has passed.
    if result.is_err() && timed_out(world, path, &frame, start, id) && span > 0 {
        must_be_the_outermost(world, path, &frame, start, id);
    }
}

pub async fn limit(
    inner: Node,
    span: Option<Micros>,
    (inside, outside): (Vec<Moved>, Vec<Moved>),
    world: &Rc<World>,
    path: &Path,
) {
    let id = world.id();
    let start = now();
    let at = span.map_or(NEVER, |span| start + span);
    let frame = under(path, What::Deadline(Due { at: Cell::new(at), moved: Cell::new(None) }));
    let limit = Rc::new(timeout(span.map(micros)));
    if !outside.is_empty() {
        let (limit, frame, world) = (limit.clone(), frame.clone(), world.clone());
        drop(create_task(async move {
            for Moved { after, to } in outside {
                sleep(micros(after)).await;
                move_to(&limit, &frame, to, &world, id);
            }
        }));
    }
    let inner = moving(build(inner, world.clone(), frame.clone()), inside, &limit, &frame, world, id);
    let guard = Fires { world, path, frame: &frame, limit: &limit, start, id };
    let result = limit.run(inner).await;
    world.note(|| format!("timeout {id} until {} ends: {result:?}", due(&frame).at.get()));
    if result.is_err() {
        if !limit.expired() {
            world.complain(format!("timeout {id} timed out, and is not expired"));
        }
        if timed_out(world, path, &frame, start, id) {
            must_be_the_outermost(world, path, &frame, start, id);
        }
    }
    drop(guard);
}

fn due(frame: &Path) -> &Due {
    let What::Deadline(due) = &frame.what else { unreachable!() };
    due
}

/// Moves the timeout after some polls of what it holds.
async fn moving(mut inner: Boxed, moves: Vec<Moved>, limit: &Timeout, frame: &Path, world: &World, id: u32) {
    let mut moves = moves.into_iter().peekable();
    let mut polls = 0;
    poll_fn(|cx| {
        let result = inner.as_mut().poll(cx);
        while let Some(Moved { to, .. }) = moves.next_if(|moved| moved.after <= polls) {
            move_to(limit, frame, to, world, id);
        }
        polls += 1;
        result
    })
    .await;
}

fn move_to(limit: &Timeout, frame: &Path, to: Option<i64>, world: &World, id: u32) {
    let to = to.map(|span| now().saturating_add_signed(span));
    let moved = limit.reschedule(to.map(|at| Instant::from_ticks(at * 1000)));
    world.note(|| format!("timeout {id} is moved to {to:?}: {moved:?}"));
    if moved.is_ok() {
        due(frame).at.set(to.map_or(NEVER, |at| at.max(now())));
        due(frame).moved.set(Some(now()));
    }
}

/// Whether its own time was up, as it must have been; false where one may report for itself though an outer one asked.
fn timed_out(world: &World, path: &Path, frame: &Path, start: Micros, id: u32) -> bool {
    let at = due(frame).at.get();
    let end = now();
    if end < at {
        world.complain(format!("{id} of {start} timed out at {end}, before its deadline {at}"));
    }
    // A scope that was moved while the outer one asked has lost the request, and reports for itself: R9's known corner.
    !path.any(|what| matches!(what, What::Moved))
}

/// R9, where no request from outside could have made the outer one forget its deadline.
fn must_be_the_outermost(world: &World, path: &Path, frame: &Path, start: Micros, id: u32) {
    let at = due(frame).at.get();
    let calm = world.cancels.borrow().is_empty() && !path.any(|what| matches!(what, What::Task { .. }));
    // The earliest outer one is the only one that no other has asked before, which would end its own deadline's say.
    let earliest = earliest(path);
    // One that was moved in this very moment may have been moved after the inner one asked.
    let moved = path.any(|what| matches!(what, What::Deadline(due) if due.moved.get() == Some(at)));
    // One inside an outer's cleanup is not meant.
    if calm && !moved && start < earliest && earliest <= at && now() == at {
        world.complain(format!("{id} timed out at {at} though an outer one did so too"));
    }
}

fn earliest(path: &Path) -> Micros {
    let earliest = Cell::new(NEVER);
    path.any(|what| {
        if let What::Deadline(due) = what {
            earliest.set(earliest.get().min(due.at.get()));
        }
        false
    });
    earliest.get()
}

/// When a timeout's time is up it fires, if nobody asked before.
struct Fires<'a> {
    world: &'a World,
    path: &'a Path,
    frame: &'a Path,
    limit: &'a Timeout,
    start: Micros,
    id: u32,
}

impl Drop for Fires<'_> {
    fn drop(&mut self) {
        let at = due(self.frame).at.get();
        let end = now();
        if end <= at || self.limit.expired() {
            return;
        }
        let asked = self.world.cancels.borrow().iter().any(|&asked| asked <= at)
            || self.path.any(|what| match what {
                What::Task { cancelled } => cancelled.get().is_some_and(|asked| asked <= at),
                What::Deadline(outer) => outer.at.get() <= at,
                // A loser is asked when its race is won.
                What::Race { won } => won.get().is_some_and(|won| won <= at),
                _ => false,
            });
        if !asked {
            let Self { start, id, .. } = self;
            self.world.complain(format!("timeout {id} of {start} did not fire at {at}, and ended at {end}"));
        }
    }
}
