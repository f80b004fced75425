//! Makes programs.
//!
//! They are [fair](super::fair).

use std::collections::BTreeSet;
use std::vec::Vec;

use super::fair::{Burst, depends};
use super::pairs::{couple, part};
use super::random::Random;
use crate::program::{Action, Block, Class, Kind, Object, Program, Stmt};

const DEEPEST: u32 = 4;

/// The `nth` program of a run with this seed.
pub fn program(seed: u64, nth: u64) -> Program {
    let mut random = Random::new(seed, nth);
    let mixed = random.percent(30);
    // Where a task may be cancelled as it is served, few objects have many who wait.
    let most = if mixed { 2 } else { 4 };
    let objects: Vec<_> = (0..random.within(1, most)).map(|_| object(&mut random)).collect();
    let bodies = if mixed { random.within(4, 7) } else { random.within(2, 6) };
    let roots = if mixed { bodies } else { random.within(1, bodies.min(4)) };
    let says = random.percent(30);
    let eager = (roots..bodies).filter(|_| random.percent(40)).collect();
    let mut maker = Maker {
        random,
        objects,
        bodies,
        to_spawn: (roots..bodies).collect(),
        eager,
        spans: BTreeSet::new(),
        timeouts: 0,
        mixed,
        says,
    };
    let mut program = Program { roots: roots as usize, ..Program::default() };
    for body in 0..bodies {
        let at = At { body, depth: 0, nested: false, grouped: false };
        let apart = !maker.eager.contains(&body);
        program.bodies.push(maker.block(at, apart));
    }
    program.objects = maker.objects;
    if maker.random.percent(50) {
        couple(&mut program, &mut maker.random);
    }
    part(&mut program);
    program.number();
    program
}

fn object(random: &mut Random) -> Object {
    let class = random.one(&Class::ALL);
    let size = match class {
        Class::Queue | Class::LifoQueue | Class::PriorityQueue => random.below(4),
        Class::Semaphore => random.below(3),
        Class::BoundedSemaphore => random.within(1, 2),
        Class::Barrier => random.within(1, 3),
        _ => 0,
    };
    Object { class, size }
}

/// Where a block stands.
#[derive(Clone, Copy)]
struct At {
    body: u32,
    depth: u32,
    /// In a part of a task that is a task of its own in asyncio.
    nested: bool,
    /// In a task group, or part of a gather.
    grouped: bool,
}

impl At {
    fn deeper(self) -> Self {
        Self { depth: self.depth + 1, ..self }
    }

    fn part(self) -> Self {
        Self { nested: true, ..self.deeper() }
    }
}

struct Maker {
    random: Random,
    objects: Vec<Object>,
    bodies: u32,
    to_spawn: Vec<u32>,
    /// Those whose first step is to run at once.
    eager: BTreeSet<u32>,
    spans: BTreeSet<u32>,
    /// How many there are, as their numbers.
    timeouts: u32,
    /// No task waits for another, so that one may be cancelled together with what else is done.
    mixed: bool,
    /// Cancellations have messages, so that nothing consists of several things.
    says: bool,
}

fn stmt(kind: Kind) -> Stmt {
    Stmt { id: 0, kind }
}

impl Maker {
    /// A time that nothing else takes. Few steps of many sizes would give equal sums; these do not.
    fn span(&mut self, most: u32) -> u32 {
        loop {
            let span = self.random.within(1_000, most);
            if self.spans.insert(span) {
                return span;
            }
        }
    }

    fn sleep(&mut self) -> Stmt {
        stmt(Kind::Sleep(self.span(1 << 20)))
    }

    /// How long something is waited for.
    fn limit(&mut self) -> u32 {
        let most = self.random.one(&[1 << 18, 1 << 20, 1 << 21, 1 << 22]);
        self.span(most)
    }

    /// With `apart`, it begins with a sleep.
    fn block(&mut self, at: At, apart: bool) -> Block {
        let mut block = Block::new();
        let most = if at.depth == 0 { 4 } else { 2 };
        for n in 0..self.random.within(1, most) {
            if block.last().map_or(apart, |last| !matches!(last.kind, Kind::Sleep(_))) || (n == 0 && apart) {
                block.push(self.sleep());
            }
            if at.depth < DEEPEST
                && self.random.percent(if self.mixed {
                    30
                } else if at.depth == 0 {
                    65
                } else {
                    40
                })
            {
                block.push(self.compound(at));
            } else {
                self.burst(at, &mut block);
            }
        }
        if self.random.percent(30) {
            block.push(self.sleep());
        }
        if self.random.percent(15) {
            block.push(stmt(Kind::Raise(self.random.below(100))));
        }
        block
    }

