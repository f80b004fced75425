//! One server on several threads.
#![allow(missing_docs)]

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, ThreadId};

use crate::support::server::{asks, echo};
use crate::support::{any_port, poll_once};
use everloop::net::{
    ServeOnEveryCoreError, ServerThreads, SocketReader, SocketWriter, StartError, StoppedReason,
    ThreadedServer, serve_on_every_core,
};
use everloop::{
    Duration, RunError, all_tasks, create_task, current_task, open_connection, set_exception_handler,
    start_server, wait_for, yield_now,
};

fn with(threads: usize) -> ServerThreads {
    ServerThreads::new().threads(NonZeroUsize::new(threads).unwrap())
}

async fn echoing(threads: usize) -> ThreadedServer {
    with(threads).start(|| echo, any_port()).await.unwrap()
}

/// Says which thread it is, as a line.
async fn says_its_thread(_: SocketReader, writer: SocketWriter) {
    let line = format!("{:?}\n", thread::current().id());
    writer.write(line.as_bytes()).unwrap();
    writer.close();
    writer.wait_closed().await.unwrap();
}

async fn asks_for_thread(address: std::net::SocketAddr) -> String {
    let (mut reader, _writer) = open_connection(address).await.unwrap();
    String::from_utf8(reader.readline().await.unwrap().to_vec()).unwrap()
}

/// Stops a server, and waits for its end.
async fn stopped(server: ThreadedServer) {
    server.close();
    server.wait_closed().await.unwrap();
}

#[test]
fn each_loop_gets_connections() {
    everloop::run(async {
        for one_line in [false, true] {
            let server = with(3).one_line(one_line).start(|| says_its_thread, any_port()).await.unwrap();
            assert_eq!((server.threads(), server.local_addrs().len()), (3, 1));
            let own = format!("{:?}\n", thread::current().id());
            let mut seen = BTreeSet::new();
            // Whom the system gives them to is chance, so it is given many.
            while seen.len() < 3 {
                let open: Vec<_> =
                    (0..16).map(|_| create_task(asks_for_thread(server.local_addrs()[0]))).collect();
                for thread in open {
                    seen.insert(thread.await.unwrap());
                }
            }
            assert!(!seen.contains(&own) && seen.len() == 3, "{seen:?}");
            stopped(server).await;
        }
    })
    .unwrap();
}

#[test]
fn every_thread_has_a_handler_of_its_own_made_in_its_loop() {
    static MADE: Mutex<BTreeMap<String, (bool, usize)>> = Mutex::new(BTreeMap::new());
    everloop::run(async {
        let make = || {
            let name = thread::current().name().unwrap().to_owned();
            MADE.lock().unwrap().insert(name.clone(), (current_task().is_some(), 0));
            let served = Rc::new(Cell::new(0));
            async move |_: SocketReader, _: SocketWriter| {
                served.set(served.get() + 1);
                MADE.lock().unwrap().get_mut(&name).unwrap().1 = served.get();
            }
        };
        let server = with(4).start(make, any_port()).await.unwrap();
        let names: Vec<_> = MADE.lock().unwrap().keys().cloned().collect();
        assert_eq!(names, ["server-0", "server-1", "server-2", "server-3"]);
        assert!(MADE.lock().unwrap().values().all(|(in_loop, _)| *in_loop));
        for _ in 0..50 {
            let (mut reader, _writer) = open_connection(server.local_addrs()[0]).await.unwrap();
            assert_eq!(reader.readline().await.unwrap(), b"");
        }
        stopped(server).await;
        assert_eq!(MADE.lock().unwrap().values().map(|(_, served)| served).sum::<usize>(), 50);
    })
    .unwrap();
}

#[test]
fn as_many_threads_as_cores_serve_if_nothing_is_said() {
    everloop::run(async {
        let server = ServerThreads::new().start(|| echo, any_port()).await.unwrap();
        assert_eq!(server.threads(), thread::available_parallelism().map_or(1, NonZeroUsize::get));
        asks(server.local_addrs()[0], b"hello\n").await;
        stopped(server).await;
    })
    .unwrap();
}

#[test]
fn one_thread_is_enough() {
    everloop::run(async {
        let server = echoing(1).await;
        asks(server.local_addrs()[0], b"hello\n").await;
        stopped(server).await;
    })
    .unwrap();
}

