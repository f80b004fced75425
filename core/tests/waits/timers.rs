//! Timers that are set in any order and dropped at any time, beside a plain list.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Wake, Waker};

use everloop_core::platform::{Platform, Wait};
use everloop_core::virtual_time::{UNPARKER, VirtualTime};
use everloop_core::{Duration, EventLoop, Instant, Sleep, TICK_HZ, sleep_until, yield_now};

/// Numbers without a pattern.
struct Dice(u32);

impl Dice {
    fn below(&mut self, n: u32) -> u32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 8) % n
    }
}

/// Notes that it was woken, and wakes the task.
struct Note {
    number: usize,
    woken: std::sync::mpsc::SyncSender<usize>,
    task: Waker,
}

impl Wake for Note {
    fn wake(self: std::sync::Arc<Self>) {
        self.woken.send(self.number).unwrap();
        self.task.wake_by_ref();
    }
}

fn cases() -> u32 {
    if std::env::var_os("EVERLOOP_WATCHED").is_some() || cfg!(miri) { 5 } else { 300 }
}

#[test]
fn timers_wake_in_the_order_of_their_deadlines_and_then_of_their_setting() {
    static LOOP: EventLoop = EventLoop::new(UNPARKER);
    for seed in 0..cases() {
        // From all alike to all different.
        let spread = 1 + seed * 17 % 41;
        // From all within a moment to some a long way off: near and far ones may be kept in different ways.
        let unit = 1 << (seed * 5 % 8 * 4);
        LOOP.run(&VirtualTime::new(), &[], round(Dice(seed), spread, unit)).unwrap();
    }
}

async fn round(mut dice: Dice, spread: u32, unit: u64) {
    let ticks = |units: u32| Duration::from_ticks(u64::from(units) * unit);
    let (sender, receiver) = std::sync::mpsc::sync_channel(1000);
    let mut sleeps: Vec<Option<Pin<Box<Sleep>>>> = Vec::new();
    // The deadline and the number of each that is set, in the order of setting.
    let expected: Rc<RefCell<Vec<(Instant, usize)>>> = Rc::default();
    for _ in 0..150 {
        let set = expected.clone();
        std::future::poll_fn(|cx| {
            match dice.below(3) {
                0 if !sleeps.is_empty() => {
                    // One is dropped, or was before.
                    let number = dice.below(sleeps.len() as u32) as usize;
                    sleeps[number] = None;
                    set.borrow_mut().retain(|(_, other)| *other != number);
                }
                1 if !sleeps.is_empty() => {
                    // One is polled again with another waker, and keeps its place.
                    let number = dice.below(sleeps.len() as u32) as usize;
                    poll(&mut sleeps[number], number, &sender, cx);
                }
                _ => {
                    let number = sleeps.len();
                    let deadline = Instant::now() + ticks(1 + dice.below(spread));
                    sleeps.push(Some(Box::pin(sleep_until(deadline))));
                    poll(&mut sleeps[number], number, &sender, cx);
                    set.borrow_mut().push((deadline, number));
                }
            }
            Poll::Ready(())
        })
        .await;
        if dice.below(8) == 0 {
            // Some time passes.
            everloop_core::sleep(ticks(1 + dice.below(spread / 2 + 1))).await;
            check(&expected, &receiver);
        }
    }
    everloop_core::sleep(ticks(spread + 1)).await;
    check(&expected, &receiver);
    assert!(expected.borrow().is_empty());
}

fn poll(
    sleep: &mut Option<Pin<Box<Sleep>>>,
    number: usize,
    woken: &std::sync::mpsc::SyncSender<usize>,
    cx: &Context<'_>,
) {
    if let Some(sleep) = sleep {
        let note = Note { number, woken: woken.clone(), task: cx.waker().clone() };
        let waker = Waker::from(std::sync::Arc::new(note));
        let _ = sleep.as_mut().poll(&mut Context::from_waker(&waker));
    }
}

