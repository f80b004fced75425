use core::pin::pin;
use core::sync::atomic::{AtomicU32, Ordering};
use core::task::{Poll, Waker};

use everloop_core::{
    Duration, HEADER_BYTES, InvalidStateError, TaskState, all_tasks, create_task, current_task, sleep,
    try_create_task, yield_now,
};

use crate::trace::{OnDrop, Trace};

pub async fn output_comes_back() {
    let base = 40;
    let task = create_task(async move { base + 2 });
    assert_eq!(task.await, Ok(42));
}

pub async fn tasks_run_in_creation_order() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    for n in 0..5 {
        create_task(async move { LOG.push(n) });
    }
    yield_now().await;
    LOG.expect(&[0, 1, 2, 3, 4]);
}

pub async fn a_task_starts_at_the_next_turn() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let task = create_task(async { LOG.push(2) });
    LOG.push(1);
    task.await.unwrap();
    LOG.expect(&[1, 2]);
}

pub async fn what_becomes_ready_waits_for_the_next_turn() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let first = create_task(async {
        LOG.push(1);
        create_task(async { LOG.push(3) }).await.unwrap();
    });
    let second = create_task(async { LOG.push(2) });
    first.await.unwrap();
    second.await.unwrap();
    LOG.expect(&[1, 2, 3]);
}

pub async fn dropping_the_handle_detaches() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    drop(create_task(async {
        sleep(Duration::from_millis(5)).await;
        LOG.push(1);
    }));
    sleep(Duration::from_millis(10)).await;
    LOG.expect(&[1]);
}

/// Without `alloc` it is the pool that ends; with it the heap takes over and there is no end.
pub async fn a_full_pool_or_heap_is_typed() {
    let mut handles = heapless::Vec::<_, 64>::new();
    for n in 0..64_u32 {
        match try_create_task(async move {
            sleep(Duration::from_millis(1)).await;
            n
        }) {
            Ok(task) => assert!(handles.push(task).is_ok()),
            Err(error) => {
                assert_eq!(error.kind, everloop_core::CreateErrorKind::PoolFull);
                // The future came back whole and can still be run.
                assert_eq!(error.future.await, n);
                break;
            }
        }
    }
    assert!(handles.len() >= crate::TASKS - 1);
    for (n, task) in handles.into_iter().enumerate() {
        assert_eq!(task.await, Ok(n as u32));
    }
}

pub async fn a_slot_is_reused_after_its_task() {
    // Many times more than there are slots.
    for n in 0..200_u32 {
        assert_eq!(create_task(async move { n }).await, Ok(n));
    }
}

pub async fn result_before_done_is_invalid_state() {
    let task = create_task(async { 7 });
    assert_eq!(task.result(), Err(InvalidStateError));
    assert!(!task.done());
    yield_now().await;
    assert!(task.done());
    assert_eq!(task.result(), Ok(Ok(&7)));
}

pub async fn result_lends_the_output() {
    let mut task = create_task(async { [1_u8; 16] });
    yield_now().await;
    assert_eq!(task.result(), Ok(Ok(&[1; 16])));
    // It is lent, so it is still there.
    assert_eq!((&mut task).await, Ok([1; 16]));
    assert_eq!(task.result(), Err(InvalidStateError));
}

pub async fn names_and_numbers() {
    let task = create_task(async {});
    let other = create_task(async {}).named("other");
    assert_eq!(task.name(), None);
    assert_eq!(other.name(), Some("other"));
    assert!(other.id() > task.id());
    task.set_name("renamed");
    assert_eq!(task.name(), Some("renamed"));
    let (a, b) = (task.await, other.await);
    assert!(a.is_ok() && b.is_ok());
}

