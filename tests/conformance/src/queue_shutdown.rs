//! What a shut-down does to a queue of any order.

use core::pin::pin;

use everloop_core::{
    FirstInFirstOut, Fixed, LastInFirstOut, Local, LowestFirst, Order, Queue, QueueShutDown, TaskDoneError,
    TryGetError, TryPutError,
};

use crate::queue::start;

type Any<O> = Queue<u32, Fixed<2>, Local, O>;

/// Nothing goes in, and nothing is left.
fn assert_ended<O: Order<u32>>(queue: &Any<O>) {
    assert!(queue.empty());
    assert_eq!(queue.put_nowait(9), Err(TryPutError::QueueShutDown(9)));
    assert_eq!(queue.get_nowait(), Err(TryGetError::QueueShutDown));
}

pub async fn an_empty_queue_refuses_who_waits() {
    async fn check<O: Order<u32>>() {
        let queue = Any::<O>::new();
        let mut get = pin!(queue.get());
        start(get.as_mut()).await;
        queue.shutdown(false);
        queue.join().await;
        assert_eq!(get.await, Err(QueueShutDown(())));
        assert_ended(&queue);
        assert_eq!(queue.put(9).await, Err(QueueShutDown(9)));
        assert_eq!(queue.get().await, Err(QueueShutDown(())));
    }
    check::<FirstInFirstOut>().await;
    check::<LastInFirstOut>().await;
    check::<LowestFirst>().await;
}

pub async fn a_queue_with_items_is_emptied_and_joined() {
    async fn check<O: Order<u32>>() {
        let queue = Any::<O>::new();
        queue.put_nowait(1).unwrap();
        queue.put_nowait(1).unwrap();
        let mut join = pin!(queue.join());
        let mut put = pin!(queue.put(2));
        start(join.as_mut()).await;
        start(put.as_mut()).await;
        queue.shutdown(false);
        assert_eq!(queue.qsize(), 2);
        assert_eq!(put.await, Err(QueueShutDown(2)));
        assert_eq!(queue.get().await, Ok(1));
        assert_eq!(queue.get().await, Ok(1));
        assert_ended(&queue);
        queue.task_done().unwrap();
        start(join.as_mut()).await;
        queue.task_done().unwrap();
        join.await;
        assert_eq!(queue.task_done(), Err(TaskDoneError));
    }
    check::<FirstInFirstOut>().await;
    check::<LastInFirstOut>().await;
    check::<LowestFirst>().await;
}

pub async fn an_immediate_one_counts_what_it_drops_as_done() {
    async fn check<O: Order<u32>>() {
        let queue = Any::<O>::new();
        queue.put_nowait(1).unwrap();
        queue.put_nowait(2).unwrap();
        let mut join = pin!(queue.join());
        start(join.as_mut()).await;
        queue.shutdown(true);
        assert_ended(&queue);
        join.await;
        assert_eq!(queue.task_done(), Err(TaskDoneError));
    }
    check::<FirstInFirstOut>().await;
    check::<LastInFirstOut>().await;
    check::<LowestFirst>().await;
}

pub async fn after_an_immediate_one_what_was_taken_is_still_waited_for() {
    async fn check<O: Order<u32>>() {
        let queue = Any::<O>::new();
        queue.put_nowait(1).unwrap();
        queue.put_nowait(1).unwrap();
        let mut join = pin!(queue.join());
        assert_eq!(queue.get().await, Ok(1));
        queue.shutdown(true);
        start(join.as_mut()).await;
        assert_ended(&queue);
        assert_eq!(queue.task_done(), Ok(()));
        assert_eq!(queue.task_done(), Err(TaskDoneError));
        join.await;
    }
    check::<FirstInFirstOut>().await;
    check::<LastInFirstOut>().await;
    check::<LowestFirst>().await;
}

pub async fn an_immediate_one_may_follow_a_mild_one() {
    let queue = Any::<FirstInFirstOut>::new();
    queue.put_nowait(1).unwrap();
    queue.shutdown(false);
    assert_eq!(queue.qsize(), 1);
    queue.shutdown(true);
    queue.shutdown(false);
    assert_ended(&queue);
    queue.join().await;
}

pub async fn a_putter_that_was_promised_a_place_is_refused() {
    let queue = Any::<FirstInFirstOut>::new();
    queue.put_nowait(1).unwrap();
    queue.put_nowait(2).unwrap();
    let mut put = pin!(queue.put(3));
    start(put.as_mut()).await;
    assert_eq!(queue.get_nowait(), Ok(1));
    queue.shutdown(false);
    assert_eq!(put.await, Err(QueueShutDown(3)));
    assert_eq!(queue.get_nowait(), Ok(2));
    assert_ended(&queue);
}

pub async fn a_getter_that_was_promised_an_item_is_refused_by_an_immediate_one() {
    let queue = Any::<LowestFirst>::new();
    let mut first = pin!(queue.get());
    {
        let mut second = pin!(queue.get());
        start(first.as_mut()).await;
        start(second.as_mut()).await;
        queue.put_nowait(1).unwrap();
        queue.put_nowait(2).unwrap();
        queue.shutdown(true);
        // One is dropped with its promise, the other runs with it.
    }
    assert_eq!(first.await, Err(QueueShutDown(())));
    assert_ended(&queue);
    queue.join().await;
}
