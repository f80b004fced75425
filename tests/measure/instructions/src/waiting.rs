//! Queues, locks and events.

use crate::count;
use everloop_core::{
    Bounded, Event, Fixed, Lock, Queue, QueueStorage, Semaphore, Unbounded, create_task, gather, yield_now,
};
use std::rc::Rc;

/// So many tasks hand a lock on.
const TASKS: u32 = 100;

pub fn run() {
    count("queue of a fixed size, put and get", async |times| {
        put_and_get(&Queue::<u32, Fixed<64>>::new(), times).await;
    });
    count("bounded queue, put and get", async |times| {
        put_and_get(&Queue::<u32, Bounded>::bounded(64), times).await;
    });
    count("unbounded queue, put and get", async |times| {
        put_and_get(&Queue::<u32, Unbounded>::new(), times).await;
    });
    count("bounded queue from task to task", async |times| {
        stream(Rc::new(Queue::<u32, Bounded>::bounded(64)), times).await;
    });
    count("unbounded queue from task to task", async |times| {
        stream(Rc::new(Queue::<u32, Unbounded>::new()), times).await;
    });
    count("bounded queues, there and back", async |times| {
        let queue = || Rc::new(Queue::<u32, Bounded>::bounded(64));
        there_and_back(queue(), queue(), times).await;
    });
    count("unbounded queues, there and back", async |times| {
        let queue = || Rc::new(Queue::<u32, Unbounded>::new());
        there_and_back(queue(), queue(), times).await;
    });
    count("lock that is free", async |times| {
        let lock: Lock<u32> = Lock::new(0);
        for _ in 0..times {
            *lock.acquire().await += 1;
        }
    });
    count("lock handed on among 100", hand_on);
    count("semaphore that is free", async |times| {
        let semaphore: Semaphore = Semaphore::new(1);
        for _ in 0..times {
            drop(semaphore.acquire().await);
        }
    });
    count("event that many wait for", async |times| {
        let event: Rc<Event> = Rc::default();
        let waiters = (0..times).map(|_| {
            let event = event.clone();
            create_task(async move { event.wait().await })
        });
        let waiters: Vec<_> = waiters.collect();
        yield_now().await;
        event.set();
        for waiter in waiters {
            waiter.await.unwrap();
        }
    });
    count("gather of two", async |times| {
        for _ in 0..times {
            assert!(matches!(gather((yield_now(), yield_now())).await, (Ok(()), Ok(()))));
        }
    });
}

async fn put_and_get<S: QueueStorage>(queue: &Queue<u32, S>, times: u32) {
    for n in 0..times {
        assert!(queue.put(n).await.is_ok());
        assert_eq!(queue.get().await, Ok(n));
    }
}

/// One task puts, another gets.
async fn stream<S: QueueStorage>(queue: Rc<Queue<u32, S>>, times: u32) {
    let from = queue.clone();
    let getter = create_task(async move {
        for n in 0..times {
            assert_eq!(from.get().await, Ok(n));
        }
    });
    let putter = create_task(async move {
        for n in 0..times {
            assert!(queue.put(n).await.is_ok());
        }
    });
    putter.await.unwrap();
    getter.await.unwrap();
}

/// What one task puts another sends back.
async fn there_and_back<S: QueueStorage>(there: Rc<Queue<u32, S>>, back: Rc<Queue<u32, S>>, times: u32) {
    let echo = create_task({
        let (there, back) = (there.clone(), back.clone());
        async move {
            for _ in 0..times {
                let item = there.get().await.unwrap();
                assert!(back.put(item).await.is_ok());
            }
        }
    });
    for n in 0..times {
        assert!(there.put(n).await.is_ok());
        assert_eq!(back.get().await, Ok(n));
    }
    echo.await.unwrap();
}

/// Tasks take a lock and hold it for a turn, first come first served.
async fn hand_on(times: u32) {
    let lock: Rc<Lock<u32>> = Rc::default();
    let tasks = (0..TASKS).map(|_| {
        let lock = lock.clone();
        create_task(async move {
            for _ in 0..times / TASKS {
                let mut guard = lock.acquire().await;
                *guard += 1;
                yield_now().await;
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    assert_eq!(*lock.acquire().await, times / TASKS * TASKS);
}
