use core::convert::Infallible;
use core::fmt::Write;
use core::future::poll_fn;
use core::pin::{Pin, pin};
use core::ptr;
use core::task::Poll;

use everloop_core::{
    Duration, Future, FutureCallbackId, FutureError, InvalidStateError, SetError, Shared, catch_cancel,
    create_task, gather, sleep, wait_for, yield_now,
};

use crate::trace::{OnDrop, Trace};

/// No `Copy` and no `Clone`: what is lent can't have been copied.
#[derive(Debug, PartialEq)]
struct Value(u32);

/// Polls once.
async fn poll_once<F: core::future::Future>(mut future: Pin<&mut F>) -> Poll<F::Output> {
    poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx))).await
}

pub async fn a_new_cell_is_pending() {
    let cell: Future<u32> = Future::new();
    assert!(!cell.done() && !cell.cancelled());
    assert_eq!(cell.result(), Err(InvalidStateError));
    assert!(poll_once(pin!(cell.wait())).await.is_pending());
    assert_eq!(Future::<u32>::default().into_result(), Err(InvalidStateError));
}

pub async fn a_result_is_final() {
    let cell: Future<u32, &str> = Future::new();
    assert_eq!(cell.set_result(42), Ok(()));
    assert!(cell.done() && !cell.cancelled());
    assert_eq!(cell.result(), Ok(Ok(&42)));
    assert_eq!(cell.set_result(1), Err(SetError(1)));
    assert_eq!(cell.set_error("late"), Err(SetError("late")));
    assert!(!cell.cancel());
    assert_eq!(cell.result(), Ok(Ok(&42)));
}

pub async fn an_error_is_final() {
    let cell: Future<u32, &str> = Future::new();
    assert_eq!(cell.set_error("broken"), Ok(()));
    assert!(cell.done() && !cell.cancelled());
    assert_eq!(cell.result(), Ok(Err(FutureError::Error(&"broken"))));
    assert_eq!(cell.set_result(1), Err(SetError(1)));
    assert_eq!(cell.set_error("late"), Err(SetError("late")));
    assert!(!cell.cancel());
    assert_eq!((&cell).await, Err(FutureError::Error(&"broken")));
}

pub async fn a_cancellation_is_final() {
    let cell: Future<u32, &str> = Future::new();
    assert!(cell.cancel());
    assert!(cell.done() && cell.cancelled());
    assert_eq!(cell.result(), Ok(Err(FutureError::Cancelled)));
    assert_eq!(cell.set_result(1), Err(SetError(1)));
    assert_eq!(cell.set_error("late"), Err(SetError("late")));
    assert!(!cell.cancel());
    assert_eq!((&cell).await, Err(FutureError::Cancelled));
}

/// How often such a test may be run: on the host, with many seeds.
const CELLS: usize = if cfg!(feature = "std") { 4096 } else { 8 };

