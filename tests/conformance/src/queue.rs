use core::future::poll_fn;
use core::pin::{Pin, pin};
use core::task::Poll;

use everloop_core::{
    Duration, Fixed, Queue, QueueShutDown, Shared, TaskDoneError, TryGetError, TryPutError, create_task,
    sleep, wait_for, yield_now,
};

use crate::trace::{OnDrop, Trace};

const TICK: Duration = Duration::from_millis(1);

/// Polls a future once, which must be pending.
pub async fn start<F: Future>(mut future: Pin<&mut F>) {
    poll_fn(|cx| {
        assert!(future.as_mut().poll(cx).is_pending());
        Poll::Ready(())
    })
    .await;
}

pub async fn first_in_first_out() {
    let queue: Queue<u32, Fixed<4>> = Queue::new();
    assert!(queue.empty() && !queue.full());
    assert_eq!(queue.maxsize(), Some(4));
    for n in 0..4 {
        queue.put(n).await.unwrap();
    }
    assert!(queue.full());
    assert_eq!(queue.qsize(), 4);
    for n in 0..4 {
        assert_eq!(queue.get().await, Ok(n));
    }
    assert_eq!(queue.get_nowait(), Err(TryGetError::QueueEmpty));
}

pub async fn a_full_queue_makes_putters_wait() {
    static QUEUE: Queue<u32, Fixed<2>, Shared> = Queue::new();
    let producer = create_task(async {
        for n in 0..20 {
            QUEUE.put(n).await.unwrap();
            assert!(QUEUE.qsize() <= 2);
        }
    });
    for n in 0..20 {
        assert_eq!(QUEUE.get().await, Ok(n));
    }
    producer.await.unwrap();
}

pub async fn put_nowait_gives_the_item_back() {
    let queue: Queue<u32, Fixed<1>> = Queue::new();
    queue.put_nowait(1).unwrap();
    assert_eq!(queue.put_nowait(2), Err(TryPutError::QueueFull(2)));
    queue.shutdown(false);
    assert_eq!(queue.put_nowait(3), Err(TryPutError::QueueShutDown(3)));
    assert_eq!(queue.put(4).await, Err(QueueShutDown(4)));
}

pub async fn getters_are_served_in_order() {
    static LOG: Trace = Trace::new();
    static QUEUE: Queue<u32, Fixed<8>, Shared> = Queue::new();
    LOG.clear();
    for n in 0..4 {
        create_task(async move {
            let item = QUEUE.get().await.unwrap();
            LOG.push(n * 10 + item);
        });
    }
    sleep(TICK).await;
    for n in 0..4 {
        QUEUE.put_nowait(n).unwrap();
    }
    sleep(TICK).await;
    LOG.expect(&[0, 11, 22, 33]);
}

pub async fn putters_are_served_in_order() {
    static QUEUE: Queue<u32, Fixed<1>, Shared> = Queue::new();
    QUEUE.put_nowait(0).unwrap();
    for n in 1..5 {
        create_task(async move { QUEUE.put(n).await.unwrap() });
    }
    sleep(TICK).await;
    for n in 0..5 {
        assert_eq!(QUEUE.get().await, Ok(n));
    }
}

pub async fn a_cancelled_getter_passes_its_turn_on() {
    static QUEUE: Queue<u32, Fixed<4>, Shared> = Queue::new();
    let first = create_task(QUEUE.get());
    let second = create_task(QUEUE.get());
    sleep(TICK).await;
    // The first is promised the item, and cancelled before it runs.
    QUEUE.put_nowait(7).unwrap();
    assert_eq!(QUEUE.get_nowait(), Err(TryGetError::QueueEmpty));
    first.cancel();
    assert_eq!(second.await, Ok(Ok(7)));
    assert!(first.cancelled());
    assert!(QUEUE.empty());
}

