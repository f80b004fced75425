//! `Future` between threads, its boxed callbacks, and panics.
#![cfg(all(feature = "std", feature = "alloc"))]

use std::cell::{Cell, RefCell};
use std::convert::Infallible;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;

use everloop_core::virtual_time::{UNPARKER, VirtualTime};
use everloop_core::{
    Future, FutureCallback, FutureCallbackId, FutureError, FutureWait, Local, OwnedLoop, Shared, create_task,
};

use crate::support::Parking;

type Log = Rc<RefCell<Vec<u32>>>;

/// A callback that writes `n` down.
fn push<T>(log: &Log, n: u32) -> impl FnOnce(&Future<T>) + 'static {
    let log = log.clone();
    move |_| log.borrow_mut().push(n)
}

mod auto_traits {
    use super::*;

    type MutexGuard = std::sync::MutexGuard<'static, ()>;

    fn is_send<T: Send>() {}
    fn is_sync<T: Sync>() {}

    /// Ambiguous, and so no program, if the type has the trait.
    macro_rules! is_not {
        ($marker:path: $($type:ty),* $(,)?) => {$({
            trait Ambiguous<A> {
                fn some() {}
            }
            impl<T: ?Sized> Ambiguous<()> for T {}
            struct Has;
            impl<T: ?Sized + $marker> Ambiguous<Has> for T {}
            <$type as Ambiguous<_>>::some();
        })*};
    }

