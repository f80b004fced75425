//! Servers: how they and their connections end.
#![allow(missing_docs)]

use std::cell::{Cell, RefCell};
use std::io::{ErrorKind, Read as _};
use std::net::{Shutdown, TcpStream as StdStream};
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::task::{Context, Wake, Waker};

use crate::support::poll_once;
use crate::support::server::{asks, echo, started, until_the_end};
use everloop::embedded_io_async::{Read, Write};
use everloop::net::{ServeError, Server, SocketReader, SocketWriter, TcpListener, TcpStream};
use everloop::{Duration, Event, catch_cancel, create_task, open_connection, sleep, yield_now};

#[test]
fn closed_it_takes_no_client_and_its_connections_live_on() {
    everloop::run(async {
        let (server, address) = started(echo).await;
        let (mut reader, writer) = open_connection(address).await.unwrap();
        writer.write(b"one\n").unwrap();
        writer.drain().await.unwrap();
        assert_eq!(reader.readline().await.unwrap(), b"one\n");
        server.close();
        server.close();
        assert!(!server.is_serving());
        assert!(server.local_addrs().is_empty());
        assert!(TcpStream::connect(address).await.is_err());
        writer.write(b"two\n").unwrap();
        writer.drain().await.unwrap();
        assert_eq!(reader.readline().await.unwrap(), b"two\n");
        // The port is free.
        TcpListener::bind(address).unwrap();
    })
    .unwrap();
}

#[test]
fn dropped_it_is_closed() {
    everloop::run(async {
        let (server, address) = started(echo).await;
        drop(server);
        assert!(TcpStream::connect(address).await.is_err());
    })
    .unwrap();
}

#[test]
fn wait_closed_waits_for_the_close_and_for_every_connection() {
    everloop::run(async {
        let (server, address) = started(until_the_end).await;
        let server = Rc::new(server);
        let wait = || {
            let server = server.clone();
            create_task(async move { server.wait_closed().await })
        };
        // No connection, but not closed.
        let first = wait();
        yield_now().await;
        assert!(!first.done());
        let (near, other) =
            (TcpStream::connect(address).await.unwrap(), TcpStream::connect(address).await.unwrap());
        while !format!("{server:?}").contains("clients: 2") {
            yield_now().await;
        }
        let second = wait();
        server.close();
        let third = wait();
        yield_now().await;
        drop(near);
        for _ in 0..5 {
            sleep(Duration::from_millis(1)).await;
        }
        // Closed, but for one connection.
        assert!(!first.done() && !second.done() && !third.done());
        drop(other);
        first.await.unwrap();
        second.await.unwrap();
        third.await.unwrap();
        assert!(poll_once(server.wait_closed()).await.is_some());
    })
    .unwrap();
}

#[test]
fn wait_closed_waits_for_halves_that_the_handler_gave_away() {
    everloop::run(async {
        let kept = Rc::new(RefCell::new(None));
        let keep = kept.clone();
        let (server, address) = started(async move |_reader, writer| {
            *keep.borrow_mut() = Some(writer);
        })
        .await;
        let _near = TcpStream::connect(address).await.unwrap();
        while kept.borrow().is_none() {
            yield_now().await;
        }
        server.close();
        assert!(poll_once(server.wait_closed()).await.is_none());
        kept.take();
        assert!(poll_once(server.wait_closed()).await.is_some());
    })
    .unwrap();
}

/// As CPython's `test_wait_closed_race`.
#[test]
fn wait_closed_ends_when_close_and_the_last_end_coincide() {
    everloop::run(async {
        let (server, address) = started(until_the_end).await;
        let near = TcpStream::connect(address).await.unwrap();
        while !format!("{server:?}").contains("clients: 1") {
            yield_now().await;
        }
        let server = Rc::new(server);
        let closing = server.clone();
        create_task(async move { closing.close() });
        create_task(async move { drop(near) });
        server.wait_closed().await;
    })
    .unwrap();
}

/// As CPython's `test_close_race`.
#[test]
fn a_client_that_is_in_line_when_the_server_closes_is_let_go() {
    everloop::run(async {
        let (server, address) = started(echo).await;
        let mut near = TcpStream::connect(address).await.unwrap();
        server.close();
        server.wait_closed().await;
        assert!(!matches!(near.read(&mut [0]).await, Ok(1..)));
    })
    .unwrap();
}

