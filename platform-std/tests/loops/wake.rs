//! Wakes from other threads, and loops on several threads at once.
#![allow(missing_docs)]

use std::future::poll_fn;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Poll, Waker};
use std::thread;

use crate::support::{Oneshot, any_port};
use everloop::embedded_io_async::{Read, Write};
use everloop::net::{TcpListener, TcpStream};
use everloop::{create_task, yield_now};

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
