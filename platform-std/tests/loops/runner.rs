//! Several runs on one loop.
#![allow(missing_docs, clippy::async_yields_async)]

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use crate::support::any_port;
use everloop::embedded_io_async::{Read, Write};
use everloop::net::{TcpListener, TcpStream};
use everloop::{
    Duration, RunError, Runner, catch_cancel, create_task, current_task, set_exception_handler, sleep,
    to_thread, yield_now,
};

/// A task that ends only when it is cancelled, and then takes some time to clean up.
async fn cleans_up(done: Rc<Cell<bool>>) {
    if let Err(cancelled) = catch_cancel(sleep(Duration::from_secs(3600))).await {
        sleep(Duration::from_millis(5)).await;
        done.set(true);
        cancelled.resume().await;
    }
}

#[test]
fn gives_the_value_of_each_main() {
    let mut runner = Runner::new();
    for i in 0..10 {
        let main = async move {
            yield_now().await;
            i
        };
        assert_eq!(runner.run(main).unwrap(), i);
    }
}

#[test]
fn main_may_borrow_and_be_neither_send_nor_static() {
    let (lent, shared) = (RefCell::new(String::new()), Rc::new(1));
    let mut runner = Runner::new();
    runner.run(async { lent.borrow_mut().push_str(&shared.to_string()) }).unwrap();
    runner.run(async { lent.borrow_mut().push('b') }).unwrap();
    assert_eq!(lent.into_inner(), "1b");
}

#[test]
fn main_may_be_a_task_of_an_earlier_run() {
    let mut runner = Runner::new();
    let task = runner.run(async { create_task(async { "done" }) }).unwrap();
    assert!(!task.done());
    assert_eq!(runner.run(task).unwrap(), Ok("done"));
}

#[test]
fn leftovers_stay_pending_and_go_on_in_the_next_run() {
    let mut runner = Runner::new();
    let steps = Rc::new(Cell::new(0));
    let count = steps.clone();
    runner
        .run(async {
            create_task(async move {
                loop {
                    count.set(count.get() + 1);
                    yield_now().await;
                }
            });
            yield_now().await;
        })
        .unwrap();
    assert_eq!(steps.get(), 1);
    // Two turns, and it is ahead of this main in each.
    runner.run(yield_now()).unwrap();
    assert_eq!(steps.get(), 3);
}

#[test]
fn a_timer_of_one_run_fires_in_the_next() {
    let mut runner = Runner::new();
    let task = runner.run(async { create_task(async { sleep(Duration::from_millis(5)).await }) }).unwrap();
    assert_eq!(runner.run(task).unwrap(), Ok(()));
}

#[test]
fn a_socket_of_one_run_works_in_the_next() {
    let mut runner = Runner::new();
    let (server, address) = runner
        .run(async {
            let listener = TcpListener::bind(any_port()).unwrap();
            let address = listener.local_addr().unwrap();
            let server = create_task(async move {
                let (mut stream, _) = listener.accept().await.unwrap();
                stream.write_all(b"x").await.unwrap();
            });
            yield_now().await;
            (server, address)
        })
        .unwrap();
    runner
        .run(async {
            TcpStream::connect(address).await.unwrap().read_exact(&mut [0]).await.unwrap();
            server.await.unwrap();
        })
        .unwrap();
}

#[test]
fn a_wake_from_a_thread_between_runs_is_not_lost() {
    let mut runner = Runner::new();
    let (go, wait) = mpsc::channel();
    let (ended, end) = mpsc::channel();
    struct OnExit(mpsc::Sender<()>);
    impl Drop for OnExit {
        fn drop(&mut self) {
            self.0.send(()).unwrap();
        }
    }
    let task = runner
        .run(async {
            let task = create_task(to_thread(move || {
                let _on_exit = OnExit(ended);
                wait.recv().unwrap();
                7
            }));
            yield_now().await;
            task
        })
        .unwrap();
    go.send(()).unwrap();
    end.recv().unwrap();
    assert_eq!(runner.run(task).unwrap(), Ok(7));
}

#[test]
fn a_handle_may_be_cancelled_and_dropped_between_runs() {
    let mut runner = Runner::new();
    let done = Rc::new(Cell::new(false));
    let flag = done.clone();
    let task = runner
        .run(async {
            let task = create_task(cleans_up(flag));
            yield_now().await;
            task
        })
        .unwrap();
    assert!(task.cancel());
    drop(task);
    assert!(!done.get());
    runner.close().unwrap();
    assert!(done.get());
}

#[test]
fn only_close_cancels_what_is_left_and_waits_for_its_cleanup() {
    let mut runner = Runner::new();
    let done = Rc::new(Cell::new(false));
    let flag = done.clone();
    let task = runner
        .run(async {
            let task = create_task(cleans_up(flag));
            yield_now().await;
            task
        })
        .unwrap();
    runner.run(yield_now()).unwrap();
    assert!(!task.done());
    runner.close().unwrap();
    assert!(done.get() && task.cancelled());
}

