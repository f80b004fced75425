//! The life of loops, pools and wakers across runs and threads.
#![cfg(all(feature = "std", feature = "alloc"))]

use std::future::{pending, poll_fn};
use std::sync::mpsc;
use std::task::{Poll, Waker};
use std::thread;

use everloop_core::platform::Platform;
use everloop_core::virtual_time::{UNPARKER, VirtualTime};
use everloop_core::{
    CreateErrorKind, Duration, Event, EventLoop, Fixed, OwnedLoop, Queue, RunError, Shared, TaskPool,
    all_tasks, create_task, current_task, sleep, try_create_task, yield_now,
};

use crate::support::Parking;

/// How often a test with several threads does its thing. Under Miri each step takes a thousand times as long, and
/// there other schedules are worth more than more of the same.
const ROUNDS: u32 = if cfg!(miri) { 25 } else { 500 };

/// Gives the waker it is polled with.
async fn my_waker() -> Waker {
    poll_fn(|cx| Poll::Ready(cx.waker().clone())).await
}

#[test]
fn run_inside_run_is_refused() {
    let outer = OwnedLoop::new(UNPARKER);
    let inner = OwnedLoop::new(UNPARKER);
    let result = outer.run(&VirtualTime::new(), &[], async {
        let refused = inner.run(&VirtualTime::new(), &[], async {});
        assert_eq!(refused, Err(RunError::Nested));
        assert!(refused.unwrap_err().to_string().contains("inside a running event loop"));
        1
    });
    assert_eq!(result, Ok(1));
}

#[test]
fn a_static_loop_runs_in_one_thread_at_a_time() {
    static LOOP: EventLoop = EventLoop::new(UNPARKER);
    let result = LOOP.run(&VirtualTime::new(), &[], async {
        thread::spawn(|| LOOP.run(&VirtualTime::new(), &[], async {})).join().unwrap()
    });
    assert_eq!(result, Ok(Err(RunError::AlreadyRunning)));
    assert_eq!(LOOP.run(&VirtualTime::new(), &[], async { 2 }), Ok(2));
}

#[test]
fn outside_a_loop_there_is_no_task() {
    assert_eq!(current_task(), None);
    assert_eq!(all_tasks().count(), 0);
    let error = try_create_task(async { 3 }).unwrap_err();
    assert_eq!(error.kind, CreateErrorKind::NoRunningLoop);
}

#[test]
fn a_pool_serves_one_loop_and_then_another() {
    static POOL: TaskPool<2, 64> = TaskPool::new();
    static OTHER: EventLoop = EventLoop::new(UNPARKER);
    let first = OwnedLoop::new(UNPARKER);
    let refused = first.run(&VirtualTime::new(), &[&POOL], async {
        thread::spawn(|| OTHER.run(&VirtualTime::new(), &[&POOL], async {})).join().unwrap()
    });
    assert_eq!(refused, Ok(Err(RunError::PoolInUse)));
    assert_eq!(OTHER.run(&VirtualTime::new(), &[&POOL], async { create_task(async { 4 }).await }), Ok(Ok(4)));
}

#[test]
fn a_full_pool_gives_the_future_back() {
    static POOL: TaskPool<1, 64> = TaskPool::new();
    static LOOP: EventLoop = EventLoop::new(UNPARKER);
    LOOP.run(&VirtualTime::new(), &[&POOL], async {
        let first = POOL.create_task(pending::<()>());
        let error = POOL.try_create_task(async { 5 }).unwrap_err();
        assert_eq!(error.kind, CreateErrorKind::PoolFull);
        assert_eq!(error.future.await, 5);
        first.cancel();
        assert!(first.await.is_err());
        assert_eq!(POOL.create_task(async { 6 }).await, Ok(6));
    })
    .unwrap();
}

#[test]
fn handles_may_outlive_their_run() {
    static POOL: TaskPool<2, 128> = TaskPool::new();
    static LOOP: EventLoop = EventLoop::new(UNPARKER);
    let on_heap = OwnedLoop::new(UNPARKER);
    let heap_task = on_heap
        .run(&VirtualTime::new(), &[], async {
            let task = create_task(async { String::from("heap") });
            yield_now().await;
            task
        })
        .unwrap();
    drop(on_heap);
    let pool_task = LOOP
        .run(&VirtualTime::new(), &[&POOL], async {
            let task = create_task(async { String::from("pool") });
            let leftover = create_task(pending::<()>());
            yield_now().await;
            (task, leftover)
        })
        .unwrap();
    assert_eq!(heap_task.result().unwrap().unwrap(), "heap");
    assert_eq!(pool_task.0.result().unwrap().unwrap(), "pool");
    assert!(pool_task.1.cancelled());
    drop((heap_task, pool_task));
    // All slots came back.
    LOOP.run(&VirtualTime::new(), &[&POOL], async {
        let both = (create_task(async { 1 }), create_task(async { 2 }));
        assert_eq!((both.0.await, both.1.await), (Ok(1), Ok(2)));
    })
    .unwrap();
}