#[test]
fn closed_clients_read_the_end_and_are_not_waited_for() {
    everloop::run(async {
        let ended = Rc::new(<Event>::new());
        let end = ended.clone();
        let (server, address) = started(async move |mut reader: SocketReader, writer: SocketWriter| {
            writer.write(b"hello").unwrap();
            writer.drain().await.unwrap();
            assert_eq!(reader.read(&mut [0; 8]).await.unwrap(), 0);
            assert_eq!(reader.read(&mut [0; 8]).await.unwrap(), 0);
            writer.write(b"too late").unwrap();
            assert_eq!(writer.drain().await.unwrap_err().kind(), ErrorKind::BrokenPipe);
            // Nothing goes to it any more, by no way.
            assert_eq!(writer.into_inner().await.unwrap_err().kind(), ErrorKind::BrokenPipe);
            end.set();
        })
        .await;
        let mut near = TcpStream::connect(address).await.unwrap();
        let mut hello = [0; 5];
        near.read_exact(&mut hello).await.unwrap();
        server.close();
        server.close_clients();
        assert!(poll_once(server.wait_closed()).await.is_some());
        // In good order.
        assert_eq!(near.read(&mut hello).await.unwrap(), 0);
        ended.wait().await;
    })
    .unwrap();
}

#[test]
fn a_closed_client_may_end_its_stream_again_and_the_server_goes_on() {
    everloop::run(async {
        let ended = Rc::new(Cell::new(0));
        let end = ended.clone();
        let (server, address) = started(async move |reader, writer| {
            until_the_end(reader, writer).await;
            end.set(end.get() + 1);
        })
        .await;
        for round in 1..=2 {
            let _near = TcpStream::connect(address).await.unwrap();
            while !format!("{server:?}").contains("clients: 1") {
                yield_now().await;
            }
            server.close_clients();
            yield_now().await;
            assert_eq!(ended.get(), round);
            assert!(server.is_serving());
        }
    })
    .unwrap();
}

#[test]
fn what_was_drained_before_a_close_of_the_clients_arrives() {
    const MANY: usize = 100_000;
    everloop::run(async {
        let (server, address) = started(async |mut reader: SocketReader, writer: SocketWriter| {
            let mut sink = writer.into_inner().await.unwrap();
            sink.write_all(&vec![b'x'; MANY]).await.unwrap();
            assert_eq!(reader.read(&mut [0; 8]).await.unwrap(), 1);
            assert_eq!(reader.read(&mut [0; 8]).await.unwrap(), 0);
        })
        .await;
        let mut near = TcpStream::connect(address).await.unwrap();
        // Unread input must not make the close a reset.
        near.write_all(b"!").await.unwrap();
        let mut heard = vec![0; MANY];
        near.read_exact(&mut heard[..1]).await.unwrap();
        sleep(Duration::from_millis(5)).await;
        server.close_clients();
        near.read_exact(&mut heard[1..]).await.unwrap();
        assert_eq!(near.read(&mut heard).await.unwrap(), 0);
    })
    .unwrap();
}

#[test]
fn aborted_clients_are_reset_and_are_not_waited_for() {
    everloop::run(async {
        let ended = Rc::new(<Event>::new());
        let end = ended.clone();
        let (server, address) = started(async move |_reader, writer: SocketWriter| {
            // More than anybody takes.
            let error = loop {
                let _ = writer.write(&[0; 4096]);
                if let Err(error) = writer.drain().await {
                    break error;
                }
            };
            assert_eq!(error.kind(), ErrorKind::ConnectionAborted);
            end.set();
        })
        .await;
        let mut near = TcpStream::connect(address).await.unwrap();
        sleep(Duration::from_millis(5)).await;
        server.close();
        assert!(poll_once(server.wait_closed()).await.is_none());
        server.abort_clients();
        assert!(poll_once(server.wait_closed()).await.is_some());
        ended.wait().await;
        let mut buf = vec![0; 1 << 20];
        let error = loop {
            match near.read(&mut buf).await {
                Ok(0) => panic!("it ended in good order"),
                Ok(_) => {}
                Err(error) => break error,
            }
        };
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    })
    .unwrap();
}

#[test]
fn serving_for_ever_ends_when_the_server_is_closed() {
    everloop::run(async {
        let (server, address) = started(echo).await;
        let server = Rc::new(server);
        let serving = create_task({
            let server = server.clone();
            async move { server.serve_forever().await }
        });
        asks(address, b"hello\n").await;
        assert_eq!(server.serve_forever().await, Err(ServeError::AlreadyAwaited));
        server.close();
        assert_eq!(serving.await.unwrap(), Ok(()));
        assert_eq!(server.serve_forever().await, Err(ServeError::Closed));
    })
    .unwrap();
}

