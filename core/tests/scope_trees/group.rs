//! Groups, and what must become of their children.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::ops::Deref;
use std::rc::Rc;

use everloop_core::{Task, Unbounded, create_task, sleep, task_group};

use crate::node::{Child, Ended, MS, Micros, Node};
use crate::run::build;
use crate::world::{Path, What, World, micros, now, under};

/// Longer than all the cleanup that a tree may have.
const LONG: Micros = 1_000 * MS;

/// What all the members of a group share. Those that borrow have it by reference.
struct Family {
    id: u32,
    world: Rc<World>,
    frame: Path,
    /// How many children were made and are still there.
    alive: Cell<usize>,
    errors: Cell<usize>,
}

impl Family {
    fn fail(&self) -> Result<(), ()> {
        let What::Group { failed, .. } = &self.frame.what else { unreachable!() };
        self.world.note(|| format!("group {} fails", self.id));
        failed.set(failed.get().or(Some(now())));
        self.errors.set(self.errors.get() + 1);
        Err(())
    }
}

pub async fn run(children: Vec<Child>, body: Node, how: (bool, bool), world: &Rc<World>, path: &Path) {
    let (fails, joined) = how;
    let id = world.id();
    let frame = under(path, What::Group { failed: Cell::new(None), joined, again: Cell::new(None) });
    path.any(|what| {
        if let What::Abandon { group, .. } = what {
            group.set(true);
        }
        false
    });
    let (alive, errors) = (Cell::new(0), Cell::new(0));
    let family = Rc::new(Family { id, world: world.clone(), frame: frame.clone(), alive, errors });
    // It is dropped after the group.
    let outlived = Outlived(family.clone());
    let body = build(body, world.clone(), frame);
    let borrowed = &*family;
    let result = task_group(Unbounded, async |group| {
        let handles = RefCell::new(Vec::new());
        let make = |child: Child| {
            let Child { inner, fails, free, ended, .. } = child;
            let (cancelled, aborted) = (Cell::new(None), Cell::new(false));
            let path = under(&borrowed.frame, What::Child { free, cancelled, aborted });
            let inner = build(inner, borrowed.world.clone(), path.clone());
            let made = if free {
                let alive = Alive::new(family.clone(), &path);
                group.try_create_static_task(member(inner, fails, alive)).ok()
            } else {
                let alive = Alive::new(borrowed, &path);
                group.try_create_task(member(inner, fails, alive)).ok()
            };
            match (made, ended) {
                // It is too late.
                (None, _) => {}
                (Some(task), None) => handles.borrow_mut().push(task),
                (Some(task), Some(ended)) => {
                    drop(create_task(end(task, ended, path, borrowed.world.clone())));
                }
            }
        };
        let (late, early): (Vec<_>, Vec<_>) = children.into_iter().partition(|child| child.late);
        early.into_iter().for_each(&make);
        body.await;
        late.into_iter().for_each(&make);
        if joined {
            for task in handles.take() {
                // One that failed or was aborted is an outcome like any other.
                let _ = task.await;
            }
        }
        if fails { family.fail() } else { Ok(()) }
    })
    .await;
    let errors = result.map_or_else(|errors| errors.len(), |()| 0);
    world.note(|| format!("group {id} ends with {errors} errors"));
    if errors != family.errors.get() {
        world.complain(format!("group {id}: {} failed, {errors} errors came back", family.errors.get()));
    }
    if errors > 0 {
        path.comes_late();
    }
    drop(outlived);
}

/// A child's future.
async fn member<F: Deref<Target = Family>>(
    mut inner: crate::run::Boxed,
    fails: bool,
    alive: Alive<F>,
) -> Result<(), ()> {
    poll_fn(|cx| {
        alive.must_be_looked_after("polled");
        inner.as_mut().poll(cx)
    })
    .await;
    drop(inner);
    if fails { alive.family.fail() } else { Ok(()) }
}

/// Ends a child by its handle.
async fn end(task: Task<()>, (after, how): (Micros, Ended), path: Path, world: Rc<World>) {
    sleep(micros(after)).await;
    if task.done() {
        return;
    }
    let What::Child { free, cancelled, aborted } = &path.what else { unreachable!() };
    let before = world.delivered.get();
    world.note(|| format!("{:?} is {how:?} by its handle", task.id()));
    match how {
        Ended::Cancelled => {
            cancelled.set(Some(now()));
            task.cancel();
        }
        Ended::Aborted => {
            aborted.set(true);
            if !task.abort() || task.done() != *free {
                world.complain(format!("{:?}: its abort went wrong", task.id()));
            }
        }
    }
    if path.any(|what| matches!(what, What::Fragile | What::Abandon { .. } | What::Moved)) {
        return;
    }
    let apart = after % MS != 0;
    sleep(micros(MS / 10)).await;
    if !task.done() && (how == Ended::Aborted || apart && world.delivered.get() == before) {
        world.complain(format!("{:?} was {how:?} by its handle, and nothing came of it", task.id()));
    }
}

/// A child that is there, from when it was made.
struct Alive<F: Deref<Target = Family>> {
    family: F,
    path: Path,
}

impl<F: Deref<Target = Family>> Alive<F> {
    fn new(family: F, path: &Path) -> Self {
        family.alive.set(family.alive.get() + 1);
        Self { family, path: path.clone() }
    }

    /// Nobody touches a child that borrows once its group is forgotten.
    fn must_be_looked_after(&self, what: &str) {
        if self.path.is_forgotten() {
            let id = self.family.id;
            self.family
                .world
                .complain_always(format!("a child of group {id} was {what} after that was forgotten"));
        }
    }
}

impl<F: Deref<Target = Family>> Drop for Alive<F> {
    fn drop(&mut self) {
        self.must_be_looked_after("dropped");
        self.family.alive.set(self.family.alive.get() - 1);
    }
}

/// No child outlives its group.
struct Outlived(Rc<Family>);

impl Drop for Outlived {
    fn drop(&mut self) {
        let Family { id, world, frame, alive, .. } = &*self.0;
        if alive.get() > 0 {
            world.complain_always(format!("{} children of group {id} outlived it", alive.get()));
        }
        let What::Group { failed, .. } = &frame.what else { unreachable!() };
        if let Some(at) = failed.get()
            && world.strict.get()
            && now() > at + LONG
        {
            world.complain(format!("group {id} failed at {at}, and went on to {}", now()));
        }
    }
}
