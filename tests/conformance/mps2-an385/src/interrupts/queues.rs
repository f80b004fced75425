//! What goes from one loop to another arrives, in order.

use board::ensure;
use board::selftest::{Outcome, Report};
use everloop_board_mps2_an385 as board;
use everloop_embedded::{Fixed, Queue, Shared, run_coroutine_threadsafe};

use crate::loops::{TO_HIGH, TO_LOW, in_thread};

const ITEMS: u32 = 100_000;

type Numbers = Queue<u32, Fixed<16>, Shared>;

pub fn run(report: &mut Report) {
    report.test("queues::nothing_is_lost_from_thread_mode_to_a_handler", || in_thread(down));
    report.test("queues::nothing_is_lost_from_a_handler_to_thread_mode", || in_thread(up));
    report.test("queues::nothing_is_lost_from_handler_to_handler", || in_thread(across));
}

async fn feed(queue: &Numbers) {
    for n in 0..ITEMS {
        if queue.put(n).await.is_err() {
            return;
        }
    }
}

/// How many came, up to the first that was out of its order.
async fn check(queue: &Numbers) -> u32 {
    for n in 0..ITEMS {
        if queue.get().await != Ok(n) {
            return n;
        }
    }
    ITEMS
}

async fn down() -> Outcome {
    static QUEUE: Numbers = Queue::new();
    let task = run_coroutine_threadsafe(async || check(&QUEUE).await, &TO_LOW);
    feed(&QUEUE).await;
    arrived(task).await
}

async fn up() -> Outcome {
    static QUEUE: Numbers = Queue::new();
    drop(run_coroutine_threadsafe(async || feed(&QUEUE).await, &TO_LOW));
    let came = check(&QUEUE).await;
    ensure!(came == ITEMS, "{came} items in order");
    Ok(())
}

async fn across() -> Outcome {
    static QUEUE: Numbers = Queue::new();
    static BACK: Numbers = Queue::new();
    drop(run_coroutine_threadsafe(async || feed(&QUEUE).await, &TO_HIGH));
    let task = run_coroutine_threadsafe(async || check(&QUEUE).await, &TO_LOW);
    arrived(task).await?;
    drop(run_coroutine_threadsafe(async || feed(&BACK).await, &TO_LOW));
    arrived(run_coroutine_threadsafe(async || check(&BACK).await, &TO_HIGH)).await
}

async fn arrived<F>(
    task: Result<everloop_embedded::RemoteTask<u32>, everloop_embedded::SubmitError<F>>,
) -> Outcome {
    ensure!(task.is_ok(), "the loop takes no task");
    if let Ok(task) = task {
        let came = task.await;
        ensure!(came == Ok(ITEMS), "{came:?} items in order");
    }
    Ok(())
}