#[test]
fn closed_it_takes_no_clients_and_waits_for_those_it_has() {
    everloop::run(async {
        let server = echoing(3).await;
        let address = server.local_addrs()[0];
        let mut open = Vec::new();
        for _ in 0..20 {
            open.push(open_connection(address).await.unwrap());
        }
        // Each is accepted, or it would be reset with the listener.
        for (reader, writer) in &mut open {
            writer.write(b"before\n").unwrap();
            writer.drain().await.unwrap();
            assert_eq!(reader.readline().await.unwrap(), b"before\n");
        }
        server.close();
        assert!(!server.is_serving());
        server.close();
        while open_connection(address).await.is_ok() {
            yield_now().await;
        }
        assert!(wait_for(server.wait_closed(), Duration::from_millis(20)).await.is_err());
        for (reader, writer) in &mut open {
            writer.write(b"after\n").unwrap();
            writer.drain().await.unwrap();
            assert_eq!(reader.readline().await.unwrap(), b"after\n");
        }
        drop(open);
        server.wait_closed().await.unwrap();
        // Whoever asks again is told at once.
        assert_eq!(poll_once(server.wait_closed()).await, Some(Ok(())));
    })
    .unwrap();
}

#[test]
fn clients_of_all_threads_are_closed_or_reset_on_request() {
    everloop::run(async {
        for abort in [false, true] {
            let server = echoing(3).await;
            let mut open = Vec::new();
            for _ in 0..20 {
                let (mut reader, writer) = open_connection(server.local_addrs()[0]).await.unwrap();
                writer.write(b"hello\n").unwrap();
                writer.drain().await.unwrap();
                assert_eq!(reader.readline().await.unwrap(), b"hello\n");
                open.push((reader, writer));
            }
            server.close();
            if abort {
                server.abort_clients()
            } else {
                server.close_clients()
            }
            server.wait_closed().await.unwrap();
            for (mut reader, _writer) in open {
                assert_eq!(reader.readline().await.is_err(), abort);
            }
        }
    })
    .unwrap();
}

#[test]
fn cancelling_serve_forever_closes_server_and_clients_first() {
    everloop::run(async {
        let server = Rc::new(echoing(2).await);
        let (mut reader, writer) = open_connection(server.local_addrs()[0]).await.unwrap();
        writer.write(b"hello\n").unwrap();
        writer.drain().await.unwrap();
        reader.readline().await.unwrap();
        let serves = Rc::clone(&server);
        let serving = create_task(async move { serves.serve_forever().await });
        yield_now().await;
        serving.cancel();
        let _ = serving.await.unwrap_err();
        assert!(!server.is_serving());
        assert_eq!(poll_once(server.wait_closed()).await, Some(Ok(())));
        assert_eq!(reader.readline().await.unwrap(), b"");
    })
    .unwrap();
}

#[test]
fn dropped_it_closes_and_its_connections_live_on() {
    everloop::run(async {
        let server = echoing(2).await;
        let address = server.local_addrs()[0];
        let (mut reader, writer) = open_connection(address).await.unwrap();
        writer.write(b"before\n").unwrap();
        writer.drain().await.unwrap();
        reader.readline().await.unwrap();
        drop(server);
        while open_connection(address).await.is_ok() {
            yield_now().await;
        }
        writer.write(b"after\n").unwrap();
        writer.drain().await.unwrap();
        assert_eq!(reader.readline().await.unwrap(), b"after\n");
    })
    .unwrap();
}

#[test]
fn it_may_be_closed_from_another_thread_and_after_its_loop_has_ended() {
    let server = everloop::run(async {
        let server = Arc::new(echoing(2).await);
        let other = Arc::clone(&server);
        let closing = thread::spawn(move || other.close());
        server.wait_closed().await.unwrap();
        closing.join().unwrap();
        echoing(2).await
    })
    .unwrap();
    everloop::run(async {
        asks(server.local_addrs()[0], b"hello\n").await;
        stopped(server).await;
    })
    .unwrap();
}

#[test]
fn a_handlers_panic_does_not_end_the_server() {
    static TOLD: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    everloop::run(async {
        let make = || {
            let thread: ThreadId = thread::current().id();
            set_exception_handler(Some(&|_| {
                TOLD.lock().unwrap().insert(format!("{:?}\n", thread::current().id()));
            }));
            async move |mut reader: SocketReader, writer: SocketWriter| {
                assert_eq!(thread::current().id(), thread);
                let line = reader.readline().await.unwrap().to_vec();
                assert_ne!(line, b"panic\n", "as it was asked to");
                says_its_thread(reader, writer).await;
            }
        };
        let server = with(2).start(make, any_port()).await.unwrap();
        let address = server.local_addrs()[0];
        let ask = async |line: &[u8]| {
            let (mut reader, writer) = open_connection(address).await.unwrap();
            writer.write(line).unwrap();
            writer.drain().await.unwrap();
            String::from_utf8(reader.readline().await.unwrap_or_default().to_vec()).unwrap()
        };
        while TOLD.lock().unwrap().len() < 2 {
            assert_eq!(ask(b"panic\n").await, "");
        }
        let mut alive = BTreeSet::new();
        while alive.len() < 2 {
            alive.insert(ask(b"hello\n").await);
        }
        assert_eq!(alive, *TOLD.lock().unwrap());
        stopped(server).await;
    })
    .unwrap();
}