#[test]
fn cancelled_it_closes_with_its_clients_and_then_surfaces() {
    everloop::run(async {
        let cleaned_up = Rc::new(Cell::new(false));
        let clean_up = cleaned_up.clone();
        let (server, address) = started(async move |mut reader: SocketReader, _writer| {
            assert_eq!(reader.read(&mut [0; 8]).await.unwrap(), 0);
            clean_up.set(true);
        })
        .await;
        let serving = create_task(async move {
            let outcome = catch_cancel(server.serve_forever()).await;
            assert!(outcome.is_err() && !server.is_serving());
            outcome.unwrap_err().resume().await;
        });
        let mut near = TcpStream::connect(address).await.unwrap();
        while !format!("{:?}", everloop::all_tasks().collect::<Vec<_>>()).contains("connection") {
            yield_now().await;
        }
        yield_now().await;
        serving.cancel();
        assert!(serving.await.is_err());
        assert_eq!(near.read(&mut [0]).await.unwrap(), 0);
        yield_now().await;
        assert!(cleaned_up.get());
        assert!(TcpStream::connect(address).await.is_err());
    })
    .unwrap();
}

#[test]
fn serving_for_ever_may_be_dropped_and_awaited_again() {
    everloop::run(async {
        let (server, address) = started(echo).await;
        assert!(poll_once(server.serve_forever()).await.is_none());
        assert!(poll_once(server.serve_forever()).await.is_none());
        asks(address, b"still there\n").await;
    })
    .unwrap();
}

#[test]
fn a_server_whose_task_was_cancelled_is_closed() {
    everloop::run(async {
        let (server, address) = started(echo).await;
        let task = everloop::all_tasks().find(|task| task.name() == Some("server")).unwrap();
        task.cancel();
        server.wait_closed().await;
        assert!(!server.is_serving());
        assert!(TcpStream::connect(address).await.is_err());
    })
    .unwrap();
}

#[test]
fn a_handler_may_close_its_server() {
    everloop::run(async {
        let slot: Rc<RefCell<Option<Server>>> = Rc::default();
        let own = slot.clone();
        let (server, address) = started(async move |reader, writer| {
            let server = own.borrow_mut().take().unwrap();
            server.close();
            drop((reader, writer));
            server.wait_closed().await;
        })
        .await;
        *slot.borrow_mut() = Some(server);
        let mut near = TcpStream::connect(address).await.unwrap();
        assert_eq!(near.read(&mut [0]).await.unwrap(), 0);
        assert!(TcpStream::connect(address).await.is_err());
    })
    .unwrap();
}

#[test]
fn a_run_that_ends_takes_the_server_and_its_connections_along() {
    let (server, mut near) = everloop::run(async {
        let (server, address) = started(echo).await;
        asks(address, b"hello\n").await;
        (server, std::net::TcpStream::connect(address).unwrap())
    })
    .unwrap();
    assert!(!server.is_serving());
    assert!(!matches!(std::io::Read::read(&mut near, &mut [0]), Ok(1..)));
}

/// Looks at the client's side of a connection when it is woken.
struct Look {
    client: StdStream,
    seen: Mutex<Option<Result<usize, ErrorKind>>>,
}

impl Wake for Look {
    fn wake(self: Arc<Self>) {
        let read = (&self.client).read(&mut [0]).map_err(|error| error.kind());
        *self.seen.lock().unwrap() = Some(read);
    }
}

#[test]
fn a_connection_that_is_dropped_is_closed_before_those_who_wait_for_it_are_woken() {
    everloop::run(async {
        let to_the_end = async |mut reader: SocketReader, _writer: SocketWriter| {
            while let Ok(1..) = reader.read(&mut [0; 64]).await {}
        };
        let (server, address) = started(to_the_end).await;
        let client = StdStream::connect(address).unwrap();
        client.set_nonblocking(true).unwrap();
        while !format!("{server:?}").contains("clients: 1") {
            yield_now().await;
        }
        server.close();
        let look = Arc::new(Look { client, seen: Mutex::default() });
        let waker = Waker::from(look.clone());
        let mut waits = std::pin::pin!(server.wait_closed());
        assert!(waits.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        look.client.shutdown(Shutdown::Write).unwrap();
        while look.seen.lock().unwrap().is_none() {
            sleep(Duration::from_millis(1)).await;
        }
        assert_eq!(*look.seen.lock().unwrap(), Some(Ok(0)), "it was open still");
        waits.await;
    })
    .unwrap();
}
