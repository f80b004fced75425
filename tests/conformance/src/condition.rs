use core::fmt::Write;
use core::pin::pin;

use everloop_core::{Condition, Lock, LockGuard, Shared, Task, create_task, sleep, wait_for, yield_now};

use crate::elsewhere;
use crate::step::{HOUR, TICK, poll_once, settle};
use crate::trace::Trace;

/// A lock with a condition beside it.
pub struct Desk {
    pub lock: Lock<u32, Shared>,
    pub changed: Condition<Shared>,
}

impl Desk {
    pub const fn new() -> Self {
        Self { lock: Lock::new(0), changed: Condition::new() }
    }

    /// A task that waits once and writes a number down while it has the lock.
    pub fn waiter(&'static self, log: &'static Trace, n: u32) -> Task<()> {
        create_task(async move {
            let mut guard = self.lock.acquire().await;
            self.changed.wait(&mut guard).await;
            log.push(n);
        })
    }

    /// A task that waits for a value, writes a number down, and takes one away.
    pub fn consumer(&'static self, log: &'static Trace, n: u32) -> Task<()> {
        create_task(async move {
            let mut value = self.lock.acquire().await;
            self.changed.wait_for(&mut value, |value| *value > 0).await;
            *value -= 1;
            log.push(n);
        })
    }
}

pub async fn those_who_wait_go_on_one_after_the_other() {
    static LOG: Trace = Trace::new();
    static DESK: Desk = Desk::new();
    LOG.clear();
    let tasks = [1, 2, 3].map(|n| {
        create_task(async move {
            let mut guard = DESK.lock.acquire().await;
            DESK.changed.wait(&mut guard).await;
            LOG.push(n);
            sleep(TICK * 3).await;
            LOG.push(10 + n);
        })
    });
    settle().await;
    // All wait, and none holds the lock.
    let guard = DESK.lock.try_acquire().unwrap();
    DESK.changed.notify(1);
    settle().await;
    LOG.expect(&[]);
    drop(guard);
    settle().await;
    LOG.expect(&[1]);
    DESK.changed.notify(2);
    for task in tasks {
        task.await.unwrap();
    }
    LOG.expect(&[1, 11, 2, 12, 3, 13]);
}

pub async fn so_many_are_notified_first_come_first() {
    static LOG: Trace = Trace::new();
    static DESK: Desk = Desk::new();
    LOG.clear();
    let tasks = [1, 2, 3, 4].map(|n| DESK.waiter(&LOG, n));
    settle().await;
    DESK.changed.notify(0);
    settle().await;
    LOG.expect(&[]);
    DESK.changed.notify(1);
    settle().await;
    LOG.expect(&[1]);
    DESK.changed.notify(2);
    settle().await;
    LOG.expect(&[1, 2, 3]);
    DESK.changed.notify(2048);
    for task in tasks {
        task.await.unwrap();
    }
    LOG.expect(&[1, 2, 3, 4]);
}

pub async fn all_are_notified() {
    static LOG: Trace = Trace::new();
    static DESK: Desk = Desk::new();
    LOG.clear();
    let tasks = [1, 2, 3].map(|n| DESK.waiter(&LOG, n));
    settle().await;
    let guard = DESK.lock.acquire().await;
    DESK.changed.notify_all();
    drop(guard);
    for task in tasks {
        task.await.unwrap();
    }
    LOG.expect(&[1, 2, 3]);
}

pub async fn a_notification_is_not_kept_for_later() {
    static LOG: Trace = Trace::new();
    static DESK: Desk = Desk::new();
    LOG.clear();
    DESK.changed.notify(1);
    DESK.changed.notify_all();
    let waiter = DESK.waiter(&LOG, 1);
    settle().await;
    LOG.expect(&[]);
    DESK.changed.notify(1);
    waiter.await.unwrap();
}

pub async fn the_predicate_is_asked_with_the_lock_held() {
    static LOG: Trace = Trace::new();
    static DESK: Desk = Desk::new();
    LOG.clear();
    *DESK.lock.acquire().await = 0;
    let waiter = create_task(async {
        let mut value = DESK.lock.acquire().await;
        let wait = DESK.changed.wait_for(&mut value, |value| {
            assert!(DESK.lock.locked());
            LOG.push(*value);
            *value == 2
        });
        wait.await;
        assert_eq!(*value, 2);
        *value = 0;
    });
    settle().await;
    for value in [1, 3, 2] {
        // What is no longer so when it has the lock is not given.
        *DESK.lock.acquire().await = 2;
        DESK.changed.notify(1);
        *DESK.lock.acquire().await = value;
        settle().await;
    }
    waiter.await.unwrap();
    LOG.expect(&[0, 1, 3, 2]);
}

pub async fn what_is_so_already_is_not_waited_for() {
    let lock: Lock<u32> = Lock::new(1);
    let changed: Condition = Condition::new();
    let mut value = lock.acquire().await;
    let mut wait = pin!(changed.wait_for(&mut value, |value| *value == 1));
    assert!(poll_once(wait.as_mut()).await.is_ready());
}