pub async fn a_dropped_getter_that_was_woken_passes_the_claim_on() {
    let queue: Queue<u32, Fixed<4>> = Queue::new();
    let mut second = pin!(queue.get());
    {
        let mut first = pin!(queue.get());
        start(first.as_mut()).await;
        start(second.as_mut()).await;
        queue.put_nowait(1).unwrap();
        queue.put_nowait(2).unwrap();
        queue.put_nowait(3).unwrap();
        // Two are promised, one is free.
        assert_eq!(queue.get_nowait(), Ok(1));
        assert_eq!(queue.get_nowait(), Err(TryGetError::QueueEmpty));
    }
    assert_eq!(queue.get_nowait(), Ok(2));
    assert_eq!(second.await, Ok(3));
}

pub async fn a_dropped_putter_passes_its_place_on() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let queue: Queue<OnDrop, Fixed<1>> = Queue::new();
    queue.put_nowait(OnDrop(&LOG, 0)).unwrap();
    let mut second = pin!(queue.put(OnDrop(&LOG, 2)));
    {
        let mut first = pin!(queue.put(OnDrop(&LOG, 1)));
        start(first.as_mut()).await;
        start(second.as_mut()).await;
        drop(queue.get_nowait().unwrap());
        // The first has the place; who comes now finds none.
        assert!(matches!(queue.put_nowait(OnDrop(&LOG, 3)), Err(TryPutError::QueueFull(_))));
    }
    LOG.expect(&[0, 3, 1]);
    second.await.unwrap();
    assert_eq!(queue.get_nowait().unwrap().1, 2);
}

pub async fn latecomers_do_not_pass_waiters() {
    static QUEUE: Queue<u32, Fixed<2>, Shared> = Queue::new();
    let waiting = create_task(QUEUE.get());
    yield_now().await;
    QUEUE.put_nowait(1).unwrap();
    // The item is in, and promised.
    assert_eq!(QUEUE.qsize(), 1);
    assert!(wait_for(QUEUE.get(), TICK).await.is_err());
    assert_eq!(waiting.await, Ok(Ok(1)));
}

pub async fn join_waits_for_task_done() {
    static LOG: Trace = Trace::new();
    static QUEUE: Queue<u32, Fixed<4>, Shared> = Queue::new();
    LOG.clear();
    // Nothing to wait for.
    QUEUE.join().await;
    for n in 0..3 {
        QUEUE.put(n).await.unwrap();
    }
    let joiner = create_task(async {
        QUEUE.join().await;
        LOG.push(9);
    });
    for n in 0..3 {
        assert_eq!(QUEUE.get().await, Ok(n));
        sleep(TICK).await;
        LOG.push(n);
        QUEUE.task_done().unwrap();
    }
    joiner.await.unwrap();
    LOG.expect(&[0, 1, 2, 9]);
}

pub async fn task_done_once_too_often_is_an_error() {
    let queue: Queue<u32, Fixed<4>> = Queue::new();
    assert_eq!(queue.task_done(), Err(TaskDoneError));
    queue.put_nowait(1).unwrap();
    assert_eq!(queue.task_done(), Ok(()));
    assert_eq!(queue.task_done(), Err(TaskDoneError));
}

pub async fn shutdown_lets_what_is_queued_be_read() {
    let queue: Queue<u32, Fixed<4>> = Queue::new();
    queue.put_nowait(1).unwrap();
    queue.put_nowait(2).unwrap();
    queue.shutdown(false);
    queue.shutdown(false);
    assert_eq!(queue.get().await, Ok(1));
    assert_eq!(queue.get_nowait(), Ok(2));
    assert_eq!(queue.get().await, Err(QueueShutDown(())));
    assert_eq!(queue.get_nowait(), Err(TryGetError::QueueShutDown));
}

pub async fn immediate_shutdown_drops_and_wakes() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let queue: Queue<OnDrop, Fixed<4>> = Queue::new();
    queue.put_nowait(OnDrop(&LOG, 1)).unwrap();
    queue.put_nowait(OnDrop(&LOG, 2)).unwrap();
    queue.put_nowait(OnDrop(&LOG, 3)).unwrap();
    let taken = queue.get_nowait().unwrap();
    let mut join = pin!(queue.join());
    start(join.as_mut()).await;
    queue.shutdown(true);
    LOG.expect(&[2, 3]);
    assert!(queue.get().await.is_err());
    // One was taken before, and is still to be dealt with.
    start(join.as_mut()).await;
    drop(taken);
    queue.task_done().unwrap();
    join.await;
}

