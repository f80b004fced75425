//! A wait on a condition takes the lock again before a cancellation goes on.

use core::future::{pending, poll_fn};
use core::pin::pin;
use core::task::Poll;

use everloop_core::{
    Condition, Lock, Task, catch_cancel, create_task, current_task, select, sleep, wait_for, yield_now,
};

use crate::condition::Desk;
use crate::step::{TICK, settle};
use crate::trace::Trace;

impl Desk {
    /// A task whose wait is cut by a cancellation, which it swallows. It writes down that it has the lock again.
    fn catcher(&'static self, log: &'static Trace, n: u32) -> Task<()> {
        create_task(async move {
            let mut guard = self.lock.acquire().await;
            assert!(catch_cancel(self.changed.wait(&mut guard)).await.is_err());
            assert!(guard.is_held() && self.lock.locked());
            log.push(n);
            // Nothing is left of the requests.
            yield_now().await;
            log.push(n + 1);
        })
    }
}

pub async fn cancelled_it_takes_the_lock_again_first() {
    static LOG: Trace = Trace::new();
    static DESK: Desk = Desk::new();
    LOG.clear();
    let mut waiter = DESK.waiter(&LOG, 1);
    settle().await;
    let guard = DESK.lock.acquire().await;
    waiter.cancel();
    settle().await;
    assert!(!waiter.done());
    drop(guard);
    assert!(DESK.lock.try_acquire().is_none());
    assert!((&mut waiter).await.is_err());
    assert!(!DESK.lock.locked());
    LOG.expect(&[]);
}

pub async fn requests_while_it_takes_the_lock_are_one() {
    static LOG: Trace = Trace::new();
    static DESK: Desk = Desk::new();
    LOG.clear();
    let catcher = DESK.catcher(&LOG, 1);
    settle().await;
    let guard = DESK.lock.acquire().await;
    catcher.cancel();
    settle().await;
    // It keeps its place before this one.
    let next = create_task(async {
        drop(DESK.lock.acquire().await);
        LOG.push(3);
    });
    for _ in 0..3 {
        catcher.cancel();
        settle().await;
    }
    assert!(!catcher.done());
    LOG.expect(&[]);
    drop(guard);
    // And one more that comes with the lock.
    catcher.cancel();
    catcher.await.unwrap();
    next.await.unwrap();
    LOG.expect(&[1, 2, 3]);
}

pub async fn caught_the_guard_holds_the_lock() {
    static LOG: Trace = Trace::new();
    static DESK: Desk = Desk::new();
    LOG.clear();
    let catcher = DESK.catcher(&LOG, 1);
    settle().await;
    catcher.cancel();
    catcher.await.unwrap();
    LOG.expect(&[1, 2]);
    assert!(!DESK.lock.locked());
}

pub async fn after_a_timeout_the_guard_holds_the_lock() {
    let lock: Lock<u32> = Lock::new(7);
    let changed: Condition = Condition::new();
    let mut guard = lock.acquire().await;
    assert!(wait_for(changed.wait(&mut guard), TICK).await.is_err());
    assert!(guard.is_held());
    assert!(wait_for(changed.wait_for(&mut guard, |_| false), TICK).await.is_err());
    assert_eq!(*guard, 7);
    assert!(lock.locked());
    drop(guard);
    assert!(!lock.locked());
}

pub async fn a_timeout_while_it_takes_the_lock_waits_for_it() {
    static LOG: Trace = Trace::new();
    static DESK: Desk = Desk::new();
    LOG.clear();
    let waiter = create_task(async {
        let mut guard = DESK.lock.acquire().await;
        assert!(wait_for(DESK.changed.wait(&mut guard), TICK * 2).await.is_err());
        assert!(guard.is_held());
        LOG.push(2);
    });
    settle().await;
    let guard = DESK.lock.acquire().await;
    DESK.changed.notify(1);
    sleep(TICK * 5).await;
    LOG.push(1);
    drop(guard);
    waiter.await.unwrap();
    LOG.expect(&[1, 2]);
}

