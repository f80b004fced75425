//! Whoever comes first is served first, in whatever order tasks run: those tests of the list that say so take it that tasks
//! come in the order of their creation.

use std::cell::RefCell;
use std::pin::pin;
use std::rc::Rc;

use everloop_conformance::Test;
use everloop_core::{
    Barrier, Condition, Duration, Fixed, Lock, Queue, Semaphore, Task, create_task, sleep, yield_now,
};

const TICK: Duration = Duration::from_millis(1);
const TASKS: u32 = 8;

macro_rules! tests {
    ($($test:ident)*) => {
        pub const TESTS: &[Test] = &[$(Test {
            name: concat!("arrivals::", stringify!($test)),
            run: |drive| drive(pin!($test())),
        }),*];
    };
}

tests! {
    a_lock_goes_to_who_came_first
    a_lock_passes_over_who_was_cancelled
    a_permit_goes_to_who_came_first
    an_item_goes_to_who_came_first
    the_place_of_who_came_first_is_the_first_in_a_queue
    a_notification_goes_to_who_came_first
    the_number_at_a_barrier_tells_who_came_when
}

/// Who came, and who was served, in that order.
#[derive(Default)]
struct Desk<T> {
    what: T,
    came: RefCell<Vec<u32>>,
    served: RefCell<Vec<u32>>,
}

impl<T: 'static> Desk<T> {
    /// Tasks that come to it, each with its number, and are served when `serves` returns true. When this returns, all wait.
    async fn customers(
        what: T,
        serves: impl AsyncFn(&T, u32) -> bool + Copy + 'static,
    ) -> (Rc<Self>, Vec<Task<()>>) {
        let desk = Rc::new(Self { what, came: RefCell::default(), served: RefCell::default() });
        let tasks = (0..TASKS).map(|n| {
            let desk = Rc::clone(&desk);
            create_task(async move {
                desk.came.borrow_mut().push(n);
                if serves(&desk.what, n).await {
                    desk.served.borrow_mut().push(n);
                }
            })
        });
        let tasks = tasks.collect();
        sleep(TICK).await;
        assert_eq!(desk.came.borrow().len(), TASKS as usize);
        (desk, tasks)
    }
}

async fn ends(tasks: Vec<Task<()>>) {
    for task in tasks {
        task.await.unwrap();
    }
}

async fn a_lock_goes_to_who_came_first() {
    let lock: Lock = Lock::new(());
    let lock = Rc::new(lock);
    let guard = lock.acquire().await;
    let (desk, tasks) = Desk::customers(Rc::clone(&lock), async |lock, _| {
        let _guard = lock.acquire().await;
        yield_now().await;
        true
    })
    .await;
    drop(guard);
    ends(tasks).await;
    assert_eq!(desk.came, desk.served);
}

async fn a_lock_passes_over_who_was_cancelled() {
    let lock: Lock = Lock::new(());
    let lock = Rc::new(lock);
    let guard = lock.acquire().await;
    let (desk, mut tasks) = Desk::customers(Rc::clone(&lock), async |lock, _| {
        let _guard = lock.acquire().await;
        yield_now().await;
        true
    })
    .await;
    // The one that is to have it, and one in the middle.
    drop(guard);
    for place in [0, 3] {
        let number = desk.came.borrow()[place] as usize;
        tasks[number].cancel();
        assert!((&mut tasks[number]).await.is_err());
    }
    let mut expected = desk.came.take();
    expected.remove(3);
    expected.remove(0);
    for number in &expected {
        (&mut tasks[*number as usize]).await.unwrap();
    }
    assert_eq!(*desk.served.borrow(), expected);
}

async fn a_permit_goes_to_who_came_first() {
    let none: Semaphore = Semaphore::new(0);
    let (desk, tasks) = Desk::customers(none, async |permits, _| {
        permits.acquire().await.forget();
        true
    })
    .await;
    for _ in &tasks {
        desk.what.release().unwrap();
        sleep(TICK).await;
    }
    ends(tasks).await;
    assert_eq!(desk.came, desk.served);
}

async fn an_item_goes_to_who_came_first() {
    let queue: Queue<u32, Fixed<1>> = Queue::new();
    let (desk, tasks) = Desk::customers(queue, async |queue, _| queue.get().await.is_ok()).await;
    for n in 0..TASKS {
        desk.what.put_nowait(n).unwrap();
        sleep(TICK).await;
    }
    ends(tasks).await;
    assert_eq!(desk.came, desk.served);
}

async fn the_place_of_who_came_first_is_the_first_in_a_queue() {
    let queue: Queue<u32, Fixed<1>> = Queue::new();
    queue.put_nowait(100).unwrap();
    let (desk, tasks) = Desk::customers(queue, async |queue, n| queue.put(n).await.is_ok()).await;
    assert_eq!(desk.what.get().await, Ok(100));
    for place in 0..TASKS as usize {
        let next = desk.came.borrow()[place];
        assert_eq!(desk.what.get().await, Ok(next));
    }
    ends(tasks).await;
}

async fn a_notification_goes_to_who_came_first() {
    let what: (Lock, Condition) = (Lock::new(()), Condition::new());
    let (desk, tasks) = Desk::customers(what, async |(lock, changed), _| {
        let mut guard = lock.acquire().await;
        changed.wait(&mut guard).await;
        true
    })
    .await;
    // Of several at once, who runs first has the lock first.
    for _ in &tasks {
        desk.what.1.notify(1);
        sleep(TICK).await;
    }
    ends(tasks).await;
    assert_eq!(desk.came, desk.served);
}

async fn the_number_at_a_barrier_tells_who_came_when() {
    let barrier: Barrier = Barrier::new(TASKS as usize + 1);
    let numbers = Rc::new(RefCell::new(vec![0; TASKS as usize]));
    let told = Rc::clone(&numbers);
    let desk = Rc::new((barrier, RefCell::new(Vec::new())));
    let tasks: Vec<_> = (0..TASKS)
        .map(|n| {
            let (desk, told) = (Rc::clone(&desk), Rc::clone(&told));
            create_task(async move {
                desk.1.borrow_mut().push(n);
                told.borrow_mut()[n as usize] = desk.0.wait().await.unwrap();
            })
        })
        .collect();
    sleep(TICK).await;
    assert_eq!(desk.0.wait().await, Ok(TASKS as usize));
    ends(tasks).await;
    for (place, n) in desk.1.borrow().iter().enumerate() {
        assert_eq!(numbers.borrow()[*n as usize], place);
    }
}
