//! Futures that are aligned more strictly than a pool's slots.
#![cfg(not(feature = "alloc"))]

use everloop_core::virtual_time::{UNPARKER, VirtualTime};
use everloop_core::{CreateErrorKind, EventLoop, TaskPool, create_task, try_create_task, yield_now};

#[repr(align(64))]
struct Line([u8; 64]);

#[test]
fn one_that_no_slot_is_aligned_for_says_so_and_takes_none() {
    static LOOP: EventLoop = EventLoop::new(UNPARKER);
    static POOL: TaskPool<1, 1024> = TaskPool::new();
    LOOP.run(&VirtualTime::new(), &[&POOL], async {
        let aligned = async {
            let line = Line([7; 64]);
            yield_now().await;
            line.0[63]
        };
        let refused = try_create_task(aligned).unwrap_err();
        assert!(matches!(refused.kind, CreateErrorKind::OverAligned { align: 64, .. }), "{:?}", refused.kind);
        assert!(refused.to_string().contains("aligned to 64 bytes"), "{refused}");
        // It comes back whole, and the slot is free.
        assert_eq!(refused.future.await, 7);
        assert_eq!(create_task(async { 1 }).await, Ok(1));
    })
    .unwrap();
}
