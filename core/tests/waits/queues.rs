//! Queues on the heap, priority queues whose items compare badly, and queues of either kind at random.
#![cfg(all(feature = "std", feature = "alloc", not(loom)))]

use std::cell::Cell;
use std::cmp::Ordering;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use everloop_core::virtual_time::{UNPARKER, VirtualTime};
use everloop_core::{
    Bounded, Fixed, LifoQueue, Local, OwnedLoop, PriorityQueue, PutError, PutFailed, Queue, Shared,
    TryGetError, TryPutError, Unbounded, ZeroCapacityError, create_task, sleep,
};

fn poll<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn a_bounded_one_holds_as_many_as_it_was_told() {
    static QUEUE: Queue<String, Bounded, Shared> = Queue::bounded(2);
    assert_eq!(QUEUE.maxsize(), Some(2));
    assert!(QUEUE.empty() && !QUEUE.full());
    QUEUE.put_nowait("a".into()).unwrap();
    QUEUE.put_nowait("b".into()).unwrap();
    assert!(QUEUE.full());
    assert_eq!(QUEUE.put_nowait("c".into()), Err(TryPutError::QueueFull("c".into())));
    let mut put = pin!(QUEUE.put("d".into()));
    assert!(poll(put.as_mut()).is_pending());
    assert_eq!(QUEUE.get_nowait().unwrap(), "a");
    assert_eq!(poll(put), Poll::Ready(Ok(())));
    QUEUE.shutdown(false);
    let refused = poll(pin!(QUEUE.put("e".into())));
    assert_eq!(refused, Poll::Ready(Err(PutError::QueueShutDown("e".into()))));
    QUEUE.shutdown(true);
}

#[test]
fn a_bounded_one_of_any_order() {
    let lifo: LifoQueue<u32, Bounded> = LifoQueue::bounded(3);
    let lowest: PriorityQueue<u32, Bounded> = PriorityQueue::bounded(3);
    for n in [2, 3, 1] {
        lifo.put_nowait(n).unwrap();
        lowest.put_nowait(n).unwrap();
    }
    assert!(lifo.full() && lowest.full());
    let rest = [(); 3].map(|()| (lifo.get_nowait().unwrap(), lowest.get_nowait().unwrap()));
    assert_eq!(rest, [(1, 1), (3, 2), (2, 3)]);
}

#[test]
fn no_room_at_all_is_an_error_that_names_the_other_storage() {
    let refused: Result<Queue<u32, Bounded>, ZeroCapacityError> = Queue::try_bounded(0);
    let error = refused.unwrap_err();
    assert!(error.to_string().contains("`Unbounded`"), "{error}");
    let panic = catch_unwind(|| {
        let _queue: Queue<u32, Bounded> = Queue::bounded(0);
    });
    let text = error.to_string();
    assert_eq!(panic.unwrap_err().downcast_ref::<String>(), Some(&text));
    let most: Queue<u32, Bounded> = Queue::try_bounded(usize::MAX).unwrap();
    most.put_nowait(1).unwrap();
    assert_eq!(most.maxsize(), Some(usize::MAX));
}

#[test]
fn an_unbounded_one_is_never_full() {
    let queue: Queue<u32, Unbounded> = Queue::new();
    assert_eq!(queue.maxsize(), None);
    for n in 0..1000 {
        queue.put_nowait(n).unwrap();
        assert!(!queue.full());
    }
    assert_eq!(queue.qsize(), 1000);
    assert!((0..1000).all(|n| queue.get_nowait() == Ok(n)));
    assert!(queue.empty());
}

#[test]
fn a_refused_put_is_taken_apart_in_the_same_way_with_every_storage() {
    fn refused<E: PutFailed<u32>>(put: Poll<Result<(), E>>) -> u32 {
        match put {
            Poll::Ready(Err(error)) => error.into_inner(),
            _ => unreachable!(),
        }
    }
    let fixed: Queue<u32, Fixed<1>> = Queue::new();
    let unbounded: Queue<u32, Unbounded> = Queue::new();
    fixed.shutdown(false);
    unbounded.shutdown(false);
    assert_eq!(refused(poll(pin!(fixed.put(1)))), 1);
    assert_eq!(refused(poll(pin!(unbounded.put(2)))), 2);
}

std::thread_local!(static BROKEN: Cell<bool> = const { Cell::new(false) });

/// Can't be compared with others while [`BROKEN`].
#[derive(Debug, PartialEq, Eq)]
struct Brittle(u32);

