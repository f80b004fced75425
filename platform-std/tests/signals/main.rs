//! Signals that a loop handles. What SIGINT does to a runner besides is in `sigint`.
#![allow(missing_docs)]
#![cfg(unix)]

mod storm;
#[path = "../support/mod.rs"]
mod support;
#[cfg(target_os = "linux")]
mod threads;

use std::cell::RefCell;
use std::pin::pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

use everloop::net::UdpSocket;
use everloop::signal::{SIGHUP, SIGINT, SIGTERM, SIGUSR1, SIGUSR2, SIGWINCH, SignalError};
use everloop::{
    Duration, Runner, add_signal_handler, create_task, ctrl_c, remove_signal_handler, set_exception_handler,
    wait_for, yield_now,
};
use rustix::process::{Signal, getpid, kill_process};
use support::poll_by_a_panicking_waker;
use support::signals::{Counter, alone, disposition, send};

#[test]
fn a_signal_wakes_an_idle_loop_and_calls() {
    let _alone = alone();
    everloop::run(async {
        let counter = Counter::new();
        add_signal_handler(SIGUSR1, counter.callback()).unwrap();
        for round in 1..=5 {
            let sender = thread::spawn(|| {
                thread::sleep(std::time::Duration::from_millis(2));
                kill_process(getpid(), Signal::USR1).unwrap();
            });
            counter.reaches(round).await;
            sender.join().unwrap();
        }
        assert_eq!(counter.count.get(), 5);
    })
    .unwrap();
}

#[test]
fn a_signal_is_seen_by_a_busy_loop_with_and_without_sockets() {
    let _alone = alone();
    everloop::run(async {
        let counter = Counter::new();
        add_signal_handler(SIGUSR1, counter.callback()).unwrap();
        create_task(async {
            loop {
                yield_now().await;
            }
        });
        send(SIGUSR1);
        counter.reaches(1).await;
        let _socket = UdpSocket::bind(support::any_port()).unwrap();
        send(SIGUSR1);
        counter.reaches(2).await;
    })
    .unwrap();
}

#[test]
fn it_calls_on_the_loop_in_its_turn_and_never_on_top_of_other_code() {
    let _alone = alone();
    everloop::run(async {
        let home = thread::current().id();
        let called = Counter::new();
        let mut count = called.callback();
        add_signal_handler(SIGUSR1, move || {
            assert_eq!(thread::current().id(), home);
            count();
        })
        .unwrap();
        send(SIGUSR1);
        // Nothing is called while this task runs.
        for _ in 0..1000 {
            std::hint::black_box(thread::current().id());
        }
        assert_eq!(called.count.get(), 0);
        called.reaches(1).await;
    })
    .unwrap();
}

#[test]
fn each_signal_has_its_own_callback_and_a_new_one_replaces_it() {
    let _alone = alone();
    everloop::run(async {
        let (one, other, newer) = (Counter::new(), Counter::new(), Counter::new());
        add_signal_handler(SIGUSR1, one.callback()).unwrap();
        add_signal_handler(SIGUSR2, other.callback()).unwrap();
        send(SIGUSR1);
        one.reaches(1).await;
        send(SIGUSR2);
        other.reaches(1).await;
        add_signal_handler(SIGUSR1, newer.callback()).unwrap();
        // What was there is dropped.
        assert_eq!(Rc::strong_count(&one), 1);
        send(SIGUSR1);
        newer.reaches(1).await;
        assert_eq!((one.count.get(), other.count.get()), (1, 1));
    })
    .unwrap();
}

