//! How long it takes from an interrupt to a task. The words of the command line say who else runs, and what the task
//! waits for:
//!
//! - `idle`: a task of the executor in thread mode, which sleeps;
//! - `busy`: the same beside ten tasks that yield all the time;
//! - `preempting`: a task of an interrupt executor, while ten tasks of the executor in thread mode yield;
//!
//! and `waker`, a driver's flag and waker, or `event`, a `Signal` of `embassy-sync`.
#![no_std]
#![no_main]

#[path = "../../../src/latency/mod.rs"]
mod latency;

use board::{Interrupt, command_line, interrupt};
use embassy_executor::{Executor, InterruptExecutor, SendSpawner, Spawner};
use embassy_sync::blocking_mutex::raw::CriticalSectionRawMutex;
use embassy_sync::signal::Signal;
use everloop_board_mps2_an385 as board;
use static_cell::StaticCell;

/// How many yield.
const BUSY: usize = 10;

static EXECUTOR: StaticCell<Executor> = StaticCell::new();
static URGENT: InterruptExecutor = InterruptExecutor::new();
static SIGNAL: Signal<CriticalSectionRawMutex, ()> = Signal::new();

#[interrupt]
fn GPIO0_0() {
    // SAFETY: this is the handler, and the interrupt is let in when the executor is started.
    unsafe { URGENT.on_interrupt() };
}

#[embassy_executor::task]
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

#[embassy_executor::task]
async fn wait_with_event() -> ! {
    latency::start(|| {
        latency::began();
        SIGNAL.signal(());
    });
    loop {
        SIGNAL.wait().await;
        latency::woken();
    }
}

#[embassy_executor::task(pool_size = BUSY)]
async fn busy() -> ! {
    loop {
        embassy_futures::yield_now().await;
    }
}

/// Runs ten tasks that yield, or none, and what `begin` spawns.
fn thread(tasks: usize, begin: impl FnOnce(Spawner)) -> ! {
    EXECUTOR.init(Executor::new()).run(|spawner| {
        begin(spawner);
        for _ in 0..tasks {
            spawner.spawn(busy().expect("a free place"));
        }
    })
}

fn urgent(begin: impl FnOnce(SendSpawner)) -> ! {
    // SAFETY: nothing else uses the NVIC's priorities, and no critical section is built on masking this.
    unsafe { cortex_m::Peripherals::steal().NVIC.set_priority(Interrupt::GPIO0_0, 0x80) };
    begin(URGENT.start(Interrupt::GPIO0_0));
    thread(BUSY, |_| ())
}

#[board::entry]
fn main() -> ! {
    board::init();
    let mut line = [0; 256];
    let line = command_line(&mut line).expect("a command line");
    let mut words = line.split(' ').skip(1);
    let place = "a free place";
    match (words.next(), words.next()) {
        (Some("idle"), Some("waker")) => thread(0, |s| s.spawn(wait_with_waker().expect(place))),
        (Some("idle"), Some("event")) => thread(0, |s| s.spawn(wait_with_event().expect(place))),
        (Some("busy"), Some("waker")) => thread(BUSY, |s| s.spawn(wait_with_waker().expect(place))),
        (Some("busy"), Some("event")) => thread(BUSY, |s| s.spawn(wait_with_event().expect(place))),
        (Some("preempting"), Some("waker")) => urgent(|s| s.spawn(wait_with_waker().expect(place))),
        (Some("preempting"), Some("event")) => urgent(|s| s.spawn(wait_with_event().expect(place))),
        _ => panic!("who runs, and what is waited for?"),
    }
}