    fn blocks(&mut self, at: At) -> Vec<Block> {
        (0..self.random.within(1, 3)).map(|_| self.block(at.part(), true)).collect()
    }

    fn compound(&mut self, at: At) -> Stmt {
        let inner = at.deeper();
        let alone = self.mixed || self.says;
        let which = if alone { self.random.within(7, 17) } else { self.random.below(18) };
        stmt(match which {
            0 | 1 => Kind::Gather(self.blocks(At { grouped: true, ..at })),
            2..=4 => {
                let grouped = At { grouped: true, ..at };
                let body = self.block(grouped.deeper(), true);
                if which == 4 {
                    Kind::StaticGroup(body, self.blocks(at))
                } else {
                    Kind::Group(body, self.blocks(grouped))
                }
            }
            5 | 6 => match self.race(at) {
                Some(race) => race,
                None => return self.guarded(at),
            },
            7 => Kind::WaitFor(self.limit(), self.block(inner, false)),
            8 | 9 => {
                let name = self.timeouts;
                self.timeouts += 1;
                Kind::Timeout(name, self.limit(), self.block(inner, false))
            }
            10..=12 => {
                Kind::Catch(self.block(inner, false), self.block(inner, true), self.random.percent(60))
            }
            13 => Kind::CatchError(self.block(inner, false), self.block(inner, true)),
            14 => Kind::Finally(self.block(inner, false), self.block(inner, true)),
            _ => return self.guarded(at),
        })
    }

    /// A race of which at most one part waits for what others do.
    fn race(&mut self, at: At) -> Option<Kind> {
        let blocks = self.blocks(At { grouped: true, ..at });
        let dependent = blocks.iter().filter(|block| depends(block)).count();
        (dependent < 2).then_some(Kind::Select(blocks))
    }

    /// With a lock or a permit, if there is any to be had.
    fn guarded(&mut self, at: At) -> Stmt {
        let inner = at.deeper();
        let found = self.object(|class| {
            matches!(class, Class::Lock | Class::Semaphore | Class::BoundedSemaphore)
                || (class == Class::Condition && !at.grouped)
        });
        stmt(match found {
            Some((object, Class::Condition)) => {
                let before = if self.random.percent(50) { Vec::new() } else { std::vec![self.sleep()] };
                let after = self.block(inner, true);
                if self.random.percent(60) {
                    Kind::CondWait(object, before, after)
                } else {
                    Kind::CondWaitFor(object, self.random.below(4), before, after)
                }
            }
            Some((object, _)) => Kind::With(object, self.block(inner, true)),
            None => Kind::Catch(self.block(inner, false), self.block(inner, true), self.random.percent(60)),
        })
    }

    fn object(&mut self, fits: impl Fn(Class) -> bool) -> Option<(u32, Class)> {
        let all: Vec<_> = (0..)
            .zip(&self.objects)
            .map(|(n, object)| (n, object.class))
            .filter(|(_, class)| fits(*class))
            .collect();
        if all.is_empty() { None } else { Some(self.random.one(&all)) }
    }

    /// Things that are done at one moment. The last one may wait.
    fn burst(&mut self, at: At, block: &mut Block) {
        let mut burst = Burst::new(self.mixed, None);
        if let Some(&body) = self.to_spawn.first()
            && self.eager.contains(&body)
            && body > at.body
            && self.random.percent(30)
        {
            self.to_spawn.remove(0);
            block.push(stmt(Kind::SpawnEager(body)));
            block.push(self.sleep());
            return;
        }
        if self.mixed && self.random.percent(30) {
            // Served and cancelled at one moment, in any order.
            let mut both = [self.touch(), self.concerning_a_task(at)];
            if self.random.percent(50) {
                both.reverse();
            }
            for kind in both.into_iter().flatten() {
                if burst.takes(&kind, at.body) {
                    block.push(stmt(kind));
                }
            }
            block.push(self.sleep());
            return;
        }
        for _ in 0..self.random.within(0, 2) {
            if let Some(kind) = self.at_once(at, &mut burst) {
                block.push(stmt(kind));
            }
        }
        let last =
            if self.random.percent(70) { self.waiting(at, &burst) } else { self.at_once(at, &mut burst) };
        let acted = burst.acted();
        if let Some(kind) = last {
            block.push(stmt(kind));
        }
        if acted {
            block.push(self.sleep());
        }
    }

