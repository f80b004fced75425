//! `Condition`, with its lock.

use everloop_core::{Condition, Lock, LockGuard};
use proptest::prelude::*;

use crate::held::{self, Held};
use crate::line::Line;
use crate::world::keep;
use crate::{Begun, Id, Model, Primitive, program};

pub type Guard = LockGuard<'static, u32>;

pub struct Real {
    lock: &'static Lock<u32>,
    conditions: &'static [Condition; 2],
    held: Held<Guard>,
}

#[derive(Clone, Debug)]
pub enum Start {
    Acquire,
    /// With the guard, if there is one.
    Wait {
        condition: usize,
    },
    /// Until the value is at least so great.
    WaitFor {
        condition: usize,
        value: u32,
    },
}

#[derive(Clone, Debug)]
pub enum Act {
    TryAcquire,
    /// Adds one to the value, if there is a guard.
    Add,
    Release,
    Notify {
        condition: usize,
        n: usize,
    },
    NotifyAll {
        condition: usize,
    },
}

#[derive(Debug, PartialEq)]
pub enum Output {
    /// With the value.
    Holds(u32),
    Locked,
    Done(bool),
}

fn holds(guard: Guard, held: &Held<Guard>) -> Output {
    let output = Output::Holds(*guard);
    held.push(guard);
    output
}

impl Primitive for Real {
    type Config = ();
    type Start = Start;
    type Act = Act;
    type Output = Output;
    type Seen = String;
    type Model = Plain;
    /// It takes the lock again.
    const DROPPED_WHEN_CANCELLED: bool = false;

    fn configs() -> BoxedStrategy<()> {
        Just(()).boxed()
    }

    fn starts() -> BoxedStrategy<Start> {
        let condition = prop_oneof![5 => Just(0_usize), 1 => Just(1)];
        prop_oneof![
            4 => Just(Start::Acquire),
            4 => condition.clone().prop_map(|condition| Start::Wait { condition }),
            2 => (condition, 1..5_u32).prop_map(|(condition, value)| Start::WaitFor { condition, value }),
        ]
        .boxed()
    }

    fn acts() -> BoxedStrategy<Act> {
        let condition = prop_oneof![5 => Just(0_usize), 1 => Just(1)];
        prop_oneof![
            3 => Just(Act::TryAcquire),
            1 => Just(Act::Add),
            4 => Just(Act::Release),
            3 => (condition.clone(), 0..4_usize).prop_map(|(condition, n)| Act::Notify { condition, n }),
            1 => condition.prop_map(|condition| Act::NotifyAll { condition }),
        ]
        .boxed()
    }

    fn new((): &()) -> (Self, Plain) {
        let lock = keep(Box::new(Lock::new(0)));
        let conditions = keep(Box::new([Condition::new(), Condition::new()]));
        (Self { lock, conditions, held: Held::new() }, Plain::default())
    }

    fn begin(&self, _: Id, start: &Start) -> Option<Begun<Output>> {
        let (lock, conditions, held) = (self.lock, self.conditions, self.held.clone());
        Some(match *start {
            Start::Acquire => Box::pin(async move { holds(lock.acquire().await, &held) }),
            Start::Wait { condition } => {
                let mut guard = held.take(0)?;
                Box::pin(async move {
                    conditions[condition].wait(&mut guard).await;
                    holds(guard, &held)
                })
            }
            Start::WaitFor { condition, value } => {
                let mut guard = held.take(0)?;
                Box::pin(async move {
                    conditions[condition].wait_for(&mut guard, |now| *now >= value).await;
                    holds(guard, &held)
                })
            }
        })
    }

    fn act(&self, act: &Act) -> Output {
        match *act {
            Act::TryAcquire => match self.lock.try_acquire() {
                Some(guard) => holds(guard, &self.held),
                None => Output::Locked,
            },
            Act::Add => match self.held.take(0) {
                Some(mut guard) => {
                    *guard += 1;
                    holds(guard, &self.held)
                }
                None => Output::Done(false),
            },
            Act::Release => Output::Done(self.held.take(0).map(drop).is_some()),
            Act::Notify { condition, n } => {
                self.conditions[condition].notify(n);
                Output::Done(true)
            }
            Act::NotifyAll { condition } => {
                self.conditions[condition].notify_all();
                Output::Done(true)
            }
        }
    }

    fn seen(&self) -> String {
        format!("{:?} {:?}", self.lock, self.conditions)
    }
}

/// Where one is who began.
#[derive(Clone, Copy, Debug)]
pub enum At {
    /// It has not been polled, and with a condition it has the guard.
    Begin,
    /// In the line of its condition.
    Waits,
    /// In the line of the lock. `notified`: with a notification. `cancelled`: it goes on to its end when it has the lock.
    Returns { notified: bool, cancelled: bool },
    /// It has the lock, and is about to be dropped.
    Ends,
}

#[derive(Default)]
pub struct Plain {
    taken: bool,
    value: u32,
    guards: Vec<()>,
    lock: Line,
    conditions: [Line; 2],
    all: Vec<(Id, Start, At)>,
}

