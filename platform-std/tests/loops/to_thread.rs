//! Blocking functions beside the loop.
#![allow(missing_docs, clippy::async_yields_async)]

use std::cell::Cell;
use std::panic::catch_unwind;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Barrier, Mutex, MutexGuard, PoisonError};
use std::thread;

use crate::support::poll_once;
use everloop::{create_task, to_thread, yield_now};

/// All tests share the threads, and some take every one.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How many functions run at once.
fn bound() -> usize {
    (thread::available_parallelism().unwrap().get() + 4).min(32)
}

/// Tells on which thread it is dropped.
struct Tells(Sender<thread::ThreadId>);

impl Drop for Tells {
    fn drop(&mut self) {
        let _ = self.0.send(thread::current().id());
    }
}

/// Functions that take every thread, until the sender is dropped. All of them run when this returns.
async fn take_every_thread() -> (Vec<everloop::Task<()>>, Sender<()>) {
    let (free, wait) = mpsc::channel::<()>();
    let wait = Arc::new(Mutex::new(wait));
    let (began, begun) = mpsc::channel();
    let tasks = (0..bound())
        .map(|_| {
            let (wait, began) = (wait.clone(), began.clone());
            create_task(to_thread(move || {
                began.send(()).unwrap();
                let _ = wait.lock().unwrap_or_else(PoisonError::into_inner).recv();
            }))
        })
        .collect();
    yield_now().await;
    (0..bound()).for_each(|_| begun.recv().unwrap());
    (tasks, free)
}

#[test]
fn the_output_comes_back() {
    let _alone = alone();
    let sum = everloop::run(async { to_thread(|| [40, 2].iter().sum::<i32>()).await });
    assert_eq!(sum.unwrap(), 42);
}

#[test]
fn the_function_runs_on_another_thread_and_the_loop_goes_on() {
    let _alone = alone();
    let (go, wait) = mpsc::channel();
    let here = thread::current().id();
    let there = everloop::run(async {
        let task = create_task(to_thread(move || {
            wait.recv().unwrap();
            thread::current().id()
        }));
        for _ in 0..3 {
            yield_now().await;
        }
        go.send(()).unwrap();
        task.await.unwrap()
    });
    assert_ne!(there.unwrap(), here);
}

#[test]
fn a_panic_comes_back_to_the_awaiter() {
    let _alone = alone();
    let panic = catch_unwind(|| everloop::run(to_thread(|| -> () { panic!("on purpose") }))).unwrap_err();
    assert_eq!(panic.downcast_ref::<&str>(), Some(&"on purpose"));
    // And not to anybody else.
    assert_eq!(everloop::run(to_thread(|| 1)).unwrap(), 1);
}

#[test]
fn the_function_is_called_once_and_only_when_awaited() {
    let _alone = alone();
    let calls = Arc::new(AtomicUsize::new(0));
    let count = || {
        let calls = calls.clone();
        to_thread(move || calls.fetch_add(1, Ordering::Relaxed))
    };
    everloop::run(async {
        drop(count());
        count().await;
    })
    .unwrap();
    assert_eq!(Arc::strong_count(&calls), 1);
    assert_eq!(calls.load(Ordering::Relaxed), 1);
}

#[test]
fn many_at_once_all_come_back() {
    let _alone = alone();
    let sum = everloop::run(async {
        let tasks: Vec<_> = (0..200).map(|n| create_task(to_thread(move || n))).collect();
        let mut sum = 0;
        for task in tasks {
            sum += task.await.unwrap();
        }
        sum
    });
    assert_eq!(sum.unwrap(), (0..200).sum::<i32>());
}

