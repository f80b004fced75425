//! Runs a tree: each node as a future that watches what becomes of it.

use std::cell::Cell;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicPtr, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

use everloop_core::{catch_cancel, create_task, gather, select, select_fair, sleep, yield_now};

use crate::node::Node;
use crate::world::{Cleanup, Leaf, Path, What, World, micros, now, under};
use crate::{deadline, group};

/// What is never dropped, so that leak checkers see that it is not lost.
static FORGOTTEN: Mutex<Vec<AtomicPtr<()>>> = Mutex::new(Vec::new());

pub type Boxed = Pin<Box<dyn Future<Output = ()>>>;

pub fn build(node: Node, world: Rc<World>, path: Path) -> Boxed {
    Box::pin(run_node(node, world, path))
}

pub async fn run_node(node: Node, world: Rc<World>, path: Path) {
    match node {
        Node::Sleep(span) => {
            let mut leaf = Leaf { world: &world, done: false };
            sleep(micros(span)).await;
            leaf.done = true;
        }
        Node::Yields(times) => {
            let mut leaf = Leaf { world: &world, done: false };
            for _ in 0..times {
                yield_now().await;
            }
            leaf.done = true;
        }
        Node::Seq(nodes) => {
            for node in nodes {
                build(node, world.clone(), path.clone()).await;
            }
        }
        Node::Catch { inner, cleanup, shielded, swallow } => {
            let id = world.id();
            let inner = build(*inner, world.clone(), path.clone());
            if let Err(cancelled) = catch_cancel(inner).await {
                world.delivered.set(world.delivered.get() + 1);
                world.note(|| format!("catch {id} caught, cleans up for {cleanup}"));
                let mut guard =
                    Cleanup { world: &world, path: &path, id, start: now(), shielded, done: false };
                if shielded {
                    let inside = async {
                        sleep(micros(cleanup)).await;
                    };
                    if let Err(again) = catch_cancel(inside).await {
                        guard.done = true;
                        world.cleaned.set(Some(now()));
                        again.resume().await;
                    }
                } else {
                    sleep(micros(cleanup)).await;
                }
                guard.done = true;
                drop(guard);
                world.cleaned.set(Some(now()));
                world.note(|| format!("catch {id} {}", if swallow { "swallows" } else { "resumes" }));
                if !swallow {
                    cancelled.resume().await;
                }
            }
        }
        Node::WaitFor { inner, timeout } => deadline::wait(*inner, timeout, &world, &path).await,
        Node::Timeout { inner, timeout, inside, outside } => {
            deadline::limit(*inner, timeout, (inside, outside), &world, &path).await;
        }
        Node::Join { children, woken, safe } => {
            let path = if safe { path } else { under(&path, What::BareJoin) };
            let children = children
                .into_iter()
                .map(|child| {
                    let child = build(child, world.clone(), path.clone());
                    if safe { Box::pin(protected(child)) as Boxed } else { child }
                })
                .collect();
            Many { children, woken, all: true }.await;
        }
        Node::Select { children, woken } => {
            let path = under(&path, What::Fragile);
            let children = children.into_iter().map(|c| build(c, world.clone(), path.clone())).collect();
            Many { children, woken, all: false }.await;
        }
        Node::Race { children, fair, vec } => race(children, fair, vec, &world, &path).await,
        Node::Gather { children, vec } => {
            let mut children = children.into_iter().map(|child| build(child, world.clone(), path.clone()));
            // That some ended by a cancellation of their own is an outcome like any other.
            if vec {
                let _ = gather(children.collect::<Vec<_>>()).await;
            } else {
                let _ = gather(std::array::from_fn::<_, 2, _>(|_| children.next().unwrap())).await;
            }
        }
        Node::Group { children, body, fails, joined } => {
            group::run(children, *body, (fails, joined), &world, &path).await;
        }
        Node::Task { inner, cancelled } => {
            let path = under(&path, What::Task { cancelled: Cell::new(None) });
            let mut task = create_task(build(*inner, world.clone(), path.clone()));
            if let Some(after) = cancelled {
                if after > 0 {
                    sleep(micros(after)).await;
                }
                let What::Task { cancelled } = &path.what else { unreachable!() };
                cancelled.set(Some(now()));
                world.note(|| format!("{:?} is cancelled by its creator", task.id()));
                task.cancel();
            }
            // Dropping the await detaches the task; that is an effect too.
            let mut leaf = Leaf { world: &world, done: false };
            let _ = (&mut task).await;
            leaf.done = true;
        }
        Node::Abandon { inner, polls, forget } => {
            let path = under(&path, What::Abandon { forgotten: Cell::new(false), group: Cell::new(false) });
            let mut inner = Some(build(*inner, world.clone(), path.clone()));
            some_polls(&mut inner, polls).await;
            path.comes_late();
            world.note(|| format!("abandons, forget: {forget}"));
            if forget {
                let What::Abandon { forgotten, group } = &path.what else { unreachable!() };
                forgotten.set(inner.is_some());
                if forgotten.get() && group.get() && world.cancels.borrow().contains(&now()) {
                    // Its children may have been asked, and now nobody polls them.
                    world.delivered.set(world.delivered.get() + 1);
                }
                let forgotten = std::ptr::from_mut(Box::leak(Box::new(inner)));
                FORGOTTEN.lock().unwrap().push(AtomicPtr::new(forgotten.cast()));
            }
        }
        Node::Move { inner, polls, task } => {
            // What moves is orphaned for a moment, and may be dropped with the scope that it was in.
            let mut path = under(&path, What::Moved);
            if task {
                path = under(&path, What::Task { cancelled: Cell::new(None) });
            }
            let mut inner = Some(build(*inner, world.clone(), path));
            if let Err(cancelled) = catch_cancel(some_polls(&mut inner, polls)).await {
                cancelled.resume().await;
            }
            let Some(inner) = inner else { return };
            world.note(|| format!("moves, to a task: {task}"));
            if task {
                let _ = create_task(inner).await;
            } else if let Err(cancelled) = catch_cancel(inner).await {
                cancelled.resume().await;
            }
        }
    }
}