pub async fn shutdown_fails_blocked_putters() {
    let queue: Queue<u32, Fixed<1>> = Queue::new();
    queue.put_nowait(1).unwrap();
    let mut blocked = pin!(queue.put(2));
    start(blocked.as_mut()).await;
    queue.shutdown(false);
    assert_eq!(blocked.await, Err(QueueShutDown(2)));
    assert_eq!(queue.get().await, Ok(1));
    assert_eq!(queue.get().await, Err(QueueShutDown(())));
}

pub async fn shutdown_fails_blocked_getters() {
    let queue: Queue<u32, Fixed<1>> = Queue::new();
    let mut first = pin!(queue.get());
    let mut second = pin!(queue.get());
    start(first.as_mut()).await;
    start(second.as_mut()).await;
    queue.put_nowait(1).unwrap();
    queue.shutdown(false);
    // The one that was promised the item gets it, whatever the order in which they run.
    assert_eq!(second.await, Err(QueueShutDown(())));
    assert_eq!(first.await, Ok(1));
}

pub async fn debug_shows_who_waits() {
    use core::fmt::Write;
    fn show(queue: &Queue<u32, Fixed<1>>) -> heapless::String<128> {
        let mut text = heapless::String::new();
        write!(text, "{queue:?}").unwrap();
        text
    }
    let queue: Queue<u32, Fixed<1>> = Queue::new();
    {
        let mut get = pin!(queue.get());
        start(get.as_mut()).await;
        let waiting =
            "Queue { qsize: 0, maxsize: Some(1), getters: 1, putters: 0, unfinished: 0, shut_down: false }";
        assert_eq!(show(&queue), waiting);
    }
    queue.put_nowait(1).unwrap();
    {
        let mut put = pin!(queue.put(2));
        start(put.as_mut()).await;
        let waiting =
            "Queue { qsize: 1, maxsize: Some(1), getters: 0, putters: 1, unfinished: 1, shut_down: false }";
        assert_eq!(show(&queue), waiting);
    }
    // Those that were dropped are forgotten.
    queue.shutdown(true);
    let ended =
        "Queue { qsize: 0, maxsize: Some(1), getters: 0, putters: 0, unfinished: 0, shut_down: true }";
    assert_eq!(show(&queue), ended);
}

pub async fn shared_in_a_static() {
    static QUEUE: Queue<u32, Fixed<3>, Shared> = Queue::new();
    let consumer = create_task(async {
        let mut sum = 0;
        for _ in 0..30 {
            sum += QUEUE.get().await.unwrap();
        }
        sum
    });
    for n in 0..30 {
        QUEUE.put(n).await.unwrap();
    }
    assert_eq!(consumer.await, Ok((0..30).sum()));
}

pub async fn nothing_is_lost_under_timeouts() {
    static QUEUE: Queue<u32, Fixed<2>, Shared> = Queue::new();
    let mut consumers = heapless::Vec::<_, 4>::new();
    for k in 0..3_u32 {
        let task = create_task(async move {
            let mut sum = 0;
            loop {
                match wait_for(QUEUE.get(), TICK * (k + 1)).await {
                    Ok(Ok(0)) => return sum,
                    Ok(Ok(item)) => sum += item,
                    Ok(Err(_)) => unreachable!(),
                    Err(_timeout) => {}
                }
            }
        });
        assert!(consumers.push(task).is_ok());
    }
    for n in 1..=50_u32 {
        sleep(TICK * (n % 4)).await;
        // A putter that gives up tries again: each item goes in exactly once.
        while wait_for(QUEUE.put(n), TICK).await.is_err() {}
    }
    for _ in 0..3 {
        QUEUE.put(0).await.unwrap();
    }
    let mut total = 0;
    for consumer in consumers {
        total += consumer.await.unwrap();
    }
    assert_eq!(total, (1..=50).sum());
}