#[test]
fn removed_it_does_what_it_did_before() {
    static SEEN: AtomicUsize = AtomicUsize::new(0);
    let _alone = alone();
    // SAFETY: the handler only counts.
    unsafe {
        signal_hook_registry::register(SIGHUP, || {
            SEEN.fetch_add(1, Ordering::SeqCst);
        })
        .unwrap();
    }
    let (hangup, term) = (disposition(SIGHUP), disposition(SIGTERM));
    assert_eq!(term, libc::SIG_DFL);
    everloop::run(async {
        let counter = Counter::new();
        add_signal_handler(SIGHUP, counter.callback()).unwrap();
        add_signal_handler(SIGTERM, counter.callback()).unwrap();
        send(SIGHUP);
        counter.reaches(1).await;
        send(SIGTERM);
        counter.reaches(2).await;
        assert_eq!(SEEN.load(Ordering::SeqCst), 0);
        assert!(remove_signal_handler(SIGHUP).unwrap());
        assert!(!remove_signal_handler(SIGHUP).unwrap());
        assert_eq!((disposition(SIGHUP), counter.count.get()), (hangup, 2));
        send(SIGHUP);
        while SEEN.load(Ordering::SeqCst) == 0 {
            yield_now().await;
        }
        assert_eq!(counter.count.get(), 2);
        // The end of the loop removes what is left.
        assert_ne!(disposition(SIGTERM), term);
    })
    .unwrap();
    assert_eq!(disposition(SIGTERM), term);
}

#[test]
fn a_loop_that_ends_lets_go_of_its_signals_though_a_socket_outlives_it() {
    let _alone = alone();
    let counter = Counter::new();
    let socket = everloop::run(async {
        let socket = Rc::new(UdpSocket::bind(support::any_port()).unwrap());
        let (mut count, own) = (counter.callback(), socket.clone());
        add_signal_handler(SIGWINCH, move || {
            let _ = own.local_addr();
            count();
        })
        .unwrap();
        socket
    })
    .unwrap();
    assert_eq!(disposition(SIGWINCH), libc::SIG_DFL);
    assert_eq!((Rc::strong_count(&socket), Rc::strong_count(&counter)), (1, 1));
}

#[test]
fn a_call_that_is_due_is_not_made_once_it_is_removed() {
    let _alone = alone();
    everloop::run(async {
        let counter = Counter::new();
        add_signal_handler(SIGUSR1, counter.callback()).unwrap();
        let first = Counter::new();
        let mut count = first.callback();
        add_signal_handler(SIGUSR2, move || {
            remove_signal_handler(SIGUSR1).unwrap();
            count();
        })
        .unwrap();
        // Both are due at the same look, in the order of their numbers or the other way round.
        send(SIGUSR2);
        send(SIGUSR1);
        first.reaches(1).await;
        let called = counter.count.get();
        for _ in 0..10 {
            yield_now().await;
        }
        assert_eq!(counter.count.get(), called);
        assert_eq!(disposition(SIGUSR1), libc::SIG_DFL);
    })
    .unwrap();
}

#[test]
fn a_callback_may_remove_and_add_itself() {
    let _alone = alone();
    everloop::run(async {
        let counter = Counter::new();
        let next = RefCell::new(Some(counter.callback()));
        let mut count = counter.callback();
        add_signal_handler(SIGUSR1, move || {
            assert!(remove_signal_handler(SIGUSR1).unwrap());
            add_signal_handler(SIGUSR1, next.take().unwrap()).unwrap();
            count();
        })
        .unwrap();
        send(SIGUSR1);
        counter.reaches(1).await;
        send(SIGUSR1);
        counter.reaches(2).await;
    })
    .unwrap();
}

#[test]
fn a_panic_of_a_callback_is_reported_and_the_next_call_is_made() {
    static REPORTED: AtomicUsize = AtomicUsize::new(0);
    let _alone = alone();
    everloop::run(async {
        set_exception_handler(Some(&|unhandled| {
            assert_eq!(unhandled.message(), Some("not now"));
            REPORTED.fetch_add(1, Ordering::Relaxed);
        }));
        add_signal_handler(SIGUSR1, || panic!("not now")).unwrap();
        for round in 1..=2 {
            send(SIGUSR1);
            while REPORTED.load(Ordering::Relaxed) < round {
                yield_now().await;
            }
        }
    })
    .unwrap();
}

