use core::fmt::Write;
use core::pin::pin;

use everloop_core::{BoundedSemaphore, Semaphore, Shared, Task, create_task, sleep, wait_for, yield_now};

use crate::elsewhere;
use crate::step::{TICK, poll_once, settle};
use crate::trace::Trace;

/// A task that takes a permit and writes a number down; the permit is not given back.
fn taker(semaphore: &'static Semaphore<Shared>, log: &'static Trace, n: u32) -> Task<()> {
    create_task(async move {
        semaphore.acquire().await.forget();
        log.push(n);
    })
}

pub async fn so_many_at_a_time() {
    static LOG: Trace = Trace::new();
    static TWO: Semaphore<Shared> = Semaphore::new(2);
    LOG.clear();
    let tasks = [0, 1, 2, 3, 4].map(|n| {
        create_task(async move {
            let _permit = TWO.acquire().await;
            LOG.push(n);
            sleep(TICK * 2).await;
            LOG.push(10 + n);
        })
    });
    settle().await;
    assert!(TWO.locked() && TWO.try_acquire().is_none());
    for task in tasks {
        task.await.unwrap();
    }
    LOG.expect(&[0, 1, 10, 11, 2, 3, 12, 13, 4, 14]);
    assert_eq!(TWO.available(), 2);
}

pub async fn those_who_come_back_go_to_the_end() {
    static LOG: Trace = Trace::new();
    static ONE: Semaphore<Shared> = Semaphore::new(1);
    LOG.clear();
    let tasks = [1, 2, 3].map(|n| {
        create_task(async move {
            for round in [0, 10] {
                let _permit = ONE.acquire().await;
                LOG.push(round + n);
                sleep(TICK).await;
            }
        })
    });
    for task in tasks {
        task.await.unwrap();
    }
    LOG.expect(&[1, 2, 3, 11, 12, 13]);
}

pub async fn who_comes_later_does_not_pass() {
    static LOG: Trace = Trace::new();
    static ONE: Semaphore<Shared> = Semaphore::new(1);
    LOG.clear();
    let permit = ONE.acquire().await;
    let waiting = taker(&ONE, &LOG, 1);
    settle().await;
    drop(permit);
    assert!(ONE.locked() && ONE.try_acquire().is_none());
    waiting.await.unwrap();
    LOG.expect(&[1]);
    ONE.release().unwrap();
}

pub async fn what_is_released_goes_to_those_who_wait() {
    static LOG: Trace = Trace::new();
    static NONE: Semaphore<Shared> = Semaphore::new(0);
    LOG.clear();
    let tasks = [1, 2, 3].map(|n| taker(&NONE, &LOG, n));
    settle().await;
    NONE.release().unwrap();
    NONE.release().unwrap();
    assert_eq!(NONE.available(), 0);
    let last = taker(&NONE, &LOG, 4);
    settle().await;
    LOG.expect(&[1, 2]);
    NONE.release().unwrap();
    NONE.release().unwrap();
    last.await.unwrap();
    LOG.expect(&[1, 2, 3, 4]);
    drop(tasks);
}

pub async fn ones_own_release_is_for_those_who_wait() {
    static LOG: Trace = Trace::new();
    static ONE: Semaphore<Shared> = Semaphore::new(1);
    LOG.clear();
    let first = taker(&ONE, &LOG, 1);
    let twice = create_task(async {
        ONE.acquire().await.forget();
        LOG.push(2);
        ONE.release().unwrap();
        ONE.acquire().await.forget();
        LOG.push(4);
    });
    let third = taker(&ONE, &LOG, 3);
    yield_now().await;
    LOG.expect(&[1]);
    ONE.release().unwrap();
    settle().await;
    LOG.expect(&[1, 2, 3]);
    ONE.release().unwrap();
    for task in [first, twice, third] {
        task.await.unwrap();
    }
    LOG.expect(&[1, 2, 3, 4]);
    ONE.release().unwrap();
}

pub async fn those_that_are_cancelled_are_passed_over() {
    static LOG: Trace = Trace::new();
    static NONE: Semaphore<Shared> = Semaphore::new(0);
    LOG.clear();
    let tasks = [1, 2, 3, 4].map(|n| taker(&NONE, &LOG, n));
    settle().await;
    tasks[0].cancel();
    tasks[1].cancel();
    NONE.release().unwrap();
    settle().await;
    LOG.expect(&[3]);
    tasks[3].cancel();
    settle().await;
    NONE.release().unwrap();
    LOG.expect(&[3]);
    NONE.acquire().await.forget();
}

