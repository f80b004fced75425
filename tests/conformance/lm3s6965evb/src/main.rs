//! The conformance suite on the emulated board lm3s6965evb: in virtual time, then the platform's own promises in real
//! time. A test fails by panicking, which ends the program.
#![no_std]
#![no_main]

use everloop_board_lm3s6965evb as board;
use everloop_conformance::{REAL_TIME, TASK_BYTES, TASKS, TESTS, Test};
use everloop_embedded::virtual_time::{UNPARKER, VirtualTime};
use everloop_embedded::{EventLoop, Loop, TaskPool};

use board::println;

static POOL: TaskPool<TASKS, TASK_BYTES> = TaskPool::new();
static VIRTUAL: EventLoop = EventLoop::new(UNPARKER);
static REAL: Loop = Loop::new();

#[board::entry]
fn main() -> ! {
    let _board = board::init();
    for test in TESTS {
        announce(test, || {
            (test.run)(&mut |main| assert_eq!(VIRTUAL.run(&VirtualTime::new(), &[&POOL], main), Ok(())));
        });
    }
    for test in REAL_TIME {
        announce(test, || (test.run)(&mut |main| assert_eq!(REAL.run(&[&POOL], main), Ok(()))));
    }
    println!("{} passed, 0 failed", TESTS.len() + REAL_TIME.len());
    board::exit(0)
}

/// Names the test before it runs, so that a panic or a hang can be told to be its.
fn announce(test: &Test, run: impl FnOnce()) {
    board::print!("test {} ... ", test.name);
    run();
    println!("ok");
}
