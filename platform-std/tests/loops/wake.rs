//! Wakes from other threads, and loops on several threads at once.
#![allow(missing_docs)]

use std::future::poll_fn;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Poll, Waker};
use std::thread;

use crate::support::{Oneshot, any_port, many};
use everloop::embedded_io_async::{Read, Write};
use everloop::net::{TcpListener, TcpStream};
use everloop::{Duration, create_task, sleep, yield_now};

#[test]
fn a_thread_wakes_an_idle_loop() {
    let sent = Oneshot::new();
    let sender = sent.clone();
    let thread = thread::spawn(move || {
        thread::sleep(std::time::Duration::from_millis(20));
        sender.send(7);
    });
    assert_eq!(everloop::run(async move { sent.receive().await }).unwrap(), 7);
    thread.join().unwrap();
}

#[test]
fn a_thousand_wakes_from_four_threads_all_arrive() {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    static WAKER: Mutex<Option<Waker>> = Mutex::new(None);
    let threads: Vec<_> = (0..4)
        .map(|_| {
            thread::spawn(|| {
                for i in 0..250 {
                    COUNT.fetch_add(1, Ordering::AcqRel);
                    if let Some(waker) = WAKER.lock().unwrap().take() {
                        waker.wake();
                    }
                    if i % 16 == 0 {
                        thread::sleep(std::time::Duration::from_micros(50));
                    }
                }
            })
        })
        .collect();
    everloop::run(poll_fn(|cx| {
        *WAKER.lock().unwrap() = Some(cx.waker().clone());
        if COUNT.load(Ordering::Acquire) == 1000 { Poll::Ready(()) } else { Poll::Pending }
    }))
    .unwrap();
    for thread in threads {
        thread.join().unwrap();
    }
}

#[test]
fn a_wake_each_way_between_tasks_of_two_loops() {
    const ROUNDS: usize = 500;
    let (there, back) = (Oneshot::new(), Oneshot::new());
    let (here_there, here_back) = (there.clone(), back.clone());
    let thread = thread::spawn(move || {
        everloop::run(async move {
            for i in 0..ROUNDS {
                assert_eq!(there.receive().await, i);
                back.send(i);
            }
        })
        .unwrap();
    });
    everloop::run(async move {
        for i in 0..ROUNDS {
            here_there.send(i);
            assert_eq!(here_back.receive().await, i);
        }
    })
    .unwrap();
    thread.join().unwrap();
}

/// Waits actively, for a time that differs from call to call: as long as a loop may look out for a wake, and longer.
fn dawdle(round: usize) {
    let end = std::time::Instant::now() + std::time::Duration::from_nanos((round * 7919 % 50_000) as u64);
    while std::time::Instant::now() < end {
        std::hint::spin_loop();
    }
}

#[test]
fn a_wake_at_any_moment_of_a_park_arrives() {
    let rounds = many(5_000);
    let (there, back) = (Oneshot::new(), Oneshot::new());
    let (here_there, here_back) = (there.clone(), back.clone());
    let thread = thread::spawn(move || {
        everloop::run(async move {
            for round in 0..rounds {
                assert_eq!(there.receive().await, round);
                dawdle(round);
                back.send(round);
            }
        })
        .unwrap();
    });
    everloop::run(async move {
        // A timer that is never due, a socket on which nothing happens: each has a loop park otherwise.
        let other = create_task(async {
            let _socket = TcpListener::bind(any_port()).unwrap();
            sleep(Duration::from_secs(3600)).await;
        });
        for round in 0..rounds {
            dawdle(round * 3);
            here_there.send(round);
            assert_eq!(here_back.receive().await, round);
            if round == rounds / 2 {
                other.cancel();
            }
        }
    })
    .unwrap();
    thread.join().unwrap();
}

#[test]
fn input_and_timers_are_not_forgotten_over_wakes() {
    let (there, back) = (Oneshot::new(), Oneshot::new());
    let (here_there, here_back) = (there.clone(), back.clone());
    let thread = thread::spawn(move || {
        everloop::run(async move {
            while there.receive().await {
                back.send(());
            }
        })
        .unwrap();
    });
    everloop::run(async move {
        let listener = TcpListener::bind(any_port()).unwrap();
        let mut far = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (mut near, _) = listener.accept().await.unwrap();
        let input = create_task(async move { near.read(&mut [0]).await.unwrap() });
        let timer = create_task(sleep(Duration::from_millis(2)));
        let mut rounds = 0;
        // For ever, if the loop looked for nothing else.
        while !input.done() || !timer.done() {
            here_there.send(true);
            here_back.receive().await;
            rounds += 1;
            if rounds == 100 {
                std::io::Write::write_all(&mut far, b"x").unwrap();
            }
        }
        here_there.send(false);
        assert_eq!(input.await, Ok(1));
    })
    .unwrap();
    thread.join().unwrap();
}

#[test]
fn wakers_outlive_their_loop() {
    let (kept, of_task) = everloop::run(async {
        let task = create_task(poll_fn(|cx| Poll::Ready(cx.waker().clone())));
        let main = poll_fn(|cx| Poll::Ready(cx.waker().clone())).await;
        (main, task.await.unwrap())
    })
    .unwrap();
    thread::spawn(move || {
        kept.wake_by_ref();
        of_task.wake();
        drop(kept);
    })
    .join()
    .unwrap();
}

#[test]
fn two_loops_on_two_threads_talk() {
    let address = Oneshot::new();
    let found = address.clone();
    let server = thread::spawn(move || {
        everloop::run(async move {
            let listener = TcpListener::bind(any_port()).unwrap();
            address.send(listener.local_addr().unwrap());
            let mut tasks = Vec::new();
            for _ in 0..8 {
                let (mut stream, _) = listener.accept().await.unwrap();
                tasks.push(create_task(async move {
                    let mut buf = [0; 64];
                    loop {
                        let count = stream.read(&mut buf).await.unwrap();
                        if count == 0 {
                            break;
                        }
                        stream.write_all(&buf[..count]).await.unwrap();
                    }
                }));
            }
            for task in tasks {
                task.await.unwrap();
            }
        })
        .unwrap();
    });
    everloop::run(async move {
        let address = found.receive().await;
        let tasks: Vec<_> = (0..8u8)
            .map(|id| {
                create_task(async move {
                    let mut stream = TcpStream::connect(address).await.unwrap();
                    for round in 0..100u8 {
                        stream.write_all(&[id, round]).await.unwrap();
                        let mut echo = [0; 2];
                        stream.read_exact(&mut echo).await.unwrap();
                        assert_eq!(echo, [id, round]);
                        yield_now().await;
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    })
    .unwrap();
    server.join().unwrap();
}
