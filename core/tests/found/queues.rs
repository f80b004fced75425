//! What was found of queues and of submitted tasks when foreign code panics, each as the smallest program that showed it.
#![cfg(all(feature = "std", feature = "alloc", not(loom)))]

use std::cell::Cell;
use std::cmp::Ordering;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::task::{Context, Poll, RawWaker, RawWakerVTable, Wake, Waker};

use everloop_core::virtual_time::{UNPARKER, VirtualTime};
use everloop_core::{
    EventLoop, Fixed, LoopHandle, OwnedLoop, PriorityQueue, Queue, QueueShutDown, RemotePool, RemoteTask,
    Shared, TryGetError, Unbounded, run_coroutine_threadsafe, set_exception_handler, yield_now,
};

fn poll<F: Future>(future: Pin<&mut F>, waker: &Waker) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(waker))
}

fn panics<T>(f: impl FnOnce() -> T) -> bool {
    catch_unwind(AssertUnwindSafe(f)).is_err()
}

/// Panics when it is woken.
struct Panics;

impl Wake for Panics {
    fn wake(self: Arc<Self>) {
        panic!("a waker panics");
    }
}

fn panicking() -> Waker {
    Waker::from(Arc::new(Panics))
}

/// Panics when it is dropped, unless a panic is under way.
#[derive(Debug)]
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            panic!("a drop panics");
        }
    }
}

/// The item was dropped with the panic of another's waker.
#[test]
fn an_item_is_not_lost_with_the_panicking_waker_of_a_putter() {
    let queue: Queue<u32, Fixed<1>> = Queue::new();
    queue.put_nowait(1).unwrap();
    let waker = panicking();
    {
        let mut put = pin!(queue.put(2));
        assert!(poll(put.as_mut(), &waker).is_pending());
        assert_eq!(queue.get_nowait(), Ok(1));
        assert_eq!(poll(put, &waker), Poll::Ready(Ok(())));
    }
    let mut put = pin!(queue.put(3));
    assert!(poll(put.as_mut(), &waker).is_pending());
    assert_eq!(poll(pin!(queue.get()), &waker), Poll::Ready(Ok(2)));
    assert_eq!(poll(put, &waker), Poll::Ready(Ok(())));
    assert_eq!(queue.get_nowait(), Ok(3));
}

thread_local! {
    static BROKEN: Cell<bool> = const { Cell::new(false) };
}

/// Can't be compared while [`BROKEN`].
#[derive(Debug, PartialEq, Eq)]
struct Brittle(u32);

