//! Wakers of other executors that do what they like when they are cloned and woken. Worth running under Miri.
#![cfg(all(feature = "std", feature = "alloc"))]

use everloop_core::virtual_time::{UNPARKER, VirtualTime};
use everloop_core::*;
use std::cell::{Cell, RefCell};
use std::future::{Future, pending, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, RawWaker, RawWakerVTable, Wake, Waker};

fn run<F: Future>(main: F) -> Result<F::Output, RunError> {
    OwnedLoop::new(UNPARKER).run(&VirtualTime::new(), &[], main)
}

type Boxed = Pin<Box<dyn Future<Output = ()>>>;

thread_local! {
    static CHILD: RefCell<Option<Boxed>> = const { RefCell::new(None) };
    static ARMED: Cell<bool> = const { Cell::new(false) };
    static CLONES: Cell<u32> = const { Cell::new(0) };
}

/// Once armed, drops the child.
fn strike() {
    if ARMED.get() {
        let child = CHILD.take();
        drop(child);
    }
}

static STRIKES: RawWakerVTable = RawWakerVTable::new(
    |data| {
        CLONES.set(CLONES.get() + 1);
        strike();
        RawWaker::new(data, &STRIKES)
    },
    |_| strike(),
    |_| strike(),
    |_| {},
);

