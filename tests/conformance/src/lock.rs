use core::cell::RefCell;
use core::fmt::Write;
use core::pin::pin;

use critical_section::Mutex;
use everloop_core::{Lock, LockGuard, Shared, Task, catch_cancel, create_task, sleep, wait_for, yield_now};

use crate::elsewhere;
use crate::step::{HOUR, TICK, poll_once, settle};
use crate::trace::Trace;

type Turn = Lock<(), Shared>;

/// A task that takes the lock, writes a number down, and holds the lock for a while.
fn user(lock: &'static Turn, log: &'static Trace, n: u32) -> Task<()> {
    create_task(async move {
        let _guard = lock.acquire().await;
        log.push(n);
        sleep(TICK).await;
    })
}

pub async fn it_is_had_first_come_first_served() {
    static LOG: Trace = Trace::new();
    static LOCK: Turn = Lock::new(());
    LOG.clear();
    assert!(!LOCK.locked());
    let guard = LOCK.acquire().await;
    assert!(LOCK.locked());
    let users = [1, 2, 3].map(|n| user(&LOCK, &LOG, n));
    settle().await;
    LOG.expect(&[]);
    drop(guard);
    yield_now().await;
    LOG.expect(&[1]);
    for user in users {
        user.await.unwrap();
    }
    LOG.expect(&[1, 2, 3]);
    assert!(!LOCK.locked());
}

pub async fn who_comes_later_does_not_pass() {
    static LOG: Trace = Trace::new();
    static LOCK: Turn = Lock::new(());
    LOG.clear();
    let guard = LOCK.acquire().await;
    let waiting = user(&LOCK, &LOG, 1);
    settle().await;
    drop(guard);
    // It is the other one's, who has not run yet.
    assert!(LOCK.locked());
    assert!(LOCK.try_acquire().is_none());
    drop(LOCK.acquire().await);
    LOG.push(2);
    LOG.expect(&[1, 2]);
    waiting.await.unwrap();
}

pub async fn one_that_is_cancelled_is_passed_over() {
    static LOG: Trace = Trace::new();
    static LOCK: Turn = Lock::new(());
    LOG.clear();
    let guard = LOCK.acquire().await;
    let mut first = user(&LOCK, &LOG, 1);
    let second = user(&LOCK, &LOG, 2);
    settle().await;
    first.cancel();
    assert!((&mut first).await.is_err());
    drop(guard);
    second.await.unwrap();
    LOG.expect(&[2]);
    assert!(!LOCK.locked());
}

pub async fn cancelled_with_the_lock_in_its_hands_it_passes_it_on() {
    static LOG: Trace = Trace::new();
    static LOCK: Turn = Lock::new(());
    LOG.clear();
    let guard = LOCK.acquire().await;
    let mut first = user(&LOCK, &LOG, 1);
    let second = user(&LOCK, &LOG, 2);
    let third = user(&LOCK, &LOG, 3);
    settle().await;
    drop(guard);
    first.cancel();
    assert!((&mut first).await.is_err());
    second.await.unwrap();
    LOG.expect(&[2, 3]);
    third.await.unwrap();
    assert!(!LOCK.locked());
}

pub async fn dropped_with_the_lock_in_its_hands_it_passes_it_on() {
    let lock: Lock = Lock::new(());
    let guard = lock.acquire().await;
    let mut second = pin!(lock.acquire());
    {
        let mut first = pin!(lock.acquire());
        assert!(poll_once(first.as_mut()).await.is_pending());
        assert!(poll_once(second.as_mut()).await.is_pending());
        drop(guard);
    }
    assert!(poll_once(second.as_mut()).await.is_ready());
    assert!(!lock.locked());
}

pub async fn one_whose_time_is_up_takes_nothing() {
    static LOG: Trace = Trace::new();
    static LOCK: Turn = Lock::new(());
    LOG.clear();
    let guard = LOCK.acquire().await;
    let waiting = user(&LOCK, &LOG, 1);
    assert!(wait_for(LOCK.acquire(), TICK).await.is_err());
    drop(guard);
    waiting.await.unwrap();
    assert!(!LOCK.locked());
    LOG.expect(&[1]);
}

pub async fn dropped_before_its_first_poll_it_takes_nothing() {
    let lock: Lock = Lock::new(());
    drop(lock.acquire());
    assert!(lock.try_acquire().is_some());
    let guard = lock.acquire().await;
    drop(lock.acquire());
    drop(guard);
    assert!(!lock.locked());
}

pub async fn it_owns_what_it_guards() {
    static COUNT: Lock<u32, Shared> = Lock::new(0);
    *COUNT.acquire().await = 0;
    let tasks = [(); 4].map(|()| {
        create_task(async {
            for _ in 0..3 {
                let mut count = COUNT.acquire().await;
                let before = *count;
                yield_now().await;
                *count = before + 1;
            }
        })
    });
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(*COUNT.acquire().await, 12);
    let mut own: Lock<u32> = Lock::from(1);
    *own.get_mut() += 1;
    *own.try_acquire().unwrap() += 1;
    assert_eq!(own.into_inner(), 3);
}

pub async fn a_cancellation_releases_it() {
    static LOCK: Turn = Lock::new(());
    let mut holder = create_task(async {
        let _guard = LOCK.acquire().await;
        sleep(HOUR).await;
    });
    settle().await;
    assert!(LOCK.locked());
    holder.cancel();
    assert!((&mut holder).await.is_err());
    assert!(!LOCK.locked());
}

pub async fn it_is_held_through_a_cleanup() {
    static LOCK: Turn = Lock::new(());
    let mut holder = create_task(async {
        let guard = LOCK.acquire().await;
        if let Err(cancelled) = catch_cancel(sleep(HOUR)).await {
            sleep(TICK * 2).await;
            drop(guard);
            cancelled.resume().await;
        }
    });
    settle().await;
    holder.cancel();
    settle().await;
    assert!(LOCK.try_acquire().is_none());
    assert!((&mut holder).await.is_err());
    assert!(LOCK.try_acquire().is_some());
}

pub async fn an_interrupt_may_take_and_release_it() {
    static LOG: Trace = Trace::new();
    static LOCK: Turn = Lock::new(());
    static KEPT: Mutex<RefCell<Option<LockGuard<'static, (), Shared>>>> = Mutex::new(RefCell::new(None));
    fn keep(guard: LockGuard<'static, (), Shared>) {
        let _none = critical_section::with(|cs| KEPT.borrow_ref_mut(cs).replace(guard));
    }
    LOG.clear();
    elsewhere::run(|| keep(LOCK.try_acquire().unwrap()));
    let waiting = user(&LOCK, &LOG, 1);
    settle().await;
    LOG.expect(&[]);
    elsewhere::run(|| {
        assert!(LOCK.try_acquire().is_none());
        drop(critical_section::with(|cs| KEPT.borrow_ref_mut(cs).take()));
        assert!(LOCK.try_acquire().is_none());
    });
    waiting.await.unwrap();
    LOG.expect(&[1]);
}

pub async fn debug_shows_whether_it_is_had() {
    let lock: Lock<u32> = Lock::new(7);
    let guard = lock.acquire().await;
    let mut waiting = pin!(lock.acquire());
    assert!(poll_once(waiting.as_mut()).await.is_pending());
    let mut text = heapless::String::<64>::new();
    write!(text, "{lock:?} {guard:?} {guard}").unwrap();
    assert_eq!(text, "Lock { locked: true, waiters: 1, .. } 7 7");
}
