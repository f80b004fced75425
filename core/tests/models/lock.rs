//! `Lock`.

use std::marker::PhantomData;

use everloop_core::{Flavour, Local, Lock, LockGuard, Shared};
use proptest::prelude::*;

use crate::held::{self, Held};
use crate::line::Line;
use crate::world::keep;
use crate::{Begun, Id, Model, Primitive, program};

pub struct Real<R: Flavour> {
    lock: &'static Lock<u32, R>,
    held: Held<LockGuard<'static, u32, R>>,
}

#[derive(Clone, Debug)]
pub enum Act {
    TryAcquire,
    Release(usize),
    /// A guard that is forgotten holds the lock for ever.
    ForgetGuard(usize),
}

#[derive(Debug, PartialEq)]
pub enum Output {
    /// With how many had it before.
    Acquired(u32),
    Locked,
    Released(bool),
}

pub struct Plain<R> {
    taken: bool,
    times: u32,
    /// As many as there are guards, which is one at most.
    guards: Vec<()>,
    line: Line,
    _flavour: PhantomData<R>,
}

fn count<R: Flavour>(guard: &mut LockGuard<'static, u32, R>) -> Output {
    let before = **guard;
    **guard += 1;
    Output::Acquired(before)
}

impl<R: Flavour> Primitive for Real<R> {
    type Config = ();
    type Start = ();
    type Act = Act;
    type Output = Output;
    type Seen = (bool, String);
    type Model = Plain<R>;

    fn configs() -> BoxedStrategy<()> {
        Just(()).boxed()
    }

    fn starts() -> BoxedStrategy<()> {
        Just(()).boxed()
    }

    fn acts() -> BoxedStrategy<Act> {
        prop_oneof![
            8 => Just(Act::TryAcquire),
            40 => any::<usize>().prop_map(Act::Release),
            1 => any::<usize>().prop_map(Act::ForgetGuard),
        ]
        .boxed()
    }

    fn new((): &()) -> (Self, Plain<R>) {
        let plain = Plain {
            taken: false,
            times: 0,
            guards: Vec::new(),
            line: Line::default(),
            _flavour: PhantomData,
        };
        (Self { lock: keep(Box::new(Lock::new(0))), held: Held::new() }, plain)
    }

    fn begin(&self, _: Id, (): &()) -> Option<Begun<Output>> {
        let (lock, held) = (self.lock, self.held.clone());
        Some(Box::pin(async move {
            let mut guard = lock.acquire().await;
            let output = count(&mut guard);
            held.push(guard);
            output
        }))
    }

    fn act(&self, act: &Act) -> Output {
        match act {
            Act::TryAcquire => match self.lock.try_acquire() {
                Some(mut guard) => {
                    let output = count(&mut guard);
                    self.held.push(guard);
                    output
                }
                None => Output::Locked,
            },
            Act::Release(which) => Output::Released(self.held.take(*which).map(drop).is_some()),
            Act::ForgetGuard(which) => {
                Output::Released(self.held.take(*which).map(std::mem::forget).is_some())
            }
        }
    }

    fn seen(&self) -> (bool, String) {
        (self.lock.locked(), format!("{:?}", self.lock))
    }
}

impl<R> Plain<R> {
    fn acquired(&mut self) -> Output {
        self.taken = true;
        self.guards.push(());
        self.times += 1;
        Output::Acquired(self.times - 1)
    }

    fn pass_on(&mut self) {
        self.taken = self.line.tell(());
    }
}

impl<R: Flavour> Model<Real<R>> for Plain<R> {
    fn begin(&mut self, _: Id, (): &()) -> bool {
        true
    }

    fn poll(&mut self, id: Id, _: bool) -> Option<Output> {
        if self.line.come(id).is_some() || !self.taken {
            return Some(self.acquired());
        }
        if !self.line.waits(id) {
            self.line.push(id);
        }
        None
    }

    fn leave(&mut self, id: Id) {
        if self.line.leave(id).is_some() {
            self.pass_on();
        }
    }

    fn act(&mut self, act: &Act) -> Output {
        match act {
            Act::TryAcquire if self.taken => Output::Locked,
            Act::TryAcquire => self.acquired(),
            Act::Release(which) => {
                let held = held::take(&mut self.guards, *which).is_some();
                if held {
                    self.pass_on();
                }
                Output::Released(held)
            }
            Act::ForgetGuard(which) => Output::Released(held::take(&mut self.guards, *which).is_some()),
        }
    }

    fn seen(&self) -> (bool, String) {
        let taken = self.taken;
        (taken, format!("Lock {{ locked: {taken}, waiters: {}, .. }}", self.line.len()))
    }

    fn turn(&self, id: Id) -> bool {
        self.line.was_told(id)
    }
}

#[test]
fn a_lock_does_as_its_model() {
    program::check::<Real<Local>>();
}

#[test]
fn a_shared_lock_does_as_its_model() {
    program::check::<Real<Shared>>();
}
