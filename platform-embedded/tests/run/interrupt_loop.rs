//! A thread stands for the interrupt handler here. The boards' tests have real ones.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Condvar, Mutex};
use std::thread;

use everloop_embedded::{
    Duration, Instant, InterruptLoop, Loop, RemotePool, StartError, TaskPool, run_coroutine_threadsafe, sleep,
};

/// An interrupt: pending or not.
struct Line(Mutex<bool>, Condvar);

impl Line {
    const fn new() -> Self {
        Self(Mutex::new(false), Condvar::new())
    }

    fn pend(&self) {
        *self.0.lock().unwrap() = true;
        self.1.notify_all();
    }

    fn wait(&self) {
        let pending = self.0.lock().unwrap();
        *self.1.wait_while(pending, |pending| !*pending).unwrap() = false;
    }
}

#[test]
fn it_runs_tasks_and_timers_when_its_interrupt_comes() {
    static LINE: Line = Line::new();
    static URGENT: InterruptLoop = InterruptLoop::new();
    static TASKS: TaskPool<2, 256> = TaskPool::new();
    static REMOTE: RemotePool<2, 256> = RemotePool::new();
    static LOOP: Loop = Loop::new();
    static BACK: RemotePool<2, 256> = RemotePool::new();
    thread::spawn(|| {
        loop {
            LINE.wait();
            URGENT.on_interrupt();
        }
    });
    URGENT.start(|| LINE.pend(), &[&TASKS, &REMOTE], async || ()).unwrap();
    let answer = LOOP.run(&[&BACK], async {
        let ask = async || {
            let start = Instant::now();
            sleep(Duration::from_millis(5)).await;
            assert!(start.elapsed() >= Duration::from_millis(5));
            run_coroutine_threadsafe(async || 42, &BACK).unwrap().await.unwrap()
        };
        run_coroutine_threadsafe(ask, &REMOTE).unwrap().await.unwrap()
    });
    assert_eq!(answer, Ok(42));
}

#[test]
fn it_starts_once() {
    static URGENT: InterruptLoop = InterruptLoop::new();
    static TASKS: TaskPool<1, 256> = TaskPool::new();
    assert_eq!(URGENT.start(|| (), &[&TASKS], async || ()), Ok(()));
    assert_eq!(URGENT.start(|| (), &[], async || ()), Err(StartError::AlreadyStarted));
}

#[test]
fn a_start_that_fails_may_be_repeated() {
    static URGENT: InterruptLoop = InterruptLoop::new();
    static SMALL: TaskPool<1, 8> = TaskPool::new();
    static TASKS: TaskPool<1, 256> = TaskPool::new();
    static LOOP: Loop = Loop::new();
    let wait = async || sleep(Duration::from_secs(1)).await;
    let other = async || sleep(Duration::from_secs(2)).await;
    assert_eq!(URGENT.start(|| (), &[&SMALL], wait), Err(StartError::NoRoom));
    LOOP.run(&[&TASKS], async {
        assert_eq!(URGENT.start(|| (), &[&TASKS], wait), Err(StartError::PoolInUse));
        assert_eq!(URGENT.start(|| (), &[&SMALL], other), Err(StartError::NoRoom));
    })
    .unwrap();
    assert_eq!(URGENT.start(|| (), &[&TASKS], wait), Ok(()));
}

#[test]
fn an_interrupt_before_the_start_does_nothing() {
    static URGENT: InterruptLoop = InterruptLoop::new();
    URGENT.on_interrupt();
}

#[test]
fn its_tasks_stay_in_the_handler_that_they_first_ran_in() {
    static URGENT: InterruptLoop = InterruptLoop::new();
    static TASKS: TaskPool<1, 256> = TaskPool::new();
    URGENT.start(|| (), &[&TASKS], async || ()).unwrap();
    URGENT.on_interrupt();
    URGENT.on_interrupt();
    assert!(thread::spawn(|| URGENT.on_interrupt()).join().is_err());
}

#[test]
fn it_is_not_entered_inside_a_task_of_another_loop() {
    static URGENT: InterruptLoop = InterruptLoop::new();
    static TASKS: TaskPool<1, 256> = TaskPool::new();
    static LOOP: Loop = Loop::new();
    URGENT.start(|| (), &[&TASKS], async || ()).unwrap();
    let entered = LOOP.run(&[], async { catch_unwind(AssertUnwindSafe(|| URGENT.on_interrupt())) });
    assert!(entered.unwrap().is_err());
}
