//! What an interrupt handler does to a loop: on the host, where there are none, another thread.

use core::cell::RefCell;
use core::future::poll_fn;
use core::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use core::task::{Poll, Waker};

use critical_section::Mutex;
use everloop_core::{
    CreateErrorKind, Duration, Event, Fixed, Instant, Queue, Shared, TryPutError, create_task, current_task,
    sleep, try_create_task, wait_for, yield_now,
};

use crate::elsewhere;
use crate::trace::Trace;

const HOUR: Duration = Duration::from_secs(3600);
/// So many turns are more than any of these needs; one whose wake is lost must not turn for ever.
const TURNS: u32 = 100;

/// A waker left for the handler.
struct Kept(Mutex<RefCell<Option<Waker>>>);

impl Kept {
    const fn new() -> Self {
        Self(Mutex::new(RefCell::new(None)))
    }

    fn keep(&self, waker: &Waker) {
        // What was there is dropped outside of the critical section.
        let waker = waker.clone();
        let _before = critical_section::with(|cs| self.0.borrow_ref_mut(cs).replace(waker));
    }

    fn take(&self) -> Waker {
        critical_section::with(|cs| self.0.borrow_ref_mut(cs).take()).expect("a waker was kept")
    }
}

pub async fn it_has_no_current_loop() {
    elsewhere::run(|| {
        assert!(current_task().is_none());
        assert_eq!(Instant::try_now(), None);
        assert!(try_create_task(async {}).is_err_and(|error| error.kind == CreateErrorKind::NoRunningLoop));
    });
    assert!(current_task().is_some());
}

pub async fn an_event_it_sets_wakes_the_waiters() {
    static LOG: Trace = Trace::new();
    static EVENT: Event<Shared> = Event::new();
    LOG.clear();
    EVENT.clear();
    for n in 0..5 {
        create_task(async move {
            EVENT.wait().await;
            LOG.push(n);
        });
    }
    // The alarm that is set is no reason for a wake to wait.
    let before = Instant::now();
    let last = create_task(wait_for(EVENT.wait(), HOUR));
    yield_now().await;
    elsewhere::run(|| {
        EVENT.set();
        EVENT.clear();
    });
    LOG.expect(&[]);
    assert_eq!(last.await, Ok(Ok(())));
    LOG.expect(&[0, 1, 2, 3, 4]);
    assert_eq!(Instant::now(), before);
}

pub async fn a_queue_it_feeds_loses_nothing() {
    static QUEUE: Queue<u32, Fixed<4>, Shared> = Queue::new();
    static NEXT: AtomicU32 = AtomicU32::new(0);
    const ALL: u32 = 30;
    fn feed() {
        for n in NEXT.load(Ordering::Relaxed)..ALL {
            match QUEUE.put_nowait(n) {
                Ok(()) => NEXT.store(n + 1, Ordering::Relaxed),
                // It came back, and is the first one the next time.
                Err(error) => return assert_eq!(error, TryPutError::QueueFull(n)),
            }
        }
    }
    NEXT.store(0, Ordering::Relaxed);
    let reader = create_task(async {
        for n in 0..ALL {
            assert_eq!(QUEUE.get().await, Ok(n));
        }
    });
    // The reader waits at an empty queue each time.
    for _ in 0..TURNS {
        yield_now().await;
        elsewhere::run(feed);
    }
    assert!(reader.done(), "fed {} of {ALL}", NEXT.load(Ordering::Relaxed));
    assert!(QUEUE.empty());
}

pub async fn a_queue_it_empties_lets_the_putters_in() {
    static LOG: Trace = Trace::new();
    static QUEUE: Queue<u32, Fixed<2>, Shared> = Queue::new();
    LOG.clear();
    let writers = [0, 20].map(|first| {
        create_task(async move {
            for n in first..first + 10 {
                QUEUE.put(n).await.unwrap();
            }
        })
    });
    for _ in 0..TURNS {
        yield_now().await;
        elsewhere::run(|| {
            while let Ok(n) = QUEUE.get_nowait() {
                LOG.push(n);
            }
        });
    }
    assert!(writers.iter().all(|writer| writer.done()));
    // The two take turns as soon as both wait.
    LOG.expect(&[0, 1, 2, 20, 3, 21, 4, 22, 5, 23, 6, 24, 7, 25, 8, 26, 9, 27, 28, 29]);
}

pub async fn a_waker_it_wakes_wakes_the_task() {
    static LOG: Trace = Trace::new();
    static KEPT: Kept = Kept::new();
    static GO: AtomicBool = AtomicBool::new(false);
    LOG.clear();
    GO.store(false, Ordering::Relaxed);
    let task = create_task(poll_fn(|cx| {
        LOG.push(1);
        KEPT.keep(cx.waker());
        if GO.load(Ordering::Acquire) { Poll::Ready(()) } else { Poll::Pending }
    }));
    yield_now().await;
    // However often before it runs, it is polled once.
    elsewhere::run(|| {
        let waker = KEPT.take();
        waker.wake_by_ref();
        let copy = waker.clone();
        copy.wake();
        waker.wake();
    });
    LOG.expect(&[1]);
    yield_now().await;
    yield_now().await;
    LOG.expect(&[1, 1]);
    elsewhere::run(|| {
        GO.store(true, Ordering::Release);
        KEPT.take().wake();
    });
    task.await.unwrap();
    LOG.expect(&[1, 1, 1]);
    drop(KEPT.take());
}

pub async fn the_main_task_is_woken_too() {
    static KEPT: Kept = Kept::new();
    static GO: AtomicBool = AtomicBool::new(false);
    GO.store(false, Ordering::Relaxed);
    let waking = create_task(async {
        elsewhere::run(|| {
            GO.store(true, Ordering::Release);
            KEPT.take().wake();
        });
    });
    poll_fn(|cx| {
        if GO.load(Ordering::Acquire) {
            return Poll::Ready(());
        }
        KEPT.keep(cx.waker());
        Poll::Pending
    })
    .await;
    assert!(waking.done());
}

pub async fn waking_a_done_task_is_harmless() {
    static LOG: Trace = Trace::new();
    static KEPT: Kept = Kept::new();
    fn wake_again() {
        let waker = KEPT.take();
        waker.wake_by_ref();
        let copy = waker.clone();
        copy.wake();
        KEPT.keep(&waker);
    }
    LOG.clear();
    let mut done = create_task(poll_fn(|cx| {
        LOG.push(1);
        KEPT.keep(cx.waker());
        Poll::Ready(7)
    }));
    yield_now().await;
    assert!(done.done());
    elsewhere::run(wake_again);
    yield_now().await;
    assert_eq!((&mut done).await, Ok(7));
    elsewhere::run(wake_again);
    drop(done);
    elsewhere::run(wake_again);
    // Takes the slot that the waker still points at, where there are slots: for this one it is a poll too many.
    let next = create_task(async {
        LOG.push(2);
        sleep(Duration::from_millis(1)).await;
        LOG.push(3);
    });
    yield_now().await;
    elsewhere::run(wake_again);
    next.await.unwrap();
    LOG.expect(&[1, 2, 3]);
    // The last waker of a task on the heap gives its memory back, wherever that happens.
    elsewhere::run(|| drop(KEPT.take()));
}
