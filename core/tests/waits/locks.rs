//! The locks where there is no task, between threads, and with futures that are forgotten.
#![cfg(all(feature = "std", not(loom)))]

use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use everloop_core::{
    Barrier, BoundedSemaphore, Condition, Local, Lock, LockGuard, Permit, Semaphore, Shared,
};

/// Miri is slow.
const ROUNDS: usize = if cfg!(miri) { 10 } else { 500 };
const THREADS: usize = 4;

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Runs a future as any other executor does.
fn block_on<F: Future>(future: F) -> F::Output {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut cx = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut cx) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}

fn poll_once<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// Runs a function on several threads at once.
fn on_threads(f: impl Fn(usize) + Sync) {
    thread::scope(|scope| {
        for n in 0..THREADS {
            let f = &f;
            scope.spawn(move || f(n));
        }
    });
}

#[test]
fn a_lock_lets_one_thread_at_a_time_in() {
    static COUNT: Lock<usize, Shared> = Lock::new(0);
    on_threads(|_| {
        block_on(async {
            for _ in 0..ROUNDS {
                let mut count = COUNT.acquire().await;
                let before = *count;
                thread::yield_now();
                *count = before + 1;
            }
        });
    });
    assert_eq!(*COUNT.try_acquire().unwrap(), THREADS * ROUNDS);
}

#[test]
fn a_semaphore_lets_so_many_threads_in() {
    static TWO: BoundedSemaphore<Shared> = BoundedSemaphore::new(2);
    static INSIDE: AtomicUsize = AtomicUsize::new(0);
    on_threads(|_| {
        for _ in 0..ROUNDS {
            let _permit = block_on(TWO.acquire());
            assert!(INSIDE.fetch_add(1, Ordering::Relaxed) < 2);
            thread::yield_now();
            INSIDE.fetch_sub(1, Ordering::Relaxed);
        }
    });
    assert_eq!(TWO.available(), 2);
}

#[test]
fn a_condition_loses_no_notification_between_threads() {
    static ITEMS: Lock<usize, Shared> = Lock::new(0);
    static MORE: Condition<Shared> = Condition::new();
    on_threads(|n| {
        for _ in 0..ROUNDS {
            if n % 2 == 0 {
                *block_on(ITEMS.acquire()) += 1;
                MORE.notify(1);
                continue;
            }
            block_on(async {
                let mut items = ITEMS.acquire().await;
                MORE.wait_for(&mut items, |items| *items > 0).await;
                *items -= 1;
            });
        }
    });
    assert_eq!(*ITEMS.try_acquire().unwrap(), 0);
}

#[test]
fn a_barrier_gives_each_thread_another_number_in_each_round() {
    static ALL: Barrier<Shared> = Barrier::new(THREADS);
    static SEEN: [[AtomicUsize; THREADS]; ROUNDS] =
        [const { [const { AtomicUsize::new(0) }; THREADS] }; ROUNDS];
    on_threads(|_| {
        for round in &SEEN {
            let index = block_on(ALL.wait()).unwrap();
            round[index].fetch_add(1, Ordering::Relaxed);
        }
    });
    assert!(SEEN.iter().flatten().all(|seen| seen.load(Ordering::Relaxed) == 1));
    assert_eq!(ALL.n_waiting(), 0);
}

#[test]
fn a_round_of_a_barrier_is_broken_for_all_its_threads_or_for_none() {
    static ALL: Barrier<Shared> = Barrier::new(THREADS - 1);
    static PASSED: AtomicUsize = AtomicUsize::new(0);
    static FAILED: AtomicUsize = AtomicUsize::new(0);
    static LEFT: AtomicUsize = AtomicUsize::new(0);
    on_threads(|n| {
        if n == 0 {
            while LEFT.load(Ordering::Relaxed) == 0 {
                ALL.reset();
                thread::yield_now();
            }
            // Those who still run wait for some who do not.
            while LEFT.load(Ordering::Relaxed) < THREADS - 1 {
                ALL.abort();
                thread::yield_now();
            }
            return;
        }
        for _ in 0..ROUNDS {
            match block_on(ALL.wait()) {
                Ok(index) => {
                    assert!(index < THREADS - 1);
                    PASSED.fetch_add(1, Ordering::Relaxed);
                }
                Err(_) => {
                    FAILED.fetch_add(1, Ordering::Relaxed);
                }
            }
        }
        LEFT.fetch_add(1, Ordering::Relaxed);
    });
    let (passed, failed) = (PASSED.load(Ordering::Relaxed), FAILED.load(Ordering::Relaxed));
    assert_eq!(passed % (THREADS - 1), 0);
    assert_eq!(passed + failed, ROUNDS * (THREADS - 1));
    assert_eq!(ALL.n_waiting(), 0);
}

