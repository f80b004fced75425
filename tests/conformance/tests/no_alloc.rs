//! The whole list again, with an allocator that counts: with the tasks in a pool, core allocates nothing, not even
//! with its `alloc` feature on.

mod support;

use std::alloc::{GlobalAlloc, Layout, System};
use std::boxed::Box;
use std::sync::atomic::{AtomicUsize, Ordering};

use everloop_conformance::{REMOTE, TASK_BYTES, TASKS, TESTS};
use everloop_core::virtual_time::{UNPARKER, VirtualTime};
use everloop_core::{EventLoop, TaskPool};
use libtest_mimic::{Arguments, Trial};

struct Counting;

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);

// SAFETY: the system's allocator, which upholds the contract; only a number is kept besides.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: by the caller.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: by the caller.
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

static LOOP: EventLoop = EventLoop::new(UNPARKER);
static POOL: TaskPool<TASKS, TASK_BYTES> = TaskPool::new();

/// What makes use of a heap if there is one: a pool is then never full, and a list of the tasks is made at once.
const WITH_A_HEAP: [&str; 5] = [
    "task::a_full_pool_or_heap_is_typed",
    "task::done_tasks_are_not_listed",
    "eager::a_full_pool_gives_the_future_back_unpolled",
    "task_local::beyond_its_room_it_comes_back",
    "task_info::",
];

fn main() {
    let mut arguments = Arguments::from_args();
    // In this thread.
    arguments.test_threads = Some(1);
    let test = Trial::test("core_allocates_nothing", || {
        core_allocates_nothing();
        Ok(())
    });
    libtest_mimic::run(&arguments, vec![test]).exit();
}

/// One test, so that no other thread allocates meanwhile: but for the tests' own helper, which counts too.
fn core_allocates_nothing() {
    // The counter counts.
    let before = ALLOCATIONS.load(Ordering::Relaxed);
    drop(Box::new(before));
    assert!(ALLOCATIONS.load(Ordering::Relaxed) > before);

    support::start();
    let mut guilty = Vec::with_capacity(TESTS.len());
    for test in TESTS {
        if cfg!(feature = "alloc") && WITH_A_HEAP.iter().any(|name| test.name.starts_with(name)) {
            continue;
        }
        // Once before, for what others make at their first use: a thread's own lock of `critical-section`.
        let mut count = 0;
        for _ in 0..2 {
            let before = ALLOCATIONS.load(Ordering::Relaxed);
            (test.run)(&mut |main| LOOP.run(&VirtualTime::new(), &[&POOL, &REMOTE], main).unwrap());
            count = ALLOCATIONS.load(Ordering::Relaxed) - before;
        }
        if count > 0 {
            guilty.push((test.name, count));
        }
    }
    assert!(guilty.is_empty(), "allocated: {guilty:?}");
}
