//! Threads that run no loop and wait by blocking, beside one that runs one.
#![cfg(all(feature = "std", feature = "alloc", not(loom)))]

use std::error::Error;
use std::sync::Barrier;
use std::thread;
use std::time::Duration as StdDuration;

use crate::support::Parking;
use everloop_core::{
    Bounded, Duration, Event, Fixed, GetBlockingError, LifoQueue, OwnedLoop, PriorityQueue, PutBlockingError,
    Queue, QueueShutDown, Shared, Unbounded, WaitError, create_task, sleep,
};

/// Too short for anything to come.
const SHORT: StdDuration = StdDuration::from_millis(1);
/// What waits so long has lost its wake.
const LONG: StdDuration = StdDuration::from_secs(60);

const MANY: u32 = if cfg!(miri) { 20 } else { 2000 };

/// Runs a loop on this thread.
fn run<T>(main: impl Future<Output = T>) -> T {
    let (platform, unparker) = Parking::new();
    OwnedLoop::new(unparker).run(&platform, &[], main).unwrap()
}

/// Gives the thread time to begin its wait, which nothing else tells of.
async fn until(waiting: impl Fn() -> bool) {
    while !waiting() {
        sleep(Duration::from_micros(100)).await;
    }
}

fn getters<T>(queue: &Queue<T, Fixed<2>, Shared>) -> bool {
    format!("{queue:?}").contains("getters: 1")
}

fn putters<T>(queue: &Queue<T, Fixed<2>, Shared>) -> bool {
    format!("{queue:?}").contains("putters: 1")
}

#[test]
fn a_thread_gets_what_a_task_puts() {
    static QUEUE: Queue<u32, Fixed<2>, Shared> = Queue::new();
    let thread = thread::spawn(|| (0..MANY).all(|n| QUEUE.get_blocking() == Ok(n)));
    run(async {
        for n in 0..MANY {
            QUEUE.put(n).await.unwrap();
        }
    });
    assert!(thread.join().unwrap());
}

#[test]
fn a_task_gets_what_a_thread_puts() {
    static QUEUE: Queue<u32, Fixed<2>, Shared> = Queue::new();
    let thread = thread::spawn(|| (0..MANY).for_each(|n| QUEUE.put_blocking(n).unwrap()));
    run(async {
        for n in 0..MANY {
            assert_eq!(QUEUE.get().await, Ok(n));
        }
    });
    thread.join().unwrap();
}

#[test]
fn several_threads_share_a_queue_and_lose_nothing() {
    static QUEUE: PriorityQueue<u32, Bounded, Shared> = PriorityQueue::bounded(3);
    let putters = [0, 1, 2].map(|k| {
        thread::spawn(move || {
            for n in 0..MANY {
                let mut item = k * MANY + n;
                // One whose time is up comes back, and is tried again.
                while let Err(error) = QUEUE.put_blocking_timeout(item, SHORT) {
                    assert!(matches!(error, PutBlockingError::Timeout(_)));
                    item = error.into_inner();
                }
            }
        })
    });
    let getters = [(); 2].map(|()| {
        thread::spawn(|| {
            let (mut count, mut sum) = (0, 0);
            loop {
                match QUEUE.get_blocking_timeout(SHORT) {
                    Ok(item) => (count, sum) = (count + 1, sum + u64::from(item)),
                    Err(GetBlockingError::Timeout) => {}
                    Err(error) => {
                        assert_eq!(error, GetBlockingError::QueueShutDown);
                        return (count, sum);
                    }
                }
                if count % 2 == 0 {
                    thread::yield_now();
                }
            }
        })
    });
    for putter in putters {
        putter.join().unwrap();
    }
    QUEUE.shutdown(false);
    let (mut count, mut sum) = (0, 0);
    for getter in getters {
        let got = getter.join().unwrap();
        (count, sum) = (count + got.0, sum + got.1);
    }
    assert_eq!(count, 3 * MANY);
    assert_eq!(sum, (0..3 * u64::from(MANY)).sum());
}

