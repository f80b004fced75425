//! Tasks on the heap, whose memory is used again.

use crate::WithoutMemory;
use everloop_core::virtual_time::{UNPARKER, VirtualTime};
use everloop_core::{EventLoop, OwnedLoop, TaskPool, create_task, yield_now};

/// Gives way once in the middle, so that it is awaited before it is done.
async fn answer<const N: usize>(given: [u8; N]) -> [u8; N] {
    yield_now().await;
    given
}

#[test]
fn tasks_one_after_the_other_need_memory_once() {
    let run = OwnedLoop::new(UNPARKER).run(&VirtualTime::new(), &[], async {
        assert_eq!(create_task(answer([0; 5])).await, Ok([0; 5]));
        assert_eq!(create_task(answer([0; 100])).await, Ok([0; 100]));
        let _without = WithoutMemory::new();
        for n in 0..100 {
            assert_eq!(create_task(answer([n; 5])).await, Ok([n; 5]));
            assert_eq!(create_task(answer([n; 100])).await, Ok([n; 100]));
        }
    });
    assert_eq!(run, Ok(()));
}

#[test]
fn without_memory_a_task_has_no_name_and_is_cancelled_all_the_same() {
    let run = OwnedLoop::new(UNPARKER).run(&VirtualTime::new(), &[], async {
        let mut tasks = [(); 2].map(|()| create_task(answer([0; 5])));
        tasks[0].set_name("first");
        let _without = WithoutMemory::new();
        tasks[0].set_name("renamed");
        tasks[1].set_name("second");
        assert_eq!((tasks[0].name(), tasks[1].name()), (Some("renamed"), None));
        for (task, message) in tasks.iter_mut().zip([Some("enough"), None]) {
            assert!(task.cancel_with("enough"));
            assert_eq!(task.await.map_err(|cancelled| cancelled.message()), Err(message));
        }
    });
    assert_eq!(run, Ok(()));
}

#[test]
fn a_task_takes_a_slot_of_a_pool_before_memory() {
    static POOL: TaskPool<2, 128> = TaskPool::new();
    static LOOP: EventLoop = EventLoop::new(UNPARKER);
    let run = LOOP.run(&VirtualTime::new(), &[&POOL], async {
        let _without = WithoutMemory::new();
        for n in 0..10 {
            assert_eq!(create_task(answer([n; 5])).await, Ok([n; 5]));
        }
    });
    assert_eq!(run, Ok(()));
}
