//! The loops that the tests share: one in thread mode and two in handlers. They are started here.

use board::selftest::{Outcome, Report};
use board::{Interrupt, ensure, interrupt};
use cortex_m::peripheral::NVIC;
use everloop_board_mps2_an385 as board;
use everloop_embedded::{Duration, Instant};
use everloop_embedded::{
    InterruptLoop, Loop, RemotePool, StartError, TaskPool, create_task, run_coroutine_threadsafe, sleep,
};

pub static LOW: InterruptLoop = InterruptLoop::new();
pub static HIGH: InterruptLoop = InterruptLoop::new();
static LOW_TASKS: TaskPool<4, 256> = TaskPool::new();
static HIGH_TASKS: TaskPool<4, 256> = TaskPool::new();
pub static TO_LOW: RemotePool<8, 256> = RemotePool::new();
pub static TO_HIGH: RemotePool<4, 256> = RemotePool::new();

pub static THREAD: Loop = Loop::new();
static TASKS: TaskPool<4, 256> = TaskPool::new();
pub static TO_THREAD: RemotePool<4, 256> = RemotePool::new();

#[interrupt]
fn GPIO0_0() {
    LOW.on_interrupt();
}

#[interrupt]
fn GPIO0_1() {
    HIGH.on_interrupt();
}

pub fn pend_low() {
    NVIC::pend(Interrupt::GPIO0_0);
}

pub fn pend_high() {
    NVIC::pend(Interrupt::GPIO0_1);
}

/// Runs a test in the loop of thread mode.
pub fn in_thread<F: Future<Output = Outcome>>(test: impl FnOnce() -> F) -> Outcome {
    match THREAD.run(&[&TASKS, &TO_THREAD], test()) {
        Ok(outcome) => outcome,
        Err(error) => {
            ensure!(false, "the loop in thread mode: {error}");
            Ok(())
        }
    }
}

/// Passes the time without waiting, as a task does that computes.
pub fn compute(time: Duration) {
    let end = Instant::now() + time;
    while Instant::now() < end {}
}

pub fn run(report: &mut Report) {
    report.test("loops::what_is_submitted_before_the_start_comes_back", || {
        ensure!(run_coroutine_threadsafe(async || (), &TO_LOW).is_err(), "there is no loop yet");
        Ok(())
    });
    report.test("loops::an_interrupt_before_the_start_does_no_harm", || {
        unmask();
        pend_low();
        cortex_m::asm::isb();
        Ok(())
    });
    // All other tests need them.
    let started = (start(&LOW, pend_low, false), start(&HIGH, pend_high, true));
    report.test("loops::they_start_inside_and_outside_of_another_loop", || {
        ensure!(started.0.is_ok(), "the lower one: {:?}", started.0);
        ensure!(started.1.is_ok(), "the higher one: {:?}", started.1);
        Ok(())
    });
    report.test("loops::a_second_start_is_refused", || {
        let again = LOW.start(pend_low, &[], async || ());
        ensure!(again == Err(StartError::AlreadyStarted), "{again:?}");
        Ok(())
    });
    report.test("loops::a_start_that_fails_says_why_and_may_be_repeated", || {
        static OTHER: InterruptLoop = InterruptLoop::new();
        static SMALL: TaskPool<1, 8> = TaskPool::new();
        let taken = OTHER.start(|| (), &[&LOW_TASKS], async || ());
        ensure!(taken == Err(StartError::PoolInUse), "{taken:?}");
        for _ in 0..2 {
            let full = OTHER.start(|| (), &[&SMALL], async || sleep(Duration::from_secs(1)).await);
            ensure!(full == Err(StartError::NoRoom), "{full:?}");
        }
        Ok(())
    });
    report.test("loops::interrupts_for_no_reason_do_no_harm", || {
        for _ in 0..100 {
            pend_low();
            pend_high();
        }
        Ok(())
    });
}

fn start(event_loop: &'static InterruptLoop, pend: fn(), nested: bool) -> Result<(), StartError> {
    if !nested {
        return event_loop.start(pend, &[&LOW_TASKS, &TO_LOW], async || {
            drop(create_task(async {}));
        });
    }
    let mut started = Ok(());
    let run = THREAD.run(&[], async {
        started = event_loop.start(pend, &[&HIGH_TASKS, &TO_HIGH], async || ());
        // This is again the current loop, whose timers work.
        sleep(Duration::from_millis(1)).await;
    });
    run.map_err(|_| StartError::NoRoom).and(started)
}

/// Lets both interrupts in: the higher one above the lower one, both below the clock's.
fn unmask() {
    // SAFETY: nothing else uses the NVIC's priorities, and no critical section is built on masking these.
    unsafe {
        let mut nvic = cortex_m::Peripherals::steal().NVIC;
        nvic.set_priority(Interrupt::GPIO0_0, 0x80);
        nvic.set_priority(Interrupt::GPIO0_1, 0x40);
        NVIC::unmask(Interrupt::GPIO0_0);
        NVIC::unmask(Interrupt::GPIO0_1);
    }
}
