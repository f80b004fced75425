use core::cell::Cell;
use core::cmp::Ordering;
use core::pin::pin;

use everloop_core::{Fixed, PriorityQueue, TryGetError, TryPutError};

use crate::queue::start;
use crate::trace::{OnDrop, Trace};

/// By the first number alone; each comparison is counted.
struct Job<'a, T>(u32, T, &'a Cell<u32>);

impl<T> PartialEq for Job<'_, T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<T> Eq for Job<'_, T> {}

impl<T> PartialOrd for Job<'_, T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Job<'_, T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.2.set(self.2.get() + 1);
        self.0.cmp(&other.0)
    }
}

pub async fn the_lowest_comes_first() {
    let queue: PriorityQueue<u32, Fixed<8>> = PriorityQueue::new();
    for n in [5, 1, 7, 3] {
        queue.put(n).await.unwrap();
    }
    assert_eq!(queue.get().await, Ok(1));
    queue.put_nowait(2).unwrap();
    queue.put_nowait(9).unwrap();
    for n in [2, 3, 5, 7, 9] {
        assert_eq!(queue.get().await, Ok(n));
    }
    assert_eq!(queue.get_nowait(), Err(TryGetError::QueueEmpty));
}

pub async fn any_puts_and_gets_agree_with_a_sorted_list() {
    let queue: PriorityQueue<u32, Fixed<8>> = PriorityQueue::new();
    let mut sorted = heapless::Vec::<u32, 8>::new();
    let mut random = 1_u32;
    for _ in 0..400 {
        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let value = (random >> 8) % 16;
        if random >> 31 == 0 {
            let put = queue.put_nowait(value).is_ok();
            assert_eq!(put, sorted.push(value).is_ok());
            sorted.sort_unstable_by(|a, b| b.cmp(a));
        } else {
            assert_eq!(queue.get_nowait().ok(), sorted.pop());
        }
        assert_eq!(queue.qsize(), sorted.len());
    }
}

pub async fn equal_items_keep_their_order() {
    let compared = Cell::new(0);
    let queue: PriorityQueue<Job<'_, u32>, Fixed<12>> = PriorityQueue::new();
    for n in 0..12 {
        queue.put_nowait(Job(n % 2, n, &compared)).unwrap();
    }
    for n in [0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11] {
        assert_eq!(queue.get_nowait().unwrap().1, n);
    }
}

pub async fn a_woken_getter_gets_the_lowest_of_its_moment() {
    let queue: PriorityQueue<u32, Fixed<8>> = PriorityQueue::new();
    let mut first = pin!(queue.get());
    let mut second = pin!(queue.get());
    start(first.as_mut()).await;
    start(second.as_mut()).await;
    for n in [8, 6, 4, 2] {
        queue.put_nowait(n).unwrap();
    }
    // Two are promised, and not which.
    assert_eq!(queue.get_nowait(), Ok(2));
    assert_eq!(queue.get_nowait(), Ok(4));
    assert_eq!(queue.get_nowait(), Err(TryGetError::QueueEmpty));
    queue.put_nowait(7).unwrap();
    assert_eq!(first.await, Ok(6));
    assert_eq!(second.await, Ok(7));
    assert_eq!(queue.get_nowait(), Ok(8));
}

pub async fn a_dropped_getter_that_was_woken_passes_the_claim_on() {
    let queue: PriorityQueue<u32, Fixed<8>> = PriorityQueue::new();
    let mut second = pin!(queue.get());
    {
        let mut first = pin!(queue.get());
        start(first.as_mut()).await;
        start(second.as_mut()).await;
        queue.put_nowait(5).unwrap();
        assert_eq!(queue.get_nowait(), Err(TryGetError::QueueEmpty));
    }
    queue.put_nowait(3).unwrap();
    assert_eq!(second.await, Ok(3));
    assert_eq!(queue.get_nowait(), Ok(5));
}

pub async fn a_full_one_makes_putters_wait() {
    let queue: PriorityQueue<u32, Fixed<2>> = PriorityQueue::new();
    queue.put_nowait(4).unwrap();
    queue.put_nowait(6).unwrap();
    assert_eq!(queue.put_nowait(1), Err(TryPutError::QueueFull(1)));
    let mut blocked = pin!(queue.put(5));
    start(blocked.as_mut()).await;
    assert_eq!(queue.get_nowait(), Ok(4));
    assert!(queue.full());
    blocked.await.unwrap();
    assert_eq!(queue.get_nowait(), Ok(5));
    assert_eq!(queue.get_nowait(), Ok(6));
}

pub async fn a_put_compares_nothing() {
    let compared = Cell::new(0);
    let queue: PriorityQueue<Job<'_, ()>, Fixed<8>> = PriorityQueue::new();
    for n in [7, 6, 5, 4, 3, 2, 1, 0] {
        assert!(queue.put_nowait(Job(n, (), &compared)).is_ok());
    }
    assert_eq!(compared.get(), 0);
    assert_eq!(queue.get_nowait().unwrap().0, 0);
    // Eight are brought into their places, and one more after the first was taken.
    assert!((1..=8 * 3 + 6).contains(&compared.get()), "{} comparisons", compared.get());
    compared.set(0);
    queue.shutdown(true);
    assert_eq!(compared.get(), 0);
}

pub async fn shut_down_it_still_gives_the_lowest_first() {
    let queue: PriorityQueue<u32, Fixed<4>> = PriorityQueue::new();
    for n in [3, 1, 2] {
        queue.put_nowait(n).unwrap();
    }
    queue.shutdown(false);
    for n in [1, 2, 3] {
        assert_eq!(queue.get().await, Ok(n));
        queue.task_done().unwrap();
    }
    assert!(queue.get().await.is_err());
    queue.join().await;
}

pub async fn each_item_is_dropped_once() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let compared = Cell::new(0);
    let queue: PriorityQueue<Job<'_, OnDrop>, Fixed<4>> = PriorityQueue::new();
    for n in [2, 3, 1] {
        assert!(queue.put_nowait(Job(n, OnDrop(&LOG, n), &compared)).is_ok());
    }
    drop(queue.get_nowait());
    LOG.expect(&[1]);
    drop(queue.get_nowait());
    LOG.expect(&[1, 2]);
    drop(queue);
    LOG.expect(&[1, 2, 3]);
}
