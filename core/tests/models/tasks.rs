//! The same programs as tasks in a loop, in virtual time.

use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::task::Poll;

use everloop_core::virtual_time::{UNPARKER, VirtualTime};
use everloop_core::{Duration, OwnedLoop, Task, create_task, sleep, wait_for, yield_now};

use crate::program::Step;
use crate::world::{Watched, World, forget};
use crate::{Id, Primitive};

/// Where a task has its future, so that it can be forgotten.
type Place<P> = RefCell<Option<Pin<Box<Watched<P>>>>>;

struct Tasks<P: Primitive> {
    world: Rc<World<P>>,
    live: Vec<(Id, Weak<Place<P>>, Task<()>)>,
}

async fn body<P: Primitive>(place: Rc<Place<P>>) {
    poll_fn(|cx| match place.borrow_mut().as_mut() {
        Some(future) => future.as_mut().poll(cx),
        None => Poll::Pending,
    })
    .await;
}

impl<P: Primitive> Tasks<P> {
    fn chosen(&mut self, which: usize) -> Option<usize> {
        self.live.retain(|(.., task)| !task.done());
        which.checked_rem(self.live.len())
    }

    fn begin(&mut self, what: &P::Start, limit: Option<u8>) {
        let Some(begun) = self.world.begin(what) else { return };
        let id = begun.id;
        let place: Rc<Place<P>> = Rc::new(RefCell::new(Some(Box::pin(begun))));
        let weak = Rc::downgrade(&place);
        let task = match limit {
            Some(limit) if P::DROPPED_WHEN_CANCELLED => {
                let limit = Duration::from_millis(u64::from(limit));
                create_task(async move { wait_for(body(place), limit).await.unwrap_or(()) })
            }
            _ => create_task(body(place)),
        };
        self.live.push((id, weak, task));
    }

    async fn step(&mut self, step: &Step<P::Start, P::Act>) {
        match step {
            Step::Begin { what, polled, limit } => {
                self.begin(what, *limit);
                if *polled {
                    yield_now().await;
                }
            }
            Step::Poll { other_waker, .. } => {
                self.world.other_waker.set(*other_waker);
                yield_now().await;
            }
            Step::Drop(which) => {
                let Some(at) = self.chosen(*which) else { return };
                let (id, _, task) = self.live.remove(at);
                self.world.note(|| format!("#{id} is aborted"));
                task.abort();
            }
            Step::Cancel(which) => {
                let Some(at) = self.chosen(*which) else { return };
                let (id, _, task) = &self.live[at];
                self.world.note(|| format!("#{id} is cancelled"));
                if task.cancel() {
                    self.world.requested.borrow_mut().insert(*id);
                }
            }
            Step::Forget(which) => {
                let Some(at) = self.chosen(*which) else { return };
                let (id, place, task) = self.live.remove(at);
                let place = place.upgrade().expect("it is not done");
                let future = place.borrow_mut().take();
                forget(future.expect("it was not forgotten before"));
                self.world.forgotten(id);
                task.abort();
            }
            Step::Act(act) => self.world.act(act),
            Step::OnWake(_) => {}
            Step::Settle => {
                // Apart from the limits, so that nothing is left to be polled at this very moment.
                sleep(Duration::from_micros(1_300)).await;
                self.world.check_rest();
            }
        }
    }
}

pub fn run<P: Primitive>(world: &Rc<World<P>>, steps: &[Step<P::Start, P::Act>], dice: Option<u64>) {
    let platform = dice.map_or_else(VirtualTime::new, VirtualTime::seeded);
    let mut tasks = Tasks { world: world.clone(), live: Vec::new() };
    let ran = OwnedLoop::new(UNPARKER).run(&platform, &[], async {
        for step in steps {
            tasks.step(step).await;
            if world.failed() {
                break;
            }
        }
        if !world.failed() {
            // Longer than any limit.
            sleep(Duration::from_micros(10_500)).await;
            world.check_rest();
        }
        // What is left may wait for what nobody gives.
        for (.., task) in tasks.live {
            task.abort();
        }
    });
    ran.expect("the loop is its own");
}
