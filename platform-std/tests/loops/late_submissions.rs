//! Threads that submit to a loop while it closes.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::support::many;
use everloop::{
    Duration, LoopHandle, SubmitErrorKind, catch_cancel, run_coroutine_threadsafe, sleep, yield_now,
};

/// What the threads count.
#[derive(Default)]
struct Counts {
    accepted: AtomicUsize,
    refused: AtomicUsize,
    ran: AtomicUsize,
    cancelled: AtomicUsize,
    waiting: AtomicUsize,
    cleaned_up: AtomicUsize,
}

fn count(counter: &AtomicUsize) {
    counter.fetch_add(1, Ordering::SeqCst);
}

impl Counts {
    /// Submits it and waits for it: whether that was not refused.
    fn submit<F, T>(&self, handle: &LoopHandle, make: F, cancel: bool) -> bool
    where
        F: FnOnce() -> T + Send + 'static,
        T: Future<Output = ()> + 'static,
    {
        let mut task = match run_coroutine_threadsafe(make, handle) {
            Ok(task) => task,
            Err(refused) => {
                assert_eq!(refused.kind, SubmitErrorKind::LoopClosed);
                count(&self.refused);
                return false;
            }
        };
        count(&self.accepted);
        if cancel {
            task.cancel();
        }
        // Nobody waits for ever.
        let ended = task.wait().unwrap();
        count(if ended.is_ok() { &self.ran } else { &self.cancelled });
        true
    }
}

#[test]
fn what_threads_submit_while_a_loop_closes_runs_or_is_cancelled_or_refused() {
    let counts = Arc::new(Counts::default());
    let rounds = many(50);
    for round in 0..rounds {
        let alive = Arc::new(());
        let threads: Vec<_> = everloop::run(async {
            let handle = LoopHandle::current().unwrap();
            let threads = (0..4).map(|thread| {
                let (handle, counts, alive) = (handle.clone(), Arc::clone(&counts), Arc::clone(&alive));
                thread::spawn(move || {
                    let mut cancel = false;
                    loop {
                        let (counts_inside, inside) = (Arc::clone(&counts), Arc::clone(&alive));
                        let goes_on = if thread == 0 {
                            // It ends with its loop only.
                            let body = async move || {
                                let _inside = inside;
                                count(&counts_inside.waiting);
                                if let Err(cancelled) = catch_cancel(pending::<()>()).await {
                                    sleep(Duration::from_micros(50)).await;
                                    count(&counts_inside.cleaned_up);
                                    cancelled.resume().await;
                                }
                            };
                            counts.submit(&handle, body, false)
                        } else {
                            cancel = !cancel;
                            let body = async move || {
                                let _inside = inside;
                                yield_now().await;
                            };
                            counts.submit(&handle, body, cancel)
                        };
                        if !goes_on {
                            return;
                        }
                    }
                })
            });
            let threads = threads.collect();
            // The close comes when they are all at it, at another moment each time.
            let begun = 8 + counts.accepted.load(Ordering::SeqCst);
            while counts.accepted.load(Ordering::SeqCst) < begun {
                sleep(Duration::from_micros(100)).await;
            }
            for _ in 0..round {
                yield_now().await;
            }
            threads
        })
        .unwrap();
        for thread in threads {
            thread.join().unwrap();
        }
        // Each was dropped, and what had begun to wait has cleaned up.
        assert_eq!(Arc::strong_count(&alive), 1);
        let of = |counter: &AtomicUsize| counter.load(Ordering::SeqCst);
        assert_eq!(of(&counts.cleaned_up), of(&counts.waiting));
        assert_eq!(of(&counts.ran) + of(&counts.cancelled), of(&counts.accepted));
        assert_eq!(of(&counts.refused), 4 * (round + 1));
    }
    eprintln!("accepted {:?}: ran {:?}, cancelled {:?}", counts.accepted, counts.ran, counts.cancelled);
    assert!(counts.ran.load(Ordering::SeqCst) > 0 && counts.cancelled.load(Ordering::SeqCst) > rounds);
}