#[test]
fn a_waker_may_drop_the_scope_that_it_is_kept_in() {
    // SAFETY: the table does nothing with its data, and all of it may be called on any thread.
    let waker = unsafe { Waker::new(std::ptr::null(), &STRIKES) };
    let ended = run(async {
        let task = create_task(async move {
            CHILD.set(Some(Box::pin(async {
                let _ = catch_cancel(pending::<()>()).await;
            })));
            poll_fn(|_| {
                CHILD.with_borrow_mut(|child| {
                    if let Some(child) = child {
                        assert!(child.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
                    }
                });
                Poll::<()>::Pending
            })
            .await;
        });
        yield_now().await;
        ARMED.set(true);
        let clones = CLONES.get();
        task.cancel();
        assert!(task.await.is_err());
        assert!(CHILD.take().is_none());
        CLONES.get() - clones
    });
    assert_eq!(ended, Ok(0), "a clone is foreign code too, and nothing needs one");
}

thread_local! {
    /// How many panics came to the handler.
    static HANDLED: Cell<u32> = const { Cell::new(0) };
}

/// Panics when it is woken.
struct Panics;

impl Wake for Panics {
    fn wake(self: Arc<Self>) {
        panic!("a waker panics");
    }
}

/// Polls `future` with a waker that panics, once, and keeps it for as long as the task lives.
async fn polled_by_a_panicking_waker(future: impl Future) {
    let mut future = Box::pin(future);
    let waker = Waker::from(Arc::new(Panics));
    assert!(future.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    pending::<()>().await;
}

/// Runs `main` in a loop that counts in `HANDLED`; how many panics came to the handler.
fn handled(main: impl Future<Output = ()>) -> u32 {
    HANDLED.set(0);
    run(async {
        set_exception_handler(Some(&|_| HANDLED.set(HANDLED.get() + 1)));
        main.await;
    })
    .unwrap();
    HANDLED.get()
}

#[test]
fn one_who_awaits_a_task_by_a_panicking_waker_keeps_nobody_from_being_told() {
    let handled = handled(async {
        let told = Rc::new(Cell::new(false));
        let log = told.clone();
        let mut task = create_task(yield_now());
        task.add_done_callback(move |_| log.set(true));
        // The await, not the callback, is the first to be told.
        let mut awaits = Box::pin((&mut task).into_future());
        let waker = Waker::from(Arc::new(Panics));
        assert!(awaits.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        sleep(Duration::from_millis(1)).await;
        assert!(told.get());
        drop(awaits);
        assert!(task.done());
    });
    assert_eq!(handled, 1);
}

#[test]
fn a_sleep_by_a_panicking_waker_stops_no_other() {
    let handled = handled(async {
        drop(create_task(polled_by_a_panicking_waker(sleep(Duration::from_millis(1)))));
        yield_now().await;
        sleep(Duration::from_millis(1)).await;
    });
    assert_eq!(handled, 1);
}

#[test]
fn a_request_reaches_all_scopes_though_the_waker_of_one_panics() {
    let cleaned = Rc::new(Cell::new(false));
    let log = cleaned.clone();
    let handled = handled(async {
        let task = create_task(async move {
            let mut hostile = Box::pin(catch_cancel(pending::<()>()));
            let waker = Waker::from(Arc::new(Panics));
            let mut scope = Box::pin(async {
                if catch_cancel(pending::<()>()).await.is_err() {
                    log.set(true);
                }
            });
            poll_fn(|cx| {
                let _ = hostile.as_mut().poll(&mut Context::from_waker(&waker));
                scope.as_mut().poll(cx)
            })
            .await;
        });
        yield_now().await;
        task.cancel();
        yield_now().await;
        drop(task);
    });
    assert_eq!((handled, cleaned.get()), (1, true));
}

#[test]
fn a_group_that_is_polled_by_a_panicking_waker_stops_no_loop() {
    let handled = handled(async {
        let group = task_group(Unbounded, async |group| {
            drop(group.create_task(async {
                yield_now().await;
                Ok::<_, ()>(())
            }));
            Ok(())
        });
        drop(create_task(async { polled_by_a_panicking_waker(group).await }));
        sleep(Duration::from_millis(1)).await;
    });
    // When the child is to run, and when the end of the run asks all.
    assert_eq!(handled, 2);
}

#[test]
fn an_event_wakes_all_though_one_waker_panics() {
    run(async {
        let event = Rc::new(Event::<Local>::new());
        let (hostile, waits) = (event.clone(), event.clone());
        drop(create_task(async move { polled_by_a_panicking_waker(hostile.wait()).await }));
        let waits = create_task(async move { waits.wait().await });
        yield_now().await;
        assert!(catch_unwind(AssertUnwindSafe(|| event.set())).is_err());
        event.clear();
        assert!(wait_for(waits, Duration::from_secs(1)).await.is_ok(), "it was not woken");
    })
    .unwrap();
}

#[test]
fn a_shutdown_tells_all_though_one_waker_panics() {
    run(async {
        let queue = Rc::new(Queue::<u32, Fixed<1>>::new());
        let (hostile, waits) = (queue.clone(), queue.clone());
        drop(create_task(async move { polled_by_a_panicking_waker(hostile.get()).await }));
        let waits = create_task(async move { waits.get().await.is_err() });
        yield_now().await;
        assert!(catch_unwind(AssertUnwindSafe(|| queue.shutdown(false))).is_err());
        assert_eq!(wait_for(waits, Duration::from_secs(1)).await, Ok(Ok(true)));
    })
    .unwrap();
}

#[test]
fn a_notification_reaches_all_though_one_waker_panics() {
    let (lock, condition) = (Lock::<(), Local>::default(), Condition::<Local>::new());
    let wait = async || condition.wait(&mut lock.acquire().await).await;
    let (mut hostile, mut waits) = (Box::pin(wait()), Box::pin(wait()));
    let waker = Waker::from(Arc::new(Panics));
    assert!(hostile.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    assert!(waits.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    condition.notify_all();
    assert!(waits.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready());
    assert!(hostile.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready());
}

#[test]
fn a_full_barrier_lets_all_go_though_one_waker_panics() {
    let barrier: Barrier = Barrier::new(3);
    let (mut hostile, mut waits) = (Box::pin(barrier.wait()), Box::pin(barrier.wait()));
    let waker = Waker::from(Arc::new(Panics));
    assert!(hostile.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    assert!(waits.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    let mut last = Box::pin(barrier.wait());
    for party in [&mut last, &mut waits, &mut hostile] {
        assert!(party.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready());
    }
}

/// The second panic aborted the program.
#[test]
fn a_panic_frees_a_lock_though_the_next_waker_panics() {
    let lock: Lock<()> = Lock::default();
    let mut next = Box::pin(lock.acquire());
    let waker = Waker::from(Arc::new(Panics));
    let holds = catch_unwind(AssertUnwindSafe(|| {
        let _guard = lock.try_acquire().unwrap();
        assert!(next.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        panic!("with the lock held");
    }));
    assert!(holds.is_err());
    assert!(next.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready());
}

/// Can't be cloned, and wakes nobody.
static CLONELESS: RawWakerVTable = RawWakerVTable::new(|_| panic!("a clone panics"), |_| {}, |_| {}, |_| {});

/// Polls `future` with a waker whose clone panics, lets what it waits for come, and polls it as the task.
async fn comes_after_a_clone_that_panics<T>(future: impl Future<Output = T>, comes: impl FnOnce()) -> T {
    let mut future = Box::pin(future);
    // SAFETY: the table does nothing with its data, and all of it may be called on any thread.
    let waker = unsafe { Waker::new(std::ptr::null(), &CLONELESS) };
    let polled = catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(&mut Context::from_waker(&waker))));
    assert!(polled.is_err());
    comes();
    wait_for(future, Duration::from_secs(1)).await.expect("it was there, and nobody looked")
}

#[test]
fn what_comes_after_a_clone_that_panics_is_had_at_the_next_poll() {
    run(async {
        let lock: Lock<()> = Lock::default();
        let held = lock.try_acquire().unwrap();
        drop(comes_after_a_clone_that_panics(lock.acquire(), || drop(held)).await);

        let semaphore: Semaphore = Semaphore::new(1);
        let held = semaphore.try_acquire().unwrap();
        drop(comes_after_a_clone_that_panics(semaphore.acquire(), || drop(held)).await);

        let queue = Queue::<u32, Fixed<1>>::new();
        let got = comes_after_a_clone_that_panics(queue.get(), || queue.put_nowait(1).unwrap()).await;
        assert_eq!(got, Ok(1));

        queue.put_nowait(2).unwrap();
        let taken = || assert_eq!(queue.get_nowait(), Ok(2));
        comes_after_a_clone_that_panics(queue.put(3), taken).await.unwrap();

        let event = Event::<Local>::new();
        comes_after_a_clone_that_panics(event.wait(), || event.set()).await;
    })
    .unwrap();
}

thread_local!(static ON_CLONE: RefCell<Option<Box<dyn FnOnce()>>> = const { RefCell::new(None) });

/// Does once, when it is cloned, what it was told to.
static DOES: RawWakerVTable = RawWakerVTable::new(
    |data| {
        if let Some(does) = ON_CLONE.take() {
            does();
        }
        RawWaker::new(data, &DOES)
    },
    |_| {},
    |_| {},
    |_| {},
);

#[test]
fn a_put_takes_the_place_that_comes_free_as_its_waker_is_cloned() {
    // SAFETY: the table does nothing with its data, and all of it may be called on any thread.
    let waker = unsafe { Waker::new(std::ptr::null(), &DOES) };
    let queue = Rc::new(Queue::<u32, Fixed<1>>::new());
    queue.put_nowait(1).unwrap();
    let taken = queue.clone();
    ON_CLONE.set(Some(Box::new(move || assert_eq!(taken.get_nowait(), Ok(1)))));
    let mut put = Box::pin(queue.put(2));
    assert_eq!(put.as_mut().poll(&mut Context::from_waker(&waker)), Poll::Ready(Ok(())));
    assert_eq!((queue.qsize(), queue.get_nowait()), (1, Ok(2)));
    // No place is kept for it any more.
    queue.put_nowait(3).unwrap();
}