pub async fn cancelled_with_a_permit_in_its_hands_it_passes_it_on() {
    static LOG: Trace = Trace::new();
    static NONE: Semaphore<Shared> = Semaphore::new(0);
    LOG.clear();
    let first = taker(&NONE, &LOG, 1);
    let second = taker(&NONE, &LOG, 2);
    settle().await;
    NONE.release().unwrap();
    first.cancel();
    second.await.unwrap();
    LOG.expect(&[2]);
    // With nobody to pass it on to, it is free.
    let third = taker(&NONE, &LOG, 3);
    settle().await;
    NONE.release().unwrap();
    third.cancel();
    settle().await;
    assert_eq!(NONE.available(), 1);
    NONE.acquire().await.forget();
}

pub async fn one_whose_time_is_up_takes_nothing() {
    let semaphore: Semaphore = Semaphore::new(1);
    let permit = semaphore.acquire().await;
    assert!(wait_for(semaphore.acquire(), TICK).await.is_err());
    drop(permit);
    assert_eq!(semaphore.available(), 1);
}

pub async fn dropped_it_takes_nothing() {
    let semaphore: Semaphore = Semaphore::new(0);
    drop(semaphore.acquire());
    {
        let mut acquire = pin!(semaphore.acquire());
        assert!(poll_once(acquire.as_mut()).await.is_pending());
        semaphore.release().unwrap();
        assert!(semaphore.locked());
    }
    assert_eq!(semaphore.available(), 1);
}

pub async fn a_forgotten_permit_is_there_to_be_released() {
    let semaphore: Semaphore = Semaphore::new(1);
    semaphore.acquire().await.forget();
    assert!(semaphore.locked());
    semaphore.release().unwrap();
    semaphore.release().unwrap();
    assert_eq!(semaphore.available(), 2);
}

pub async fn it_has_no_more_permits_than_can_be_counted() {
    let semaphore: Semaphore = Semaphore::new(usize::MAX - 1);
    let permit = semaphore.acquire().await;
    semaphore.release().unwrap();
    assert!(semaphore.release().is_err());
    assert_eq!(semaphore.available(), usize::MAX - 1);
    // The one that is held has its place.
    drop(permit);
    assert_eq!(semaphore.available(), usize::MAX);
    assert!(semaphore.release().is_err());
}

pub async fn a_bounded_one_never_has_more_than_at_its_start() {
    let semaphore: BoundedSemaphore = BoundedSemaphore::new(2);
    assert!(semaphore.release().is_err());
    let held = semaphore.acquire().await;
    // The one that is held counts, or its drop would be one too many.
    assert!(semaphore.release().is_err());
    semaphore.acquire().await.forget();
    assert!(semaphore.locked());
    semaphore.release().unwrap();
    assert!(semaphore.release().is_err());
    drop(held);
    assert_eq!(semaphore.available(), 2);
    assert!(semaphore.release().is_err());
}

pub async fn a_bounded_one_counts_what_a_waiter_was_given() {
    let semaphore: BoundedSemaphore = BoundedSemaphore::new(1);
    let permit = semaphore.acquire().await;
    let mut waiting = pin!(semaphore.acquire());
    assert!(poll_once(waiting.as_mut()).await.is_pending());
    drop(permit);
    assert!(semaphore.release().is_err());
    drop(waiting.await);
    assert_eq!(semaphore.available(), 1);
}

pub async fn an_interrupt_may_release_it() {
    static LOG: Trace = Trace::new();
    static NONE: Semaphore<Shared> = Semaphore::new(0);
    LOG.clear();
    let tasks = [1, 2].map(|n| taker(&NONE, &LOG, n));
    settle().await;
    elsewhere::run(|| {
        NONE.release().unwrap();
        assert!(NONE.try_acquire().is_none());
        NONE.release().unwrap();
    });
    for task in tasks {
        task.await.unwrap();
    }
    LOG.expect(&[1, 2]);
}

pub async fn debug_shows_what_is_free() {
    let semaphore: BoundedSemaphore = BoundedSemaphore::new(1);
    let mut text = heapless::String::<160>::new();
    write!(text, "{semaphore:?} ").unwrap();
    let _permit = semaphore.acquire().await;
    let mut waiting = pin!(semaphore.acquire());
    assert!(poll_once(waiting.as_mut()).await.is_pending());
    write!(text, "{semaphore:?}").unwrap();
    assert_eq!(
        text,
        "BoundedSemaphore { available: 1, waiters: 0 } BoundedSemaphore { available: 0, waiters: 1 }"
    );
}
