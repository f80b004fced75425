//! The whole list again, with an allocator that counts: with the tasks in a pool, core allocates nothing, not even
//! with its `alloc` feature on.

mod support;

use std::alloc::{GlobalAlloc, Layout, System};
use std::boxed::Box;
use std::sync::atomic::{AtomicUsize, Ordering};

use everloop_conformance::{TASK_BYTES, TASKS, TESTS};
use everloop_core::virtual_time::{UNPARKER, VirtualTime};
use everloop_core::{EventLoop, TaskPool};

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
const WITH_A_HEAP: &[&str] = &[
    "task::a_full_pool_or_heap_is_typed",
    "task::done_tasks_are_not_listed",
    "eager::a_full_pool_gives_the_future_back_unpolled",
    "inspection::it_says_what_each_task_waits_on",
    "inspection::all_tasks_come_in_the_order_of_their_creation",
    "inspection::a_listed_task_can_be_cancelled",
    "inspection::the_message_is_handed_on_to_an_awaited_task",
];

/// One test function, so that no other thread allocates meanwhile: but for the tests' own helper, which counts too.
#[test]
fn core_allocates_nothing() {
    // The counter counts.
    let before = ALLOCATIONS.load(Ordering::Relaxed);
    drop(Box::new(before));
    assert!(ALLOCATIONS.load(Ordering::Relaxed) > before);

    support::start();
    let mut guilty = Vec::with_capacity(TESTS.len());
    for test in TESTS {
        if cfg!(feature = "alloc") && WITH_A_HEAP.contains(&test.name) {
            continue;
        }
        // Once before, for what others make at their first use: a thread's own lock of `critical-section`.
        let mut count = 0;
        for _ in 0..2 {
            let before = ALLOCATIONS.load(Ordering::Relaxed);
            (test.run)(&mut |main| LOOP.run(&VirtualTime::new(), &[&POOL], main).unwrap());
            count = ALLOCATIONS.load(Ordering::Relaxed) - before;
        }
        if count > 0 {
            guilty.push((test.name, count));
        }
    }
    assert!(guilty.is_empty(), "allocated: {guilty:?}");
}