#[test]
fn a_wait_that_is_dropped_between_threads_leaves_the_lock_to_others() {
    static ITEMS: Lock<usize, Shared> = Lock::new(0);
    static NEVER: Condition<Shared> = Condition::new();
    on_threads(|_| {
        for round in 0..ROUNDS {
            let mut items = block_on(ITEMS.acquire());
            {
                let mut wait = pin!(NEVER.wait(&mut items));
                assert!(poll_once(wait.as_mut()).is_pending());
                NEVER.notify(round % 2);
                let _ = poll_once(wait.as_mut());
            }
            block_on(items.reacquire());
            *items += 1;
        }
    });
    assert_eq!(*ITEMS.try_acquire().unwrap(), THREADS * ROUNDS);
}

/// Polls a round of three parties when it is woken.
struct NextRound {
    barrier: &'static Barrier<Shared>,
    results: Mutex<Vec<usize>>,
}

impl Wake for NextRound {
    fn wake(self: Arc<Self>) {
        let mut first = pin!(self.barrier.wait());
        let mut second = pin!(self.barrier.wait());
        let third = pin!(self.barrier.wait());
        assert!(poll_once(first.as_mut()).is_pending());
        assert!(poll_once(second.as_mut()).is_pending());
        for wait in [third, first, second] {
            match poll_once(wait) {
                Poll::Ready(Ok(index)) => self.results.lock().unwrap().push(index),
                other => panic!("{other:?}"),
            }
        }
    }
}