pub async fn current_task_is_right_under_interleaving() {
    let main = current_task().unwrap();
    assert_eq!(main.state(), TaskState::Running);
    let a = create_task(async {
        let before = current_task().unwrap().id();
        yield_now().await;
        assert_eq!(current_task().unwrap().id(), before);
        before
    });
    let b = create_task(async {
        yield_now().await;
        current_task().unwrap().id()
    });
    let (id_a, id_b) = (a.id(), b.id());
    assert_eq!(a.await, Ok(id_a));
    assert_eq!(b.await, Ok(id_b));
    assert_eq!(current_task().unwrap().id(), main.id());
}

pub async fn done_tasks_are_not_listed() {
    let waiting = create_task(sleep(Duration::from_secs(1)));
    let done = create_task(async {});
    yield_now().await;
    yield_now().await;
    let mut seen = heapless::Vec::<_, 8>::new();
    for info in all_tasks() {
        seen.push((info.id(), info.state())).unwrap();
    }
    seen.sort_unstable_by_key(|entry| entry.0);
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[0].1, TaskState::Running);
    assert_eq!(seen[1], (waiting.id(), TaskState::Waiting));
    assert!(done.done());
}

pub async fn awaiting_by_reference_keeps_the_handle() {
    let mut task = create_task(async {
        sleep(Duration::from_millis(5)).await;
        1
    });
    let id = task.id();
    assert!(everloop_core::wait_for(core::future::pending::<()>(), Duration::from_millis(1)).await.is_err());
    assert_eq!((&mut task).await, Ok(1));
    assert_eq!(task.id(), id);
}

pub async fn a_stale_waker_is_a_spurious_poll() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let stale = create_task(core::future::poll_fn(|cx| Poll::Ready(cx.waker().clone()))).await.unwrap();
    // Takes the slot that the waker still points at, where there are slots.
    let next = create_task(async {
        LOG.push(1);
        sleep(Duration::from_millis(1)).await;
        LOG.push(2);
    });
    yield_now().await;
    stale.wake_by_ref();
    let copy = stale.clone();
    copy.wake();
    next.await.unwrap();
    stale.wake();
    LOG.expect(&[1, 2]);
}

pub async fn many_short_tasks_one_after_another() {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    COUNT.store(0, Ordering::Relaxed);
    for _ in 0..100 {
        // Not awaited: they end by themselves and give their slots back.
        drop(create_task(async {
            yield_now().await;
            COUNT.store(COUNT.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
        }));
        yield_now().await;
        yield_now().await;
    }
    assert_eq!(COUNT.load(Ordering::Relaxed), 100);
}

pub async fn a_large_output_arrives_whole() {
    let task = create_task(async {
        let mut block = [0_u32; 64];
        for (n, word) in block.iter_mut().enumerate() {
            *word = n as u32 * 7;
        }
        yield_now().await;
        block
    });
    let block = task.await.unwrap();
    assert!(block.iter().enumerate().all(|(n, word)| *word == n as u32 * 7));
}

pub async fn drops_of_unawaited_outputs_happen() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    // Dropped handle first, then the output.
    drop(create_task(async { OnDrop(&LOG, 1) }));
    yield_now().await;
    LOG.expect(&[1]);
    // Output first, then the handle.
    let task = create_task(async { OnDrop(&LOG, 2) });
    yield_now().await;
    LOG.expect(&[1]);
    drop(task);
    LOG.expect(&[1, 2]);
    // Polled once with a waker of nobody: joins are plain futures.
    let mut join = pin!(IntoFuture::into_future(create_task(async { 5 })));
    let mut cx = core::task::Context::from_waker(Waker::noop());
    assert!(join.as_mut().poll(&mut cx).is_pending());
    yield_now().await;
    assert_eq!(join.as_mut().poll(&mut cx), Poll::Ready(Ok(5)));
}

/// What a task costs whatever its future, which is what a pool is planned by.
pub async fn a_header_takes_at_most_forty_bytes() {
    let pointers = size_of::<*const ()>() / 4;
    assert!(HEADER_BYTES <= 40 * pointers, "{HEADER_BYTES} bytes");
}
