//! Random trees of scopes, from a seed: whatever is cancelled when, nothing hangs, no cleanup is cut but where the
//! rules say so, no request is lost, and only a deadline of its own makes a `TimeoutError`.
//!
//! `TREES=100000 FIRST=0 cargo test --release --test scope_trees -- --nocapture`; `SEED=17` runs one tree and prints
//! it with a trace.
#![cfg(all(feature = "std", feature = "alloc"))]

mod deadline;
mod group;
mod node;
mod run;
mod world;

use std::cell::Cell;
use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use everloop_core::platform::{Platform, Wait};
use everloop_core::virtual_time::{UNPARKER, VirtualTime};
use everloop_core::{Instant, OwnedLoop, create_task, sleep};

use node::{Class, LAST, MS, Micros, Node, Random, tree};
use run::build;
use world::{Frame, What, World, micros, now};

/// Virtual time that notices a loop that never rests.
struct Limited {
    time: VirtualTime,
    left: Cell<u32>,
}

impl Platform for Limited {
    fn now(&self) -> Instant {
        self.time.now()
    }

    fn park(&self, wait: Wait) {
        self.left.set(self.left.get() - 1);
        assert!(self.left.get() > 0, "livelock at {}", now());
        self.time.park(wait);
    }
}

#[derive(Clone, Copy, Debug)]
enum Act {
    Cancel,
    /// Taken back before it is delivered.
    CancelAndUncancel,
}

/// Runs the tree of a seed. What went wrong, and the trace.
fn check(seed: u64, traced: bool) -> Result<(), String> {
    let mut random = Random(seed);
    let class = Class {
        swallow: random.chance(30),
        wait_for: random.chance(60),
        timeout: random.chance(50),
        moving: random.chance(50),
        bare_join: random.chance(40),
        select: random.chance(40),
        race: random.chance(50),
        group: random.chance(50),
        abandon: random.chance(30),
        moved: random.chance(30),
    };
    let depth = 1 + random.below(5);
    let tree = tree(&mut random, class, depth);
    let mut acts = Vec::new();
    for _ in 0..random.below(4) {
        let act = if random.chance(15) { Act::CancelAndUncancel } else { Act::Cancel };
        // Apart from the tree's own times, and from those that earlier acts gave rise to.
        let between = match act {
            _ if random.chance(40) => 0,
            Act::Cancel => MS / 2,
            Act::CancelAndUncancel => MS / 4,
        };
        acts.push((random.below(20) * MS + between, act));
    }
    acts.sort_by_key(|act| act.0);
    check_tree(tree, class, acts, traced)
}

fn check_tree(tree: Node, class: Class, acts: Vec<(Micros, Act)>, traced: bool) -> Result<(), String> {
    let size = tree.size();
    let world = Rc::new(World::default());
    if traced {
        *world.trace.borrow_mut() = Some(format!("{class:?}\n{tree:#?}\n{acts:?}\n"));
    }
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let platform = Limited { time: VirtualTime::new(), left: Cell::new(20_000) };
        OwnedLoop::new(UNPARKER).run(&platform, &[], drive(tree, class, acts, world.clone())).unwrap();
    }));
    let mut text = String::new();
    if let Err(payload) = outcome {
        let message = payload.downcast_ref::<String>().cloned();
        let message = message.or_else(|| payload.downcast_ref::<&str>().map(ToString::to_string));
        writeln!(text, "panic: {}", message.unwrap_or_default()).unwrap();
    }
    for line in world.wrong.borrow().iter() {
        writeln!(text, "{line}").unwrap();
    }
    if let Some(trace) = world.trace.borrow().as_ref() {
        println!("{trace}");
    }
    if text.is_empty() { Ok(()) } else { Err(format!("{size} nodes: {text}")) }
}

async fn drive(tree: Node, class: Class, acts: Vec<(Micros, Act)>, world: Rc<World>) {
    let root = Rc::new(Frame { above: None, what: What::Root });
    let task = create_task(build(tree, world.clone(), root));
    // Where nobody swallows and nothing wins a race, one request is enough.
    world.strict.set(!class.swallow && !class.select && !class.abandon && !class.moved);
    let mut delivered_any = false;
    for (at, act) in acts {
        if at > now() {
            sleep(micros(at - now())).await;
        }
        if task.done() {
            break;
        }
        let before = world.delivered.get();
        world.note(|| format!("{act:?}"));
        // Between the whole milliseconds nothing of the tree's own happens.
        let apart = at % MS != 0;
        match act {
            Act::Cancel => {
                world.cancels.borrow_mut().push(now());
                task.cancel();
                if apart {
                    delivered_any = true;
                    sleep(micros(MS / 10)).await;
                    if world.delivered.get() == before && !task.done() {
                        world.complain(format!("the request of {at} was lost"));
                    }
                }
            }
            Act::CancelAndUncancel => {
                task.cancel();
                task.uncancel();
                for _ in 0..task.cancelling() {
                    task.uncancel();
                }
                // Those that count polls see the spurious one.
                if apart && !class.abandon && !class.moved && !class.moving {
                    sleep(micros(MS / 10)).await;
                    if world.delivered.get() != before {
                        world.complain(format!("the request of {at} was delivered though it was taken back"));
                    }
                } else {
                    // It may have joined one that was under way.
                    world.cancels.borrow_mut().push(now());
                }
            }
        }
    }
    if LAST > now() {
        sleep(micros(LAST - now())).await;
    }
    if delivered_any && !task.done() && world.strict.get() {
        world.complain("a request was not enough to end the task".into());
    }
    for _ in 0..100 {
        if task.done() {
            break;
        }
        let before = world.delivered.get();
        world.note(|| "last cancel".into());
        world.cancels.borrow_mut().push(now());
        task.cancel();
        sleep(micros(MS / 10)).await;
        if world.delivered.get() == before && !task.done() {
            world.complain(format!("a last request, of {}, was lost", now()));
        }
        sleep(micros(500 * MS)).await;
    }
    if !task.done() {
        world.complain("a hundred requests did not end the task".into());
    }
    world.ending.set(true);
}

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|value| value.parse().ok())
}

#[test]
fn trees_keep_the_rules() {
    if let Some(seed) = setting("SEED") {
        check(seed, true).unwrap();
        return;
    }
    std::panic::set_hook(Box::new(|_| {}));
    let first = setting("FIRST").unwrap_or(0);
    let trees = setting("TREES").unwrap_or(100_000);
    let mut wrong = Vec::new();
    for seed in first..first + trees {
        if let Err(text) = check(seed, false) {
            wrong.push((seed, text));
        }
    }
    let _ = std::panic::take_hook();
    for (seed, text) in wrong.iter().take(40) {
        println!("SEED={seed}: {}", text.trim_end().replace('\n', " | "));
    }
    assert!(wrong.is_empty(), "{} of {trees} trees went wrong", wrong.len());
}
