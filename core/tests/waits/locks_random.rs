//! Tasks that use a lock, a condition and a semaphore at random, with timeouts, cancellations and drops at any moment:
//! nobody is let in beside another, nothing is lost, and nothing hangs.
//!
//! `RUNS=100000 FIRST=0 cargo test --release --test waits locks_random`.
#![cfg(all(feature = "std", feature = "alloc", not(loom)))]

use std::cell::Cell;
use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;

use everloop_core::virtual_time::{UNPARKER, VirtualTime};
use everloop_core::{
    BoundedSemaphore, Condition, Duration, Lock, LockGuard, OwnedLoop, catch_cancel, create_task, select,
    shield, sleep, wait_for,
};

const TASKS: u64 = 6;
const STEPS: u64 = 5;
const PERMITS: usize = 2;

struct Random(Cell<u64>);

impl Random {
    fn below(&self, n: u64) -> u64 {
        let mut x = self.0.get();
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        self.0.set(x);
        (x >> 16) % n
    }

    fn ticks(&self, most: u64) -> Duration {
        Duration::from_micros(500 * self.below(2 * most))
    }
}

struct World {
    random: Random,
    /// Whether somebody is inside.
    lock: Lock<bool>,
    changed: Condition,
    permits: BoundedSemaphore,
    inside: Cell<usize>,
}

/// Is inside, as long as it holds the lock.
struct Held<'a>(LockGuard<'a, bool>);

impl<'a> Held<'a> {
    fn new(guard: LockGuard<'a, bool>) -> Self {
        let mut held = Self(guard);
        held.enter();
        held
    }

    fn enter(&mut self) {
        assert!(!*self.0, "somebody else is inside");
        *self.0 = true;
    }

    fn leave(&mut self) {
        assert!(*self.0);
        *self.0 = false;
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        if self.0.is_held() {
            *self.0 = false;
        }
    }
}

struct Counted<'a>(&'a Cell<usize>);

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

impl World {
    /// What ends a wait, if anything does; then the guard must hold.
    async fn wait(&self, guard: &mut LockGuard<'_, bool>) {
        let time = self.random.ticks(3);
        match self.random.below(6) {
            0 => self.changed.wait(guard).await,
            1 => drop(wait_for(self.changed.wait(guard), time).await),
            2 => drop(catch_cancel(self.changed.wait(guard)).await),
            3 => drop(select((self.changed.wait(guard), sleep(time))).await),
            4 => shield(self.changed.wait(guard)).await,
            _ => drop(wait_for(wait_for(self.changed.wait(guard), time), time).await),
        }
        assert!(guard.is_held());
    }

    async fn use_lock(&self) {
        let Ok(guard) = wait_for(self.lock.acquire(), self.random.ticks(6)).await else { return };
        let mut held = Held::new(guard);
        sleep(self.random.ticks(2)).await;
        match self.random.below(4) {
            0 => {}
            1 => {
                held.leave();
                self.wait(&mut held.0).await;
                held.enter();
                sleep(self.random.ticks(2)).await;
            }
            2 => {
                held.leave();
                if let Err(cancelled) = catch_cancel(self.wait(&mut held.0)).await {
                    assert!(held.0.is_held());
                    held.enter();
                    sleep(self.random.ticks(2)).await;
                    cancelled.resume().await;
                }
                held.enter();
            }
            _ => {
                held.leave();
                {
                    // Dropped at any point of the wait.
                    let mut wait = pin!(self.changed.wait(&mut held.0));
                    for _ in 0..self.random.below(4) {
                        if poll_fn(|cx| Poll::Ready(wait.as_mut().poll(cx).is_ready())).await {
                            break;
                        }
                        sleep(self.random.ticks(1)).await;
                    }
                }
                held.0.reacquire().await;
                held.enter();
            }
        }
        self.changed.notify(self.random.below(3) as usize);
    }

    async fn use_permit(&self) {
        let permit = if self.random.below(2) == 0 {
            self.permits.acquire().await
        } else {
            let Ok(permit) = wait_for(self.permits.acquire(), self.random.ticks(3)).await else { return };
            permit
        };
        self.inside.set(self.inside.get() + 1);
        assert!(self.inside.get() <= PERMITS);
        {
            let _counted = Counted(&self.inside);
            sleep(self.random.ticks(3)).await;
        }
        if self.random.below(3) == 0 {
            permit.forget();
            self.permits.release().unwrap();
        }
    }

    async fn work(&self) {
        for _ in 0..STEPS {
            match self.random.below(3) {
                0 => self.use_permit().await,
                _ => self.use_lock().await,
            }
        }
    }
}

fn run(seed: u64) {
    let world = Rc::new(World {
        random: Random(Cell::new(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)),
        lock: Lock::new(false),
        changed: Condition::new(),
        permits: BoundedSemaphore::new(PERMITS),
        inside: Cell::new(0),
    });
    let own = world.clone();
    OwnedLoop::new(UNPARKER)
        .run(&VirtualTime::new(), &[], async move {
            let tasks: Vec<_> = (0..TASKS)
                .map(|_| {
                    let world = own.clone();
                    create_task(async move { world.work().await })
                })
                .collect();
            // Each wait is notified in the end.
            for turn in 0.. {
                sleep(own.random.ticks(3)).await;
                if tasks.iter().all(everloop_core::Task::done) {
                    break;
                }
                assert!(turn < 10_000, "seed {seed}: something hangs: {:?} {:?}", own.lock, own.permits);
                match own.random.below(4) {
                    0 => drop(tasks[own.random.below(TASKS) as usize].cancel()),
                    1 if own.random.below(8) == 0 => drop(tasks[own.random.below(TASKS) as usize].abort()),
                    _ => own.changed.notify_all(),
                }
            }
            for task in tasks {
                let _ = task.await;
            }
        })
        .unwrap();
    assert_eq!(format!("{:?}", world.lock), "Lock { locked: false, waiters: 0, .. }", "seed {seed}");
    assert_eq!(format!("{:?}", world.changed), "Condition { waiters: 0 }", "seed {seed}");
    assert_eq!(world.permits.available(), PERMITS, "seed {seed}");
    assert!(world.permits.release().is_err(), "seed {seed}");
}

#[test]
fn nobody_is_let_in_beside_another_and_nothing_is_lost() {
    let of = |name: &str| std::env::var(name).ok().map(|value| value.parse::<u64>().unwrap());
    let first = of("FIRST").unwrap_or(0);
    // `CASES` is set low where a watcher makes each take long.
    let most = if cfg!(miri) { 10 } else { 2000 };
    let runs = of("RUNS").unwrap_or(of("CASES").unwrap_or(most).min(most));
    (first..first + runs).for_each(run);
}