pub async fn race(children: Vec<Node>, fair: bool, vec: bool, world: &Rc<World>, path: &Path) {
    let id = world.id();
    let path = under(path, What::Race { won: Cell::new(None) });
    let ended = Rc::new(Cell::new(0));
    let mut children = children.into_iter().map(|child| {
        let (child, path, ended) = (build(child, world.clone(), path.clone()), path.clone(), ended.clone());
        Box::pin(async move {
            child.await;
            ended.set(ended.get() + 1);
            let What::Race { won } = &path.what else { unreachable!() };
            won.set(won.get().or(Some(now())));
        })
    });
    let outcome = match (children.len(), vec, fair) {
        (_, true, false) => select(children.collect::<Vec<_>>()).await,
        (_, true, true) => select_fair(children.collect::<Vec<_>>()).await,
        (2, _, _) => {
            let both = (children.next().unwrap(), children.next().unwrap());
            let both = if fair { select_fair(both).await } else { select(both).await };
            vec![both.0, both.1]
        }
        _ => {
            let all = std::array::from_fn::<_, 3, _>(|_| children.next().unwrap());
            if fair { select_fair(all).await.into() } else { select(all).await.into() }
        }
    };
    path.comes_late();
    world.note(|| format!("race {id} ends: {outcome:?}"));
    let values = outcome.iter().flatten().count();
    if values == 0 || values != ended.get() {
        world.complain(format!("race {id}: {} ended with a value, {values} came back", ended.get()));
    }
}

/// As `gather` does it: a scope around each child.
pub async fn protected(child: Boxed) {
    if let Err(cancelled) = catch_cancel(child).await {
        cancelled.resume().await;
    }
}

/// Polls so often and then returns, with `inner` gone if it was ready.
pub async fn some_polls(inner: &mut Option<Boxed>, mut polls: u64) {
    poll_fn(|cx| {
        if polls == 0 {
            return Poll::Ready(());
        }
        polls -= 1;
        if let Some(future) = inner.as_mut() {
            if future.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            *inner = None;
        }
        Poll::Ready(())
    })
    .await;
}

/// A foreign `join!` or `select!`.
pub struct Many {
    pub children: Vec<Boxed>,
    pub woken: bool,
    pub all: bool,
}

pub struct Flag {
    pub woken: AtomicBool,
    pub outer: Waker,
}

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.woken.store(true, Ordering::Relaxed);
        self.outer.wake_by_ref();
    }
}

impl IntoFuture for Many {
    type Output = ();
    type IntoFuture = Boxed;

    fn into_future(self) -> Boxed {
        let Self { children, woken, all } = self;
        let mut children: Vec<(Option<Boxed>, Option<Arc<Flag>>)> =
            children.into_iter().map(|child| (Some(child), None)).collect();
        Box::pin(poll_fn(move |cx| {
            for (child, flag) in &mut children {
                let Some(future) = child else { continue };
                let ready = if woken {
                    let outer = cx.waker();
                    let again = match flag {
                        Some(flag) if flag.outer.will_wake(outer) => {
                            flag.woken.swap(false, Ordering::Relaxed)
                        }
                        _ => {
                            *flag =
                                Some(Arc::new(Flag { woken: AtomicBool::new(false), outer: outer.clone() }));
                            true
                        }
                    };
                    if !again {
                        continue;
                    }
                    let waker = Waker::from(flag.clone().unwrap());
                    future.as_mut().poll(&mut Context::from_waker(&waker)).is_ready()
                } else {
                    future.as_mut().poll(cx).is_ready()
                };
                if ready {
                    *child = None;
                    if !all {
                        return Poll::Ready(());
                    }
                }
            }
            if children.iter().all(|(child, _)| child.is_none()) { Poll::Ready(()) } else { Poll::Pending }
        }))
    }
}