impl PartialOrd for Brittle {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Brittle {
    fn cmp(&self, other: &Self) -> Ordering {
        assert!(!BROKEN.get(), "not comparable");
        self.0.cmp(&other.0)
    }
}

/// The second panic aborted the program.
#[test]
fn a_claim_that_a_comparison_gives_up_goes_on_though_the_next_waker_panics() {
    let queue: PriorityQueue<Brittle, Fixed<2>> = PriorityQueue::new();
    let mut second = pin!(queue.get());
    let mut first = pin!(queue.get());
    let mut third = pin!(queue.get());
    assert!(poll(first.as_mut(), Waker::noop()).is_pending());
    assert!(poll(second.as_mut(), Waker::noop()).is_pending());
    let waker = panicking();
    assert!(poll(third.as_mut(), &waker).is_pending());
    queue.put_nowait(Brittle(2)).unwrap();
    queue.put_nowait(Brittle(1)).unwrap();
    BROKEN.set(true);
    assert!(panics(|| poll(first.as_mut(), Waker::noop())));
    BROKEN.set(false);
    // In any order, after the panic.
    let mut got = [third, second].map(|get| poll(get, Waker::noop()).map(|item| item.unwrap().0));
    got.sort();
    assert_eq!(got, [1, 2].map(Poll::Ready));
}

/// Those behind the one that panicked stayed in, and a waker that panicked then aborted the program.
#[test]
fn an_immediate_shutdown_drops_all_and_tells_all_though_items_and_wakers_panic() {
    let queue: Queue<(Rc<()>, Option<Bomb>), Fixed<3>> = Queue::new();
    let item = Rc::new(());
    for bomb in [Some(Bomb), None, Some(Bomb)] {
        assert!(queue.put_nowait((item.clone(), bomb)).is_ok());
    }
    let waker = panicking();
    let (mut hostile, mut joins) = (pin!(queue.join()), pin!(queue.join()));
    assert!(poll(hostile.as_mut(), &waker).is_pending());
    assert!(poll(joins.as_mut(), Waker::noop()).is_pending());
    assert!(panics(|| queue.shutdown(true)));
    assert_eq!(Rc::strong_count(&item), 1);
    assert!(queue.empty());
    assert!(poll(joins, Waker::noop()).is_ready() && poll(hostile, Waker::noop()).is_ready());
}

thread_local! {
    /// What a clone of the waker does.
    static MEANWHILE: Cell<Option<Box<dyn FnOnce()>>> = const { Cell::new(None) };
}

/// A waker whose clone does something, and whose drop panics then.
fn meddling() -> Waker {
    static TABLE: RawWakerVTable = RawWakerVTable::new(
        |_| {
            if let Some(act) = MEANWHILE.take() {
                act();
                return RawWaker::new(std::ptr::null(), &PANICS);
            }
            RawWaker::new(std::ptr::null(), &TABLE)
        },
        |_| {},
        |_| {},
        |_| {},
    );
    static PANICS: RawWakerVTable =
        RawWakerVTable::new(|_| RawWaker::new(std::ptr::null(), &PANICS), |_| {}, |_| {}, |_| drop(Bomb));
    // SAFETY: it refers to nothing.
    unsafe { Waker::from_raw(RawWaker::new(std::ptr::null(), &TABLE)) }
}

/// It was claimed for ever.
#[test]
fn an_item_is_not_lost_with_a_new_waker_whose_drop_panics() {
    let queue: Rc<Queue<u32, Fixed<1>>> = Rc::new(Queue::new());
    let waker = meddling();
    let mut first = pin!(queue.get());
    // It comes as the item does, and has no use for the waker then.
    let puts = queue.clone();
    MEANWHILE.set(Some(Box::new(move || puts.put_nowait(1).unwrap())));
    assert_eq!(poll(first.as_mut(), &waker), Poll::Ready(Ok(1)));
    let mut second = pin!(queue.get());
    assert!(poll(second.as_mut(), Waker::noop()).is_pending());
    // It waited, and is granted the item while it gets a new one.
    let puts = queue.clone();
    MEANWHILE.set(Some(Box::new(move || puts.put_nowait(2).unwrap())));
    assert_eq!(poll(second.as_mut(), &waker), Poll::Ready(Ok(2)));
}

/// It was shut down by half: what was in was to be had by nobody, and those who waited were not told.
#[test]
fn a_comparison_that_shuts_the_queue_down_changes_nothing() {
    struct Meddling(u32, Option<Rc<PriorityQueue<Meddling, Unbounded>>>);
    impl PartialEq for Meddling {
        fn eq(&self, other: &Self) -> bool {
            self.0 == other.0
        }
    }
    impl Eq for Meddling {}
    impl PartialOrd for Meddling {
        fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
            Some(self.cmp(other))
        }
    }
    impl Ord for Meddling {
        fn cmp(&self, other: &Self) -> Ordering {
            if let Some(queue) = self.1.as_ref().or(other.1.as_ref())
                && BROKEN.get()
            {
                queue.shutdown(true);
            }
            self.0.cmp(&other.0)
        }
    }
    let queue = Rc::new(PriorityQueue::<Meddling, Unbounded>::new());
    assert!(queue.put_nowait(Meddling(1, Some(queue.clone()))).is_ok());
    assert!(queue.put_nowait(Meddling(2, None)).is_ok());
    BROKEN.set(true);
    assert!(panics(|| queue.get_nowait().map(drop)));
    BROKEN.set(false);
    assert!(queue.put_nowait(Meddling(0, None)).is_ok());
    for n in 0..3 {
        assert_eq!(queue.get_nowait().map(|item| item.0), Ok(n));
    }
    assert_eq!(queue.get_nowait().map(drop), Err(TryGetError::QueueEmpty));
}

fn run<F: Future>(main: F) -> F::Output {
    OwnedLoop::new(UNPARKER).run(&VirtualTime::new(), &[], main).unwrap()
}

/// Whoever awaited it waited for ever.
#[test]
fn a_submitted_task_whose_drop_panics_ends_with_that() {
    run(async {
        let handle = LoopHandle::current().unwrap();
        let task = run_coroutine_threadsafe(
            async || {
                let _bomb = Bomb;
                std::future::pending::<()>().await;
            },
            &handle,
        )
        .unwrap();
        yield_now().await;
        yield_now().await;
        task.cancel();
        for _ in 0..3 {
            yield_now().await;
        }
        assert!(task.done());
        assert!(panics(|| poll(pin!(task), Waker::noop())));
    });
}