/// The first cell that no run of the same test has used: what is in a `static` is set once for good.
fn unused<const N: usize, T, E>(cells: &'static [Future<T, E, Shared>; N]) -> &'static Future<T, E, Shared> {
    cells.iter().find(|cell| !cell.done()).expect("the test was run more often than it has cells")
}

pub async fn a_shared_cell_in_a_static_wakes_all_in_order() {
    static LOG: Trace = Trace::new();
    static UNUSED: [Future<Value, Infallible, Shared>; CELLS] = [const { Future::new() }; CELLS];
    LOG.clear();
    let cell = unused(&UNUSED);
    for n in 0..6 {
        create_task(async move {
            assert_eq!(cell.await, Ok(&Value(7)));
            LOG.push(n);
        });
    }
    sleep(Duration::from_millis(1)).await;
    LOG.expect(&[]);
    cell.set_result(Value(7)).unwrap();
    LOG.expect(&[]);
    yield_now().await;
    LOG.expect(&[0, 1, 2, 3, 4, 5]);
    assert_eq!(cell.set_result(Value(8)), Err(SetError(Value(8))));
}

pub async fn all_waiters_get_the_same_value_in_place() {
    let cell: Future<Value> = Future::new();
    let set = async {
        yield_now().await;
        cell.set_result(Value(3)).unwrap();
        cell.result().unwrap().unwrap()
    };
    let (first, second, there) = gather((&cell, &cell, set)).await;
    let (first, second, there) = (first.unwrap().unwrap(), second.unwrap().unwrap(), there.unwrap());
    assert_eq!(first, &Value(3));
    assert!(ptr::eq(first, second) && ptr::eq(first, there));
}

pub async fn an_error_reaches_all_waiters() {
    let cell: Future<u32, Value> = Future::new();
    let set = async { cell.set_error(Value(1)).unwrap() };
    let (first, second, _) = gather((&cell, cell.wait(), set)).await;
    assert_eq!(first, Ok(Err(FutureError::Error(&Value(1)))));
    assert_eq!(second, Ok(Err(FutureError::Error(&Value(1)))));
}

pub async fn a_cancellation_of_the_cell_reaches_all_waiters() {
    let cell: Future<u32> = Future::new();
    let cancel = async { assert!(cell.cancel()) };
    let (first, second, _) = gather((&cell, &cell, cancel)).await;
    assert_eq!(first, Ok(Err(FutureError::Cancelled)));
    assert_eq!(second, Ok(Err(FutureError::Cancelled)));
}

pub async fn a_done_cell_is_awaited_again_and_again() {
    let cell: Future<u32> = Future::new();
    cell.set_result(42).unwrap();
    for _ in 0..3 {
        assert_eq!(poll_once(pin!(cell.wait())).await, Poll::Ready(Ok(&42)));
    }
    let mut wait = pin!(cell.wait());
    assert!(poll_once(wait.as_mut()).await.is_ready());
    assert!(poll_once(wait.as_mut()).await.is_ready());
}

pub async fn a_dropped_waiter_is_forgotten() {
    let cell: Future<u32> = Future::new();
    let mut first = pin!(cell.wait());
    let mut last = pin!(cell.wait());
    assert!(poll_once(first.as_mut()).await.is_pending());
    {
        let mut dropped = pin!(cell.wait());
        assert!(poll_once(dropped.as_mut()).await.is_pending());
        assert!(poll_once(last.as_mut()).await.is_pending());
    }
    cell.set_result(1).unwrap();
    assert_eq!(first.await, Ok(&1));
    assert_eq!(last.await, Ok(&1));
}

pub async fn cancelling_an_awaiter_spares_the_cell_and_the_others() {
    static UNUSED: [Future<u32, Infallible, Shared>; CELLS] = [const { Future::new() }; CELLS];
    let cell = unused(&UNUSED);
    let mut cancelled = create_task(async move { *cell.await.unwrap() });
    let other = create_task(async move { *cell.await.unwrap() });
    yield_now().await;
    assert!(cancelled.cancel());
    assert!((&mut cancelled).await.is_err());
    assert!(cancelled.cancelled());
    assert!(!cell.done());
    cell.set_result(5).unwrap();
    assert_eq!(other.await, Ok(5));
}

pub async fn an_awaiter_may_cancel_the_cell_with_itself() {
    static UNUSED: [Future<u32, Infallible, Shared>; CELLS] = [const { Future::new() }; CELLS];
    let cell = unused(&UNUSED);
    let mut awaiter = create_task(async move {
        if let Err(cancelled) = catch_cancel(cell).await {
            cell.cancel();
            cancelled.resume().await;
        }
    });
    let other = create_task(async move { cell.await.copied() });
    yield_now().await;
    awaiter.cancel();
    assert!((&mut awaiter).await.is_err());
    assert!(awaiter.cancelled() && cell.cancelled());
    assert_eq!(other.await, Ok(Err(FutureError::Cancelled)));
}

pub async fn a_timeout_spares_the_cell() {
    let cell: Future<u32> = Future::new();
    assert!(wait_for(&cell, Duration::from_millis(1)).await.is_err());
    assert!(!cell.done());
    cell.set_result(2).unwrap();
    assert_eq!(wait_for(&cell, Duration::from_millis(1)).await, Ok(Ok(&2)));
}

pub async fn take_gives_the_outcome_and_a_new_cell() {
    let mut cell: Future<Value, Value> = Future::new();
    assert_eq!(cell.take(), Err(InvalidStateError));
    cell.set_result(Value(1)).unwrap();
    assert_eq!(cell.take(), Ok(Ok(Value(1))));
    assert!(!cell.done());
    cell.set_error(Value(2)).unwrap();
    assert_eq!(cell.take(), Ok(Err(FutureError::Error(Value(2)))));
    assert!(cell.cancel());
    assert_eq!(cell.take(), Ok(Err(FutureError::Cancelled)));
    cell.set_result(Value(3)).unwrap();
    assert_eq!((&cell).await, Ok(&Value(3)));
}

pub async fn into_result_gives_the_outcome() {
    let set: Future<Value, Value> = Future::new();
    set.set_result(Value(1)).unwrap();
    assert_eq!(set.into_result(), Ok(Ok(Value(1))));
    let failed: Future<Value, Value> = Future::new();
    failed.set_error(Value(2)).unwrap();
    assert_eq!(failed.into_result(), Ok(Err(FutureError::Error(Value(2)))));
    let cancelled: Future<Value, Value> = Future::new();
    cancelled.cancel();
    assert_eq!(cancelled.into_result(), Ok(Err(FutureError::Cancelled)));
}

pub async fn values_are_dropped_once() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let mut cell: Future<OnDrop> = Future::new();
    cell.set_result(OnDrop(&LOG, 1)).unwrap();
    let refused = cell.set_result(OnDrop(&LOG, 2)).unwrap_err();
    LOG.expect(&[]);
    drop(refused);
    LOG.expect(&[2]);
    cell.reset();
    LOG.expect(&[2, 1]);
    assert!(!cell.done());
    cell.set_result(OnDrop(&LOG, 3)).unwrap();
    drop(cell.take());
    LOG.expect(&[2, 1, 3]);
    cell.set_result(OnDrop(&LOG, 4)).unwrap();
    drop(cell);
    LOG.expect(&[2, 1, 3, 4]);
}

