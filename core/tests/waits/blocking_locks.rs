//! Threads that run no loop and wait for locks, semaphores, conditions and barriers by blocking.
#![cfg(all(feature = "std", feature = "alloc", not(loom)))]

use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration as StdDuration;

use crate::support::Parking;
use everloop_core::{
    Barrier, BoundedSemaphore, Condition, Duration, Lock, OwnedLoop, Semaphore, Shared, WaitError, sleep,
};

/// Too short for anything to come.
const SHORT: StdDuration = StdDuration::from_millis(1);
/// What waits so long has lost its wake.
const LONG: StdDuration = StdDuration::from_secs(60);

const MANY: u32 = if cfg!(miri) { 10 } else { 1000 };

/// Runs a loop on this thread.
fn run<T>(main: impl Future<Output = T>) -> T {
    let (platform, unparker) = Parking::new();
    OwnedLoop::new(unparker).run(&platform, &[], main).unwrap()
}

/// Gives threads time to begin their waits, which nothing else tells of.
async fn until(waiting: impl Fn() -> bool) {
    while !waiting() {
        sleep(Duration::from_micros(100)).await;
    }
}

#[test]
fn threads_and_a_task_share_a_lock() {
    static SUM: Lock<u32, Shared> = Lock::new(0);
    let threads = [(); 2].map(|()| {
        thread::spawn(|| {
            for _ in 0..MANY {
                *SUM.acquire_blocking().unwrap() += 1;
            }
        })
    });
    run(async {
        for _ in 0..MANY {
            *SUM.acquire().await += 1;
        }
    });
    for thread in threads {
        thread.join().unwrap();
    }
    assert_eq!(*SUM.acquire_blocking().unwrap(), MANY * 3);
}

#[test]
fn a_lock_that_is_held_is_not_had_in_time_and_later_it_is() {
    static LOCK: Lock<(), Shared> = Lock::new(());
    let guard = LOCK.try_acquire().unwrap();
    assert_eq!(LOCK.acquire_blocking_timeout(SHORT).err(), Some(WaitError::Timeout));
    let thread = thread::spawn(|| LOCK.acquire_blocking_timeout(LONG).is_ok());
    run(until(|| format!("{LOCK:?}").contains("waiters: 1")));
    drop(guard);
    assert!(thread.join().unwrap());
    assert!(!LOCK.locked());
}

#[test]
fn a_semaphore_lets_so_many_threads_in() {
    static SEMAPHORE: Semaphore<Shared> = Semaphore::new(2);
    static INSIDE: AtomicU32 = AtomicU32::new(0);
    let threads = [(); 4].map(|()| {
        thread::spawn(|| {
            for _ in 0..MANY {
                let _permit = SEMAPHORE.acquire_blocking().unwrap();
                assert!(INSIDE.fetch_add(1, Ordering::Relaxed) < 2);
                INSIDE.fetch_sub(1, Ordering::Relaxed);
            }
        })
    });
    for thread in threads {
        thread.join().unwrap();
    }
    assert_eq!(SEMAPHORE.available(), 2);
}

#[test]
fn without_a_permit_in_time_nothing_is_taken() {
    static SEMAPHORE: BoundedSemaphore<Shared> = BoundedSemaphore::new(1);
    let permit = SEMAPHORE.acquire_blocking().unwrap();
    assert_eq!(SEMAPHORE.acquire_blocking_timeout(SHORT).err(), Some(WaitError::Timeout));
    drop(permit);
    assert_eq!(SEMAPHORE.available(), 1);
    assert!(SEMAPHORE.acquire_blocking_timeout(LONG).is_ok());
}

#[test]
fn a_task_notifies_a_thread() {
    static STOCK: Lock<u32, Shared> = Lock::new(0);
    static MORE: Condition<Shared> = Condition::new();
    let thread = thread::spawn(|| {
        let mut stock = STOCK.acquire_blocking().unwrap();
        MORE.wait_for_blocking(&mut stock, |stock| *stock == MANY).unwrap();
        *stock
    });
    run(async {
        for _ in 0..MANY {
            *STOCK.acquire().await += 1;
            MORE.notify(1);
        }
    });
    assert_eq!(thread.join().unwrap(), MANY);
}

#[test]
fn a_condition_gives_the_lock_back_when_the_time_is_up() {
    static LOCK: Lock<u32, Shared> = Lock::new(7);
    static CONDITION: Condition<Shared> = Condition::new();
    let mut guard = LOCK.acquire_blocking().unwrap();
    assert_eq!(CONDITION.wait_blocking_timeout(&mut guard, SHORT), Err(WaitError::Timeout));
    assert!(guard.is_held() && LOCK.locked());
    let never = CONDITION.wait_for_blocking_timeout(&mut guard, SHORT, |value| *value == 8);
    assert_eq!(never, Err(WaitError::Timeout));
    assert_eq!(*guard, 7);
    assert_eq!(CONDITION.wait_for_blocking_timeout(&mut guard, SHORT, |value| *value == 7), Ok(()));
    drop(guard);
    assert!(!LOCK.locked());
}

