//! Futures polled by hand, and foreign code in their wakes.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Waker};

use crate::Primitive;
use crate::program::{OnWake, Step};
use crate::world::{Watched, World, forget, on_wake};

struct Futures<P: Primitive> {
    world: Rc<World<P>>,
    /// But the one that is being polled.
    live: RefCell<Vec<Pin<Box<Watched<P>>>>>,
    in_wakes: RefCell<VecDeque<OnWake<P::Act>>>,
}

impl<P: Primitive> Futures<P> {
    fn poll(&self, mut future: Pin<Box<Watched<P>>>) {
        let poll = future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        if poll.is_pending() {
            self.live.borrow_mut().push(future);
        }
    }

    fn chosen(&self, which: usize) -> Option<Pin<Box<Watched<P>>>> {
        let mut live = self.live.borrow_mut();
        let at = which.checked_rem(live.len())?;
        Some(live.remove(at))
    }

    /// Foreign code while somebody is woken.
    fn woken(&self) {
        if !P::TELLS_AT_ONCE && self.world.depth() > 1 {
            return;
        }
        let Some(next) = self.in_wakes.borrow_mut().pop_front() else { return };
        self.world.note(|| format!("in a wake: {next:?}"));
        match next {
            OnWake::Act(act) => self.world.act(&act),
            OnWake::Drop(which) if P::TELLS_AT_ONCE => drop(self.chosen(which)),
            OnWake::Drop(_) => {}
        }
    }

    /// Polls whoever is woken until nobody is.
    fn settle(&self) {
        while let Some(id) = self.world.woken() {
            let at = self.live.borrow().iter().position(|future| future.id == id).expect("it waits");
            let future = self.live.borrow_mut().remove(at);
            self.poll(future);
            if self.world.failed() {
                return;
            }
        }
        self.world.check_rest();
    }

    fn step(&self, step: &Step<P::Start, P::Act>) {
        match step {
            Step::Begin { what, polled, .. } => {
                let Some(begun) = self.world.begin(what) else { return };
                let begun = Box::pin(begun);
                if *polled {
                    self.poll(begun);
                } else {
                    self.live.borrow_mut().push(begun);
                }
            }
            Step::Poll { which, other_waker } => {
                let Some(future) = self.chosen(*which) else { return };
                self.world.other_waker.set(*other_waker);
                self.poll(future);
            }
            Step::Drop(which) | Step::Cancel(which) => drop(self.chosen(*which)),
            Step::Forget(which) => {
                let Some(future) = self.chosen(*which) else { return };
                let id = future.id;
                forget(future);
                self.world.forgotten(id);
            }
            Step::Act(act) => self.world.act(act),
            Step::OnWake(next) => self.in_wakes.borrow_mut().push_back(next.clone()),
            Step::Settle => self.settle(),
        }
    }
}

/// Until it is dropped, also by a panic.
struct InWakes;

impl Drop for InWakes {
    fn drop(&mut self) {
        on_wake(None);
    }
}

pub fn run<P: Primitive>(world: &Rc<World<P>>, steps: &[Step<P::Start, P::Act>]) {
    let (live, in_wakes) = (RefCell::default(), RefCell::default());
    let futures = Rc::new(Futures { world: world.clone(), live, in_wakes });
    let in_wakes = futures.clone();
    on_wake(Some(Rc::new(move || in_wakes.woken())));
    let _end = InWakes;
    for step in steps {
        futures.step(step);
        if world.failed() {
            return;
        }
    }
    futures.settle();
    // One after the other, since a turn is handed on from each that had it.
    while let Some(future) = futures.chosen(0) {
        drop(future);
    }
}
