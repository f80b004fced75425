//! A queue as a stream of its items.

use core::future::poll_fn;
use core::pin::{Pin, pin};
use core::task::Poll;

use everloop_core::{
    Duration, Fixed, LowestFirst, Queue, QueueStream, Shared, create_task, sleep, wait_for, yield_now,
};
use futures_core::{FusedStream, Stream};

use crate::elsewhere;

const TICK: Duration = Duration::from_millis(1);

type Numbers<R> = Queue<u32, Fixed<4>, R>;

async fn next<S: Stream>(mut stream: Pin<&mut S>) -> Option<S::Item> {
    poll_fn(|cx| stream.as_mut().poll_next(cx)).await
}

/// Polls it once, with nothing there.
async fn start<S: Stream>(mut stream: Pin<&mut S>) {
    poll_fn(|cx| {
        assert!(stream.as_mut().poll_next(cx).is_pending());
        Poll::Ready(())
    })
    .await;
}

pub async fn it_gives_each_item_as_it_comes() {
    static QUEUE: Numbers<Shared> = Queue::new();
    let producer = create_task(async {
        for n in 0..9 {
            QUEUE.put(n).await.unwrap();
            if n % 3 == 0 {
                sleep(TICK).await;
            }
        }
    });
    let mut stream = pin!(QUEUE.stream());
    for n in 0..9 {
        assert_eq!(next(stream.as_mut()).await, Some(n));
    }
    producer.await.unwrap();
    for _ in 0..9 {
        QUEUE.task_done().unwrap();
    }
}

pub async fn it_ends_when_the_queue_is_shut_down_and_empty() {
    let queue: Queue<u32, Fixed<4>> = Queue::new();
    queue.put_nowait(1).unwrap();
    let mut stream = pin!(queue.stream());
    assert!(!stream.is_terminated());
    queue.shutdown(false);
    assert_eq!(next(stream.as_mut()).await, Some(1));
    assert!(!stream.is_terminated());
    assert_eq!(next(stream.as_mut()).await, None);
    assert!(stream.is_terminated());
    assert_eq!(next(stream.as_mut()).await, None);
}

pub async fn a_shutdown_ends_one_that_waits() {
    for immediate in [false, true] {
        let queue: Queue<u32, Fixed<4>> = Queue::new();
        let mut stream = pin!(queue.stream());
        start(stream.as_mut()).await;
        queue.shutdown(immediate);
        assert_eq!(next(stream.as_mut()).await, None);
        assert!(stream.is_terminated());
    }
}

pub async fn an_immediate_shutdown_takes_back_what_was_promised() {
    let queue: Queue<u32, Fixed<4>> = Queue::new();
    let mut stream = pin!(queue.stream());
    start(stream.as_mut()).await;
    queue.put_nowait(1).unwrap();
    queue.shutdown(true);
    assert_eq!(next(stream).await, None);
    queue.join().await;
}

pub async fn dropped_with_an_item_in_its_hands_it_passes_it_on() {
    let queue: Queue<u32, Fixed<4>> = Queue::new();
    let mut other = pin!(queue.stream());
    {
        let mut first = pin!(queue.stream());
        start(first.as_mut()).await;
        start(other.as_mut()).await;
        queue.put_nowait(1).unwrap();
    }
    assert_eq!(next(other).await, Some(1));
}

pub async fn an_item_given_up_is_given_by_the_next_call() {
    let queue: Queue<u32, Fixed<4>> = Queue::new();
    let mut stream = pin!(queue.stream());
    assert!(wait_for(next(stream.as_mut()), TICK).await.is_err());
    queue.put_nowait(1).unwrap();
    assert_eq!(next(stream).await, Some(1));
}

pub async fn it_waits_in_one_line_with_those_who_get() {
    let queue: Queue<u32, Fixed<4>> = Queue::new();
    let mut first = pin!(queue.stream());
    let mut second = pin!(queue.get());
    let mut third = pin!(queue.stream());
    start(first.as_mut()).await;
    crate::queue::start(second.as_mut()).await;
    start(third.as_mut()).await;
    queue.put_nowait(1).unwrap();
    queue.put_nowait(2).unwrap();
    // What is there is promised to those before it.
    start(third.as_mut()).await;
    assert_eq!(next(first).await, Some(1));
    assert_eq!(second.await, Ok(2));
    queue.put_nowait(3).unwrap();
    assert_eq!(next(third).await, Some(3));
}

pub async fn of_a_priority_queue_it_gives_the_lowest_first() {
    let queue: Queue<u32, Fixed<4>, _, LowestFirst> = Queue::new();
    for n in [3, 1, 2] {
        queue.put_nowait(n).unwrap();
    }
    let mut stream: Pin<&mut QueueStream<'_, _, _, everloop_core::Local, _>> = pin!(queue.stream());
    for n in [1, 2] {
        assert_eq!(next(stream.as_mut()).await, Some(n));
    }
}

pub async fn an_interrupt_may_feed_it() {
    static QUEUE: Numbers<Shared> = Queue::new();
    let reader = create_task(async {
        let mut stream = pin!(QUEUE.stream());
        [next(stream.as_mut()).await, next(stream.as_mut()).await]
    });
    yield_now().await;
    elsewhere::run(|| {
        QUEUE.put_nowait(1).unwrap();
        QUEUE.put_nowait(2).unwrap();
    });
    assert_eq!(reader.await, Ok([Some(1), Some(2)]));
}
