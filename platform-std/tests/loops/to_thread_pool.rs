//! The threads under `to_thread`, in a pool of one whose threads have little patience.
#![allow(missing_docs, dead_code)]

#[path = "../../src/to_thread/pool.rs"]
mod pool;

use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use pool::{Pool, Work};

/// What the pool takes for its limit.
fn limit() -> usize {
    1
}

struct Call<F>(Mutex<Option<F>>);

impl<F: FnOnce() + Send> Work for Call<F> {
    fn run(&self) {
        let f = self.0.lock().unwrap().take().unwrap();
        f();
    }
}

fn call(f: impl FnOnce() + Send + 'static) -> Arc<dyn Work> {
    Arc::new(Call(Mutex::new(Some(f))))
}

/// A function that blocks the pool's thread until the sender is dropped.
fn blocker() -> (Arc<dyn Work>, Sender<()>) {
    let (free, wait) = mpsc::channel();
    (call(move || assert!(wait.recv().is_err())), free)
}

struct OnExit(Sender<()>);

impl Drop for OnExit {
    fn drop(&mut self) {
        let _ = self.0.send(());
    }
}

#[test]
fn a_thread_ends_when_it_was_idle_and_a_later_job_starts_another() {
    thread_local! { static ON_EXIT: std::cell::RefCell<Option<OnExit>> = const { std::cell::RefCell::new(None) }; }
    static POOL: Pool = Pool::new(Duration::from_millis(20));
    for _ in 0..3 {
        let (exited, exit) = mpsc::channel();
        POOL.submit(call(move || ON_EXIT.set(Some(OnExit(exited))))).unwrap();
        exit.recv().unwrap();
    }
}

#[test]
fn jobs_are_done_in_the_order_in_which_they_came() {
    static POOL: Pool = Pool::new(Duration::from_secs(10));
    let (block, free) = blocker();
    POOL.submit(block).unwrap();
    let (done, order) = mpsc::channel();
    for n in 0..10 {
        let done = done.clone();
        POOL.submit(call(move || done.send(n).unwrap())).unwrap();
    }
    drop((free, done));
    assert_eq!(order.iter().collect::<Vec<_>>(), (0..10).collect::<Vec<_>>());
}

#[test]
fn a_job_that_was_taken_out_is_never_done() {
    static POOL: Pool = Pool::new(Duration::from_secs(10));
    let (block, free) = blocker();
    POOL.submit(block).unwrap();
    let (done, order) = mpsc::channel();
    let tickets: Vec<_> = (0..3)
        .map(|n| {
            let done = done.clone();
            POOL.submit(call(move || done.send(n).unwrap())).unwrap()
        })
        .collect();
    POOL.withdraw(tickets[1]);
    drop((free, done));
    assert_eq!(order.iter().collect::<Vec<_>>(), [0, 2]);
    // Taken out when it is done already: nothing happens.
    POOL.withdraw(tickets[0]);
}

#[test]
fn a_job_that_panics_costs_no_thread() {
    static POOL: Pool = Pool::new(Duration::from_secs(10));
    let (done, dones) = mpsc::channel();
    for n in 0..3 {
        let done = done.clone();
        POOL.submit(call(move || {
            done.send(n).unwrap();
            panic!("on purpose");
        }))
        .unwrap();
    }
    drop(done);
    assert_eq!(dones.iter().collect::<Vec<_>>(), [0, 1, 2]);
}