pub async fn a_dropped_wait_leaves_a_guard_that_holds_nothing() {
    let lock: Lock<u32> = Lock::new(7);
    let changed: Condition = Condition::new();
    let mut guard = lock.acquire().await;
    {
        let mut wait = pin!(changed.wait(&mut guard));
        assert!(poll_once(wait.as_mut()).await.is_pending());
    }
    assert!(!guard.is_held() && !lock.locked());
    let mut text = heapless::String::<64>::new();
    write!(text, "{guard:?} {guard}").unwrap();
    assert_eq!(text, "<not held> <not held>");
    // It takes the lock again when that is free.
    let mut other = lock.acquire().await;
    *other = 8;
    {
        let mut again = pin!(guard.reacquire());
        assert!(poll_once(again.as_mut()).await.is_pending());
        drop(other);
        again.await;
    }
    assert!(guard.is_held() && lock.locked());
    assert_eq!(*guard, 8);
    guard.reacquire().await;
    // Its drop releases what it holds, and nothing of others.
    {
        let mut wait = pin!(changed.wait(&mut guard));
        assert!(poll_once(wait.as_mut()).await.is_pending());
    }
    let other = lock.acquire().await;
    drop(guard);
    assert!(lock.locked());
    drop(other);
    assert!(!lock.locked());
}

pub async fn a_dropped_waits_notification_goes_to_another() {
    let lock: Lock = Lock::new(());
    let changed: Condition = Condition::new();
    let mut guard = lock.acquire().await;
    let mut first = pin!(Some(changed.wait(&mut guard)));
    assert!(poll_once(first.as_mut().as_pin_mut().unwrap()).await.is_pending());
    let mut guard = lock.acquire().await;
    let mut second = pin!(Some(changed.wait(&mut guard)));
    assert!(poll_once(second.as_mut().as_pin_mut().unwrap()).await.is_pending());
    let mut guard = lock.acquire().await;
    let mut third = pin!(changed.wait(&mut guard));
    assert!(poll_once(third.as_mut()).await.is_pending());
    let held = lock.acquire().await;
    // Dropped before it has run.
    changed.notify(1);
    first.set(None);
    // Dropped while it waits for the lock.
    assert!(poll_once(second.as_mut().as_pin_mut().unwrap()).await.is_pending());
    second.set(None);
    drop(held);
    third.await;
    assert!(lock.locked());
}

pub async fn a_wait_that_never_began_leaves_the_guard_alone() {
    let lock: Lock = Lock::new(());
    let changed: Condition = Condition::new();
    let mut guard = lock.acquire().await;
    drop(changed.wait(&mut guard));
    drop(changed.wait_for(&mut guard, |()| false));
    assert!(guard.is_held());
}

pub async fn several_share_a_lock() {
    static LOG: Trace = Trace::new();
    static ITEMS: Lock<u32, Shared> = Lock::new(0);
    static ANY: Condition<Shared> = Condition::new();
    static ROOM: Condition<Shared> = Condition::new();
    LOG.clear();
    let putter = create_task(async {
        for n in 1..=4 {
            let mut items = ITEMS.acquire().await;
            ROOM.wait_for(&mut items, |items| *items == 0).await;
            *items = n;
            ANY.notify(1);
        }
    });
    for _ in 0..4 {
        let mut items = ITEMS.acquire().await;
        ANY.wait_for(&mut items, |items| *items != 0).await;
        LOG.push(core::mem::take(&mut *items));
        ROOM.notify(1);
    }
    putter.await.unwrap();
    LOG.expect(&[1, 2, 3, 4]);
}

pub async fn an_interrupt_may_notify() {
    static LOG: Trace = Trace::new();
    static DESK: Desk = Desk::new();
    LOG.clear();
    let tasks = [1, 2, 3].map(|n| DESK.waiter(&LOG, n));
    // One whose lock is of another flavour.
    let local: Lock = Lock::new(());
    let mut guard: LockGuard<'_> = local.acquire().await;
    let mut wait = pin!(DESK.changed.wait(&mut guard));
    yield_now().await;
    assert!(poll_once(wait.as_mut()).await.is_pending());
    elsewhere::run(|| DESK.changed.notify(1));
    settle().await;
    LOG.expect(&[1]);
    elsewhere::run(|| DESK.changed.notify_all());
    assert_eq!(wait_for(wait, HOUR).await, Ok(()));
    for task in tasks {
        task.await.unwrap();
    }
    LOG.expect(&[1, 2, 3]);
}

pub async fn debug_shows_who_waits() {
    let lock: Lock = Lock::new(());
    let changed: Condition = Condition::new();
    let mut guard = lock.acquire().await;
    let mut wait = pin!(changed.wait(&mut guard));
    assert!(poll_once(wait.as_mut()).await.is_pending());
    let mut text = heapless::String::<64>::new();
    write!(text, "{changed:?} {lock:?}").unwrap();
    assert_eq!(text, "Condition { waiters: 1 } Lock { locked: false, waiters: 0, .. }");
}
