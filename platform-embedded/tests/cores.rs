//! Several cores, of which one thread plays each in turn.
#![allow(missing_docs)]
#![cfg(not(feature = "std"))]

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::Waker;

use critical_section::RawRestoreState;
use everloop_embedded::{Context, Duration, Event, InterruptLoop, Loop, Shared, TaskPool};

thread_local! {
    static CONTEXT: Cell<Context> = const { Cell::new(Context { core: 0, level: Some(0) }) };
}

#[unsafe(no_mangle)]
fn _everloop_context() -> Context {
    CONTEXT.get()
}

/// Calls `f` on this core, at this level.
fn at<R>(core: u8, level: u16, f: impl FnOnce() -> R) -> R {
    let before = CONTEXT.replace(Context { core, level: Some(level) });
    let result = f();
    CONTEXT.set(before);
    result
}

struct Clock;

static NOW: AtomicU64 = AtomicU64::new(0);

impl embassy_time_driver::Driver for Clock {
    fn now(&self) -> u64 {
        NOW.load(Ordering::Relaxed)
    }

    fn schedule_wake(&self, _: u64, _: &Waker) {}
}

embassy_time_driver::time_driver_impl!(static CLOCK: Clock = Clock);

struct Sections;

static TAKEN: AtomicBool = AtomicBool::new(false);

thread_local! {
    static DEPTH: Cell<u32> = const { Cell::new(0) };
}

// SAFETY: a lock that the thread that has it may take again.
unsafe impl critical_section::Impl for Sections {
    unsafe fn acquire() -> RawRestoreState {
        if DEPTH.replace(DEPTH.get() + 1) == 0 {
            while TAKEN.swap(true, Ordering::Acquire) {
                std::thread::yield_now();
            }
        }
    }

    unsafe fn release(_: RawRestoreState) {
        DEPTH.set(DEPTH.get() - 1);
        if DEPTH.get() == 0 {
            TAKEN.store(false, Ordering::Release);
        }
    }
}

critical_section::set_impl!(Sections);

fn pass(ticks: u64) {
    NOW.fetch_add(ticks, Ordering::Relaxed);
}

fn driver_ticks(ticks: u64) -> Duration {
    Duration::from_micros(ticks * 1_000_000 / embassy_time_driver::TICK_HZ)
}

#[test]
fn the_load_of_a_loop_is_the_same_from_every_core() {
    static POOL: TaskPool<1, 256> = TaskPool::new();
    static HIGH: InterruptLoop = InterruptLoop::new();
    static LOOP: Loop = Loop::new();
    static GO: Event<Shared> = Event::new();
    // A turn before the loop runs does not count; one while it runs does.
    HIGH.start(
        || {},
        &[&POOL],
        async || {
            pass(1000);
            GO.wait().await;
            pass(300);
        },
    )
    .unwrap();
    at(0, 1, || HIGH.on_interrupt());
    assert_eq!(at(1, 0, || LOOP.load()), Default::default());
    let load = LOOP
        .run(&[], async {
            pass(200);
            GO.set();
            at(0, 1, || HIGH.on_interrupt());
            let (here, there) = (LOOP.load(), at(1, 0, || LOOP.load()));
            assert_eq!(here, there);
            there
        })
        .unwrap();
    assert_eq!(
        (load.busy, load.idle, load.preempted),
        (driver_ticks(200), Duration::ZERO, driver_ticks(300))
    );
}
