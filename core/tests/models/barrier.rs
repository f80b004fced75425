//! `Barrier`.

use everloop_core::Barrier;
use proptest::prelude::*;

use crate::line::Line;
use crate::world::keep;
use crate::{Begun, Id, Model, Primitive, among, program};

pub struct Real(&'static Barrier);

#[derive(Clone, Debug)]
pub enum Act {
    Reset,
    Abort,
}

#[derive(Debug, PartialEq)]
pub enum Output {
    Passed(usize),
    Broken,
    Done,
}

pub struct Plain {
    parties: usize,
    broken: bool,
    line: Line<Output>,
}

impl Primitive for Real {
    type Config = usize;
    type Start = ();
    type Act = Act;
    type Output = Output;
    /// Whether it is broken, and how many wait of how many.
    type Seen = (bool, usize, usize);
    type Model = Plain;
    /// If one leaves, those who are told later get lower numbers; and what comes while a reset tells others is done before
    /// it.
    const TELLS_AT_ONCE: bool = false;

    fn configs() -> BoxedStrategy<usize> {
        (1..5_usize).boxed()
    }

    fn starts() -> BoxedStrategy<()> {
        Just(()).boxed()
    }

    fn acts() -> BoxedStrategy<Act> {
        among(&[(3, Act::Reset), (1, Act::Abort)])
    }

    fn new(parties: &usize) -> (Self, Plain) {
        let plain = Plain { parties: *parties, broken: false, line: Line::default() };
        (Self(keep(Box::new(Barrier::new(*parties)))), plain)
    }

    fn begin(&self, _: Id, (): &()) -> Option<Begun<Output>> {
        let barrier = self.0;
        Some(Box::pin(async move {
            match barrier.wait().await {
                Ok(index) => Output::Passed(index),
                Err(_broken) => Output::Broken,
            }
        }))
    }

    fn act(&self, act: &Act) -> Output {
        match act {
            Act::Reset => self.0.reset(),
            Act::Abort => self.0.abort(),
        }
        Output::Done
    }

    fn seen(&self) -> (bool, usize, usize) {
        (self.0.broken(), self.0.n_waiting(), self.0.parties())
    }
}

impl Model<Real> for Plain {
    fn begin(&mut self, _: Id, (): &()) -> bool {
        true
    }

    fn poll(&mut self, id: Id, _: bool) -> Option<Output> {
        if let Some(output) = self.line.come(id) {
            return Some(output);
        }
        if self.line.waits(id) {
            return None;
        }
        if self.broken {
            return Some(Output::Broken);
        }
        if self.line.len() + 1 < self.parties {
            self.line.push(id);
            return None;
        }
        for index in 0..self.parties - 1 {
            self.line.tell(Output::Passed(index));
        }
        Some(Output::Passed(self.parties - 1))
    }

    /// One that has passed leaves with its number, which is nobody's then.
    fn leave(&mut self, id: Id) {
        self.line.leave(id);
    }

    fn act(&mut self, act: &Act) -> Output {
        while self.line.tell(Output::Broken) {}
        self.broken = matches!(act, Act::Abort);
        Output::Done
    }

    fn seen(&self) -> (bool, usize, usize) {
        (self.broken, self.line.len(), self.parties)
    }

    fn turn(&self, id: Id) -> bool {
        self.line.was_told(id)
    }
}

#[test]
fn a_barrier_does_as_its_model() {
    program::check::<Real>();
}
