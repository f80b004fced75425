//! What the models under loom are built of.
#![allow(dead_code)] // each program uses its own part

use std::ops::Deref;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use everloop_core::platform::{Platform, Wait};
use everloop_core::{Instant, OwnedLoop};
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::sync::{Arc, Notify};

/// Parks on loom's own primitive, so that a lost wake is a deadlock that loom reports.
pub struct Model {
    notify: Arc<Notify>,
}

/// Keeps one of loom's counts: a loop that is never freed is a leak that loom reports.
struct Unpark(Arc<Notify>);

impl std::task::Wake for Unpark {
    fn wake(self: std::sync::Arc<Self>) {
        self.0.notify();
    }

    fn wake_by_ref(self: &std::sync::Arc<Self>) {
        self.0.notify();
    }
}

impl Model {
    pub fn new() -> (Self, Waker) {
        let notify = Arc::new(Notify::new());
        (Self { notify: notify.clone() }, Waker::from(std::sync::Arc::new(Unpark(notify))))
    }
}

impl Platform for Model {
    fn now(&self) -> Instant {
        Instant::from_ticks(0)
    }

    fn park(&self, wait: Wait) {
        if wait != Wait::Poll {
            self.notify.wait();
        }
    }
}

pub fn run<F: Future>(main: F) -> F::Output {
    let (platform, unparker) = Model::new();
    OwnedLoop::new(unparker).run(&platform, &[], main).unwrap()
}

/// Drives one future without a loop, which has far fewer schedules. A lost wake is a deadlock here, too.
pub fn block_on<F: Future>(future: F) -> F::Output {
    let (platform, waker) = Model::new();
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return output;
        }
        platform.notify.wait();
    }
}

/// Polls once, with a waker that nobody hears.
pub fn poll_once<F: Future + ?Sized>(future: &mut Pin<Box<F>>) -> Option<F::Output> {
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}

pub fn join_all<const N: usize>(threads: [loom::thread::JoinHandle<()>; N]) {
    for thread in threads {
        thread.join().unwrap();
    }
}

/// A future that may go from thread to thread.
pub type Sent<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Polls it once: it waits.
pub fn waits<F: Future + ?Sized>(future: &mut Pin<Box<F>>) {
    assert!(poll_once(future).is_none());
}

/// Counts how often what holds it is dropped.
#[derive(Clone)]
pub struct Drops(Arc<AtomicUsize>);

impl Drops {
    pub fn new() -> Self {
        Self(Arc::new(AtomicUsize::new(0)))
    }

    pub fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }

    pub fn witness(&self) -> Witness {
        Witness(self.0.clone())
    }
}

pub struct Witness(Arc<AtomicUsize>);

impl Drop for Witness {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// Stands for a `static`, of which each schedule needs a new one. It is declared before all that uses it, and threads
/// that do are joined before it goes.
pub struct Static<T: 'static>(&'static T);

impl<T> Static<T> {
    pub fn new(value: T) -> Self {
        Self(Box::leak(Box::new(value)))
    }

    pub fn get(&self) -> &'static T {
        self.0
    }
}

impl<T> Deref for Static<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0
    }
}

impl<T> Drop for Static<T> {
    fn drop(&mut self) {
        // SAFETY: it was leaked by `new`, and nobody uses it any more: see above.
        drop(unsafe { Box::from_raw(std::ptr::from_ref(self.0).cast_mut()) });
    }
}