#[test]
fn a_panic_of_a_leftover_is_reported() {
    static REPORTED: AtomicUsize = AtomicUsize::new(0);
    let mut runner = Runner::new();
    runner
        .run(async {
            // It stays set for the next runs, and until the loop has closed.
            set_exception_handler(Some(&|unhandled| {
                assert_eq!(unhandled.message(), Some("on purpose"));
                REPORTED.fetch_add(1, Ordering::Relaxed);
            }));
        })
        .unwrap();
    runner
        .run(async {
            create_task(async {
                let _ = catch_cancel(sleep(Duration::from_secs(3600))).await;
                panic!("on purpose");
            });
            yield_now().await;
        })
        .unwrap();
    runner.close().unwrap();
    assert_eq!(REPORTED.load(Ordering::Relaxed), 1);
}

#[test]
fn dropping_it_closes_it() {
    let mut runner = Runner::new();
    let done = Rc::new(Cell::new(false));
    let flag = done.clone();
    runner
        .run(async {
            create_task(cleans_up(flag));
            yield_now().await;
        })
        .unwrap();
    drop(runner);
    assert!(done.get());
}

#[test]
fn close_twice_is_a_no_op() {
    let mut runner = Runner::new();
    runner.run(async {}).unwrap();
    runner.close().unwrap();
    runner.close().unwrap();
    let mut never_ran = Runner::new();
    never_ran.close().unwrap();
    never_ran.close().unwrap();
}

#[test]
fn run_after_close_is_an_error() {
    for runs_before in [false, true] {
        let mut runner = Runner::new();
        if runs_before {
            runner.run(async {}).unwrap();
        }
        runner.close().unwrap();
        let ran = Cell::new(false);
        let error = runner.run(async { ran.set(true) }).unwrap_err();
        assert!(matches!(error, RunError::Closed));
        assert!(error.to_string().contains("closed"), "{error}");
        assert!(!ran.get());
    }
}

#[test]
fn the_loop_is_made_by_the_first_run_and_is_one_for_all() {
    let mut runner = Runner::new();
    assert_eq!(format!("{runner:?}"), "Runner { state: \"new\" }");
    // Numbers of tasks go on, since it is one loop.
    let numbers: Vec<_> =
        (0..3).map(|_| runner.run(async { current_task().unwrap().id().get() }).unwrap()).collect();
    assert_eq!(numbers, [1, 2, 3]);
}

#[test]
fn a_nested_run_names_the_mistake() {
    let mut runner = Runner::new();
    runner
        .run(async {
            let mut inner = Runner::new();
            for _ in 0..2 {
                let error = inner.run(async {}).unwrap_err();
                assert!(matches!(error, RunError::Nested));
                assert!(error.to_string().contains("inside a running event loop"), "{error}");
            }
        })
        .unwrap();
    runner.run(async {}).unwrap();
}

#[test]
fn inside_another_loop_close_is_an_error_and_a_drop_waits_for_nothing() {
    let mut runner = Runner::new();
    let done = Rc::new(Cell::new(false));
    let flag = done.clone();
    let task = runner
        .run(async {
            let task = create_task(cleans_up(flag));
            yield_now().await;
            task
        })
        .unwrap();
    everloop::run(async {
        assert!(matches!(runner.close().unwrap_err(), RunError::Nested));
        assert!(matches!(runner.run(async {}).unwrap_err(), RunError::Nested));
        drop(runner);
        // Its reactor is not left as this thread's.
        let (_a, _b) = crate::support::pair().await;
    })
    .unwrap();
    assert!(task.cancelled() && !done.get());
}

#[test]
fn another_loop_may_run_between_two_runs() {
    let mut runner = Runner::new();
    let task = runner.run(async { create_task(async { 1 }) }).unwrap();
    assert_eq!(everloop::run(async { create_task(async { 2 }).await }).unwrap(), Ok(2));
    assert_eq!(runner.run(task).unwrap(), Ok(1));
}

#[test]
fn a_panic_of_main_leaves_it_usable() {
    let mut runner = Runner::new();
    let task = runner.run(async { create_task(async { 5 }) }).unwrap();
    let panic = catch_unwind(AssertUnwindSafe(|| runner.run(async { panic!("on purpose") }))).unwrap_err();
    assert_eq!(panic.downcast_ref::<&str>(), Some(&"on purpose"));
    assert_eq!(runner.run(task).unwrap(), Ok(5));
}

#[test]
fn a_main_that_was_cancelled_is_an_error() {
    let mut runner = Runner::new();
    let error = runner
        .run(async {
            current_task().unwrap().cancel();
            yield_now().await;
        })
        .unwrap_err();
    assert!(matches!(error, RunError::Cancelled));
    runner.run(async {}).unwrap();
}

#[test]
fn one_in_a_thread_local_closes_when_the_thread_ends() {
    thread_local! { static RUNNER: RefCell<Runner> = RefCell::new(Runner::new()); }
    let (told, tell) = mpsc::channel();
    thread::spawn(move || {
        RUNNER.with(|runner| {
            let main = async {
                create_task(async move {
                    if let Err(cancelled) = catch_cancel(sleep(Duration::from_secs(3600))).await {
                        sleep(Duration::from_millis(1)).await;
                        told.send(()).unwrap();
                        cancelled.resume().await;
                    }
                });
                yield_now().await;
            };
            runner.borrow_mut().run(main).unwrap();
        });
    })
    .join()
    .unwrap();
    tell.recv().unwrap();
}
