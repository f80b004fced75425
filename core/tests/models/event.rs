//! `Event`.

use std::marker::PhantomData;

use everloop_core::{Event, Flavour, Local, Shared};
use proptest::strategy::{BoxedStrategy, Just, Strategy};

use crate::line::Line;
use crate::world::keep;
use crate::{Begun, Id, Model, Primitive, among, program};

pub struct Real<R: Flavour>(&'static Event<R>);

#[derive(Clone, Debug)]
pub enum Act {
    Set,
    Clear,
}

pub struct Plain<R> {
    set: bool,
    line: Line,
    _flavour: PhantomData<R>,
}

impl<R: Flavour> Primitive for Real<R> {
    type Config = ();
    type Start = ();
    type Act = Act;
    type Output = ();
    /// Whether it is set, and as what it shows itself.
    type Seen = (bool, String);
    type Model = Plain<R>;

    fn configs() -> BoxedStrategy<()> {
        Just(()).boxed()
    }

    fn starts() -> BoxedStrategy<()> {
        Just(()).boxed()
    }

    fn acts() -> BoxedStrategy<Act> {
        among(&[(2, Act::Set), (3, Act::Clear)])
    }

    fn new((): &()) -> (Self, Plain<R>) {
        (
            Self(keep(Box::new(Event::new()))),
            Plain { set: false, line: Line::default(), _flavour: PhantomData },
        )
    }

    fn begin(&self, _: Id, (): &()) -> Option<Begun<()>> {
        Some(Box::pin(self.0.wait()))
    }

    fn act(&self, act: &Act) {
        match act {
            Act::Set => self.0.set(),
            Act::Clear => self.0.clear(),
        }
    }

    fn seen(&self) -> (bool, String) {
        (self.0.is_set(), format!("{:?}", self.0))
    }
}

impl<R: Flavour> Model<Real<R>> for Plain<R> {
    fn begin(&mut self, _: Id, (): &()) -> bool {
        true
    }

    fn poll(&mut self, id: Id, _: bool) -> Option<()> {
        if self.line.come(id).is_some() || (self.set && !self.line.waits(id)) {
            return Some(());
        }
        if !self.line.waits(id) {
            self.line.push(id);
        }
        None
    }

    fn leave(&mut self, id: Id) {
        self.line.leave(id);
    }

    fn act(&mut self, act: &Act) {
        self.set = matches!(act, Act::Set);
        while self.set && self.line.tell(()) {}
    }

    fn seen(&self) -> (bool, String) {
        (self.set, format!("Event {{ set: {}, waiters: {} }}", self.set, self.line.len()))
    }

    fn turn(&self, id: Id) -> bool {
        self.line.was_told(id)
    }
}

#[test]
fn an_event_does_as_its_model() {
    program::check::<Real<Local>>();
}

#[test]
fn a_shared_event_does_as_its_model() {
    program::check::<Real<Shared>>();
}