#[test]
fn a_round_of_a_barrier_may_be_complete_while_the_last_is_still_told() {
    static THREE: Barrier<Shared> = Barrier::new(3);
    let next = Arc::new(NextRound { barrier: &THREE, results: Mutex::new(Vec::new()) });
    let waker = Waker::from(next.clone());
    let mut first = pin!(THREE.wait());
    let mut second = pin!(THREE.wait());
    // When the first of them is told, a whole round comes and goes before the second one is.
    assert!(first.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    assert!(poll_once(second.as_mut()).is_pending());
    assert_eq!(block_on(THREE.wait()), Ok(2));
    assert_eq!(*next.results.lock().unwrap(), [2, 0, 1]);
    assert_eq!((block_on(first), block_on(second)), (Ok(0), Ok(1)));
}

/// Resets the barrier when it is woken.
struct Reset(&'static Barrier<Shared>);

impl Wake for Reset {
    fn wake(self: Arc<Self>) {
        self.0.reset();
    }
}

#[test]
fn a_complete_round_of_a_barrier_outlasts_a_reset_while_it_is_told() {
    static THREE: Barrier<Shared> = Barrier::new(3);
    let waker = Waker::from(Arc::new(Reset(&THREE)));
    let mut first = pin!(THREE.wait());
    let mut second = pin!(THREE.wait());
    assert!(first.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    assert!(poll_once(second.as_mut()).is_pending());
    assert_eq!(block_on(THREE.wait()), Ok(2));
    assert_eq!((block_on(first), block_on(second)), (Ok(0), Ok(1)));
}

#[test]
fn a_local_lock_works_without_a_loop() {
    let lock: Lock<Vec<u32>> = Lock::default();
    let changed: Condition = Condition::default();
    let mut values = block_on(lock.acquire());
    {
        let mut wait = pin!(changed.wait_for(&mut values, |values| values.len() == 2));
        assert!(poll_once(wait.as_mut()).is_pending());
        for n in 0..2 {
            lock.try_acquire().unwrap().push(n);
            changed.notify_all();
            let _ = poll_once(wait.as_mut());
        }
    }
    assert_eq!(*values, [0, 1]);
    assert!(values.is_held());
}

#[test]
fn a_forgotten_waiter_keeps_the_lock_that_it_is_handed() {
    let lock: Lock = Lock::new(());
    let guard = lock.try_acquire().unwrap();
    let mut forgotten = Box::pin(lock.acquire());
    assert!(poll_once(forgotten.as_mut()).is_pending());
    mem::forget(forgotten);
    drop(guard);
    assert!(lock.locked());
}

#[test]
fn a_forgotten_waiter_keeps_the_permit_that_it_is_given() {
    let semaphore: Semaphore = Semaphore::new(0);
    let mut forgotten = Box::pin(semaphore.acquire());
    assert!(poll_once(forgotten.as_mut()).is_pending());
    mem::forget(forgotten);
    semaphore.release().unwrap();
    assert!(semaphore.locked());
    semaphore.release().unwrap();
    assert_eq!(semaphore.available(), 1);
}

#[test]
fn a_forgotten_party_still_counts() {
    let barrier: Barrier = Barrier::new(2);
    let mut forgotten = Box::pin(barrier.wait());
    assert!(poll_once(forgotten.as_mut()).is_pending());
    mem::forget(forgotten);
    assert_eq!(block_on(barrier.wait()), Ok(1));
    assert_eq!(barrier.n_waiting(), 0);
}

#[test]
fn a_forgotten_wait_leaves_a_guard_that_holds_nothing() {
    let lock: Lock<u32> = Lock::new(1);
    let changed: Condition = Condition::new();
    let mut guard = lock.try_acquire().unwrap();
    let mut forgotten = Box::pin(changed.wait(&mut guard));
    assert!(poll_once(forgotten.as_mut()).is_pending());
    mem::forget(forgotten);
    assert!(!guard.is_held() && !lock.locked());
    let other = lock.try_acquire().unwrap();
    // It reaches nothing of what is another's.
    assert!(catch_unwind(AssertUnwindSafe(|| *guard)).is_err());
    drop(other);
    block_on(guard.reacquire());
    assert_eq!(*guard, 1);
    // It takes the notification, which is nobody else's then.
    changed.notify(1);
    drop(guard);
    assert!(!lock.locked());
}

/// What the panic says.
fn panics<T>(f: impl FnOnce() -> T) -> String {
    let payload = catch_unwind(AssertUnwindSafe(f)).map(drop).unwrap_err();
    payload
        .downcast_ref::<String>()
        .cloned()
        .unwrap_or_else(|| payload.downcast_ref::<&str>().unwrap().to_string())
}

#[test]
fn a_guard_that_does_not_hold_says_what_to_do() {
    let lock: Lock<u32> = Lock::new(1);
    let changed: Condition = Condition::new();
    let mut guard = lock.try_acquire().unwrap();
    {
        let mut wait = pin!(changed.wait(&mut guard));
        assert!(poll_once(wait.as_mut()).is_pending());
    }
    assert!(panics(|| *guard).contains("reacquire"));
    assert!(panics(|| *guard = 2).contains("reacquire"));
    assert!(panics(|| drop(changed.wait(&mut guard))).contains("reacquire"));
    assert!(panics(|| block_on(changed.wait_for(&mut guard, |_| true))).contains("reacquire"));
    block_on(guard.reacquire());
    assert_eq!(*guard, 1);
}

#[test]
fn a_barrier_for_nobody_is_refused() {
    assert!(panics(|| Barrier::<Local>::new(0)).contains("at least one party"));
}

#[test]
fn errors_say_what_to_do() {
    let semaphore: BoundedSemaphore = BoundedSemaphore::new(1);
    let error = semaphore.release().unwrap_err();
    assert!(error.to_string().contains("released too often"));
    let barrier: Barrier = Barrier::new(1);
    barrier.abort();
    let error = block_on(barrier.wait()).unwrap_err();
    assert!(error.to_string().contains("`reset`"));
    let _: [&dyn std::error::Error; 2] = [&semaphore.release().unwrap_err(), &error];
}

#[test]
fn a_panic_of_a_predicate_leaves_the_guard_with_the_lock() {
    let lock: Lock<u32> = Lock::new(1);
    let changed: Condition = Condition::new();
    let mut guard = lock.try_acquire().unwrap();
    assert_eq!(panics(|| block_on(changed.wait_for(&mut guard, |_| panic!("no")))), "no");
    assert!(guard.is_held());
}

#[test]
fn shared_ones_go_where_their_values_may() {
    fn both<T: Send + Sync>() {}
    fn send<T: Send>(_: &T) {}
    both::<Lock<u32, Shared>>();
    // A value that only one thread at a time may look at.
    both::<Lock<std::cell::Cell<u32>, Shared>>();
    both::<LockGuard<'_, u32, Shared>>();
    both::<Semaphore<Shared>>();
    both::<BoundedSemaphore<Shared>>();
    both::<Permit<'_, Shared>>();
    both::<Condition<Shared>>();
    both::<Barrier<Shared>>();
    static LOCK: Lock<(), Shared> = Lock::new(());
    static SEMAPHORE: Semaphore<Shared> = Semaphore::new(1);
    static BARRIER: Barrier<Shared> = Barrier::new(1);
    send(&LOCK.acquire());
    send(&SEMAPHORE.acquire());
    send(&BARRIER.wait());
    // Local ones move with what they hold.
    send(&Lock::<u32>::new(1));
    send(&Weak::<Lock<u32, Shared>>::new());
}

/// Does not compile if the type is `Sync`.
macro_rules! not_sync {
    ($($type:ty),*) => {$(const _: fn() = || {
        trait Ambiguous<A> {
            fn call() {}
        }
        struct Sync_;
        impl<T> Ambiguous<()> for T {}
        impl<T: Sync> Ambiguous<Sync_> for T {}
        let _ = <$type as Ambiguous<_>>::call;
    };)*};
}

not_sync!(
    Lock<u32>,
    Lock<std::rc::Rc<u32>, Shared>,
    LockGuard<'static, u32>,
    LockGuard<'static, std::cell::Cell<u32>, Shared>,
    Semaphore,
    Condition,
    Barrier
);