#[test]
fn wakers_may_outlive_everything_on_any_thread() {
    let event_loop = OwnedLoop::new(UNPARKER);
    let wakers = event_loop
        .run(&VirtualTime::new(), &[], async {
            let task = create_task(my_waker());
            let waiting = create_task(async {
                let waker = my_waker().await;
                sleep(Duration::from_millis(1)).await;
                waker
            });
            [my_waker().await, task.await.unwrap(), waiting.await.unwrap()]
        })
        .unwrap();
    drop(event_loop);
    thread::spawn(move || {
        for waker in wakers {
            waker.wake_by_ref();
            let copy = waker.clone();
            copy.wake();
            drop(waker);
        }
    })
    .join()
    .unwrap();
}

#[test]
fn a_wake_from_another_thread_ends_the_wait() {
    let (platform, unparker) = Parking::new();
    let (sender, receiver) = mpsc::channel::<Waker>();
    let waking = thread::spawn(move || {
        for waker in receiver {
            thread::yield_now();
            waker.wake();
        }
    });
    OwnedLoop::new(unparker)
        .run(&platform, &[], async move {
            for _ in 0..ROUNDS * 2 {
                let mut sent = false;
                poll_fn(|cx| {
                    if sent {
                        return Poll::Ready(());
                    }
                    sent = true;
                    sender.send(cx.waker().clone()).unwrap();
                    Poll::Pending
                })
                .await;
            }
        })
        .unwrap();
    waking.join().unwrap();
}

#[test]
fn threads_feed_a_loop_through_a_shared_queue() {
    static QUEUE: Queue<u32, Fixed<4>, Shared> = Queue::new();
    static ROOM: Event<Shared> = Event::new();
    const EACH: u32 = ROUNDS;
    let threads: Vec<_> = (0..4)
        .map(|_| {
            thread::spawn(|| {
                for n in 1..=EACH {
                    while QUEUE.put_nowait(n).is_err() {
                        thread::yield_now();
                    }
                }
            })
        })
        .collect();
    let (platform, unparker) = Parking::new();
    let sum = OwnedLoop::new(unparker).run(&platform, &[], async {
        let mut sum = 0;
        for _ in 0..EACH * 4 {
            sum += QUEUE.get().await.unwrap();
        }
        ROOM.set();
        sum
    });
    assert_eq!(sum, Ok(4 * EACH * (EACH + 1) / 2));
    for thread in threads {
        thread.join().unwrap();
    }
    assert!(ROOM.is_set());
}

#[test]
fn two_loops_in_two_threads_talk_both_ways() {
    static THERE: Queue<u32, Fixed<1>, Shared> = Queue::new();
    static BACK: Queue<u32, Fixed<1>, Shared> = Queue::new();
    let echo = thread::spawn(|| {
        let (platform, unparker) = Parking::new();
        OwnedLoop::new(unparker)
            .run(&platform, &[], async {
                while let Ok(n) = THERE.get().await {
                    BACK.put(n + 1).await.unwrap();
                }
            })
            .unwrap();
    });
    let (platform, unparker) = Parking::new();
    OwnedLoop::new(unparker)
        .run(&platform, &[], async {
            for n in 0..ROUNDS {
                THERE.put(n).await.unwrap();
                assert_eq!(BACK.get().await, Ok(n + 1));
            }
            THERE.shutdown(false);
        })
        .unwrap();
    echo.join().unwrap();
}

#[test]
fn main_may_end_with_any_number_of_polls() {
    // The loop looks at timers and input after so many polls; if those end the program, it must not wait for them.
    let polls = if cfg!(miri) { 60..70 } else { 0..200 };
    for polls in polls {
        let time = VirtualTime::new();
        let main = async move {
            drop(create_task(sleep(Duration::from_secs(1))));
            for _ in 0..polls {
                yield_now().await;
            }
        };
        OwnedLoop::new(UNPARKER).run(&time, &[], main).unwrap();
        assert_eq!(time.now().as_ticks(), 0, "after {polls} polls");
    }
}

#[test]
fn what_is_known_of_a_task_cancels_none_of_another_loop() {
    let of_another =
        OwnedLoop::new(UNPARKER).run(&VirtualTime::new(), &[], async { current_task().unwrap() }).unwrap();
    let ended = OwnedLoop::new(UNPARKER).run(&VirtualTime::new(), &[], async {
        let own = current_task().unwrap();
        assert_eq!(own.id(), of_another.id());
        assert!(!of_another.cancel(), "it was taken for a task of this loop");
        yield_now().await;
        assert!(own.cancel());
        yield_now().await;
    });
    assert_eq!(ended, Err(RunError::Cancelled));
}

/// A slot belongs to the pool that it stands in, however near to another that is.
#[test]
fn of_pools_side_by_side_each_gets_its_own_slots_back() {
    #[repr(C)]
    struct Pools {
        small: TaskPool<1, 64>,
        large: TaskPool<1, 512>,
    }
    static POOLS: Pools = Pools { small: TaskPool::new(), large: TaskPool::new() };
    static LOOP: EventLoop = EventLoop::new(UNPARKER);
    LOOP.run(&VirtualTime::new(), &[&POOLS.small, &POOLS.large], async {
        for _ in 0..3 {
            let held = [7_u8; 256];
            let large = POOLS.large.create_task(async move {
                yield_now().await;
                held.iter().map(|&byte| u32::from(byte)).sum::<u32>()
            });
            let small = POOLS.small.create_task(async { 5 });
            assert_eq!((large.await, small.await), (Ok(256 * 7), Ok(5)));
        }
    })
    .unwrap();
}
