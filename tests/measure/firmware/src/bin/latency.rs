//! How long it takes from an interrupt to a task. The words of the command line say who else runs, and what the task
//! waits for:
//!
//! - `spin`: no task at all, but a loop that looks at a flag;
//! - `idle`: a task of the loop in thread mode, which sleeps;
//! - `busy`: the same beside ten tasks that yield all the time;
//! - `preempting`: a task of a loop in an interrupt handler, while ten tasks of the loop in thread mode yield;
//!
//! and `waker`, a driver's flag and waker, or `event`, an `Event<Shared>`.
#![no_std]
#![no_main]

#[path = "../latency/mod.rs"]
mod latency;

use board::{Interrupt, command_line, interrupt};
use core::sync::atomic::{AtomicBool, Ordering};
use cortex_m::peripheral::NVIC;
use everloop_board_mps2_an385 as board;
use everloop_embedded::{Event, InterruptLoop, Loop, Shared, TaskPool, create_task, yield_now};

/// How many yield.
const BUSY: usize = 10;

static POOL: TaskPool<{ BUSY + 1 }, 128> = TaskPool::new();
static LOOP: Loop = Loop::new();
static URGENT_POOL: TaskPool<2, 128> = TaskPool::new();
static URGENT: InterruptLoop = InterruptLoop::new();
static EVENT: Event<Shared> = Event::new();

#[interrupt]
fn GPIO0_0() {
    URGENT.on_interrupt();
}

async fn wait_with_waker() -> ! {
    latency::start(|| {
        latency::began();
        latency::raise();
    });
    loop {
        latency::raised().await;
        latency::woken();
    }
}

async fn wait_with_event() -> ! {
    latency::start(|| {
        latency::began();
        EVENT.set();
    });
    loop {
        EVENT.wait().await;
        latency::woken();
        EVENT.clear();
    }
}

async fn busy() -> ! {
    loop {
        yield_now().await;
    }
}

/// Runs ten tasks that yield, or none, and what `begin` creates.
fn thread(tasks: usize, begin: impl FnOnce()) -> ! {
    let ended = LOOP.run(&[&POOL], async {
        begin();
        for _ in 0..tasks {
            drop(create_task(busy()));
        }
        core::future::pending().await
    });
    match ended {
        Ok(never) => never,
        Err(error) => panic!("{error}"),
    }
}

fn urgent(main: impl AsyncFnOnce() + Send + 'static) -> ! {
    // SAFETY: nothing else uses the NVIC's priorities, and no critical section is built on masking this.
    unsafe { cortex_m::Peripherals::steal().NVIC.set_priority(Interrupt::GPIO0_0, 0x80) };
    let started = URGENT.start(|| NVIC::pend(Interrupt::GPIO0_0), &[&URGENT_POOL], main);
    assert_eq!(started, Ok(()));
    // SAFETY: as above.
    unsafe { NVIC::unmask(Interrupt::GPIO0_0) };
    thread(BUSY, || ())
}

fn spin() -> ! {
    static SEEN: AtomicBool = AtomicBool::new(false);
    latency::start(|| {
        latency::began();
        SEEN.store(true, Ordering::Release);
    });
    loop {
        while !SEEN.swap(false, Ordering::Acquire) {}
        latency::woken();
    }
}

#[board::entry]
fn main() -> ! {
    board::init();
    let mut line = [0; 256];
    let line = command_line(&mut line).expect("a command line");
    let mut words = line.split(' ').skip(1);
    match (words.next(), words.next()) {
        (Some("spin"), _) => spin(),
        (Some("idle"), Some("waker")) => thread(0, || drop(create_task(wait_with_waker()))),
        (Some("idle"), Some("event")) => thread(0, || drop(create_task(wait_with_event()))),
        (Some("busy"), Some("waker")) => thread(BUSY, || drop(create_task(wait_with_waker()))),
        (Some("busy"), Some("event")) => thread(BUSY, || drop(create_task(wait_with_event()))),
        (Some("preempting"), Some("waker")) => urgent(async || wait_with_waker().await),
        (Some("preempting"), Some("event")) => urgent(async || wait_with_event().await),
        _ => panic!("who runs, and what is waited for?"),
    }
}