impl Plain {
    fn acquired(&mut self) -> Output {
        self.taken = true;
        self.guards.push(());
        Output::Holds(self.value)
    }

    fn release(&mut self) {
        self.taken = self.lock.tell(());
    }

    fn at(&mut self, id: Id) -> &mut At {
        &mut self.all.iter_mut().find(|(other, ..)| *other == id).expect("it began").2
    }

    /// Goes for the lock. Whether it has it.
    fn acquire(&mut self, id: Id) -> bool {
        if self.lock.come(id).is_some() || !self.taken {
            self.taken = true;
            return true;
        }
        if !self.lock.waits(id) {
            self.lock.push(id);
        }
        false
    }

    /// One with a guard looks whether it has to wait.
    fn look(&mut self, id: Id, condition: usize, until: Option<u32>) -> Option<Output> {
        if until.is_some_and(|value| self.value >= value) {
            return Some(self.acquired());
        }
        *self.at(id) = At::Waits;
        self.conditions[condition].push(id);
        self.release();
        None
    }

    fn wait(&mut self, id: Id, condition: usize, until: Option<u32>, requested: bool) -> Option<Output> {
        match *self.at(id) {
            At::Ends => return None,
            At::Begin => return self.look(id, condition, until),
            At::Waits => {
                if requested {
                    if self.conditions[condition].leave(id).is_some() {
                        self.conditions[condition].tell(());
                    }
                } else {
                    self.conditions[condition].come(id)?;
                }
                *self.at(id) = At::Returns { notified: !requested, cancelled: requested };
            }
            At::Returns { notified, .. } if requested => {
                *self.at(id) = At::Returns { notified, cancelled: true };
            }
            At::Returns { .. } => {}
        }
        if !self.acquire(id) {
            return None;
        }
        let At::Returns { notified, cancelled } = *self.at(id) else { unreachable!() };
        if cancelled {
            *self.at(id) = At::Ends;
            if notified {
                self.conditions[condition].tell(());
            }
            return None;
        }
        match until {
            Some(_) => self.look(id, condition, until),
            None => Some(self.acquired()),
        }
    }
}

impl Model<Real> for Plain {
    fn begin(&mut self, id: Id, start: &Start) -> bool {
        let begins = matches!(start, Start::Acquire) || held::take(&mut self.guards, 0).is_some();
        if begins {
            self.all.push((id, start.clone(), At::Begin));
        }
        begins
    }

    fn poll(&mut self, id: Id, requested: bool) -> Option<Output> {
        let (_, start, _) = self.all.iter().find(|(other, ..)| *other == id).expect("it began");
        match *start {
            Start::Acquire => self.acquire(id).then(|| self.acquired()),
            Start::Wait { condition } => self.wait(id, condition, None, requested),
            Start::WaitFor { condition, value } => self.wait(id, condition, Some(value), requested),
        }
    }

    fn leave(&mut self, id: Id) {
        let (_, start, at) = self.all.iter().find(|(other, ..)| *other == id).expect("it began").clone();
        let condition = match start {
            Start::Acquire => None,
            Start::Wait { condition } | Start::WaitFor { condition, .. } => Some(condition),
        };
        match (condition, at) {
            (None, _) => {
                if self.lock.leave(id).is_some() {
                    self.release();
                }
            }
            // The guard goes with it.
            (Some(_), At::Begin | At::Ends) => self.release(),
            (Some(condition), At::Waits) => {
                if self.conditions[condition].leave(id).is_some() {
                    self.conditions[condition].tell(());
                }
            }
            (Some(condition), At::Returns { notified, .. }) => {
                if self.lock.leave(id).is_some() {
                    self.release();
                }
                if notified {
                    self.conditions[condition].tell(());
                }
            }
        }
    }

    fn act(&mut self, act: &Act) -> Output {
        match *act {
            Act::TryAcquire if self.taken => Output::Locked,
            Act::TryAcquire => self.acquired(),
            Act::Add if self.guards.is_empty() => Output::Done(false),
            Act::Add => {
                self.value += 1;
                Output::Holds(self.value)
            }
            Act::Release => {
                let held = held::take(&mut self.guards, 0).is_some();
                if held {
                    self.release();
                }
                Output::Done(held)
            }
            Act::Notify { condition, n } => {
                for _ in 0..n {
                    self.conditions[condition].tell(());
                }
                Output::Done(true)
            }
            Act::NotifyAll { condition } => {
                while self.conditions[condition].tell(()) {}
                Output::Done(true)
            }
        }
    }

    fn seen(&self) -> String {
        let lock = format!("Lock {{ locked: {}, waiters: {}, .. }}", self.taken, self.lock.len());
        let [first, second] = self.conditions.each_ref().map(Line::len);
        format!("{lock} [Condition {{ waiters: {first} }}, Condition {{ waiters: {second} }}]")
    }

    fn turn(&self, id: Id) -> bool {
        self.lock.was_told(id) || self.conditions.iter().any(|line| line.was_told(id))
    }
}

#[test]
fn a_condition_does_as_its_model() {
    program::check::<Real>();
}