#[test]
fn an_address_in_use_is_told_and_nothing_is_started() {
    let made = Arc::new(AtomicUsize::new(0));
    everloop::run(async {
        let plain = start_server(echo, any_port()).await.unwrap();
        let server = echoing(2).await;
        // Also one that was started the same way: that the port is shared is nobody else's business.
        for taken in [plain.local_addrs()[0], server.local_addrs()[0]] {
            let count = Arc::clone(&made);
            let make = move || {
                count.fetch_add(1, Ordering::Relaxed);
                echo
            };
            let error = with(3).start(make, taken).await.unwrap_err();
            let StartError::Listen(address, error) = error else { panic!("{error:?}") };
            assert_eq!((address, error.kind()), (taken, std::io::ErrorKind::AddrInUse));
            assert!(start_server(echo, taken).await.is_err());
        }
        stopped(server).await;
    })
    .unwrap();
    assert_eq!((made.load(Ordering::Relaxed), Arc::strong_count(&made)), (0, 1));
}

#[test]
fn without_an_address_or_a_loop_it_is_refused() {
    let error = everloop::run(async { with(2).start(|| echo, Vec::new()).await.unwrap_err() }).unwrap();
    assert!(matches!(error, StartError::NoAddress), "{error:?}");
    let mut start = std::pin::pin!(async { with(2).start(|| echo, any_port()).await });
    let waker = std::task::Waker::noop();
    let polled = start.as_mut().poll(&mut std::task::Context::from_waker(waker));
    assert!(matches!(polled, std::task::Poll::Ready(Err(StartError::Loop(_)))));
}

#[test]
fn a_panic_of_what_makes_the_handlers_goes_on_in_who_starts_it_and_all_end() {
    let alive = Arc::new(());
    let seen = Arc::clone(&alive);
    let started = catch_unwind(AssertUnwindSafe(|| {
        everloop::run(async {
            let make = move || {
                let _seen = &seen;
                assert_ne!(thread::current().name(), Some("server-1"), "no handler for you");
                echo
            };
            with(3).start(make, any_port()).await.map(drop)
        })
    }));
    let payload = started.unwrap_err();
    assert!(payload.downcast_ref::<String>().unwrap().contains("no handler for you"));
    // It is dropped when the last thread has ended.
    assert_eq!(Arc::strong_count(&alive), 1);
}

#[test]
fn cancelling_the_start_closes_what_was_started_and_waits_for_it() {
    static HOLD: AtomicBool = AtomicBool::new(true);
    let alive = Arc::new(());
    let seen = Arc::clone(&alive);
    everloop::run(async {
        let make = move || {
            let _seen = &seen;
            while HOLD.load(Ordering::Relaxed) {
                thread::yield_now();
            }
            echo
        };
        let start = create_task(async move { with(2).start(make, any_port()).await.map(drop) });
        yield_now().await;
        start.cancel();
        yield_now().await;
        HOLD.store(false, Ordering::Relaxed);
        let _ = start.await.unwrap_err();
        // It has waited for the threads.
        assert_eq!(Arc::strong_count(&alive), 1);
    })
    .unwrap();
}

/// Has the loop of a thread stop by the cancellation of one of its tasks.
async fn cancels(name: Option<&'static str>) -> ThreadedServer {
    let handler = async move |mut reader: SocketReader, _: SocketWriter| {
        if reader.readline().await.is_ok_and(|line| line == b"stop\n") {
            all_tasks().find(|task| task.name() == name).unwrap().cancel();
        }
    };
    let server = with(2).start(move || handler, any_port()).await.unwrap();
    let (mut reader, writer) = open_connection(server.local_addrs()[0]).await.unwrap();
    writer.write(b"stop\n").unwrap();
    writer.drain().await.unwrap();
    let _ = reader.readline().await;
    server
}

#[test]
fn a_loop_that_stops_by_itself_closes_the_server_and_is_named() {
    everloop::run(async {
        for (name, reason) in [(None, StoppedReason::Cancelled), (Some("server"), StoppedReason::Closed)] {
            let server = cancels(name).await;
            let error = server.serve_forever().await.unwrap_err();
            assert_eq!(error.reason, reason);
            assert!(error.thread < 2 && error.to_string().contains("server"));
            assert!(!server.is_serving());
            // Whoever asks again is told the same.
            assert_eq!(server.wait_closed().await, Err(error));
        }
    })
    .unwrap();
}

#[test]
fn serving_on_every_core_inside_a_loop_is_refused() {
    everloop::run(async {
        let refused = serve_on_every_core(|| echo, any_port()).unwrap_err();
        assert!(matches!(refused, ServeOnEveryCoreError::Run(RunError::Nested)), "{refused:?}");
    })
    .unwrap();
    let taken = std::net::TcpListener::bind(any_port()).unwrap();
    let refused = serve_on_every_core(|| echo, taken.local_addr().unwrap()).unwrap_err();
    assert!(matches!(refused, ServeOnEveryCoreError::Start(StartError::Listen(..))), "{refused:?}");
}
