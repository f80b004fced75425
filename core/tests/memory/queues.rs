//! Queues on the heap when there is no memory.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use crate::without_memory;
use everloop_core::{
    Bounded, Fixed, LifoQueue, OutOfMemory, PriorityQueue, PutBlockingError, PutError, Queue, Shared,
    TryPutError, Unbounded,
};

fn poll<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn a_put_gives_its_item_back() {
    let queue: Queue<u64, Unbounded, Shared> = Queue::new();
    assert_eq!(without_memory(|| queue.put_nowait(1)), Err(TryPutError::OutOfMemory(1)));
    let put = without_memory(|| poll(pin!(queue.put(2))));
    assert_eq!(put, Poll::Ready(Err(PutError::OutOfMemory(2))));
    assert_eq!(without_memory(|| queue.put_blocking(3)), Err(PutBlockingError::OutOfMemory(3)));
    // Nothing is counted, and with memory all is well.
    assert!(queue.empty());
    assert_eq!(poll(pin!(queue.join())), Poll::Ready(()));
    queue.put_nowait(4).unwrap();
    assert_eq!(queue.get_nowait(), Ok(4));
}

#[test]
fn a_queue_of_any_order_gives_it_back() {
    let lifo: LifoQueue<u64, Unbounded> = LifoQueue::new();
    let lowest: PriorityQueue<u64, Bounded> = PriorityQueue::bounded(8);
    assert_eq!(without_memory(|| lifo.put_nowait(1)), Err(TryPutError::OutOfMemory(1)));
    assert_eq!(without_memory(|| lowest.put_nowait(1)), Err(TryPutError::OutOfMemory(1)));
    for n in [2, 1] {
        lifo.put_nowait(n).unwrap();
        lowest.put_nowait(n).unwrap();
    }
    // Getting takes no memory.
    assert_eq!(without_memory(|| (lifo.get_nowait(), lowest.get_nowait())), (Ok(1), Ok(1)));
}

#[test]
fn a_putter_that_waited_needs_no_memory() {
    let queue: Queue<u64, Bounded> = Queue::bounded(1);
    queue.put_nowait(0).unwrap();
    let mut first = pin!(queue.put(1));
    let mut second = pin!(queue.put(2));
    assert!(poll(first.as_mut()).is_pending());
    assert!(poll(second.as_mut()).is_pending());
    // What there is stays.
    let rest = without_memory(|| (queue.get_nowait(), poll(first), queue.get_nowait(), poll(second)));
    assert_eq!(rest, (Ok(0), Poll::Ready(Ok(())), Ok(1), Poll::Ready(Ok(()))));
    assert_eq!(queue.get_nowait(), Ok(2));
}

#[test]
fn reserved_memory_is_enough_for_as_many_puts() {
    let queue: PriorityQueue<u64, Bounded> = PriorityQueue::bounded(100);
    assert_eq!(without_memory(|| queue.reserve(1)), Err(OutOfMemory));
    // No more than can be in is asked for.
    queue.reserve(usize::MAX).unwrap();
    without_memory(|| (0..100).for_each(|n| queue.put_nowait(n).unwrap()));
    assert_eq!(queue.put_nowait(100), Err(TryPutError::QueueFull(100)));

    let queue: Queue<u64, Unbounded> = Queue::new();
    assert_eq!(queue.reserve(usize::MAX), Err(OutOfMemory));
    queue.reserve(10).unwrap();
    without_memory(|| (0..10).for_each(|n| queue.put_nowait(n).unwrap()));
    assert_eq!(queue.qsize(), 10);

    let queue: LifoQueue<u64, Unbounded> = LifoQueue::new();
    assert_eq!(queue.reserve(usize::MAX), Err(OutOfMemory));
    queue.reserve(10).unwrap();
    without_memory(|| (0..10).for_each(|n| queue.put_nowait(n).unwrap()));
    assert_eq!(queue.get_nowait(), Ok(9));

    // It is there.
    let queue: Queue<u64, Fixed<4>> = Queue::new();
    assert_eq!((queue.reserve(3), queue.reserve(4), queue.reserve(5)), (Ok(()), Ok(()), Ok(())));
}