#[test]
fn a_wait_by_a_panicking_waker_stops_no_other() {
    let _alone = alone();
    static HANDLED: AtomicUsize = AtomicUsize::new(0);
    everloop::run(async {
        set_exception_handler(Some(&|_| {
            HANDLED.fetch_add(1, Ordering::Relaxed);
        }));
        let mut by_it = pin!(ctrl_c());
        poll_by_a_panicking_waker(by_it.as_mut());
        let other = create_task(ctrl_c());
        yield_now().await;
        send(SIGINT);
        wait_for(other, Duration::from_secs(60)).await.unwrap().unwrap().unwrap();
        yield_now().await;
    })
    .unwrap();
    assert_eq!(HANDLED.load(Ordering::Relaxed), 1);
}

#[test]
fn what_comes_between_two_runs_is_told_in_the_second() {
    let _alone = alone();
    let mut runner = Runner::new();
    let counter = Counter::new();
    runner.run(async { add_signal_handler(SIGUSR1, counter.callback()).unwrap() }).unwrap();
    send(SIGUSR1);
    assert_eq!(counter.count.get(), 0);
    runner.run(counter.reaches(1)).unwrap();
    runner.close().unwrap();
    assert_eq!(disposition(SIGUSR1), libc::SIG_DFL);
}

#[test]
fn loops_of_several_threads_all_hear_it() {
    let _alone = alone();
    let (ready, told) = mpsc::channel();
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let ready = ready.clone();
            thread::spawn(move || {
                everloop::run(async {
                    let counter = Counter::new();
                    add_signal_handler(SIGUSR1, counter.callback()).unwrap();
                    ready.send(()).unwrap();
                    counter.reaches(1).await;
                    ready.send(()).unwrap();
                    counter.reaches(2).await;
                })
                .unwrap();
            })
        })
        .collect();
    for _ in 0..2 {
        for _ in 0..threads.len() {
            told.recv().unwrap();
        }
        send(SIGUSR1);
    }
    for thread in threads {
        thread.join().unwrap();
    }
    assert_eq!(disposition(SIGUSR1), libc::SIG_DFL);
}

#[test]
fn any_number_of_loops_handle_signals_one_after_the_other_and_many_at_once() {
    let _alone = alone();
    let handling = || {
        let mut runner = Runner::new();
        runner.run(async { add_signal_handler(SIGUSR1, || {}) }).unwrap().map(|()| runner)
    };
    for _ in 0..200 {
        handling().unwrap();
    }
    let at_once: Vec<_> = (0..usize::BITS).map(|_| handling().unwrap()).collect();
    let error = handling().unwrap_err();
    assert!(matches!(error, SignalError::Refused(_)), "{error:?}");
    assert_ne!(disposition(SIGUSR1), libc::SIG_DFL);
    drop(at_once);
    assert_eq!(disposition(SIGUSR1), libc::SIG_DFL);
    handling().unwrap();
}

#[test]
fn signals_that_no_loop_can_handle_are_an_error() {
    let _alone = alone();
    everloop::run(async {
        for signum in [libc::SIGKILL, libc::SIGSTOP, libc::SIGSEGV, libc::SIGFPE, libc::SIGILL, libc::SIGBUS]
        {
            let error = add_signal_handler(signum, || {}).unwrap_err();
            assert!(matches!(error, SignalError::Unsupported(number) if number == signum), "{error:?}");
            assert!(remove_signal_handler(signum).is_err());
        }
        // The last is one that the C library keeps for itself or that does not exist.
        for signum in [0, -1, i32::MIN, i32::MAX, 128] {
            let error = add_signal_handler(signum, || {}).unwrap_err();
            assert!(matches!(error, SignalError::Invalid(number) if number == signum), "{error:?}");
        }
        assert!(!remove_signal_handler(SIGUSR1).unwrap());
    })
    .unwrap();
}

#[test]
fn outside_a_loop_it_is_an_error_that_says_so() {
    let _alone = alone();
    let error = add_signal_handler(SIGUSR1, || {}).unwrap_err();
    assert!(matches!(error, SignalError::Loop(_)));
    assert!(error.to_string().contains("everloop::run"), "{error}");
    assert_eq!(disposition(SIGUSR1), libc::SIG_DFL);
}
