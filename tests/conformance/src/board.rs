//! The program that runs the list on a board.

use crate::Test;

/// How many tests are in a part of a list.
#[doc(hidden)]
pub const fn count(list: &[Test], part: usize, parts: usize) -> usize {
    (list.len() + parts - 1 - part) / parts
}

/// Part of a list: every so many-th test. They are copied, so that what is not in this part is not linked either.
#[doc(hidden)]
pub const fn part<const N: usize>(list: &[Test], part: usize, parts: usize) -> [Test; N] {
    let mut tests = [list[0]; N];
    let mut n = 0;
    while n < N {
        tests[n] = list[part + n * parts];
        n += 1;
    }
    tests
}

/// Whether a test belongs to one of these modules.
const fn is_of(test: &Test, modules: &[&str]) -> bool {
    let name = test.name.as_bytes();
    let mut n = 0;
    while n < modules.len() {
        let module = modules[n].as_bytes();
        let mut at = 0;
        while at < module.len() && at < name.len() && module[at] == name[at] {
            at += 1;
        }
        if at == module.len() && at < name.len() && name[at] == b':' {
            return true;
        }
        n += 1;
    }
    false
}

/// How many tests of a list are of these modules.
#[doc(hidden)]
pub const fn count_of(list: &[Test], modules: &[&str]) -> usize {
    let (mut count, mut n) = (0, 0);
    while n < list.len() {
        count += is_of(&list[n], modules) as usize;
        n += 1;
    }
    count
}

/// The tests of a list that are of these modules.
#[doc(hidden)]
pub const fn tests_of<const N: usize>(list: &[Test], modules: &[&str]) -> [Test; N] {
    let mut tests = [list[0]; N];
    let (mut count, mut n) = (0, 0);
    while n < list.len() {
        if is_of(&list[n], modules) {
            tests[count] = list[n];
            count += 1;
        }
        n += 1;
    }
    tests
}

/// The `main` of a board's conformance program: the list in virtual time, then the platform's own promises in real
/// time. A test fails by panicking, which ends the program.
///
/// `$board` is the board's crate: it brings `entry`, `init`, `command_line`, `print!`, `println!`, `exit` and
/// `in_interrupt`. The program must depend on `everloop-embedded` too.
///
/// A board whose flash is too small for the whole list has several programs: `board_main!(board, part 0 of 2)`. One whose
/// memory is too small has the tests of some modules, in a pool of its own, and looks after each whether its memory was
/// enough: `board_main!(board, modules ["task", "time"], pool [12, 512], check look)`.
#[macro_export]
macro_rules! board_main {
    ($board:ident) => {
        $crate::board_main!($board, part 0 of 1);
    };
    ($board:ident, part $part:literal of $parts:literal) => {
        $crate::board_main!(
            @program $board,
            [Test; count(TESTS, $part, $parts)] = part(TESTS, $part, $parts),
            [Test; count(REAL_TIME, $part, $parts)] = part(REAL_TIME, $part, $parts),
            [TASKS, TASK_BYTES],
            || ()
        );
        use $crate::{REAL_TIME, TASK_BYTES, TASKS, TESTS, count, part};
    };
    ($board:ident, modules $modules:expr, pool [$tasks:expr, $bytes:expr], check $check:expr) => {
        $crate::board_main!(
            @program $board,
            [Test; count_of(TESTS, MODULES)] = tests_of(TESTS, MODULES),
            [Test; count_of(REAL_TIME, MODULES)] = tests_of(REAL_TIME, MODULES),
            [$tasks, $bytes],
            $check
        );
        use $crate::{REAL_TIME, TESTS, count_of, tests_of};
        const MODULES: &[&str] = &$modules;
    };
    (@program $board:ident, $virtual:ty = $in_virtual:expr, $real:ty = $in_real:expr, [$tasks:expr, $bytes:expr],
        $check:expr) => {
        use everloop_embedded::virtual_time::{UNPARKER, VirtualTime};
        use everloop_embedded::{EventLoop, Loop, TaskPool};
        use $crate::{REMOTE, Test};

        static IN_VIRTUAL_TIME: $virtual = $in_virtual;
        static IN_REAL_TIME: $real = $in_real;
        static POOL: TaskPool<{ $tasks }, { $bytes }> = TaskPool::new();
        static VIRTUAL: EventLoop = EventLoop::new(UNPARKER);
        static REAL: Loop = Loop::new();

        #[$board::entry]
        fn main() -> ! {
            let _board = $board::init();
            $crate::elsewhere::install($board::in_interrupt);
            let mut line = [0; 256];
            // The first word is the program's name; the second, if there is one, is a part of the names of the tests
            // to run.
            let filter =
                $board::command_line(&mut line).and_then(|line| line.split(' ').nth(1)).unwrap_or("");
            let wanted = |test: &&Test| test.name.contains(filter);
            let mut passed = 0;
            for test in IN_VIRTUAL_TIME.iter().filter(wanted) {
                announce(test, || {
                    (test.run)(&mut |main| {
                        assert_eq!(VIRTUAL.run(&VirtualTime::new(), &[&POOL, &REMOTE], main), Ok(()))
                    });
                });
                passed += 1;
            }
            for test in IN_REAL_TIME.iter().filter(wanted) {
                announce(test, || (test.run)(&mut |main| assert_eq!(REAL.run(&[&POOL], main), Ok(()))));
                passed += 1;
            }
            $board::println!("{passed} passed, 0 failed");
            $board::exit(0)
        }

        /// Names the test before it runs, so that a panic or a hang can be told to be its.
        fn announce(test: &Test, run: impl FnOnce()) {
            $board::print!("test {} ... ", test.name);
            run();
            ($check)();
            $board::println!("ok");
        }
    };
}
