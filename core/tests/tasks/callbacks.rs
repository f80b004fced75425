//! What callbacks of tasks may do to the task that calls them, and to others.
#![cfg(all(feature = "std", feature = "alloc"))]

use std::cell::{Cell, RefCell};
use std::future::{Future, pending};
use std::rc::Rc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use everloop_core::virtual_time::{UNPARKER, VirtualTime};
use everloop_core::*;

fn run<F: Future>(main: F) -> Result<F::Output, RunError> {
    OwnedLoop::new(UNPARKER).run(&VirtualTime::new(), &[], main)
}

#[test]
fn a_callback_may_add_and_remove_others_and_drop_the_handle() {
    run(async {
        let log = Rc::new(RefCell::new(Vec::new()));
        let kept = Rc::new(RefCell::new(None::<Task<String>>));
        let task = create_task(async { "value".to_string() });
        let second = Rc::new(Cell::new(None));
        {
            let (log, kept, second) = (log.clone(), kept.clone(), second.clone());
            task.add_done_callback(move |task| {
                log.borrow_mut().push("first");
                // Too late: the task is done, and the others are about to be called.
                assert!(!task.remove_done_callback(second.get().unwrap()));
                let again = log.clone();
                task.add_done_callback(move |task| {
                    assert_eq!(task.result(), Ok(Ok(&"value".to_string())));
                    again.borrow_mut().push("at once");
                });
                assert!(!task.cancel() && !task.abort());
                drop(kept.take());
                // The output stays while its task tells of it.
                assert_eq!(task.result(), Ok(Ok(&"value".to_string())));
            });
        }
        let told = log.clone();
        let id = task.add_done_callback(move |task| {
            assert_eq!(task.result(), Ok(Ok(&"value".to_string())));
            told.borrow_mut().push("second");
        });
        second.set(Some(id));
        kept.replace(Some(task));
        yield_now().await;
        yield_now().await;
        assert_eq!(*log.borrow(), ["first", "at once", "second"]);
    })
    .unwrap();
}

#[test]
fn a_callback_may_end_other_tasks_whose_callbacks_end_further_ones() {
    run(async {
        let log = Rc::new(RefCell::new(Vec::new()));
        let mut before = None::<Task<()>>;
        for n in 0..5 {
            let task = create_task(pending::<()>());
            let (told, next) = (log.clone(), before.take());
            task.add_done_callback(move |_| {
                told.borrow_mut().push(n);
                if let Some(next) = next {
                    next.abort();
                }
                assert!(current_task().is_none());
                if n == 2 {
                    panic!("in the callback");
                }
            });
            before = Some(task);
        }
        yield_now().await;
        before.unwrap().abort();
        assert_eq!(*log.borrow(), [4, 3, 2, 1, 0]);
        assert!(current_task().is_some());
    })
    .unwrap();
}

static ROUNDS: AtomicU32 = AtomicU32::new(0);
static ANEW: DoneCallback<u32> = DoneCallback::new(|task| {
    if ROUNDS.fetch_add(1, Relaxed) < 3 {
        // The task is done: called at once, inside this call.
        assert!(task.add_static_done_callback(&ANEW).is_ok());
    }
});

#[test]
fn a_static_callback_may_add_itself_anew() {
    run(async {
        let task = create_task(async { 1 });
        task.add_static_done_callback(&ANEW).unwrap();
        assert_eq!(task.add_static_done_callback(&ANEW), Err(CallbackInUse));
        assert_eq!(task.await, Ok(1));
        assert_eq!(ROUNDS.load(Relaxed), 4);
    })
    .unwrap();
}

#[test]
fn one_static_callback_may_serve_loops_of_two_threads() {
    static CALLS: AtomicU32 = AtomicU32::new(0);
    static BOTH: DoneCallback<u32> = DoneCallback::new(|task| {
        assert_eq!(task.result(), Ok(Ok(&7)));
        CALLS.fetch_add(1, Relaxed);
    });
    let threads: Vec<_> = (0..2)
        .map(|_| {
            std::thread::spawn(|| {
                run(async {
                    let mut added = 0;
                    for round in 0..40 {
                        let task = create_task(async { 7 });
                        if let Ok(id) = task.add_static_done_callback(&BOTH) {
                            added += 1;
                            if round % 4 == 0 {
                                assert!(task.remove_done_callback(id));
                                added -= 1;
                            }
                        }
                        std::thread::yield_now();
                        assert_eq!(task.await, Ok(7));
                    }
                    added
                })
                .unwrap()
            })
        })
        .collect();
    let added: u32 = threads.into_iter().map(|thread| thread.join().unwrap()).sum();
    assert_eq!(CALLS.load(Relaxed), added);
}

/// An eager task does to its creator what it can.
#[test]
fn an_eager_task_may_cancel_and_abort_its_creator() {
    run(async {
        let kept = Rc::new(RefCell::new(None::<Task<u32>>));
        let inside = kept.clone();
        let creator = create_task(async move {
            let me = current_task().unwrap().id();
            let eager = create_eager_task(async move {
                let creator = inside.take().unwrap();
                assert!(!creator.abort(), "it runs");
                panic!("in the first step");
            });
            assert_eq!(current_task().unwrap().id(), me);
            assert!(eager.done());
            drop(eager);
            assert!(catch_cancel(pending::<()>()).await.is_err());
            7
        });
        let told = Rc::new(Cell::new(0));
        let in_callback = told.clone();
        creator.add_done_callback(move |task| in_callback.set(*task.result().unwrap().unwrap()));
        kept.replace(Some(creator));
        for _ in 0..5 {
            yield_now().await;
        }
        assert_eq!(told.get(), 7);
    })
    .unwrap();
}