pub async fn cancelled_before_it_began_the_guard_holds_the_lock() {
    static DESK: Desk = Desk::new();
    let task = create_task(async {
        let mut guard = DESK.lock.acquire().await;
        // Asked by the task itself, before the first poll of the wait.
        current_task().unwrap().cancel();
        assert!(catch_cancel(DESK.changed.wait(&mut guard)).await.is_err());
        assert!(guard.is_held());
    });
    task.await.unwrap();
}

pub async fn a_notification_of_one_that_is_cancelled_goes_to_another() {
    static LOG: Trace = Trace::new();
    static DESK: Desk = Desk::new();
    LOG.clear();
    *DESK.lock.acquire().await = 0;
    let mut first = DESK.consumer(&LOG, 1);
    let second = DESK.consumer(&LOG, 2);
    settle().await;
    *DESK.lock.acquire().await = 1;
    DESK.changed.notify(1);
    first.cancel();
    second.await.unwrap();
    assert!((&mut first).await.is_err());
    LOG.expect(&[2]);
}

pub async fn cancelled_while_it_takes_the_lock_its_notification_goes_to_another() {
    static LOG: Trace = Trace::new();
    static DESK: Desk = Desk::new();
    LOG.clear();
    *DESK.lock.acquire().await = 0;
    let mut first = DESK.consumer(&LOG, 1);
    let second = DESK.consumer(&LOG, 2);
    settle().await;
    let mut value = DESK.lock.acquire().await;
    *value = 1;
    DESK.changed.notify(1);
    settle().await;
    first.cancel();
    settle().await;
    drop(value);
    second.await.unwrap();
    assert!((&mut first).await.is_err());
    LOG.expect(&[2]);
}

pub async fn a_message_goes_with_the_cancellation() {
    static DESK: Desk = Desk::new();
    let waiter = || {
        create_task(async {
            let mut guard = DESK.lock.acquire().await;
            DESK.changed.wait_for(&mut guard, |_| false).await;
        })
    };
    let first = waiter();
    settle().await;
    first.cancel_with("while it waits");
    assert_eq!(first.await.unwrap_err().message(), Some("while it waits"));
    let second = waiter();
    settle().await;
    let guard = DESK.lock.acquire().await;
    DESK.changed.notify(1);
    settle().await;
    second.cancel_with("while it takes the lock");
    drop(guard);
    assert_eq!(second.await.unwrap_err().message(), Some("while it takes the lock"));
}

/// Joins two futures as other crates do, which know nothing of scopes.
async fn join(a: impl Future<Output = ()>, b: impl Future<Output = ()>) {
    let (mut a, mut b) = (pin!(a), pin!(b));
    let (mut a_done, mut b_done) = (false, false);
    poll_fn(|cx| {
        a_done = a_done || a.as_mut().poll(cx).is_ready();
        b_done = b_done || b.as_mut().poll(cx).is_ready();
        if a_done && b_done { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

pub async fn in_a_foreign_join_it_takes_the_lock_again() {
    static LOG: Trace = Trace::new();
    static DESK: Desk = Desk::new();
    LOG.clear();
    let mut task = create_task(async {
        let mut guard = DESK.lock.acquire().await;
        // The other branch surfaces at once.
        let other = async {
            if let Err(cancelled) = catch_cancel(pending::<()>()).await {
                LOG.push(1);
                cancelled.resume().await;
            }
        };
        let joined = catch_cancel(join(DESK.changed.wait(&mut guard), other)).await;
        assert!(guard.is_held());
        LOG.push(3);
        if let Err(cancelled) = joined {
            cancelled.resume().await;
        }
    });
    settle().await;
    let guard = DESK.lock.acquire().await;
    task.cancel();
    settle().await;
    LOG.push(2);
    drop(guard);
    assert!((&mut task).await.is_err());
    LOG.expect(&[1, 2, 3]);
    assert!(!DESK.lock.locked());
}

pub async fn a_loser_of_a_race_takes_the_lock_again() {
    let lock: Lock = Lock::new(());
    let changed: Condition = Condition::new();
    let mut guard = lock.acquire().await;
    let _ = select((changed.wait(&mut guard), sleep(TICK))).await;
    assert!(guard.is_held() && lock.locked());
}