impl PartialOrd for Brittle {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Brittle {
    fn cmp(&self, other: &Self) -> Ordering {
        assert!(!BROKEN.get() || !self.0.is_multiple_of(4) && !other.0.is_multiple_of(4), "not comparable");
        self.0.cmp(&other.0)
    }
}

#[test]
fn a_comparison_that_panics_loses_no_item_and_no_turn() {
    let panics = |f: &mut dyn FnMut()| catch_unwind(AssertUnwindSafe(f)).is_err();
    for len in 2..if cfg!(miri) { 8 } else { 20 } {
        let queue: PriorityQueue<Brittle, Fixed<20>> = PriorityQueue::new();
        let mut second = pin!(queue.get());
        {
            let mut first = pin!(queue.get());
            assert!(poll(first.as_mut()).is_pending());
            assert!(poll(second.as_mut()).is_pending());
            for n in (0..len).rev() {
                queue.put_nowait(Brittle(n)).unwrap();
            }
            BROKEN.set(true);
            assert!(panics(&mut || drop(poll(first.as_mut()))));
            for _ in 2..len {
                // With only the promised ones left it is empty for others, and nothing is compared.
                panics(&mut || assert!(queue.get_nowait().is_err()));
            }
        }
        BROKEN.set(false);
        assert_eq!(queue.qsize(), len as usize);
        // The claim of the one that panicked is anybody's, the other one is kept.
        let mut got: Vec<_> = (1..len).map(|_| queue.get_nowait().unwrap().0).collect();
        assert_eq!(queue.get_nowait(), Err(TryGetError::QueueEmpty));
        let Poll::Ready(Ok(last)) = poll(second.as_mut()) else { panic!("no item for the second") };
        got.push(last.0);
        got.sort_unstable();
        assert!(got.into_iter().eq(0..len));
        assert!(queue.empty());
    }
}

#[test]
fn a_comparison_that_uses_the_queue_panics() {
    struct Meddling(u32, Option<Rc<PriorityQueue<Meddling, Unbounded>>>);
    impl PartialEq for Meddling {
        fn eq(&self, other: &Self) -> bool {
            self.0 == other.0
        }
    }
    impl Eq for Meddling {}
    impl PartialOrd for Meddling {
        fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
            Some(self.cmp(other))
        }
    }
    impl Ord for Meddling {
        fn cmp(&self, other: &Self) -> Ordering {
            if let Some(queue) = &self.1 {
                let _ = queue.get_nowait();
            }
            self.0.cmp(&other.0)
        }
    }
    let queue = Rc::new(PriorityQueue::<Meddling, Unbounded, Local>::new());
    queue.put_nowait(Meddling(1, None)).map_err(drop).unwrap();
    queue.put_nowait(Meddling(2, Some(queue.clone()))).map_err(drop).unwrap();
    assert!(catch_unwind(AssertUnwindSafe(|| queue.get_nowait().map(drop))).is_err());
    assert_eq!(queue.qsize(), 2);
    // A ring of references: what is in has to go for it to be freed.
    queue.shutdown(true);
    assert_eq!(Rc::strong_count(&queue), 1);
}

/// Puts and gets by tasks at random, some of which are cancelled: all that went in comes out, the lowest of the moment
/// first, and equals in their order.
#[test]
fn tasks_at_random_agree_with_a_sorted_list() {
    for seed in 0..if cfg!(miri) { 1 } else { 200 } {
        let event_loop = OwnedLoop::new(UNPARKER);
        event_loop.run(&VirtualTime::new(), &[], at_random(seed)).unwrap();
    }
}

async fn at_random(seed: u32) {
    let mut random = seed.wrapping_mul(2_654_435_769) | 1;
    let mut below = move |n: u32| {
        random ^= random << 13;
        random ^= random >> 17;
        random ^= random << 5;
        random % n
    };
    let queue: Rc<PriorityQueue<(u32, u32), Bounded>> =
        Rc::new(PriorityQueue::bounded(1 + below(6) as usize));
    let (mut put, mut got) = (Vec::new(), Vec::new());
    for round in 0..40 {
        let (putters, getters) = (below(4), below(4));
        let item = |n| (below_of(seed, round, n), round * 10 + n);
        let putting: Vec<_> = (0..putters)
            .map(|n| {
                let queue = queue.clone();
                let item = item(n);
                create_task(async move { queue.put(item).await.map(|()| item) })
            })
            .collect();
        let getting: Vec<_> = (0..getters)
            .map(|_| {
                let queue = queue.clone();
                create_task(async move { queue.get().await })
            })
            .collect();
        for task in &putting {
            if below(3) == 0 {
                task.cancel();
            }
        }
        if below(2) == 0 {
            sleep(everloop_core::Duration::ZERO).await;
        }
        for task in &getting {
            if below(3) == 0 {
                task.cancel();
            }
        }
        sleep(everloop_core::Duration::from_millis(1)).await;
        // Whoever still waits is not waited for.
        for task in putting {
            task.cancel();
            if let Ok(item) = task.await {
                put.push(item.unwrap());
            }
        }
        for task in getting {
            task.cancel();
            if let Ok(item) = task.await {
                got.push(item.unwrap());
            }
        }
        assert_eq!(queue.qsize(), put.len() - got.len());
    }
    // Nobody waits: what is left comes in its order.
    let mut rest = Vec::new();
    while let Ok(item) = queue.get_nowait() {
        rest.push(item);
    }
    assert!(rest.is_sorted());
    got.append(&mut rest);
    got.sort_unstable();
    put.sort_unstable();
    assert_eq!(got, put);
}

/// A priority, few enough for equals.
fn below_of(seed: u32, round: u32, n: u32) -> u32 {
    (seed ^ (round * 7 + n * 3)) % 5
}

#[test]
fn a_forgotten_waiter_keeps_the_item_or_the_place_that_it_is_promised() {
    let queue: Box<Queue<Rc<()>, Fixed<2>>> = Box::default();
    let item = Rc::new(());
    for _ in 0..2 {
        let mut forgotten = Box::pin(queue.get());
        assert!(poll(forgotten.as_mut()).is_pending());
        std::mem::forget(forgotten);
    }
    queue.put_nowait(item.clone()).unwrap();
    assert_eq!((queue.qsize(), queue.get_nowait()), (1, Err(TryGetError::QueueEmpty)));
    // A queue may move: what was forgotten does not look for it.
    let queue = *queue;
    queue.put_nowait(item.clone()).unwrap();
    assert_eq!(queue.get_nowait(), Err(TryGetError::QueueEmpty));
    let mut put = Box::pin(queue.put(item.clone()));
    assert!(poll(put.as_mut()).is_pending());
    std::mem::forget(put);
    assert_eq!(Rc::strong_count(&item), 4);
    queue.shutdown(true);
    assert_eq!(Rc::strong_count(&item), 2);
    assert_eq!(queue.put_nowait(item.clone()), Err(TryPutError::QueueShutDown(item)));
}