#[test]
fn as_many_as_the_bound_run_at_once_and_never_more() {
    let _alone = alone();
    let (barrier, running, most) =
        (Arc::new(Barrier::new(bound())), Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    everloop::run(async {
        let tasks: Vec<_> = (0..3 * bound())
            .map(|_| {
                let (barrier, running, most) = (barrier.clone(), running.clone(), most.clone());
                create_task(to_thread(move || {
                    most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    // Nobody passes before the bound is reached.
                    barrier.wait();
                    running.fetch_sub(1, Ordering::SeqCst);
                }))
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    })
    .unwrap();
    assert_eq!(most.load(Ordering::SeqCst), bound());
}

#[test]
fn cancelling_ends_the_await_at_once_and_the_function_runs_on() {
    let _alone = alone();
    let (go, wait) = mpsc::channel::<()>();
    let (tell, told) = mpsc::channel();
    let (began, begun) = mpsc::channel();
    everloop::run(async {
        let task = create_task(to_thread(move || {
            began.send(thread::current().id()).unwrap();
            wait.recv().unwrap();
            Tells(tell)
        }));
        yield_now().await;
        let worker = begun.recv().unwrap();
        task.cancel();
        assert!(task.await.is_err());
        // It still runs, and its output is dropped where it was made.
        go.send(()).unwrap();
        assert_eq!(told.recv().unwrap(), worker);
    })
    .unwrap();
}

#[test]
fn an_output_that_nobody_took_is_dropped() {
    let _alone = alone();
    let (tell, told) = mpsc::channel();
    let (began, begun) = mpsc::channel();
    everloop::run(async {
        let mut call = Box::pin(to_thread(move || {
            began.send(()).unwrap();
            Tells(tell)
        }));
        assert!(poll_once(call.as_mut()).await.is_none());
        begun.recv().unwrap();
        drop(call);
        told.recv().unwrap();
    })
    .unwrap();
}

#[test]
fn a_function_in_the_queue_is_taken_out_by_a_cancellation() {
    let _alone = alone();
    let (tell, told) = mpsc::channel();
    let tells = Tells(tell);
    let called = Arc::new(AtomicUsize::new(0));
    let calls = called.clone();
    everloop::run(async {
        let (busy, free) = take_every_thread().await;
        let task = create_task(to_thread(move || {
            let _tells = tells;
            calls.fetch_add(1, Ordering::Relaxed);
        }));
        yield_now().await;
        task.cancel();
        assert!(task.await.is_err());
        // Dropped at once, here, while every thread is busy.
        assert_eq!(told.try_recv().unwrap(), thread::current().id());
        drop(free);
        for task in busy {
            task.await.unwrap();
        }
        to_thread(|| ()).await;
    })
    .unwrap();
    assert_eq!(called.load(Ordering::Relaxed), 0);
}

#[test]
fn a_panic_that_nobody_awaits_costs_no_thread() {
    let _alone = alone();
    struct PanicsOnDrop;
    impl Drop for PanicsOnDrop {
        fn drop(&mut self) {
            panic!("on purpose");
        }
    }
    everloop::run(async {
        for _ in 0..2 * bound() {
            let (go, wait) = mpsc::channel::<()>();
            let (began, begun) = mpsc::channel();
            let task = create_task(to_thread(move || {
                began.send(()).unwrap();
                wait.recv().unwrap();
                PanicsOnDrop
            }));
            yield_now().await;
            begun.recv().unwrap();
            task.cancel();
            assert!(task.await.is_err());
            go.send(()).unwrap();
        }
        let (busy, free) = take_every_thread().await;
        drop(free);
        for task in busy {
            task.await.unwrap();
        }
    })
    .unwrap();
}

#[test]
fn closing_a_loop_neither_waits_for_what_runs_nor_loses_it() {
    let _alone = alone();
    let (go, wait) = mpsc::channel::<()>();
    let (tell, told) = mpsc::channel();
    let (began, begun) = mpsc::channel();
    everloop::run(async {
        create_task(to_thread(move || {
            began.send(()).unwrap();
            wait.recv().unwrap();
            Tells(tell)
        }));
        yield_now().await;
        begun.recv().unwrap();
    })
    .unwrap();
    // The loop has closed and the function waits for this.
    go.send(()).unwrap();
    told.recv().unwrap();
}

#[test]
fn a_wake_that_comes_after_the_loop_has_gone_is_harmless() {
    let _alone = alone();
    let (go, wait) = mpsc::channel::<()>();
    let (tell, told) = mpsc::channel();
    let call = everloop::run(async {
        let mut call = Box::pin(to_thread(move || {
            wait.recv().unwrap();
            Tells(tell)
        }));
        assert!(poll_once(call.as_mut()).await.is_none());
        call
    })
    .unwrap();
    go.send(()).unwrap();
    // It may be awaited in another loop, too.
    drop(everloop::run(call).unwrap());
    told.recv().unwrap();
}

#[test]
fn several_loops_share_the_threads() {
    let _alone = alone();
    let threads: Vec<_> = (0..4)
        .map(|n| {
            thread::spawn(move || {
                everloop::run(async {
                    for i in 0..100 {
                        assert_eq!(to_thread(move || n * i).await, n * i);
                    }
                })
                .unwrap();
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
}

#[test]
fn a_function_may_run_a_loop_of_its_own() {
    let _alone = alone();
    let inner = everloop::run(to_thread(|| {
        everloop::run(async { create_task(async { 3 }).await.unwrap() }).unwrap()
    }));
    assert_eq!(inner.unwrap(), 3);
}

#[test]
fn the_await_may_move_to_another_task() {
    let _alone = alone();
    let (go, wait) = mpsc::channel::<()>();
    everloop::run(async {
        let mut call = Box::pin(to_thread(move || wait.recv().unwrap()));
        assert!(poll_once(call.as_mut()).await.is_none());
        let done = Rc::new(Cell::new(false));
        let flag = done.clone();
        let task = create_task(async move {
            call.await;
            flag.set(true);
        });
        yield_now().await;
        go.send(()).unwrap();
        task.await.unwrap();
        assert!(done.get());
    })
    .unwrap();
}

/// In a process of its own, which may have no more memory for the stack of a thread.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[test]
fn a_thread_that_is_refused_gives_the_function_back() {
    use everloop::try_to_thread;
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    use std::process::Command;

    const CHILD: &str = "EVERLOOP_TEST_CHILD";
    if std::env::var_os(CHILD).is_none() {
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "to_thread::a_thread_that_is_refused_gives_the_function_back", "--nocapture"])
            .env(CHILD, "1")
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        return;
    }
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: u64 = pages.split(' ').next().unwrap().parse().unwrap();
    let before = getrlimit(Resource::As);
    everloop::run(async {
        // Less than the stack of a thread, 2 MiB.
        setrlimit(Resource::As, Rlimit { current: Some(pages * 4096 + (1 << 20)), ..before }).unwrap();
        let refused = try_to_thread(|| 5).await.unwrap_err();
        let panicked = create_task(to_thread(|| 5));
        yield_now().await;
        assert!(panicked.done() && !panicked.cancelled());
        setrlimit(Resource::As, before).unwrap();
        assert!(refused.to_string().contains("starts no thread"), "{refused}");
        assert_eq!((refused.function)(), 5);
        assert_eq!(try_to_thread(|| 6).await.unwrap(), 6);
    })
    .unwrap();
}
