//! Servers.
#![allow(missing_docs)]

mod support;

use std::cell::{Cell, RefCell};
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};

use everloop::embedded_io_async::{Read, Write};
use everloop::net::{
    DEFAULT_LIMIT, Endpoint, ServeError, Server, SocketReader, SocketWriter, StartError, TcpListener,
    TcpStream,
};
use everloop::reactor::ReactorError;
use everloop::{
    Duration, Event, catch_cancel, create_task, open_connection, set_exception_handler, sleep, start_server,
    yield_now,
};
use support::{any_port, poll_once};

/// Sends back every line.
async fn echo(mut reader: SocketReader, mut writer: SocketWriter) {
    while let Ok(line @ [_, ..]) = reader.readline().await {
        writer.write(line).unwrap();
        writer.drain().await.unwrap();
    }
}

/// Reads to the end and closes.
async fn until_the_end(mut reader: SocketReader, writer: SocketWriter) {
    while let Ok(1..) = reader.read(&mut [0; 64]).await {}
    writer.close().await.unwrap();
}

async fn started<H: AsyncFn(SocketReader, SocketWriter) + 'static>(handler: H) -> (Server, SocketAddr) {
    let server = start_server(handler, any_port()).await.unwrap();
    let address = server.local_addrs()[0];
    (server, address)
}

async fn asks(address: SocketAddr, line: &[u8]) {
    let (mut reader, mut writer) = open_connection(address).await.unwrap();
    writer.write(line).unwrap();
    writer.drain().await.unwrap();
    assert_eq!(reader.readline().await.unwrap(), line);
}

#[test]
fn it_starts_with_its_listener_bound() {
    everloop::run(async {
        let (server, address) = started(echo).await;
        assert!(server.is_serving());
        assert_ne!(address.port(), 0);
        // The system takes the connection before any task runs.
        std::net::TcpStream::connect(address).unwrap();
        assert!(format!("{server:?}").contains(&address.to_string()));
    })
    .unwrap();
}

#[test]
fn each_connection_has_a_task_of_its_handler() {
    everloop::run(async {
        let (_server, address) = started(echo).await;
        let clients: Vec<_> = (0..20)
            .map(|id| create_task(async move { asks(address, format!("client {id}\n").as_bytes()).await }))
            .collect();
        for client in clients {
            client.await.unwrap();
        }
    })
    .unwrap();
}

#[test]
fn a_handler_knows_its_peer() {
    everloop::run(async {
        let (_server, address) = started(async |reader: SocketReader, mut writer: SocketWriter| {
            let peer = reader.get_ref().peer_addr().unwrap();
            assert_eq!(writer.get_ref().peer_addr().unwrap(), peer);
            writer.write(peer.to_string().as_bytes()).unwrap();
            writer.close().await.unwrap();
        })
        .await;
        let (mut reader, writer) = open_connection(address).await.unwrap();
        let peer = writer.get_ref().local_addr().unwrap();
        assert_eq!(reader.readline().await.unwrap(), peer.to_string().as_bytes());
    })
    .unwrap();
}

#[test]
fn a_handler_may_own_what_it_needs() {
    everloop::run(async {
        let served = Rc::new(Cell::new(0));
        let counter = served.clone();
        let (server, address) = started(async move |_reader, _writer| {
            counter.set(counter.get() + 1);
        })
        .await;
        for _ in 0..3 {
            let mut near = TcpStream::connect(address).await.unwrap();
            assert_eq!(near.read(&mut [0]).await.unwrap(), 0);
        }
        assert_eq!(served.get(), 3);
        assert_eq!(Rc::strong_count(&served), 2);
        drop(server);
        // It goes with the server, once no connection needs it.
        assert_eq!(Rc::strong_count(&served), 1);
    })
    .unwrap();
}

