//! What is tested, and what it is compared with.

use std::fmt::Debug;

use proptest::strategy::{BoxedStrategy, Strategy};

pub type Id = usize;
pub type Begun<T> = std::pin::Pin<Box<dyn Future<Output = T>>>;

/// What is tested: the real thing, what can be done with it, and where its model is.
pub trait Primitive: 'static {
    /// How it is made.
    type Config: Clone + Debug;
    /// What waits: the beginning of a future.
    type Start: Clone + Debug;
    /// What is done at once.
    type Act: Clone + Debug;
    /// What comes of either.
    type Output: PartialEq + Debug;
    /// What can be seen of it at any time.
    type Seen: PartialEq + Debug;
    type Model: Model<Self>;
    /// Whether a request that comes from outside ends a future as its drop does. Then a deadline may, too.
    const DROPPED_WHEN_CANCELLED: bool = true;

    /// Whether all who are told at once are told before anything that the first of them does. If not, nobody leaves in a
    /// wake, and nothing is done in the wake of what is done in a wake.
    const TELLS_AT_ONCE: bool = true;

    fn configs() -> BoxedStrategy<Self::Config>;
    fn starts() -> BoxedStrategy<Self::Start>;
    fn acts() -> BoxedStrategy<Self::Act>;

    fn new(config: &Self::Config) -> (Self, Self::Model)
    where
        Self: Sized;
    /// `None` if what it needs is not there.
    fn begin(&self, id: Id, start: &Self::Start) -> Option<Begun<Self::Output>>;
    fn act(&self, act: &Self::Act) -> Self::Output;
    fn seen(&self) -> Self::Seen;
}

/// The same in plain words. Who is forgotten does nothing any more, so the model need not be told.
pub trait Model<P: Primitive + ?Sized> {
    /// Whether it can begin.
    fn begin(&mut self, id: Id, start: &P::Start) -> bool;
    /// What this poll gives. `requested`: a request reaches it in this poll.
    fn poll(&mut self, id: Id, requested: bool) -> Option<P::Output>;
    /// It is dropped before its end.
    fn leave(&mut self, id: Id);
    fn act(&mut self, act: &P::Act) -> P::Output;
    fn seen(&self) -> P::Seen;
    /// Whether one that was polled and waits has to be polled again.
    fn turn(&self, id: Id) -> bool;
}

pub fn among<T: Clone + Debug + 'static>(values: &'static [(u32, T)]) -> BoxedStrategy<T> {
    let weighted = values.iter().map(|(weight, value)| (*weight, proptest::strategy::Just(value.clone())));
    proptest::strategy::Union::new_weighted(weighted.collect()).boxed()
}