/// Exactly those that are due have woken, in order.
fn check(expected: &RefCell<Vec<(Instant, usize)>>, receiver: &std::sync::mpsc::Receiver<usize>) {
    let now = Instant::now();
    let mut due: Vec<_> =
        expected.borrow().iter().copied().filter(|(deadline, _)| *deadline <= now).collect();
    due.sort_by_key(|(deadline, _)| *deadline);
    let due: Vec<usize> = due.into_iter().map(|(_, number)| number).collect();
    assert_eq!(receiver.try_iter().collect::<Vec<_>>(), due);
    expected.borrow_mut().retain(|(deadline, _)| *deadline > now);
}

#[test]
fn spans_and_points_in_time_are_added_and_divided() {
    let (second, minute) = (Duration::from_secs(1), Duration::from_secs(60));
    let mut span = minute;
    span += second;
    assert_eq!(span, Duration::from_secs(61));
    span -= minute;
    assert_eq!(span, second);
    span -= minute;
    assert_eq!(span, Duration::ZERO);
    span += Duration::MAX;
    span += second;
    assert_eq!(span, Duration::MAX);

    assert_eq!((minute - second) / 2, Duration::from_millis(29_500));
    assert_eq!(second / 7, Duration::from_ticks(TICK_HZ / 7));
    assert_eq!(second - minute, Duration::ZERO);

    let mut at = Instant::from_ticks(7);
    at += Duration::from_ticks(5);
    assert_eq!(at, Instant::from_ticks(12));
    at += Duration::MAX;
    assert_eq!(at, Instant::FAR_FUTURE);
}

/// What is due soon is kept by its slot of time, about 2 ms long; the slots, 512 of them, are used over again.
#[test]
fn a_timer_of_a_slot_that_is_used_again_is_found_behind_the_others() {
    static LOOP: EventLoop = EventLoop::new(UNPARKER);
    LOOP.run(&VirtualTime::new(), &[], async {
        let slot = |number: u64| Instant::from_ticks((number << 21) + 5);
        let mut cx = Context::from_waker(Waker::noop());
        // The first stands in a row of its own; only what is due before the last of that goes by slots.
        let mut last = pin!(sleep_until(slot(5000)));
        assert!(last.as_mut().poll(&mut cx).is_pending());
        sleep_until(slot(20)).await;
        // Their slots are named in one word, the later one's before the other's.
        let (mut near, mut far) = (pin!(sleep_until(slot(30))), pin!(sleep_until(slot(519))));
        assert!(near.as_mut().poll(&mut cx).is_pending());
        assert!(far.as_mut().poll(&mut cx).is_pending());
        near.await;
        assert_eq!(Instant::now(), slot(30));
        far.await;
        assert_eq!(Instant::now(), slot(519));
        last.await;
        assert_eq!(Instant::now(), slot(5000));
    })
    .unwrap();
}

/// Goes on by a millisecond with each look; for Miri, which takes a minute for a thousand polls, by fifty.
struct GoesOn(Cell<u64>);

impl Platform for GoesOn {
    fn now(&self) -> Instant {
        self.0.set(self.0.get() + TICK_HZ / if cfg!(miri) { 20 } else { 1000 });
        Instant::from_ticks(self.0.get())
    }

    fn park(&self, _: Wait) {}
}

#[test]
fn what_is_due_soon_is_found_though_no_other_is_left_and_others_run() {
    static LOOP: EventLoop = EventLoop::new(UNPARKER);
    LOOP.run(&GoesOn(Cell::new(0)), &[], async {
        let mut cx = Context::from_waker(Waker::noop());
        let mut last = Box::pin(sleep_until(Instant::now() + Duration::from_secs(1)));
        assert!(last.as_mut().poll(&mut cx).is_pending());
        let mut near = Box::pin(sleep_until(Instant::now() + Duration::from_millis(250)));
        assert!(near.as_mut().poll(&mut cx).is_pending());
        drop(last);
        for _ in 0..100_000 {
            if near.as_mut().poll(&mut cx).is_ready() {
                return;
            }
            yield_now().await;
        }
        panic!("its time has long come");
    })
    .unwrap();
}