    /// What waits for nothing.
    fn at_once(&mut self, at: At, burst: &mut Burst) -> Option<Kind> {
        let kind = if self.random.percent(35) { self.concerning_a_task(at) } else { self.touch() }?;
        burst.takes(&kind, at.body).then_some(kind)
    }

    fn touch(&mut self) -> Option<Kind> {
        let (object, class) = self.object(|_| true)?;
        let value = self.random.below(50);
        let (action, number) = match class {
            Class::Queue | Class::LifoQueue | Class::PriorityQueue => match self.random.below(20) {
                0..=8 => (Action::PutNowait, value),
                9..=13 => (Action::GetNowait, 0),
                14..=17 => (Action::TaskDone, 0),
                18 => (Action::Shutdown, self.random.below(2)),
                _ => (Action::Look, 0),
            },
            Class::Event => (self.random.one(&[Action::Set, Action::Set, Action::Clear, Action::Look]), 0),
            Class::Semaphore | Class::BoundedSemaphore => {
                (self.random.one(&[Action::Release, Action::Release, Action::Look]), 0)
            }
            Class::Barrier => {
                (self.random.one(&[Action::Reset, Action::Abort, Action::Look, Action::Look]), 0)
            }
            Class::Future => {
                let actions = [Action::SetResult, Action::SetError, Action::CancelCell, Action::Look];
                (self.random.one(&actions), value)
            }
            Class::Condition if self.random.percent(70) => (Action::Notify, self.random.one(&[1, 1, 2, 3])),
            Class::Lock | Class::Condition => (Action::Look, 0),
        };
        Some(Kind::Do(object, action, number))
    }

    fn concerning_a_task(&mut self, at: At) -> Option<Kind> {
        let next = self.to_spawn.first();
        if next.is_some_and(|body| *body > at.body && !self.eager.contains(body)) && self.random.percent(50) {
            return Some(Kind::Spawn(self.to_spawn.remove(0)));
        }
        if self.timeouts > 0 && self.random.percent(15) {
            let name = self.random.below(self.timeouts + 1);
            return Some(Kind::Reschedule(name, if self.random.percent(80) { self.limit() } else { 0 }));
        }
        let body = self.random.below(self.bodies);
        match self.random.below(20) {
            0 => return Some(Kind::Uncancel(body)),
            1 => return Some(Kind::Cancelling(body)),
            _ => {}
        }
        // A part can't cancel the task that it is a part of in the midst of its own step.
        (body != at.body || !at.nested).then(|| {
            if self.says && self.random.percent(60) {
                Kind::CancelWith(body, self.random.within(1, 3))
            } else {
                Kind::Cancel(body)
            }
        })
    }

    fn waiting(&mut self, at: At, burst: &Burst) -> Option<Kind> {
        let kind =
            if !self.mixed && self.random.percent(45) { self.for_tasks(at) } else { self.at_an_object() }?;
        burst.clone().takes(&kind, at.body).then_some(kind)
    }

    fn at_an_object(&mut self) -> Option<Kind> {
        let (object, class) = self.object(|_| true)?;
        let (action, number) = match class {
            Class::Queue | Class::LifoQueue | Class::PriorityQueue => match self.random.below(10) {
                0..=3 => (Action::Put, self.random.below(50)),
                4..=7 => (Action::Get, 0),
                _ => (Action::Join, 0),
            },
            Class::Event => (Action::Wait, 0),
            Class::Semaphore | Class::BoundedSemaphore => (Action::Keep, 0),
            Class::Barrier => (Action::Meet, 0),
            Class::Future => (Action::WaitCell, 0),
            Class::Lock | Class::Condition => return None,
        };
        Some(Kind::Do(object, action, number))
    }

    /// Waits for tasks of a higher number, so that none waits for itself.
    fn for_tasks(&mut self, at: At) -> Option<Kind> {
        let mut others: Vec<_> = (at.body + 1..self.bodies).collect();
        if others.is_empty() {
            return None;
        }
        let body = self.random.one(&others);
        Some(match self.random.below(9) {
            0 | 1 => Kind::Await(body),
            2 => Kind::Shield(body),
            3 => Kind::WaitForTask(body, self.limit()),
            4 if !self.says => {
                others.retain(|_| self.random.percent(60));
                Kind::TryGather(others)
            }
            5 => {
                others.retain(|_| self.random.percent(70));
                Kind::AsCompleted(if self.random.percent(50) { self.limit() } else { 0 }, others)
            }
            _ => {
                others.retain(|_| self.random.percent(70));
                let limit = if self.random.percent(50) { self.limit() } else { 0 };
                Kind::Wait(self.random.below(3), limit, others)
            }
        })
    }
}
