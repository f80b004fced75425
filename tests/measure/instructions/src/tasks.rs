//! Tasks: made, awaited, woken.

use crate::{TIMES, count, mark, tell, wants};
use everloop_core::virtual_time::{UNPARKER, VirtualTime};
use everloop_core::{OwnedLoop, Task, create_task, yield_now};
use std::cell::{Cell, RefCell};
use std::future::{pending, poll_fn};
use std::rc::Rc;
use std::task::{Poll, Waker};

/// So many tasks take turns.
const TASKS: u32 = 100;

pub fn run() {
    count("spawn and await", async |times| {
        for _ in 0..times {
            create_task(async {}).await.unwrap();
        }
    });
    count("spawn 1,000 and await them", async |times| {
        for _ in 0..times / 1000 {
            let tasks: Vec<_> = (0..1000).map(|_| create_task(async {})).collect();
            for task in tasks {
                task.await.unwrap();
            }
        }
    });
    count("cancel and await", async |times| {
        for _ in 0..times {
            let task = create_task(pending::<()>());
            yield_now().await;
            task.cancel();
            assert!(task.await.is_err());
        }
    });
    count("yield alone", async |times| {
        for _ in 0..times {
            yield_now().await;
        }
    });
    count("yield among 100", async |times| {
        let yields = || async move {
            for _ in 0..times / TASKS {
                yield_now().await;
            }
        };
        let tasks: Vec<_> = (0..TASKS).map(|_| create_task(yields())).collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
    count("wake another task", wake_each_other);
    wake_from_outside();
}

/// Two tasks wake each other in turns.
async fn wake_each_other(times: u32) {
    let wakers: Rc<[RefCell<Option<Waker>>; 2]> = Rc::default();
    let sides = [0, 1].map(|side| {
        let wakers = wakers.clone();
        let mut left = times / 2;
        create_task(poll_fn(move |cx| {
            wakers[side].borrow_mut().get_or_insert_with(|| cx.waker().clone());
            if let Some(other) = &*wakers[1 - side].borrow() {
                other.wake_by_ref();
            }
            if left == 0 {
                return Poll::Ready(());
            }
            left -= 1;
            Poll::Pending
        }))
    });
    for side in sides {
        side.await.unwrap();
    }
}

/// Tasks are woken while their loop is not the one that runs, as by another thread, and then run.
fn wake_from_outside() {
    const NAME: &str = "wake from outside the loop";
    if !wants(NAME) {
        return;
    }
    let mut open = OwnedLoop::new(UNPARKER).open(VirtualTime::new(), &[]).unwrap();
    let polls = Rc::new(Cell::new(0));
    let wakers = Rc::new(RefCell::new(Vec::new()));
    let tasks: Vec<Task<()>> = open
        .run(async {
            let tasks = (0..2 * TIMES).map(|_| {
                let (polls, wakers) = (polls.clone(), wakers.clone());
                let mut known = false;
                create_task(poll_fn(move |cx| {
                    polls.set(polls.get() + 1);
                    if !known {
                        wakers.borrow_mut().push(cx.waker().clone());
                        known = true;
                    }
                    Poll::Pending
                }))
            });
            let tasks = tasks.collect();
            yield_now().await;
            tasks
        })
        .unwrap();
    let mut wake = |times: u32| {
        polls.set(0);
        wakers.borrow()[..times as usize].iter().for_each(Waker::wake_by_ref);
        // The tasks are taken in before the main task begins, and run beside it.
        open.run(yield_now()).unwrap();
        assert_eq!(polls.get(), times);
    };
    wake(2 * TIMES);
    mark();
    wake(TIMES);
    mark();
    wake(2 * TIMES);
    mark();
    drop(tasks);
    tell(NAME);
}