#[test]
fn what_came_true_without_a_notification_is_seen_when_the_time_is_up() {
    static LOCK: Lock<u32, Shared> = Lock::new(0);
    static CONDITION: Condition<Shared> = Condition::new();
    let mut guard = LOCK.acquire_blocking().unwrap();
    let mut looks = 0;
    let waited = CONDITION.wait_for_blocking_timeout(&mut guard, SHORT, |_| {
        looks += 1;
        looks == 2
    });
    assert_eq!((waited, looks), (Ok(()), 2));
    assert!(guard.is_held());
}

#[test]
fn a_condition_may_be_waited_for_by_a_thread_while_others_have_the_lock() {
    static LOCK: Lock<bool, Shared> = Lock::new(false);
    static CONDITION: Condition<Shared> = Condition::new();
    let thread = thread::spawn(|| {
        let mut guard = LOCK.acquire_blocking().unwrap();
        while !*guard {
            CONDITION.wait_blocking(&mut guard).unwrap();
        }
    });
    run(until(|| format!("{CONDITION:?}").contains("waiters: 1")));
    *LOCK.try_acquire().expect("who waits has let it go") = true;
    CONDITION.notify_all();
    thread.join().unwrap();
}

#[test]
fn threads_and_a_task_meet_at_a_barrier() {
    static BARRIER: Barrier<Shared> = Barrier::new(3);
    let threads = [(); 2].map(|()| {
        thread::spawn(|| (0..MANY).map(|_| BARRIER.wait_blocking().unwrap().unwrap() as u64).sum::<u64>())
    });
    let mut sum = run(async {
        let mut sum = 0;
        for _ in 0..MANY {
            sum += BARRIER.wait().await.unwrap() as u64;
        }
        sum
    });
    for thread in threads {
        sum += thread.join().unwrap();
    }
    // Each round gives 0, 1 and 2.
    assert_eq!(sum, u64::from(MANY) * 3);
}

#[test]
fn a_thread_whose_time_is_up_is_no_party() {
    static BARRIER: Barrier<Shared> = Barrier::new(2);
    assert_eq!(BARRIER.wait_blocking_timeout(SHORT), Err(WaitError::Timeout));
    assert_eq!(BARRIER.n_waiting(), 0);
    assert!(!BARRIER.broken());
}

#[test]
fn inside_a_loop_each_is_refused_and_takes_nothing() {
    static LOCK: Lock<(), Shared> = Lock::new(());
    static SEMAPHORE: Semaphore<Shared> = Semaphore::new(1);
    static CONDITION: Condition<Shared> = Condition::new();
    static BARRIER: Barrier<Shared> = Barrier::new(1);
    run(async {
        assert_eq!(LOCK.acquire_blocking().err(), Some(WaitError::InLoop));
        let mut guard = LOCK.acquire().await;
        assert_eq!(CONDITION.wait_blocking(&mut guard), Err(WaitError::InLoop));
        assert!(guard.is_held());
        assert_eq!(SEMAPHORE.acquire_blocking_timeout(LONG).err(), Some(WaitError::InLoop));
        assert_eq!(SEMAPHORE.available(), 1);
        assert_eq!(BARRIER.wait_blocking(), Err(WaitError::InLoop));
    });
}

#[test]
fn threads_whose_time_is_up_lose_no_notification_and_no_permit() {
    static STOCK: Lock<u32, Shared> = Lock::new(0);
    static MORE: Condition<Shared> = Condition::new();
    static SEMAPHORE: Semaphore<Shared> = Semaphore::new(1);
    thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..MANY {
                let mut stock = STOCK.acquire_blocking().unwrap();
                MORE.wait_for_blocking_timeout(&mut stock, LONG, |stock| *stock > 0).unwrap();
                *stock -= 1;
            }
        });
        for _ in 0..2 {
            scope.spawn(|| {
                for n in 0..MANY {
                    let time = StdDuration::from_micros(u64::from(n % 7) * 3);
                    let mut stock = STOCK.acquire_blocking().unwrap();
                    let waited = MORE.wait_blocking_timeout(&mut stock, time);
                    assert!(stock.is_held());
                    drop(stock);
                    if waited.is_ok() {
                        // It has no use for it.
                        MORE.notify(1);
                    }
                    drop(SEMAPHORE.acquire_blocking_timeout(time));
                }
            });
        }
        for _ in 0..MANY {
            *STOCK.acquire_blocking().unwrap() += 1;
            MORE.notify(1);
            drop(SEMAPHORE.acquire_blocking_timeout(LONG).unwrap());
        }
    });
    assert_eq!((*STOCK.acquire_blocking().unwrap(), SEMAPHORE.available()), (0, 1));
}
