//! Callbacks on the heap, and those of tasks that panic.
#![cfg(all(feature = "std", feature = "alloc", not(loom)))]

use std::cell::{Cell, RefCell};
use std::future::{pending, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;

use everloop_core::virtual_time::{UNPARKER, VirtualTime};
use everloop_core::{
    DoneCallback, Duration, OwnedLoop, Task, create_task, current_task, set_exception_handler, shield, sleep,
    yield_now,
};

const TICK: Duration = Duration::from_millis(1);

fn run<F: Future>(main: F) -> F::Output {
    OwnedLoop::new(UNPARKER).run(&VirtualTime::new(), &[], main).unwrap()
}

#[derive(Clone, Default)]
struct Log(Rc<RefCell<Vec<u32>>>);

impl Log {
    fn push(&self, entry: u32) {
        self.0.borrow_mut().push(entry);
    }

    /// Writes it down when it is called with the task.
    fn says<T>(&self, entry: u32) -> impl FnOnce(&Task<T>) + 'static {
        let log = self.clone();
        move |task| {
            assert!(task.done() && current_task().is_none());
            log.push(entry);
        }
    }

    #[track_caller]
    fn expect(&self, expected: &[u32]) {
        assert_eq!(*self.0.borrow(), expected);
    }
}

#[test]
fn they_are_called_once_in_the_order_added() {
    let log = Log::default();
    run(async {
        let task = create_task(async { 7 });
        for n in 0..5 {
            task.add_done_callback(log.says(n));
        }
        let own = log.clone();
        task.add_done_callback(move |task| own.push(*task.result().unwrap().unwrap()));
        log.expect(&[]);
        assert_eq!(task.await, Ok(7));
        log.expect(&[0, 1, 2, 3, 4, 7]);
    });
    log.expect(&[0, 1, 2, 3, 4, 7]);
    assert_eq!(Rc::strong_count(&log.0), 1);
}

#[test]
fn on_a_done_task_it_is_called_at_once() {
    let log = Log::default();
    run(async {
        let task = create_task(async {});
        yield_now().await;
        let id = task.add_done_callback(log.says(1));
        log.expect(&[1]);
        assert!(!task.remove_done_callback(id));
    });
}

#[test]
fn a_removed_one_is_dropped_and_not_called() {
    let log = Log::default();
    run(async {
        let task = create_task(async {});
        let ids = [1, 2, 3].map(|n| task.add_done_callback(log.says(n)));
        assert_eq!(Rc::strong_count(&log.0), 4);
        assert!(task.remove_done_callback(ids[1]));
        assert_eq!(Rc::strong_count(&log.0), 3);
        assert!(!task.remove_done_callback(ids[1]));
        // One that gets the same memory is another one.
        task.add_done_callback(log.says(4));
        assert!(!task.remove_done_callback(ids[1]));
        task.await.unwrap();
    });
    log.expect(&[1, 3, 4]);
    assert_eq!(Rc::strong_count(&log.0), 1);
}

#[test]
fn once_the_task_has_ended_none_can_be_removed() {
    let log = Log::default();
    run(async {
        let task = create_task(async {});
        let id = Rc::new(Cell::new(None));
        let removes = id.clone();
        // Not even the one that is called next.
        task.add_done_callback(move |task| assert!(!task.remove_done_callback(removes.get().unwrap())));
        id.set(Some(task.add_done_callback(log.says(1))));
        task.await.unwrap();
    });
    log.expect(&[1]);
}

#[test]
fn one_that_is_added_by_another_is_called_at_once() {
    let log = Log::default();
    run(async {
        let task = create_task(async {});
        let inner = log.says(1);
        let own = log.clone();
        task.add_done_callback(move |task| {
            task.add_done_callback(inner);
            own.push(2);
        });
        task.add_done_callback(log.says(3));
        task.await.unwrap();
    });
    log.expect(&[1, 2, 3]);
}

#[test]
fn a_task_that_panics_has_its_callbacks_called() {
    let log = Log::default();
    run(async {
        set_exception_handler(Some(&|_| {}));
        let task: Task<()> = create_task(async { panic!("in the task") });
        let own = log.clone();
        task.add_done_callback(move |task| own.push(if task.cancelled() { 1 } else { 2 }));
        yield_now().await;
        log.expect(&[2]);
    });
}

#[test]
fn one_that_panics_keeps_nobody_from_being_told() {
    thread_local!(static HANDLED: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) });
    static STATIC: DoneCallback<()> = DoneCallback::new(|_| panic!("the static one"));
    let log = Log::default();
    run(async {
        set_exception_handler(Some(&|unhandled| {
            let name = unhandled.task().unwrap().name().unwrap();
            HANDLED.with_borrow_mut(|told| told.push(format!("{name}: {}", unhandled.message().unwrap())));
        }));
        let task = create_task(async {}).named("its task");
        task.add_done_callback(log.says(1));
        task.add_done_callback(|_| panic!("the first"));
        task.add_static_done_callback(&STATIC).unwrap();
        task.add_done_callback(log.says(2));
        assert_eq!(task.await, Ok(()));
        // It is free all the same.
        let next = create_task(async {});
        let id = next.add_static_done_callback(&STATIC).unwrap();
        assert!(next.remove_done_callback(id));
    });
    log.expect(&[1, 2]);
    HANDLED.with_borrow(|told| assert_eq!(*told, ["its task: the first", "its task: the static one"]));
}

#[test]
fn at_the_end_of_a_loop_they_are_called_too() {
    let log = Log::default();
    run(async {
        let task = create_task(pending::<()>());
        task.add_done_callback(log.says(1));
        drop(task);
        let task = create_task(sleep(Duration::MAX));
        task.add_done_callback(log.says(2));
        log.expect(&[]);
    });
    log.expect(&[1, 2]);
    assert_eq!(Rc::strong_count(&log.0), 1);
}

/// Each loop gives numbers of its own.
#[test]
fn by_what_another_loop_s_task_gave_none_can_be_removed() {
    let log = Log::default();
    let open = || OwnedLoop::new(UNPARKER).open(VirtualTime::new(), &[]).unwrap();
    let (mut one, mut other) = (open(), open());
    let (task, id) = one
        .run(async {
            let task = create_task(pending::<()>());
            let id = task.add_done_callback(log.says(1));
            (task, id)
        })
        .unwrap();
    other
        .run(async {
            let task = create_task(async {});
            task.add_done_callback(log.says(2));
            assert!(!task.remove_done_callback(id));
            assert_eq!(task.await, Ok(()));
        })
        .unwrap();
    log.expect(&[2]);
    drop(task);
}

/// A future that is polled anew is told once, and in its turn.
#[test]
fn one_is_called_though_a_shield_is_polled_often() {
    let log = Log::default();
    run(async {
        let mut task = create_task(sleep(TICK));
        task.add_done_callback(log.says(1));
        let mut shielded = pin!(shield(&mut task));
        for _ in 0..3 {
            assert!(poll_fn(|cx| Poll::Ready(shielded.as_mut().poll(cx))).await.is_pending());
            yield_now().await;
        }
        assert_eq!(shielded.await, Ok(()));
    });
    log.expect(&[1]);
}
