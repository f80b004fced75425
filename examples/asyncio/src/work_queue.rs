//! A queue that distributes the work among several tasks.
//!
//! `cargo run -p asyncio-examples --bin work_queue`

use std::rc::Rc;

use everloop::{Duration, Instant, Queue, Unbounded, create_task, gather, sleep};

/// The documentation draws these at random; here they are the same in every run.
const TIMES: [f64; 20] = [
    0.16, 0.64, 0.52, 0.57, 0.39, 0.41, 0.09, 0.37, 0.69, 0.46, //
    0.09, 0.09, 0.53, 0.19, 0.20, 0.70, 0.29, 0.09, 0.31, 0.11,
];

async fn worker(name: String, queue: Rc<Queue<f64, Unbounded>>) {
    // Get a "work item" out of the queue.
    while let Ok(sleep_for) = queue.get().await {
        // Sleep for the "sleep_for" seconds.
        sleep(seconds(sleep_for)).await;

        // Notify the queue that the "work item" has been processed.
        queue.task_done().expect("each item is done once");

        println!("{name} has slept for {sleep_for:.2} seconds");
    }
}

fn seconds(seconds: f64) -> Duration {
    Duration::from_millis((seconds * 1000.0) as u64)
}

/// `main` of the Python.
pub async fn main() {
    // Create a queue that we will use to store our "workload".
    let queue = Rc::new(Queue::new());

    // Put the timings into the queue.
    let mut total_sleep_time = 0.0;
    for sleep_for in TIMES {
        total_sleep_time += sleep_for;
        queue.put_nowait(sleep_for).expect("it has no limit");
    }

    // Create three worker tasks to process the queue concurrently.
    let mut tasks: Vec<_> =
        (0..3).map(|i| create_task(worker(format!("worker-{i}"), queue.clone()))).collect();

    // Wait until the queue is fully processed.
    let started_at = Instant::now();
    queue.join().await;
    let total_slept_for = started_at.elapsed();

    // Cancel our worker tasks.
    for task in &mut tasks {
        task.cancel();
    }
    // Wait until all worker tasks are cancelled.
    gather(tasks).await;

    println!("====");
    // In whole seconds, since no two runs take the same time.
    println!("3 workers slept in parallel for {} seconds", total_slept_for.as_secs());
    println!("total expected sleep time: {total_sleep_time:.2} seconds");
}
