//! Timers.

use crate::count;
use everloop_core::{Duration, Task, create_task, sleep, wait_for, yield_now};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

const HOUR: Duration = Duration::from_secs(3600);

pub fn run() {
    count("timer set and dropped", set_and_drop);
    count("timer set and dropped over 1,000 others", async |times| {
        let others = sleepers();
        yield_now().await;
        set_and_drop(times).await;
        drop_all(others).await;
    });
    count("sleep alone", async |times| {
        for _ in 0..times {
            sleep(Duration::from_millis(1)).await;
        }
    });
    count("1,000 sleeps", async |times| {
        for _ in 0..times / 1000 {
            for sleeper in sleepers() {
                sleeper.await.unwrap();
            }
        }
    });
    count("wait_for that is not up", async |times| {
        for _ in 0..times {
            wait_for(yield_now(), HOUR).await.unwrap();
        }
    });
}

async fn set_and_drop(times: u32) {
    for _ in 0..times {
        let mut sleep = pin!(sleep(HOUR));
        poll_fn(|cx| {
            assert!(sleep.as_mut().poll(cx).is_pending());
            Poll::Ready(())
        })
        .await;
    }
}

/// Tasks that sleep until different times, in no order.
fn sleepers() -> Vec<Task<()>> {
    let times = (0..1000).map(|n| Duration::from_secs(1 + n * 617 % 1000));
    times.map(|time| create_task(sleep(time))).collect()
}

async fn drop_all(tasks: Vec<Task<()>>) {
    for task in tasks {
        task.cancel();
        let _ = task.await;
    }
}
