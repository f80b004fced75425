//! Another thread with a loop of its own: included by each runtime that runs on one thread.

use super::run;
use std::future::Future;
use std::thread::JoinHandle;

/// Runs there what is made there.
pub fn thread<T: Send + 'static, F: Future<Output = T>>(
    make: impl FnOnce() -> F + Send + 'static,
) -> JoinHandle<T> {
    std::thread::spawn(move || run(make()))
}