#[test]
fn a_get_has_a_timeout() {
    let queue: LifoQueue<u32, Unbounded, Shared> = LifoQueue::new();
    assert_eq!(queue.get_blocking_timeout(SHORT), Err(GetBlockingError::Timeout));
    assert_eq!(queue.get_blocking_timeout(StdDuration::ZERO), Err(GetBlockingError::Timeout));
    // Whoever gave up has taken nothing, and is forgotten.
    queue.put_blocking(1).unwrap();
    queue.put_blocking(2).unwrap();
    assert_eq!(queue.get_blocking_timeout(StdDuration::MAX), Ok(2));
    assert_eq!(queue.get_blocking_timeout(StdDuration::ZERO), Ok(1));
}

#[test]
fn a_put_that_is_late_gives_its_item_back() {
    let queue: Queue<String, Fixed<1>, Shared> = Queue::new();
    queue.put_blocking("first".into()).unwrap();
    let late = queue.put_blocking_timeout("second".into(), SHORT);
    assert_eq!(late, Err(PutBlockingError::Timeout("second".into())));
    assert_eq!(queue.get_blocking().unwrap(), "first");
    queue.put_blocking_timeout(late.unwrap_err().into_inner(), StdDuration::ZERO).unwrap();
    assert_eq!(queue.get_blocking().unwrap(), "second");
}

#[test]
fn a_shutdown_ends_a_wait() {
    static EMPTY: Queue<u32, Fixed<2>, Shared> = Queue::new();
    static FULL: Queue<u32, Fixed<2>, Shared> = Queue::new();
    for n in 0..2 {
        FULL.put_blocking(n).unwrap();
    }
    let get = thread::spawn(|| EMPTY.get_blocking_timeout(LONG));
    let put = thread::spawn(|| FULL.put_blocking_timeout(2, LONG));
    run(async {
        until(|| getters(&EMPTY) && putters(&FULL)).await;
        EMPTY.shutdown(false);
        FULL.shutdown(false);
    });
    assert_eq!(get.join().unwrap(), Err(GetBlockingError::QueueShutDown));
    assert_eq!(put.join().unwrap(), Err(PutBlockingError::QueueShutDown(2)));
    assert_eq!(FULL.put_blocking(3), Err(PutBlockingError::QueueShutDown(3)));
    assert_eq!(FULL.get_blocking(), Ok(0));
}

#[test]
fn a_thread_waits_in_the_order_of_tasks() {
    static QUEUE: Queue<u32, Fixed<2>, Shared> = Queue::new();
    let thread = thread::spawn(|| QUEUE.get_blocking_timeout(LONG));
    run(async {
        until(|| getters(&QUEUE)).await;
        let task = create_task(QUEUE.get());
        sleep(Duration::ZERO).await;
        // The thread came first, so this one is not the task's, however long the thread takes.
        QUEUE.put(1).await.unwrap();
        until(|| QUEUE.empty()).await;
        assert!(!task.done());
        QUEUE.put(2).await.unwrap();
        assert_eq!(task.await.unwrap(), Ok(2));
    });
    assert_eq!(thread.join().unwrap(), Ok(1));
}

#[test]
fn a_thread_joins_a_queue() {
    static QUEUE: Queue<u32, Fixed<2>, Shared> = Queue::new();
    QUEUE.join_blocking().unwrap();
    QUEUE.put_blocking(1).unwrap();
    assert_eq!(QUEUE.join_blocking_timeout(SHORT), Err(WaitError::Timeout));
    let thread = thread::spawn(|| QUEUE.join_blocking_timeout(LONG));
    run(async {
        QUEUE.get().await.unwrap();
        sleep(Duration::from_millis(1)).await;
        QUEUE.task_done().unwrap();
    });
    assert_eq!(thread.join().unwrap(), Ok(()));
}

