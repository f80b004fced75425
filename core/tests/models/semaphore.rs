//! `Semaphore` and `BoundedSemaphore`.

use everloop_core::{BoundedSemaphore, Local, Permit, Semaphore};
use proptest::prelude::*;

use crate::held::{self, Held};
use crate::line::Line;
use crate::world::keep;
use crate::{Begun, Id, Model, Primitive, program};

#[derive(Clone, Copy)]
pub enum Either {
    Free(&'static Semaphore),
    Bounded(&'static BoundedSemaphore),
}

pub struct Real {
    semaphore: Either,
    held: Held<Permit<'static, Local>>,
}

#[derive(Clone, Debug)]
pub struct Config {
    permits: usize,
    bounded: bool,
}

#[derive(Clone, Debug)]
pub enum Act {
    TryAcquire,
    Release,
    Drop(usize),
    /// As asyncio's `acquire`.
    Forget(usize),
}

#[derive(Debug, PartialEq)]
pub enum Output {
    Acquired,
    Locked,
    /// Whether there was something to be done, and it was.
    Done(bool),
}

pub struct Plain {
    bounded: bool,
    /// How many there are, wherever they are, but the forgotten.
    all: usize,
    limit: usize,
    permits: Vec<()>,
    free: usize,
    line: Line,
}

impl Either {
    fn try_acquire(self) -> Option<Permit<'static, Local>> {
        match self {
            Self::Free(semaphore) => semaphore.try_acquire(),
            Self::Bounded(semaphore) => semaphore.try_acquire(),
        }
    }
}

impl Primitive for Real {
    type Config = Config;
    type Start = ();
    type Act = Act;
    type Output = Output;
    type Seen = (bool, usize, String);
    type Model = Plain;

    fn configs() -> BoxedStrategy<Config> {
        (0..4_usize, any::<bool>()).prop_map(|(permits, bounded)| Config { permits, bounded }).boxed()
    }

    fn starts() -> BoxedStrategy<()> {
        Just(()).boxed()
    }

    fn acts() -> BoxedStrategy<Act> {
        prop_oneof![
            2 => Just(Act::TryAcquire),
            3 => Just(Act::Release),
            3 => any::<usize>().prop_map(Act::Drop),
            2 => any::<usize>().prop_map(Act::Forget),
        ]
        .boxed()
    }

    fn new(config: &Config) -> (Self, Plain) {
        let Config { permits, bounded } = *config;
        let semaphore = if bounded {
            Either::Bounded(keep(Box::new(BoundedSemaphore::new(permits))))
        } else {
            Either::Free(keep(Box::new(Semaphore::new(permits))))
        };
        let limit = if bounded { permits } else { usize::MAX };
        let line = Line::default();
        let plain = Plain { bounded, all: permits, limit, permits: Vec::new(), free: permits, line };
        (Self { semaphore, held: Held::new() }, plain)
    }

    fn begin(&self, _: Id, (): &()) -> Option<Begun<Output>> {
        let (semaphore, held) = (self.semaphore, self.held.clone());
        Some(Box::pin(async move {
            let permit = match semaphore {
                Either::Free(semaphore) => semaphore.acquire().await,
                Either::Bounded(semaphore) => semaphore.acquire().await,
            };
            held.push(permit);
            Output::Acquired
        }))
    }

    fn act(&self, act: &Act) -> Output {
        match act {
            Act::TryAcquire => match self.semaphore.try_acquire() {
                Some(permit) => {
                    self.held.push(permit);
                    Output::Acquired
                }
                None => Output::Locked,
            },
            Act::Release => Output::Done(match self.semaphore {
                Either::Free(semaphore) => semaphore.release().is_ok(),
                Either::Bounded(semaphore) => semaphore.release().is_ok(),
            }),
            Act::Drop(which) => Output::Done(self.held.take(*which).map(drop).is_some()),
            Act::Forget(which) => Output::Done(self.held.take(*which).map(Permit::forget).is_some()),
        }
    }

    fn seen(&self) -> (bool, usize, String) {
        match self.semaphore {
            Either::Free(semaphore) => (semaphore.locked(), semaphore.available(), format!("{semaphore:?}")),
            Either::Bounded(semaphore) => {
                (semaphore.locked(), semaphore.available(), format!("{semaphore:?}"))
            }
        }
    }
}

impl Plain {
    fn put(&mut self) {
        if !self.line.tell(()) {
            self.free += 1;
        }
    }

    fn take(&mut self) -> bool {
        let taken = self.free > 0;
        if taken {
            self.free -= 1;
            self.permits.push(());
        }
        taken
    }
}

impl Model<Real> for Plain {
    fn begin(&mut self, _: Id, (): &()) -> bool {
        true
    }

    fn poll(&mut self, id: Id, _: bool) -> Option<Output> {
        if self.line.come(id).is_some() {
            self.permits.push(());
            return Some(Output::Acquired);
        }
        if self.line.waits(id) {
            return None;
        }
        if self.take() {
            return Some(Output::Acquired);
        }
        self.line.push(id);
        None
    }

    fn leave(&mut self, id: Id) {
        if self.line.leave(id).is_some() {
            self.put();
        }
    }

    fn act(&mut self, act: &Act) -> Output {
        match act {
            Act::TryAcquire => {
                if self.take() {
                    Output::Acquired
                } else {
                    Output::Locked
                }
            }
            Act::Release => {
                let room = self.all < self.limit;
                if room {
                    self.all += 1;
                    self.put();
                }
                Output::Done(room)
            }
            Act::Drop(which) => {
                let held = held::take(&mut self.permits, *which).is_some();
                if held {
                    self.put();
                }
                Output::Done(held)
            }
            Act::Forget(which) => {
                let held = held::take(&mut self.permits, *which).is_some();
                if held {
                    self.all -= 1;
                }
                Output::Done(held)
            }
        }
    }

    fn seen(&self) -> (bool, usize, String) {
        let name = if self.bounded { "BoundedSemaphore" } else { "Semaphore" };
        let (free, waiters) = (self.free, self.line.len());
        (free == 0, free, format!("{name} {{ available: {free}, waiters: {waiters} }}"))
    }

    fn turn(&self, id: Id) -> bool {
        self.line.was_told(id)
    }
}

#[test]
fn a_semaphore_does_as_its_model() {
    program::check::<Real>();
}
