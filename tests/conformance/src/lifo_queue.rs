use core::pin::pin;

use everloop_core::{Fixed, LifoQueue, TryGetError, TryPutError};

use crate::queue::start;

pub async fn the_last_comes_first() {
    let queue: LifoQueue<u32, Fixed<4>> = LifoQueue::new();
    for n in [1, 3, 2] {
        queue.put(n).await.unwrap();
    }
    assert_eq!(queue.get().await, Ok(2));
    queue.put(4).await.unwrap();
    for n in [4, 3, 1] {
        assert_eq!(queue.get().await, Ok(n));
    }
    assert_eq!(queue.get_nowait(), Err(TryGetError::QueueEmpty));
}

pub async fn a_woken_getter_gets_the_last_of_its_moment() {
    let queue: LifoQueue<u32, Fixed<4>> = LifoQueue::new();
    let mut first = pin!(queue.get());
    let mut second = pin!(queue.get());
    start(first.as_mut()).await;
    start(second.as_mut()).await;
    for n in [1, 2, 3] {
        queue.put_nowait(n).unwrap();
    }
    assert_eq!(queue.get_nowait(), Ok(3));
    assert_eq!(queue.get_nowait(), Err(TryGetError::QueueEmpty));
    queue.put_nowait(4).unwrap();
    assert_eq!(first.await, Ok(4));
    assert_eq!(second.await, Ok(2));
    assert_eq!(queue.get_nowait(), Ok(1));
}

pub async fn a_full_one_makes_putters_wait() {
    let queue: LifoQueue<u32, Fixed<2>> = LifoQueue::new();
    assert_eq!(queue.maxsize(), Some(2));
    queue.put_nowait(1).unwrap();
    queue.put_nowait(2).unwrap();
    assert_eq!(queue.put_nowait(3), Err(TryPutError::QueueFull(3)));
    let mut blocked = pin!(queue.put(4));
    start(blocked.as_mut()).await;
    assert_eq!(queue.get_nowait(), Ok(2));
    blocked.await.unwrap();
    assert_eq!(queue.get_nowait(), Ok(4));
    assert_eq!(queue.get_nowait(), Ok(1));
}