#[test]
fn a_thread_waits_for_an_event() {
    static EVENT: Event<Shared> = Event::new();
    assert_eq!(EVENT.wait_blocking_timeout(SHORT), Err(WaitError::Timeout));
    let threads = [(); 3].map(|()| thread::spawn(|| EVENT.wait_blocking()));
    run(async {
        until(|| format!("{EVENT:?}").contains("waiters: 3")).await;
        // All that wait are woken, whatever follows.
        EVENT.set();
        EVENT.clear();
    });
    for thread in threads {
        assert_eq!(thread.join().unwrap(), Ok(()));
    }
    EVENT.set();
    assert_eq!(EVENT.wait_blocking_timeout(StdDuration::ZERO), Ok(()));
}

#[test]
fn inside_a_loop_it_is_refused() {
    static QUEUE: Queue<u32, Fixed<2>, Shared> = Queue::new();
    static EVENT: Event<Shared> = Event::new();
    EVENT.set();
    run(async {
        let task = create_task(async {
            // Also what would not have to wait.
            assert_eq!(QUEUE.put_blocking(1), Err(PutBlockingError::InLoop(1)));
            assert_eq!(QUEUE.put_blocking_timeout(1, LONG), Err(PutBlockingError::InLoop(1)));
            QUEUE.put_nowait(2).unwrap();
            assert_eq!(QUEUE.get_blocking(), Err(GetBlockingError::InLoop));
            assert_eq!(QUEUE.join_blocking(), Err(WaitError::InLoop));
            assert_eq!(EVENT.wait_blocking(), Err(WaitError::InLoop));
        });
        task.await.unwrap();
        // Another thread may.
        thread::spawn(|| assert_eq!(QUEUE.get_blocking(), Ok(2))).join().unwrap();
    });
    assert_eq!(QUEUE.get_blocking_timeout(StdDuration::ZERO), Err(GetBlockingError::Timeout));
}

#[test]
fn a_token_left_over_from_before_ends_no_wait() {
    static QUEUE: Queue<u32, Fixed<2>, Shared> = Queue::new();
    static BOTH: Barrier = Barrier::new(2);
    let thread = thread::spawn(|| {
        BOTH.wait();
        QUEUE.get_blocking_timeout(LONG)
    });
    for _ in 0..3 {
        thread.thread().unpark();
    }
    BOTH.wait();
    run(until(|| getters(&QUEUE)));
    thread.thread().unpark();
    QUEUE.put_blocking(5).unwrap();
    assert_eq!(thread.join().unwrap(), Ok(5));
}

#[test]
fn a_thread_that_is_ending_may_wait() {
    static QUEUE: Queue<u32, Fixed<2>, Shared> = Queue::new();
    struct Last;
    impl Drop for Last {
        fn drop(&mut self) {
            // Whether the thread's own waker is there still or not.
            assert_eq!(QUEUE.get_blocking_timeout(LONG), Ok(1));
            QUEUE.task_done().unwrap();
        }
    }
    std::thread_local!(static LAST: Last = const { Last });
    let thread = thread::spawn(|| LAST.with(|_| {}));
    run(async {
        QUEUE.put(1).await.unwrap();
        QUEUE.join().await;
    });
    thread.join().unwrap();
}

#[test]
fn errors_say_what_to_do() {
    fn text(error: impl Error) -> String {
        error.to_string()
    }
    let in_loop =
        "a blocking wait inside a running event loop would stop it: await what is waited for instead";
    let late = "what was waited for has not come in time; it can be waited for again";
    assert_eq!(text(WaitError::InLoop), in_loop);
    assert_eq!(text(GetBlockingError::InLoop), in_loop);
    assert_eq!(text(PutBlockingError::InLoop(1)), in_loop);
    assert_eq!(text(WaitError::Timeout), late);
    assert_eq!(text(GetBlockingError::Timeout), late);
    assert_eq!(text(PutBlockingError::Timeout(1)), late);
    assert_eq!(text(PutBlockingError::QueueShutDown(1)), text(QueueShutDown(())));
    assert_eq!(text(GetBlockingError::QueueShutDown), text(QueueShutDown(())));
    assert_eq!(text(PutBlockingError::OutOfMemory(1)), "there is no memory for one more item");
    // Not shown is the item, which may have no way to be.
    struct Plain;
    assert_eq!(format!("{:?}", PutBlockingError::Timeout(Plain)), "Timeout");
}
