//! Random programs whose wakers, when they are cloned, woken and dropped, poll and drop whatever else waits, release and
//! notify, and panic: nobody is let in beside another, nothing is lost, and nobody waits for what is there.
#![cfg(all(feature = "std", not(loom)))]

use std::cell::Cell;
use std::future::poll_fn;
use std::task::{Context, Poll, Waker};

use crate::hostile::{Boxed, Subject, forget_some, run};
use everloop_core::*;

/// Is inside, as long as it holds the lock.
pub struct Inside<R: Flavour>(LockGuard<'static, Cell<bool>, R>);

impl<R: Flavour> Inside<R> {
    fn new(guard: LockGuard<'static, Cell<bool>, R>) -> Self {
        assert!(!guard.replace(true), "somebody else is inside");
        Self(guard)
    }
}

impl<R: Flavour> Drop for Inside<R> {
    fn drop(&mut self) {
        self.0.set(false);
    }
}

type Room<R> = Lock<Cell<bool>, R>;

impl<R: Flavour> Subject for Room<R> {
    type Gain = Inside<R>;

    fn wait(&'static self, _: u32) -> Boxed<Inside<R>> {
        Box::pin(async { Inside::new(self.acquire().await) })
    }

    fn act(&'static self, _: u32) {
        let guard = self.try_acquire();
        drop(guard.map(Inside::new));
    }

    fn is_to_be_had(&self) -> bool {
        !self.locked()
    }

    fn check(&self, forgotten: usize) {
        assert!(forgotten > 0 || !self.locked());
    }
}

/// With two permits at first.
pub struct Permits<R: Flavour>(Semaphore<R>, Cell<usize>);

impl<R: Flavour> Default for Permits<R> {
    fn default() -> Self {
        Self(Semaphore::new(2), Cell::new(2))
    }
}

impl<R: Flavour> Subject for Permits<R> {
    type Gain = Permit<'static, R>;

    fn wait(&'static self, _: u32) -> Boxed<Permit<'static, R>> {
        Box::pin(self.0.acquire())
    }

    fn act(&'static self, random: u32) {
        match random % 2 {
            0 => {
                if let Some(permit) = self.0.try_acquire() {
                    self.1.set(self.1.get() - 1);
                    permit.forget();
                }
            }
            _ if self.1.get() < 4 => {
                self.1.set(self.1.get() + 1);
                self.0.release().unwrap();
            }
            _ => {}
        }
    }

    fn is_to_be_had(&self) -> bool {
        self.0.available() > 0
    }

    fn let_go(&'static self) {
        if self.1.get() == 0 {
            self.1.set(1);
            self.0.release().unwrap();
        }
    }

    fn check(&self, forgotten: usize) {
        let lost = self.1.get().checked_sub(self.0.available()).expect("there are more than there were");
        assert!(lost <= forgotten, "{lost} lost");
    }
}

impl<R: Flavour> Subject for Event<R> {
    type Gain = ();

    fn wait(&'static self, _: u32) -> Boxed<()> {
        Box::pin(self.wait())
    }

    fn act(&'static self, random: u32) {
        match random % 2 {
            0 => self.set(),
            _ => self.clear(),
        }
    }

    fn is_to_be_had(&self) -> bool {
        self.is_set()
    }

    fn let_go(&'static self) {
        self.set();
    }

    fn check(&self, _: usize) {
        self.set();
        assert!(format!("{self:?}").contains("waiters: 0"), "{self:?}");
    }
}

/// Of so many parties.
pub struct Meeting<R: Flavour, const PARTIES: usize>(Barrier<R>);

impl<R: Flavour, const PARTIES: usize> Default for Meeting<R, PARTIES> {
    fn default() -> Self {
        Self(Barrier::new(PARTIES))
    }
}

impl<R: Flavour, const PARTIES: usize> Subject for Meeting<R, PARTIES> {
    type Gain = Result<usize, BrokenBarrierError>;

    fn wait(&'static self, _: u32) -> Boxed<Self::Gain> {
        Box::pin(self.0.wait())
    }

    fn act(&'static self, random: u32) {
        match random % 8 {
            0 => self.0.reset(),
            1 => self.0.abort(),
            _ => {}
        }
    }

    /// All of the last round were told.
    fn is_to_be_had(&self) -> bool {
        self.0.n_waiting() == 0
    }

    fn let_go(&'static self) {
        self.0.abort();
    }

    fn check(&self, _: usize) {
        self.0.reset();
        assert_eq!(self.0.n_waiting(), 0);
    }
}

/// The condition stands beside the lock.
pub struct Desk<R: Flavour>(Room<R>, Condition<R>);

impl<R: Flavour> Default for Desk<R> {
    fn default() -> Self {
        Self(Room::default(), Condition::new())
    }
}

impl<R: Flavour> Subject for Desk<R> {
    type Gain = Inside<R>;

    fn wait(&'static self, random: u32) -> Boxed<Inside<R>> {
        Box::pin(async move {
            let mut guard = self.0.acquire().await;
            match random % 4 {
                0 => {
                    let mut asked = 0;
                    let third_time = |_: &mut _| {
                        asked += 1;
                        asked > 2
                    };
                    self.1.wait_for(&mut guard, third_time).await;
                }
                1 => {
                    // Is dropped when it is woken, with what it has by then.
                    let mut wait = Box::pin(self.1.wait(&mut guard));
                    let mut woken = false;
                    poll_fn(|cx| {
                        if std::mem::replace(&mut woken, true) {
                            return Poll::Ready(());
                        }
                        wait.as_mut().poll(cx)
                    })
                    .await;
                    drop(wait);
                    guard.reacquire().await;
                }
                _ => self.1.wait(&mut guard).await,
            }
            assert!(guard.is_held());
            Inside::new(guard)
        })
    }

    fn act(&'static self, random: u32) {
        match random % 4 {
            0 => self.1.notify_all(),
            1 => self.1.notify(2),
            _ => self.1.notify(1),
        }
    }

    /// Those who wait for no notification wait for the lock.
    fn is_to_be_had(&self) -> bool {
        !self.0.locked() && format!("{:?}", self.1).contains("waiters: 0")
    }

    fn let_go(&'static self) {
        self.1.notify_all();
    }

    fn check(&self, forgotten: usize) {
        assert!(forgotten > 0 || !self.0.locked());
        self.1.notify_all();
        assert!(format!("{:?}", self.1).contains("waiters: 0"), "{:?}", self.1);
    }
}

#[test]
fn hostile_wakers_lose_no_turn_of_a_lock() {
    run::<Room<Local>>();
    run::<Room<Shared>>();
}

#[test]
fn hostile_wakers_lose_no_permit() {
    run::<Permits<Local>>();
    run::<Permits<Shared>>();
}

#[test]
fn hostile_wakers_keep_nobody_waiting_for_an_event_that_is_set() {
    run::<Event<Local>>();
    run::<Event<Shared>>();
}

#[test]
fn hostile_wakers_leave_no_party_of_a_full_barrier_behind() {
    run::<Meeting<Local, 1>>();
    run::<Meeting<Local, 3>>();
    run::<Meeting<Shared, 2>>();
}

#[test]
fn hostile_wakers_leave_nobody_behind_at_a_condition_and_its_lock() {
    run::<Desk<Local>>();
    run::<Desk<Shared>>();
}

#[test]
fn waits_that_are_forgotten_among_hostile_wakers_keep_at_most_what_they_were_given() {
    forget_some::<Room<Shared>>();
    forget_some::<Permits<Local>>();
    forget_some::<Event<Shared>>();
    forget_some::<Meeting<Local, 3>>();
    forget_some::<Desk<Shared>>();
}

#[test]
fn a_wait_that_is_polled_after_its_end_harms_nothing() {
    let mut cx = Context::from_waker(Waker::noop());
    let event: Event = Event::new();
    let mut wait = Box::pin(event.wait());
    assert!(wait.as_mut().poll(&mut cx).is_pending());
    event.set();
    assert!(wait.as_mut().poll(&mut cx).is_ready());
    event.clear();
    assert!(wait.as_mut().poll(&mut cx).is_pending());
    drop(wait);
    assert!(format!("{event:?}").contains("waiters: 0"));

    let (lock, condition) = (Lock::<u32>::new(0), <Condition>::new());
    let mut guard = lock.try_acquire().unwrap();
    let mut wait = Box::pin(condition.wait(&mut guard));
    assert!(wait.as_mut().poll(&mut cx).is_pending());
    condition.notify(1);
    assert!(wait.as_mut().poll(&mut cx).is_ready());
    assert!(wait.as_mut().poll(&mut cx).is_ready());
    drop(wait);
    *guard += 1;
    drop(guard);
    assert!(!lock.locked());
}
