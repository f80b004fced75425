//! `Queue` between threads, with getters and putters that leave, under every interleaving that loom finds.
#![cfg(all(loom, feature = "std", feature = "alloc"))]

use crate::model::{Drops, Sent, Witness, block_on, join_all, poll_once, waits};
use everloop_core::{Fixed, Queue, QueueShutDown, Shared, TryGetError};
use loom::sync::Arc;
use loom::thread::{self, JoinHandle};

type Items<const N: usize> = Arc<Queue<u32, Fixed<N>, Shared>>;

fn items<const N: usize>() -> Items<N> {
    Arc::new(Queue::new())
}

fn get<const N: usize>(queue: &Items<N>) -> Sent<Result<u32, QueueShutDown>> {
    let queue = queue.clone();
    Box::pin(async move { queue.get().await })
}

fn put<const N: usize>(queue: &Items<N>, item: u32) -> Sent<Result<(), QueueShutDown<u32>>> {
    let queue = queue.clone();
    Box::pin(async move { queue.put(item).await })
}

fn with<const N: usize, T: 'static>(
    queue: &Items<N>,
    act: impl FnOnce(Items<N>) -> T + 'static,
) -> JoinHandle<T> {
    let queue = queue.clone();
    thread::spawn(move || act(queue))
}

#[test]
fn what_two_threads_put_outlives_a_getter_that_leaves() {
    loom::model(|| {
        let queue = items::<2>();
        let mut leaves = get(&queue);
        waits(&mut leaves);
        let putters = [1, 2].map(|item| with(&queue, move |queue| queue.put_nowait(item).unwrap()));
        drop(leaves);
        let got = [block_on(queue.get()).unwrap(), block_on(queue.get()).unwrap()];
        assert!(got == [1, 2] || got == [2, 1]);
        join_all(putters);
        assert!(queue.empty());
    });
}

#[test]
fn a_getter_that_leaves_hands_its_item_to_the_next() {
    loom::model(|| {
        let queue = items::<1>();
        let (mut leaves, mut stays) = (get(&queue), get(&queue));
        waits(&mut leaves);
        waits(&mut stays);
        let leaver = thread::spawn(move || drop(leaves));
        let putter = with(&queue, |queue| queue.put_nowait(1).unwrap());
        assert_eq!(block_on(stays), Ok(1));
        leaver.join().unwrap();
        putter.join().unwrap();
    });
}

#[test]
fn a_putter_that_leaves_hands_its_place_to_the_next() {
    loom::model(|| {
        let queue = items::<1>();
        queue.put_nowait(0).unwrap();
        let (mut leaves, mut stays) = (put(&queue, 1), put(&queue, 2));
        waits(&mut leaves);
        waits(&mut stays);
        let leaver = thread::spawn(move || drop(leaves));
        let getter = with(&queue, |queue| assert_eq!(queue.get_nowait(), Ok(0)));
        assert_eq!(block_on(stays), Ok(()));
        leaver.join().unwrap();
        getter.join().unwrap();
        assert_eq!(queue.get_nowait(), Ok(2));
        assert_eq!(queue.get_nowait(), Err(TryGetError::QueueEmpty));
    });
}

#[test]
fn two_putters_and_two_getters_pass_all_through_one_place() {
    loom::model(|| {
        let queue = items::<1>();
        let putters = [1, 2].map(|item| with(&queue, move |queue| block_on(queue.put(item)).unwrap()));
        let got = [block_on(queue.get()).unwrap(), block_on(queue.get()).unwrap()];
        assert!(got == [1, 2] || got == [2, 1]);
        join_all(putters);
        assert!(queue.empty());
    });
}

#[test]
fn a_newcomer_takes_no_item_from_who_waits() {
    loom::model(|| {
        let queue = items::<1>();
        let mut waiter = get(&queue);
        waits(&mut waiter);
        let putter = with(&queue, |queue| queue.put_nowait(1).unwrap());
        let newcomer = with(&queue, |queue| queue.get_nowait());
        assert_eq!(newcomer.join().unwrap(), Err(TryGetError::QueueEmpty));
        assert_eq!(block_on(waiter), Ok(1));
        putter.join().unwrap();
    });
}

