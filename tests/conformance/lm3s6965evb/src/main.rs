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
    let mut line = [0; 256];
    // The first word is the program's name; the second, if there is one, is a part of the names of the tests to run.
    let filter = board::command_line(&mut line).and_then(|line| line.split(' ').nth(1)).unwrap_or("");
    let wanted = |test: &&Test| test.name.contains(filter);
    let mut passed = 0;
    for test in TESTS.iter().filter(wanted) {
        announce(test, || {
            (test.run)(&mut |main| assert_eq!(VIRTUAL.run(&VirtualTime::new(), &[&POOL], main), Ok(())));
        });
        passed += 1;
    }
    for test in REAL_TIME.iter().filter(wanted) {
        announce(test, || (test.run)(&mut |main| assert_eq!(REAL.run(&[&POOL], main), Ok(()))));
        passed += 1;
    }
    println!("{passed} passed, 0 failed");
    board::exit(0)
}

/// Names the test before it runs, so that a panic or a hang can be told to be its.
fn announce(test: &Test, run: impl FnOnce()) {
    board::print!("test {} ... ", test.name);
    run();
    println!("ok");
}
