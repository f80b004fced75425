//! Futures polled by hand.

use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Waker};

use crate::Primitive;
use crate::program::Step;
use crate::world::{Watched, World, forget};

struct Futures<P: Primitive> {
    world: Rc<World<P>>,
    live: Vec<Pin<Box<Watched<P>>>>,
}

impl<P: Primitive> Futures<P> {
    fn poll(&mut self, at: usize) {
        let done = self.live[at].as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready();
        if done {
            self.live.remove(at);
        }
    }

    fn chosen(&self, which: usize) -> Option<usize> {
        which.checked_rem(self.live.len())
    }

    /// Polls whoever is woken until nobody is.
    fn settle(&mut self) {
        while let Some(id) = self.world.woken() {
            let at = self.live.iter().position(|future| future.id == id).expect("it waits");
            self.poll(at);
            if self.world.failed() {
                return;
            }
        }
        self.world.check_rest();
    }

    fn step(&mut self, step: &Step<P::Start, P::Act>) {
        match step {
            Step::Begin { what, polled, .. } => {
                let Some(begun) = self.world.begin(what) else { return };
                self.live.push(Box::pin(begun));
                if *polled {
                    self.poll(self.live.len() - 1);
                }
            }
            Step::Poll { which, other_waker } => {
                let Some(at) = self.chosen(*which) else { return };
                self.world.other_waker.set(*other_waker);
                self.poll(at);
            }
            Step::Drop(which) | Step::Cancel(which) => {
                let Some(at) = self.chosen(*which) else { return };
                drop(self.live.remove(at));
            }
            Step::Forget(which) => {
                let Some(at) = self.chosen(*which) else { return };
                let future = self.live.remove(at);
                let id = future.id;
                forget(future);
                self.world.forgotten(id);
            }
            Step::Act(act) => self.world.act(act),
            Step::Settle => self.settle(),
        }
    }
}

pub fn run<P: Primitive>(world: &Rc<World<P>>, steps: &[Step<P::Start, P::Act>]) {
    let mut futures = Futures { world: world.clone(), live: Vec::new() };
    for step in steps {
        futures.step(step);
        if world.failed() {
            return;
        }
    }
    futures.settle();
    // One after the other, since a turn is handed on from each that had it.
    while !futures.live.is_empty() {
        drop(futures.live.remove(0));
    }
}