pub async fn one_cell_can_set_another() {
    type Copy = Future<u32, u32, Shared>;
    static COPIES: [Copy; CELLS * 4] = [const { Future::new() }; CELLS * 4];
    /// Sets `copy` as the cell is set; false if it was done already.
    fn copies(cell: &Future<u32, u32>, copy: &Copy) -> bool {
        match cell.result().unwrap() {
            Ok(value) => copy.set_result(*value).is_ok(),
            Err(FutureError::Error(error)) => copy.set_error(*error).is_ok(),
            Err(FutureError::Cancelled) => copy.cancel(),
        }
    }
    let outcomes = [Ok(10), Err(FutureError::Error(11)), Err(FutureError::Cancelled)];
    for outcome in outcomes {
        let copy = unused(&COPIES);
        let cell: Future<u32, u32> = Future::new();
        let mut callback = pin!(cell.done_callback(move |cell| assert!(copies(cell, copy))));
        callback.as_mut().add();
        let waiter = create_task(async move { copy.await.copied().map_err(owned) });
        yield_now().await;
        match outcome {
            Ok(value) => cell.set_result(value).unwrap(),
            Err(FutureError::Error(error)) => cell.set_error(error).unwrap(),
            Err(FutureError::Cancelled) => assert!(cell.cancel()),
        }
        assert_eq!(waiter.await, Ok(outcome));
    }
    // One that was cancelled meanwhile stays so.
    let copy = unused(&COPIES);
    let cell: Future<u32, u32> = Future::new();
    let mut callback = pin!(cell.done_callback(move |cell| assert!(!copies(cell, copy))));
    callback.as_mut().add();
    copy.cancel();
    cell.set_result(10).unwrap();
    assert!(copy.cancelled());
}

fn owned(error: FutureError<&u32>) -> FutureError<u32> {
    match error {
        FutureError::Cancelled => FutureError::Cancelled,
        FutureError::Error(error) => FutureError::Error(*error),
    }
}

pub async fn callbacks_are_called_once_in_the_order_added() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let mut cell: Future<u32> = Future::new();
    {
        let mut second = pin!(cell.done_callback(|cell| LOG.push(20 + cell.result().unwrap().unwrap())));
        let mut first = pin!(cell.done_callback(|cell| LOG.push(10 + cell.result().unwrap().unwrap())));
        let mut never_added = pin!(Some(cell.done_callback(|_| LOG.push(99))));
        let id = first.as_mut().add();
        second.as_mut().add();
        assert_eq!(first.as_mut().add(), id);
        LOG.expect(&[]);
        cell.set_result(5).unwrap();
        LOG.expect(&[15, 25]);
        assert!(cell.set_result(6).is_err());
        first.as_mut().add();
        assert!(!cell.remove_done_callback(id));
        never_added.set(None);
    }
    cell.reset();
    cell.set_result(7).unwrap();
    LOG.expect(&[15, 25]);
}

pub async fn callbacks_are_called_for_an_error_and_a_cancellation() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let failed: Future<u32, u32> = Future::new();
    let mut callback = pin!(failed.done_callback(|cell| {
        assert_eq!(cell.result(), Ok(Err(FutureError::Error(&3))));
        LOG.push(1);
    }));
    callback.as_mut().add();
    failed.set_error(3).unwrap();
    LOG.expect(&[1]);
    let cancelled: Future<u32, u32> = Future::new();
    let mut callback = pin!(cancelled.done_callback(|cell| {
        assert!(cell.cancelled());
        LOG.push(2);
    }));
    callback.as_mut().add();
    assert!(cancelled.cancel());
    LOG.expect(&[1, 2]);
}