#[test]
fn closed_it_takes_no_client_and_its_connections_live_on() {
    everloop::run(async {
        let (server, address) = started(echo).await;
        let (mut reader, mut writer) = open_connection(address).await.unwrap();
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
        let (server, address) = started(async move |mut reader: SocketReader, mut writer: SocketWriter| {
            writer.write(b"hello").unwrap();
            writer.drain().await.unwrap();
            assert_eq!(reader.read(&mut [0; 8]).await.unwrap(), 0);
            assert_eq!(reader.read(&mut [0; 8]).await.unwrap(), 0);
            writer.write(b"too late").unwrap();
            assert_eq!(writer.drain().await.unwrap_err().kind(), ErrorKind::BrokenPipe);
            // The end was sent already.
            assert!(writer.into_inner().write(b"x").await.is_err());
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
            let mut sink = writer.into_inner();
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
        let (server, address) = started(async move |_reader, mut writer: SocketWriter| {
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
fn a_panic_of_a_handler_is_reported_and_the_server_goes_on() {
    static REPORTED: AtomicUsize = AtomicUsize::new(0);
    everloop::run(async {
        set_exception_handler(Some(&|unhandled| {
            assert_eq!(unhandled.message(), Some("no such command"));
            assert_eq!(unhandled.task().and_then(|task| task.name()), Some("connection"));
            REPORTED.fetch_add(1, Ordering::Relaxed);
        }));
        let (server, address) = started(async |mut reader: SocketReader, writer| {
            let ["good\n"] = [std::str::from_utf8(reader.readline().await.unwrap()).unwrap()] else {
                panic!("no such command")
            };
            writer.close().await.unwrap();
        })
        .await;
        for round in 1..=3 {
            let (mut reader, mut writer) = open_connection(address).await.unwrap();
            writer.write(b"bad\n").unwrap();
            writer.drain().await.unwrap();
            // Its connection is gone with it.
            assert_eq!(reader.readline().await.unwrap(), b"");
            while REPORTED.load(Ordering::Relaxed) < round {
                yield_now().await;
            }
        }
        let (mut reader, mut writer) = open_connection(address).await.unwrap();
        writer.write(b"good\n").unwrap();
        writer.drain().await.unwrap();
        assert_eq!(reader.readline().await.unwrap(), b"");
        server.close();
        server.wait_closed().await;
        assert_eq!(REPORTED.load(Ordering::Relaxed), 3);
    })
    .unwrap();
}

#[test]
fn several_addresses_are_several_listeners() {
    everloop::run(async {
        let endpoint = Endpoint::from([any_port(), any_port()]);
        let server = start_server(echo, endpoint).await.unwrap();
        let addresses = server.local_addrs();
        assert_eq!(addresses.len(), 2);
        for address in &addresses {
            asks(*address, b"hello\n").await;
        }
        server.close();
        for address in addresses {
            assert!(TcpStream::connect(address).await.is_err());
        }
    })
    .unwrap();
}

#[test]
fn an_empty_name_is_every_address_of_both_kinds() {
    everloop::run(async {
        let server = start_server(echo, ("", 0)).await.unwrap();
        let addresses = server.local_addrs();
        assert!(addresses.iter().any(SocketAddr::is_ipv4));
        for address in addresses {
            assert!(address.ip().is_unspecified());
            asks(address, b"hello\n").await;
            let other: SocketAddr = match address {
                SocketAddr::V4(_) => ([0, 0, 0, 0, 0, 0, 0, 1], address.port()).into(),
                SocketAddr::V6(_) => ([127, 0, 0, 1], address.port()).into(),
            };
            assert!(TcpStream::connect(other).await.is_err());
        }
    })
    .unwrap();
}

#[test]
fn an_address_that_is_taken_starts_nothing() {
    everloop::run(async {
        let taken = TcpListener::bind(any_port()).unwrap();
        let address = taken.local_addr().unwrap();
        let free = std::net::TcpListener::bind(any_port()).unwrap().local_addr().unwrap();
        let error = start_server(echo, [free, address]).await.unwrap_err();
        assert!(matches!(error, StartError::Listen(at, _) if at == address), "{error:?}");
        assert!(error.to_string().contains(&address.to_string()), "{error}");
        assert_eq!(std::io::Error::from(error).kind(), ErrorKind::AddrInUse);
        assert!(TcpStream::connect(free).await.is_err());
        assert!(matches!(start_server(echo, Vec::new()).await, Err(StartError::NoAddress)));
    })
    .unwrap();
}

#[test]
fn an_address_that_the_machine_does_not_have_is_left_out() {
    everloop::run(async {
        // Reserved for documentation.
        let elsewhere: SocketAddr = "192.0.2.1:0".parse().unwrap();
        let server = start_server(echo, [elsewhere, any_port()]).await.unwrap();
        assert_eq!(server.local_addrs().len(), 1);
        let error = start_server(echo, elsewhere).await.unwrap_err();
        assert!(matches!(error, StartError::Listen(at, _) if at == elsewhere), "{error:?}");
    })
    .unwrap();
}

#[test]
fn listeners_made_elsewhere_are_served_with_a_limit() {
    everloop::run(async {
        let listener = TcpListener::bind(any_port()).unwrap();
        let address = listener.local_addr().unwrap();
        let _server = Server::new(vec![listener], 8, async |mut reader: SocketReader, _writer| {
            assert!(reader.readline().await.is_err());
        })
        .unwrap();
        let mut near = TcpStream::connect(address).await.unwrap();
        near.write_all(b"more than eight bytes").await.unwrap();
        // The handler ended for the length alone.
        assert_eq!(near.read(&mut [0]).await.unwrap(), 0);
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

#[test]
fn outside_a_loop_it_is_an_error_that_says_so() {
    let mut starting = Box::pin(start_server(echo, any_port()));
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    match starting.as_mut().poll(&mut cx) {
        std::task::Poll::Ready(Err(StartError::Loop(ReactorError::NoRunningLoop))) => {}
        other => panic!("{other:?}"),
    }
    assert!(Server::<everloop::net::Tcp>::new(Vec::new(), DEFAULT_LIMIT, echo).is_err());
}

#[cfg(unix)]
mod unix {
    use everloop::net::{PathError, Unix, UnixListener, UnixStream};
    use everloop::{open_unix_connection, start_unix_server};

    use super::*;
    use support::Folder;

    async fn echo(mut reader: SocketReader<Unix>, mut writer: SocketWriter<Unix>) {
        while let Ok(line @ [_, ..]) = reader.readline().await {
            writer.write(line).unwrap();
            writer.drain().await.unwrap();
        }
    }

    #[test]
    fn a_unix_server_serves_at_its_path_and_removes_it_when_it_closes() {
        let folder = Folder::new();
        everloop::run(async {
            let path = folder.join("socket");
            let server = start_unix_server(echo, &path).await.unwrap();
            assert_eq!(server.local_addrs()[0].as_pathname(), Some(&*path));
            let (mut reader, mut writer) = open_unix_connection(&path).await.unwrap();
            writer.write(b"hello\n").unwrap();
            writer.drain().await.unwrap();
            assert_eq!(reader.readline().await.unwrap(), b"hello\n");
            server.close();
            assert!(!path.exists());
            assert!(poll_once(server.wait_closed()).await.is_none());
            server.close_clients();
            assert!(poll_once(server.wait_closed()).await.is_some());
            assert_eq!(reader.readline().await.unwrap(), b"");
        })
        .unwrap();
    }

    #[test]
    fn a_unix_server_serves_a_socket_made_elsewhere_and_removes_its_path() {
        let folder = Folder::new();
        everloop::run(async {
            let path = folder.join("socket");
            let listener = std::os::unix::net::UnixListener::bind(&path).unwrap();
            let listener = UnixListener::from_std(listener).unwrap();
            let server = Server::new(vec![listener], DEFAULT_LIMIT, echo).unwrap();
            UnixStream::connect(&path).await.unwrap();
            server.close();
            assert!(!path.exists());
        })
        .unwrap();
    }

    #[test]
    fn a_unix_server_does_not_mind_that_its_path_is_gone() {
        let folder = Folder::new();
        everloop::run(async {
            let path = folder.join("socket");
            let server = start_unix_server(echo, &path).await.unwrap();
            std::fs::remove_file(&path).unwrap();
            server.close();
            assert!(!server.is_serving());
        })
        .unwrap();
    }

    #[test]
    fn a_unix_server_leaves_a_path_that_somebody_replaced() {
        let folder = Folder::new();
        everloop::run(async {
            let path = folder.join("socket");
            let server = start_unix_server(echo, &path).await.unwrap();
            std::fs::remove_file(&path).unwrap();
            let _other = std::os::unix::net::UnixListener::bind(&path).unwrap();
            server.close();
            assert!(path.exists());
        })
        .unwrap();
    }

    #[test]
    fn a_unix_server_leaves_a_path_that_is_to_be_kept() {
        let folder = Folder::new();
        everloop::run(async {
            let path = folder.join("socket");
            let listener = UnixListener::bind(&path).unwrap();
            listener.keep_path();
            let server = Server::new(vec![listener], DEFAULT_LIMIT, echo).unwrap();
            server.close();
            assert!(path.exists());
        })
        .unwrap();
    }

    #[test]
    fn a_unix_server_does_not_start_over_a_file() {
        let folder = Folder::new();
        everloop::run(async {
            let path = folder.join("file");
            std::fs::write(&path, "precious").unwrap();
            let error = start_unix_server(echo, &path).await.unwrap_err();
            assert_eq!(error.get_ref().unwrap().downcast_ref(), Some(&PathError::NotASocket(path.clone())));
            assert_eq!(std::fs::read_to_string(&path).unwrap(), "precious");
        })
        .unwrap();
    }
}
