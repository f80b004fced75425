//! Task-locals whose values run foreign code when they are cloned or dropped.
#![cfg(all(feature = "std", feature = "alloc"))]

use std::cell::{Cell, RefCell};
use std::future::{Future, pending};
use std::rc::Rc;

use everloop_core::virtual_time::{UNPARKER, VirtualTime};
use everloop_core::*;

fn run<F: Future>(main: F) -> Result<F::Output, RunError> {
    OwnedLoop::new(UNPARKER).run(&VirtualTime::new(), &[], main)
}

struct Counts(Rc<Cell<u32>>);

impl Drop for Counts {
    fn drop(&mut self) {
        self.0.set(self.0.get() + 1);
    }
}

struct Panics;

impl Drop for Panics {
    fn drop(&mut self) {
        panic!("in the drop");
    }
}

#[test]
fn a_panic_in_the_drop_of_one_value_keeps_no_other() {
    static ONE: TaskLocal<Counts, 1> = TaskLocal::new();
    static TWO: TaskLocal<Panics, 1> = TaskLocal::new();
    static THREE: TaskLocal<Panics, 0> = TaskLocal::new();
    let dropped = Rc::new(Cell::new(0));
    for round in 1..=3 {
        let counts = Counts(dropped.clone());
        run(async {
            let task = create_task(async {
                assert!(ONE.set(counts).is_ok());
                assert!(TWO.set(Panics).is_ok() && THREE.set(Panics).is_ok());
                7
            });
            assert_eq!(task.await, Ok(7));
        })
        .unwrap();
        assert_eq!(dropped.get(), round);
    }
}

/// Sets the task-local anew when it is cloned, and when it is dropped.
struct Again(u32);

static AGAIN: TaskLocal<Again, 2> = TaskLocal::new();

impl Clone for Again {
    fn clone(&self) -> Self {
        if self.0 < 10 {
            assert!(AGAIN.set(Self(self.0 + 10)).is_ok());
        }
        Self(self.0)
    }
}

impl Drop for Again {
    fn drop(&mut self) {
        if self.0 < 5 {
            // At the end of its task there is none.
            let _ = AGAIN.set(Self(self.0 + 5));
        }
    }
}

#[test]
fn a_value_may_be_set_anew_while_it_is_cloned_or_dropped() {
    run(async {
        assert!(AGAIN.set(Again(6)).is_ok());
        let seen = AGAIN.get().unwrap();
        assert_eq!((seen.0, AGAIN.with(|again| again.0)), (6, Some(16)));
        assert!(AGAIN.set(Again(1)).is_ok());
        let child = create_task(async { AGAIN.with(|again| again.0) });
        // Dropped once the child has ended as well, outside of this task's own.
        assert!(AGAIN.set(Again(7)).is_ok());
        assert_eq!(child.await, Ok(Some(1)));
        assert_eq!(AGAIN.with(|again| again.0), Some(7));
        assert!(AGAIN.set(Again(2)).is_ok());
        // What the drop sets comes after what replaced it.
        assert!(AGAIN.set(Again(8)).is_ok());
        assert_eq!(AGAIN.with(|again| again.0), Some(7));
    })
    .unwrap();
}

#[test]
fn a_value_stays_while_it_is_looked_at_though_its_task_ends() {
    static SEEN: TaskLocal<RefCell<String>> = TaskLocal::new();
    run(async {
        assert!(SEEN.set(RefCell::new("outer".to_string())).is_ok());
        SEEN.with(|seen| {
            assert!(SEEN.set(RefCell::new("anew".to_string())).is_ok());
            let inside = create_eager_task(async {
                SEEN.with(|seen| seen.borrow_mut().push_str(" in the child"));
                assert!(SEEN.set(RefCell::new("child".to_string())).is_ok());
            });
            assert!(inside.done());
            assert_eq!(*seen.borrow(), "outer");
        });
        SEEN.with(|seen| assert_eq!(*seen.borrow(), "anew in the child"));
    })
    .unwrap();
}

/// The nodes of one static serve loops of two threads, with values that are not `Send`.
#[test]
fn one_task_local_may_serve_two_loops() {
    static SHARED: TaskLocal<Rc<u32>, 2> = TaskLocal::new();
    let threads: Vec<_> = (0..2)
        .map(|n| {
            std::thread::spawn(move || {
                for round in 0..20 {
                    run(async {
                        SHARED.set(Rc::new(n)).unwrap();
                        let child = create_task(async move {
                            SHARED.set(Rc::new(round)).unwrap();
                            SHARED.get()
                        });
                        assert_eq!(child.await.unwrap().as_deref(), Some(&round));
                        assert_eq!(SHARED.get().as_deref(), Some(&n));
                    })
                    .unwrap();
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
}

/// As a server does that sets what is to be seen by the task of each connection, while those before are still there.
#[test]
fn a_value_goes_with_the_last_task_that_sees_it_though_its_setter_lives() {
    static ONE: TaskLocal<Counts, 4> = TaskLocal::new();
    static TWO: TaskLocal<Counts, 4> = TaskLocal::new();
    static THREE: TaskLocal<u32, 4> = TaskLocal::new();
    let dropped = Rc::new(Cell::new(0));
    run(async {
        THREE.set(3).unwrap();
        let mut before = None::<Task<()>>;
        for round in 1..=100 {
            assert!(ONE.set(Counts(dropped.clone())).is_ok());
            assert!(TWO.set(Counts(dropped.clone())).is_ok());
            let child = create_task(async {
                assert_eq!(THREE.get(), Some(3));
                pending::<()>().await;
            });
            yield_now().await;
            if let Some(before) = before.replace(child) {
                before.abort();
                assert_eq!(dropped.get(), 2 * (round - 1));
            }
        }
        before.unwrap().abort();
        assert_eq!(dropped.get(), 2 * 99);
        assert_eq!(THREE.get(), Some(3));
    })
    .unwrap();
    assert_eq!(dropped.get(), 2 * 100);
}

/// What is hidden from a task that has set it anew may stand behind what others see, and is then also theirs.
#[test]
fn a_value_that_a_child_sees_stays_though_its_setter_sets_another() {
    static ONE: TaskLocal<u32, 4> = TaskLocal::new();
    static TWO: TaskLocal<u32, 4> = TaskLocal::new();
    run(async {
        ONE.set(1).unwrap();
        TWO.set(2).unwrap();
        let child = create_task(async {
            yield_now().await;
            (ONE.get(), TWO.get())
        });
        ONE.set(3).unwrap();
        assert_eq!(child.await, Ok((Some(1), Some(2))));
        assert_eq!((ONE.get(), TWO.get()), (Some(3), Some(2)));
    })
    .unwrap();
}