pub async fn a_callback_added_to_a_done_cell_is_called_at_once() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let cell: Future<u32> = Future::new();
    cell.set_result(1).unwrap();
    let mut callback = pin!(cell.done_callback(|_| LOG.push(1)));
    let id = callback.as_mut().add();
    LOG.expect(&[1]);
    assert!(!cell.remove_done_callback(id));
}

pub async fn a_removed_callback_is_not_called() {
    static LOG: Trace = Trace::new();
    // Each of three in turn, and then two together, so that both ends and the middle of the list are mended.
    for (removed, left) in [
        (&[0][..], &[1, 2, 3][..]),
        (&[1], &[0, 2, 3]),
        (&[2], &[0, 1, 3]),
        (&[0, 1], &[2, 3]),
        (&[2, 1], &[0, 3]),
        (&[0, 1, 2], &[3]),
    ] {
        LOG.clear();
        let cell: Future<u32> = Future::new();
        let mut callbacks = pin!([0, 1, 2].map(|n| cell.done_callback(move |_| LOG.push(n))));
        // SAFETY: the array is pinned, and each element is only used in place.
        let ids = unsafe { callbacks.as_mut().get_unchecked_mut() }.each_mut().map(|callback| {
            // SAFETY: as above.
            unsafe { Pin::new_unchecked(callback) }.add()
        });
        for &n in removed {
            assert!(cell.remove_done_callback(ids[n]));
            assert!(!cell.remove_done_callback(ids[n]));
        }
        let mut last = pin!(cell.done_callback(|_| LOG.push(3)));
        last.as_mut().add();
        LOG.expect(&[]);
        cell.set_result(1).unwrap();
        LOG.expect(left);
    }
}

pub async fn dropping_a_callback_removes_it() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let cell: Future<u32> = Future::new();
    let mut first = pin!(cell.done_callback(|_| LOG.push(1)));
    first.as_mut().add();
    {
        let token = OnDrop(&LOG, 9);
        let mut dropped = pin!(cell.done_callback(move |_| {
            let _token = &token;
            LOG.push(2);
        }));
        dropped.as_mut().add();
    }
    LOG.expect(&[9]);
    let mut last = pin!(cell.done_callback(|_| LOG.push(3)));
    last.as_mut().add();
    cell.set_result(1).unwrap();
    LOG.expect(&[9, 1, 3]);
}

pub async fn a_callback_may_remove_the_next() {
    static LOG: Trace = Trace::new();
    static NEXT: [Future<FutureCallbackId, Infallible, Shared>; CELLS] = [const { Future::new() }; CELLS];
    LOG.clear();
    let next = unused(&NEXT);
    let cell: Future<u32> = Future::new();
    let mut first = pin!(cell.done_callback(move |cell| {
        LOG.push(1);
        assert!(cell.remove_done_callback(*next.result().unwrap().unwrap()));
        assert_eq!(cell.set_result(2), Err(SetError(2)));
    }));
    let mut second = pin!(cell.done_callback(|_| LOG.push(2)));
    let mut third = pin!(cell.done_callback(|_| LOG.push(3)));
    first.as_mut().add();
    next.set_result(second.as_mut().add()).unwrap();
    third.as_mut().add();
    cell.set_result(1).unwrap();
    LOG.expect(&[1, 3]);
}

pub async fn debug_shows_outcome_waiters_and_callbacks() {
    let cell: Future<u32, &str> = Future::new();
    let mut callback = pin!(cell.done_callback(|_| ()));
    callback.as_mut().add();
    let mut wait = pin!(cell.wait());
    assert!(poll_once(wait.as_mut()).await.is_pending());
    let mut text = heapless::String::<128>::new();
    write!(text, "{cell:?}").unwrap();
    assert_eq!(text, "Future { outcome: None, waiters: 1, callbacks: 1 }");
    cell.set_result(4).unwrap();
    text.clear();
    write!(text, "{cell:?}").unwrap();
    assert_eq!(text, "Future { outcome: Some(Ok(4)), waiters: 0, callbacks: 0 }");
    let cancelled: Future<u32, &str> = Future::new();
    cancelled.cancel();
    text.clear();
    write!(text, "{cancelled:?}").unwrap();
    assert_eq!(text, "Future { outcome: Some(Err(Cancelled)), waiters: 0, callbacks: 0 }");
}

pub async fn errors_say_what_happened() {
    let mut text = heapless::String::<128>::new();
    write!(text, "{}; {}", FutureError::<u32>::Cancelled, FutureError::Error(3)).unwrap();
    assert_eq!(text, "the future was cancelled; 3");
    text.clear();
    write!(text, "{}", SetError(())).unwrap();
    assert_eq!(text, "the future is done already: it is set once, or cancelled");
}