/// Nobody was told.
#[test]
fn the_panic_of_a_submitted_task_that_nobody_awaits_comes_to_the_handler() {
    static POOL: RemotePool<1, 256> = RemotePool::new();
    static LOOP: EventLoop = EventLoop::new(UNPARKER);
    thread_local!(static HANDLED: Cell<u32> = const { Cell::new(0) });
    LOOP.run(&VirtualTime::new(), &[&POOL], async {
        set_exception_handler(Some(&|_| HANDLED.set(HANDLED.get() + 1)));
        let handle = LoopHandle::current().unwrap();
        let panicking = async || {
            yield_now().await;
            panic!("a task panics")
        };
        drop::<RemoteTask<()>>(run_coroutine_threadsafe(panicking, &POOL).unwrap());
        let [awaited, late]: [RemoteTask<()>; 2] =
            [(); 2].map(|()| run_coroutine_threadsafe(panicking, &handle).unwrap());
        for _ in 0..4 {
            yield_now().await;
        }
        assert_eq!(HANDLED.get(), 1);
        // Also if the handle is dropped when it is done; not if it was awaited.
        drop(late);
        assert_eq!(HANDLED.get(), 2);
        assert!(panics(|| poll(pin!(awaited), Waker::noop())));
    })
    .unwrap();
    assert_eq!(HANDLED.get(), 2);
}

/// The slot was never free again, and in the loop's context the panic ended the run.
#[test]
fn a_slot_comes_back_though_the_drop_of_an_output_panics() {
    static POOL: RemotePool<1, 256> = RemotePool::new();
    static LOOP: EventLoop = EventLoop::new(UNPARKER);
    thread_local!(static HANDLED: Cell<u32> = const { Cell::new(0) });
    LOOP.run(&VirtualTime::new(), &[&POOL], async {
        set_exception_handler(Some(&|_| HANDLED.set(HANDLED.get() + 1)));
        let task = run_coroutine_threadsafe(async || Bomb, &POOL).unwrap();
        for _ in 0..3 {
            yield_now().await;
        }
        assert!(task.done());
        assert!(panics(|| drop(task)));
        drop(run_coroutine_threadsafe(async || Bomb, &POOL).unwrap());
        for _ in 0..3 {
            yield_now().await;
        }
        let task = run_coroutine_threadsafe(async || 1, &POOL).unwrap();
        assert_eq!(task.await, Ok(1));
    })
    .unwrap();
    assert_eq!(HANDLED.get(), 1);
}

#[test]
fn a_refusal_is_heard_by_a_waiter_with_a_new_waker_whose_drop_panics() {
    let queue: Rc<Queue<u32, Fixed<1>, Shared>> = Rc::new(Queue::new());
    let mut first = pin!(queue.get());
    assert!(poll(first.as_mut(), Waker::noop()).is_pending());
    let shuts = queue.clone();
    MEANWHILE.set(Some(Box::new(move || shuts.shutdown(false))));
    let waker = meddling();
    assert_eq!(poll(first.as_mut(), &waker), Poll::Ready(Err(QueueShutDown(()))));
}

/// It was gone when the task was awaited again.
#[test]
fn an_output_is_not_lost_with_a_new_waker_whose_drop_panics() {
    static GOES_ON: AtomicBool = AtomicBool::new(false);
    let elsewhere = |handle: LoopHandle| {
        let first = async || {
            while !GOES_ON.load(Relaxed) {
                yield_now().await;
            }
            1
        };
        let mut first = run_coroutine_threadsafe(first, &handle).unwrap();
        // It ends while its handle gets a waker.
        MEANWHILE.set(Some(Box::new(move || {
            GOES_ON.store(true, Relaxed);
            run_coroutine_threadsafe(yield_now, &handle).unwrap().wait().unwrap().unwrap();
        })));
        assert!(panics(|| poll(pin!(&mut first), &meddling())));
        poll(pin!(&mut first), Waker::noop())
    };
    let event_loop = OwnedLoop::new(UNPARKER);
    let handle = event_loop.handle();
    let got = event_loop.run(&VirtualTime::new(), &[], async {
        let thread = std::thread::spawn(move || elsewhere(handle));
        while !thread.is_finished() {
            yield_now().await;
        }
        thread.join().unwrap()
    });
    assert_eq!(got, Ok(Poll::Ready(Ok(1))));
}