#[test]
fn what_was_put_before_a_shutdown_is_got_and_nothing_else() {
    loom::model(|| {
        let queue = items::<1>();
        let closer = with(&queue, |queue| queue.shutdown(false));
        let putter = with(&queue, |queue| {
            let mut put = 0;
            while put < 2 {
                match block_on(queue.put(put)) {
                    Ok(()) => put += 1,
                    Err(QueueShutDown(item)) => {
                        assert_eq!(item, put);
                        break;
                    }
                }
            }
            put
        });
        let mut got = 0;
        while let Ok(item) = block_on(queue.get()) {
            assert_eq!(item, got);
            got += 1;
        }
        closer.join().unwrap();
        assert_eq!(putter.join().unwrap(), got);
    });
}

#[test]
fn a_shutdown_leaves_an_item_to_who_was_promised_it_or_the_next() {
    loom::model(|| {
        let queue = items::<1>();
        let (mut leaves, mut stays) = (get(&queue), get(&queue));
        waits(&mut leaves);
        waits(&mut stays);
        queue.put_nowait(1).unwrap();
        // The item is promised to the first, who leaves; the second is refused or promised it.
        let leaver = thread::spawn(move || drop(leaves));
        let closer = with(&queue, |queue| queue.shutdown(false));
        let got = block_on(stays);
        leaver.join().unwrap();
        closer.join().unwrap();
        // One who was refused before the first left must not have lost the item for those who ask later.
        match got {
            Ok(item) => assert_eq!(item, 1),
            Err(_) => assert_eq!(queue.get_nowait(), Ok(1)),
        }
        assert_eq!(queue.get_nowait(), Err(TryGetError::QueueShutDown));
    });
}

#[test]
fn an_immediate_shutdown_drops_what_is_not_got_once() {
    loom::model(|| {
        let queue: Arc<Queue<Witness, Fixed<2>, Shared>> = Arc::new(Queue::new());
        let drops = Drops::new();
        queue.put_nowait(drops.witness()).ok().unwrap();
        let putter = {
            let (queue, witness) = (queue.clone(), drops.witness());
            thread::spawn(move || drop(queue.put_nowait(witness)))
        };
        let closer = {
            let queue = queue.clone();
            thread::spawn(move || queue.shutdown(true))
        };
        while let Ok(item) = block_on(queue.get()) {
            drop(item);
            queue.task_done().unwrap();
        }
        putter.join().unwrap();
        closer.join().unwrap();
        block_on(queue.join());
        assert!(queue.empty());
        assert_eq!(drops.count(), 2);
    });
}

#[test]
fn a_shutdown_fails_a_putter_that_waits_or_the_item_is_in() {
    loom::model(|| {
        let queue = items::<1>();
        queue.put_nowait(0).unwrap();
        let mut putter = put(&queue, 1);
        waits(&mut putter);
        let closer = with(&queue, |queue| queue.shutdown(false));
        let getter = with(&queue, |queue| assert_eq!(queue.get_nowait(), Ok(0)));
        let put = block_on(putter);
        closer.join().unwrap();
        getter.join().unwrap();
        match put {
            Ok(()) => assert_eq!(queue.get_nowait(), Ok(1)),
            Err(QueueShutDown(item)) => assert_eq!(item, 1),
        }
        assert_eq!(queue.get_nowait(), Err(TryGetError::QueueShutDown));
    });
}

#[test]
fn the_last_task_done_of_two_ends_every_join() {
    loom::model(|| {
        let queue = items::<2>();
        for item in 0..2 {
            queue.put_nowait(item).unwrap();
            queue.get_nowait().unwrap();
        }
        let joins = || -> Sent<()> {
            let queue = queue.clone();
            Box::pin(async move { queue.join().await })
        };
        let (mut leaves, mut stays) = (joins(), joins());
        waits(&mut leaves);
        waits(&mut stays);
        let workers = [(); 2].map(|()| with(&queue, |queue| queue.task_done().unwrap()));
        drop(leaves);
        block_on(stays);
        join_all(workers);
        assert!(queue.task_done().is_err());
        assert!(poll_once(&mut joins()).is_some());
    });
}

#[test]
fn a_join_that_begins_after_a_put_waits_for_its_item() {
    loom::model(|| {
        let queue = items::<2>();
        queue.put_nowait(0).unwrap();
        queue.get_nowait().unwrap();
        let worker = with(&queue, |queue| queue.task_done().unwrap());
        queue.put_nowait(1).unwrap();
        let joins = queue.clone();
        let mut joins: Sent<()> = Box::pin(async move { joins.join().await });
        // The end of all that was put before is not that of this one.
        waits(&mut joins);
        worker.join().unwrap();
        waits(&mut joins);
        queue.task_done().unwrap();
        block_on(joins);
    });
}
