//! Work in two lanes: most suites keep one core busy, and a machine has two or more.

#[cfg(test)]
mod tests;

use crate::console;
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::channel;
use std::sync::{Mutex, PoisonError};
use std::thread;

/// Whether there is a core for the second lane.
pub fn two() -> bool {
    thread::available_parallelism().is_ok_and(|cores| cores > NonZero::<usize>::MIN)
}

/// Runs every job, each begun in the order given, and gives the results in that order.
///
/// The lane of the caller prints as it goes. What the other prints follows when the caller's lane is between two jobs.
pub fn run<J: Sync, T: Send>(jobs: &[J], two: bool, work: impl Fn(&J) -> T + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let take = || {
        let at = next.fetch_add(1, Relaxed);
        jobs.get(at).map(|job| (at, job))
    };
    let done = Mutex::new(Vec::with_capacity(jobs.len()));
    let put = |at, result| done.lock().unwrap_or_else(PoisonError::into_inner).push((at, result));
    let (sender, printed) = channel::<String>();
    thread::scope(|scope| {
        let other = || {
            // It is dropped with this lane, which ends the wait for it below.
            let sender = sender;
            while let Some((at, job)) = take() {
                let (result, text) = console::held(|| work(job));
                put(at, result);
                let _ = sender.send(text);
            }
        };
        // A job alone is the caller's, which prints at once.
        if two && jobs.len() > 1 {
            scope.spawn(other);
        } else {
            drop(other);
        }
        while let Some((at, job)) = take() {
            put(at, work(job));
            printed.try_iter().for_each(print);
        }
        printed.iter().for_each(print);
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

fn print(text: String) {
    console::line(text.trim_end_matches('\n'));
}