    #[test]
    fn only_what_may_be_shared_is_shared() {
        is_send::<Future<u32, u32, Shared>>();
        is_sync::<Future<u32, u32, Shared>>();
        is_send::<FutureWait<'static, u32, u32, Shared>>();
        // `Send` without `Sync` may go to another thread as a whole.
        is_send::<Future<Cell<u32>, Cell<u32>, Shared>>();
        is_not!(Sync: Future<Cell<u32>, u32, Shared>, Future<u32, Cell<u32>, Shared>);
        is_not!(Send: FutureWait<'static, Cell<u32>, u32, Shared>);
        // `Sync` without `Send` can be set by one thread and dropped by another.
        is_sync::<MutexGuard>();
        is_not!(Send: Future<MutexGuard, u32, Shared>, Future<u32, MutexGuard, Shared>);
        is_not!(Sync: Future<MutexGuard, u32, Shared>, Future<u32, MutexGuard, Shared>);
        is_not!(Send: Future<Rc<u32>, u32, Shared>);
        is_not!(Sync: Future<Rc<u32>, u32, Shared>);
    }

    #[test]
    fn a_local_cell_stays() {
        type Callback = FutureCallback<'static, u32, u32, fn(&Future<u32, u32>)>;
        is_not!(Send: Future<u32, u32, Local>, FutureWait<'static, u32, u32, Local>, Callback);
        is_not!(Sync: Future<u32, u32, Local>, FutureWait<'static, u32, u32, Local>, Callback);
    }
}

#[test]
fn a_thread_sets_what_tasks_of_two_loops_await() {
    let cell: Arc<Future<String, Infallible, Shared>> = Arc::new(Future::new());
    let waiters = [(); 2].map(|()| {
        let cell = cell.clone();
        thread::spawn(move || {
            let (platform, unparker) = Parking::new();
            OwnedLoop::new(unparker).run(&platform, &[], async {
                let tasks = [(); 3].map(|()| {
                    let cell = cell.clone();
                    create_task(async move { (&*cell).await.unwrap().len() })
                });
                let mut sum = 0;
                for task in tasks {
                    sum += task.await.unwrap();
                }
                sum
            })
        })
    });
    cell.set_result("seven".into()).unwrap();
    for waiter in waiters {
        assert_eq!(waiter.join().unwrap(), Ok(15));
    }
}

#[test]
fn of_many_threads_one_sets_it() {
    let cell: Future<usize, usize, Shared> = Future::new();
    let set = AtomicU32::new(0);
    thread::scope(|scope| {
        for n in 0..6 {
            let (cell, set) = (&cell, &set);
            scope.spawn(move || {
                let won = match n % 3 {
                    0 => cell.set_result(n).is_ok(),
                    1 => cell.set_error(n).is_ok(),
                    _ => cell.cancel(),
                };
                set.fetch_add(u32::from(won), Ordering::Relaxed);
            });
        }
    });
    assert_eq!(set.into_inner(), 1);
    match cell.into_result().unwrap() {
        Ok(n) => assert_eq!(n % 3, 0),
        Err(FutureError::Error(n)) => assert_eq!(n % 3, 1),
        Err(FutureError::Cancelled) => {}
    }
}

#[test]
fn boxed_callbacks_are_called_once_in_the_order_added() {
    let log = Log::default();
    let cell: Future<u32> = Future::new();
    for n in 0..5 {
        cell.add_done_callback(push(&log, n));
    }
    let mut pinned = pin!(cell.done_callback(push(&log, 5)));
    pinned.as_mut().add();
    cell.add_done_callback(push(&log, 6));
    assert!(log.borrow().is_empty());
    cell.set_result(1).unwrap();
    assert_eq!(*log.borrow(), [0, 1, 2, 3, 4, 5, 6]);
    // On a done cell at once, with a number that names nothing any more.
    let id = cell.add_done_callback(push(&log, 7));
    assert!(!cell.remove_done_callback(id));
    assert_eq!(*log.borrow(), [0, 1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(Rc::strong_count(&log), 1);
}

#[test]
fn a_removed_boxed_callback_is_dropped_at_once() {
    let log = Log::default();
    let cell: Future<u32> = Future::new();
    let ids: Vec<FutureCallbackId> = (0..64).map(|n| cell.add_done_callback(push(&log, n))).collect();
    for (n, &id) in ids.iter().enumerate().filter(|(n, _)| n % 21 != 1) {
        assert!(cell.remove_done_callback(id), "{n}");
        assert!(!cell.remove_done_callback(id), "{n}");
    }
    assert_eq!(Rc::strong_count(&log), 1 + 3);
    cell.set_result(1).unwrap();
    assert_eq!(*log.borrow(), [1, 22, 43]);
}

#[test]
fn callbacks_may_add_and_remove() {
    let log = Log::default();
    let cell: Rc<Future<u32>> = Rc::new(Future::new());
    let next = Rc::new(Cell::new(None));
    cell.add_done_callback({
        let (log, next) = (log.clone(), next.clone());
        move |cell| {
            log.borrow_mut().push(1);
            assert!(cell.remove_done_callback(next.get().unwrap()));
            cell.add_done_callback(push(&log, 2));
            assert!(cell.set_result(9).is_err());
        }
    });
    next.set(Some(cell.add_done_callback(push(&log, 3))));
    cell.add_done_callback(push(&log, 4));
    cell.set_result(1).unwrap();
    assert_eq!(*log.borrow(), [1, 2, 4]);
}

#[test]
fn what_was_not_called_is_dropped_with_the_cell() {
    let log = Log::default();
    let mut cell: Future<u32> = Future::new();
    cell.add_done_callback(push(&log, 1));
    cell.add_done_callback(push(&log, 2));
    assert_eq!(Rc::strong_count(&log), 3);
    cell.reset();
    assert_eq!(Rc::strong_count(&log), 1);
    cell.add_done_callback(push(&log, 3));
    drop(cell);
    assert_eq!(Rc::strong_count(&log), 1);
    assert!(log.borrow().is_empty());
}

#[test]
fn a_forgotten_callback_in_a_frame_harms_nothing() {
    let log = Log::default();
    let mut cell: Future<u32> = Future::new();
    let mut forgotten = Box::pin(cell.done_callback(push(&log, 1)));
    forgotten.as_mut().add();
    std::mem::forget(forgotten);
    // The cell may move: what was forgotten does not look for it.
    let moved = std::mem::take(&mut cell);
    moved.set_result(1).unwrap();
    assert_eq!(*log.borrow(), [1]);
    let mut forgotten = Box::pin(cell.done_callback(push(&log, 2)));
    forgotten.as_mut().add();
    std::mem::forget(forgotten);
    drop(cell);
    assert_eq!(Rc::strong_count(&log), 1);
}

#[test]
fn a_callback_may_end_its_own_frame() {
    type Frame = std::pin::Pin<Box<FutureCallback<'static, u32, Infallible, Box<dyn FnOnce(&Future<u32>)>>>>;
    // Leaked, so that a callback's own frame can be reached from the callback.
    let cell: &'static Future<u32> = Box::leak(Box::new(Future::new()));
    let frame: Rc<RefCell<Option<Frame>>> = Rc::default();
    let called = Rc::new(Cell::new(0));
    let closure = {
        let (frame, called) = (frame.clone(), called.clone());
        let token = Box::new(3);
        move |_: &Future<u32>| {
            drop(frame.borrow_mut().take());
            called.set(*token);
        }
    };
    let mut node: Frame = Box::pin(cell.done_callback(Box::new(closure) as Box<dyn FnOnce(&Future<u32>)>));
    node.as_mut().add();
    *frame.borrow_mut() = Some(node);
    cell.set_result(1).unwrap();
    assert_eq!(called.get(), 3);
    assert!(frame.borrow().is_none());
}

#[test]
fn a_shared_cells_callbacks_run_in_the_thread_that_sets_it() {
    let cell: Arc<Future<u32, Infallible, Shared>> = Arc::new(Future::new());
    let log = Arc::new(Mutex::new(Vec::new()));
    for n in 0..3 {
        let log = log.clone();
        cell.add_done_callback(move |cell| {
            log.lock().unwrap().push((n + cell.result().unwrap().unwrap(), thread::current().id()));
        });
    }
    let removed = cell.add_done_callback(|_| panic!("it is removed"));
    assert!(cell.remove_done_callback(removed));
    let setter = {
        let cell = cell.clone();
        thread::spawn(move || {
            cell.set_result(10).unwrap();
            thread::current().id()
        })
    };
    let setter = setter.join().unwrap();
    assert_eq!(*log.lock().unwrap(), [(10, setter), (11, setter), (12, setter)]);
}

#[test]
fn a_panic_of_one_callback_loses_none() {
    let log = Log::default();
    let cell: Future<u32> = Future::new();
    cell.add_done_callback(push(&log, 1));
    cell.add_done_callback(|_| panic!("the first"));
    cell.add_done_callback(push(&log, 2));
    cell.add_done_callback(|_| panic!("the second"));
    cell.add_done_callback(push(&log, 3));
    let caught = catch_unwind(AssertUnwindSafe(|| cell.set_result(5))).unwrap_err();
    assert_eq!(caught.downcast_ref(), Some(&"the first"));
    assert_eq!(*log.borrow(), [1, 2, 3]);
    assert_eq!(cell.into_result(), Ok(Ok(5)));
}

#[test]
fn a_waker_that_panics_keeps_no_other_from_waking() {
    struct Counting(AtomicU32);
    impl Wake for Counting {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
    struct Panicking;
    impl Wake for Panicking {
        fn wake(self: Arc<Self>) {
            panic!("in a waker");
        }
    }
    let cell: Future<u32, Infallible, Shared> = Future::new();
    let counting = Arc::new(Counting(AtomicU32::new(0)));
    let (mut first, mut second) = (pin!(cell.wait()), pin!(cell.wait()));
    assert!(first.as_mut().poll(&mut Context::from_waker(&Waker::from(Arc::new(Panicking)))).is_pending());
    assert!(second.as_mut().poll(&mut Context::from_waker(&counting.clone().into())).is_pending());
    assert!(catch_unwind(AssertUnwindSafe(|| cell.set_result(1))).is_err());
    assert_eq!(counting.0.load(Ordering::Relaxed), 1);
    let polled = first.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    assert_eq!(polled, Poll::Ready(Ok(&1)));
}

#[test]
fn a_value_whose_drop_panics_leaves_a_new_cell() {
    #[derive(Debug)]
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("in a drop");
        }
    }
    let mut cell: Future<Bomb> = Future::new();
    cell.set_result(Bomb).unwrap();
    assert!(catch_unwind(AssertUnwindSafe(|| cell.reset())).is_err());
    assert!(!cell.done());
    assert!(cell.cancel());
}

#[test]
fn closures_whose_drops_panic_are_all_dropped() {
    struct Bomb(Rc<Cell<u32>>);
    impl Drop for Bomb {
        fn drop(&mut self) {
            self.0.set(self.0.get() + 1);
            panic!("in a drop");
        }
    }
    let dropped = Rc::new(Cell::new(0));
    let cell: Future<u32> = Future::new();
    for _ in 0..3 {
        let bomb = Bomb(dropped.clone());
        cell.add_done_callback(move |_| drop(bomb));
    }
    assert!(catch_unwind(AssertUnwindSafe(|| drop(cell))).is_err());
    assert_eq!(dropped.get(), 3);
}

#[test]
fn a_forgotten_waiter_harms_nothing() {
    let mut cell: Future<u32> = Future::new();
    let mut forgotten = Box::pin(cell.wait());
    assert!(forgotten.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    std::mem::forget(forgotten);
    assert!(cell.take().is_err());
    cell.set_result(1).unwrap();
    assert_eq!(cell.take(), Ok(Ok(1)));
}

#[test]
fn what_is_lent_may_be_borrowed_itself() {
    let text = String::from("borrowed");
    let cell: Future<&str> = Future::new();
    cell.add_done_callback(|cell| assert_eq!(cell.result(), Ok(Ok(&"borrowed"))));
    cell.set_result(&text).unwrap();
    let value = OwnedLoop::new(UNPARKER)
        .run(&VirtualTime::new(), &[], async { (&cell).await.map(|text| text.len()) });
    assert_eq!(value, Ok(Ok(8)));
}
