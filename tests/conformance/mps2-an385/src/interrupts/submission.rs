//! Tasks from one loop to another, and which loop a task is in.

use core::cell::Cell;

use board::ensure;
use board::selftest::{Outcome, Report};
use everloop_board_mps2_an385 as board;
use everloop_embedded::{
    Duration, all_tasks, create_task, current_task, run_coroutine_threadsafe, sleep, try_create_task,
};

use crate::loops::{TO_HIGH, TO_LOW, TO_THREAD, in_thread};

pub fn run(report: &mut Report) {
    report.test("submission::a_task_of_another_loop_gives_its_value", || in_thread(value));
    report.test("submission::a_handler_submits_to_thread_mode", || in_thread(back));
    report.test("submission::a_task_of_another_loop_is_cancelled", || in_thread(cancel));
    report.test("submission::all_tasks_and_create_task_mean_the_own_loop", || in_thread(own));
}

/// Has it run in each of the two loops.
async fn both_give_42<F, Fut>(submitted: F) -> Outcome
where
    F: FnOnce() -> Fut + Copy + Send + 'static,
    Fut: Future<Output = i32> + 'static,
{
    let low = run_coroutine_threadsafe(submitted, &TO_LOW);
    let high = run_coroutine_threadsafe(submitted, &TO_HIGH);
    let (Ok(low), Ok(high)) = (low, high) else {
        ensure!(false, "a loop takes no task");
        return Ok(());
    };
    let (low, high) = (low.await, high.await);
    ensure!((low, high) == (Ok(42), Ok(42)), "{low:?} and {high:?}");
    Ok(())
}

async fn value() -> Outcome {
    let later = async || {
        sleep(Duration::from_millis(1)).await;
        42
    };
    both_give_42(later).await
}

async fn back() -> Outcome {
    let asks = async || {
        let task = run_coroutine_threadsafe(
            async || {
                // In thread mode a task may well not be `Send`.
                let cell = Cell::new(6);
                sleep(Duration::from_millis(1)).await;
                cell.get() * 7
            },
            &TO_THREAD,
        );
        match task {
            Ok(task) => task.await.unwrap_or(0),
            Err(_) => 0,
        }
    };
    both_give_42(asks).await
}

async fn cancel() -> Outcome {
    let Ok(mut task) = run_coroutine_threadsafe(async || sleep(Duration::from_secs(1000)).await, &TO_LOW)
    else {
        ensure!(false, "the loop takes no task");
        return Ok(());
    };
    task.cancel();
    // The other loop has run on top of this one.
    ensure!(task.done(), "it goes on");
    let outcome = (&mut task).await;
    ensure!(outcome.is_err(), "{outcome:?}");
    Ok(())
}

async fn own() -> Outcome {
    // A name that only this loop's tasks have.
    let here = create_task(sleep(Duration::from_millis(2))).named("of the thread");
    let counts = run_coroutine_threadsafe(
        async || {
            let foreign = all_tasks().filter(|task| task.name() == Some("of the thread")).count();
            let me = current_task().map(|task| task.id());
            let Ok(child) = try_create_task(async move { current_task().map(|task| task.id()) != me }) else {
                return None;
            };
            let there = all_tasks().count();
            Some((foreign, there, child.await == Ok(true)))
        },
        &TO_HIGH,
    );
    let Ok(counts) = counts else {
        ensure!(false, "the loop takes no task");
        return Ok(());
    };
    let counts = counts.await;
    ensure!(counts == Ok(Some((0, 2, true))), "{counts:?}");
    let mine = all_tasks().filter(|task| task.name() == Some("of the thread")).count();
    ensure!(mine == 1, "{mine} tasks of that name here");
    let _ = here.await;
    Ok(())
}
