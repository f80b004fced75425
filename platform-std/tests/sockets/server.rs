//! Servers: what they serve, and where.
#![allow(missing_docs)]

use std::cell::Cell;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::any_port;
use crate::support::server::{asks, echo, started};
use everloop::embedded_io_async::{Error as _, Read, Write};
use everloop::net::{
    Buffers, DEFAULT_LIMIT, Endpoint, ServeError, Server, SocketReader, SocketWriter, StartError,
    StreamServer, Streams, Tcp, TcpListener, TcpStream,
};
use everloop::reactor::ReactorError;
use everloop::{create_task, open_connection, set_exception_handler, start_server, yield_now};

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
        let (_server, address) = started(async |reader: SocketReader, writer: SocketWriter| {
            let peer = reader.get_ref().peer_addr().unwrap();
            assert_eq!(writer.get_extra_info().peername(), Some(&peer));
            writer.write(peer.to_string().as_bytes()).unwrap();
            writer.close();
        })
        .await;
        let (mut reader, writer) = open_connection(address).await.unwrap();
        let peer = writer.get_extra_info().sockname().unwrap().to_string();
        assert_eq!(reader.readline().await.unwrap(), peer.as_bytes());
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
fn a_panic_of_a_handler_is_reported_and_the_server_goes_on() {
    static REPORTED: AtomicUsize = AtomicUsize::new(0);
    everloop::run(async {
        set_exception_handler(Some(&|unhandled| {
            assert_eq!(unhandled.message(), Some("no such command"));
            assert_eq!(unhandled.task().and_then(|task| task.name()), Some("connection"));
            REPORTED.fetch_add(1, Ordering::Relaxed);
        }));
        let (server, address) = started(async |mut reader: SocketReader, writer: SocketWriter| {
            let ["good\n"] = [std::str::from_utf8(reader.readline().await.unwrap()).unwrap()] else {
                panic!("no such command")
            };
            writer.close();
        })
        .await;
        for round in 1..=3 {
            let (mut reader, writer) = open_connection(address).await.unwrap();
            writer.write(b"bad\n").unwrap();
            writer.drain().await.unwrap();
            // Its connection is gone with it.
            assert_eq!(reader.readline().await.unwrap(), b"");
            while REPORTED.load(Ordering::Relaxed) < round {
                yield_now().await;
            }
        }
        let (mut reader, writer) = open_connection(address).await.unwrap();
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
fn outside_a_loop_it_is_an_error_that_says_so() {
    let mut starting = Box::pin(start_server(echo, any_port()));
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    match starting.as_mut().poll(&mut cx) {
        std::task::Poll::Ready(Err(StartError::Loop(ReactorError::NoRunningLoop))) => {}
        other => panic!("{other:?}"),
    }
    assert!(Server::<everloop::net::Tcp>::new(Vec::new(), DEFAULT_LIMIT, echo).is_err());
}

/// The same body as a program on bare metal may have.
async fn talk<N: Streams>(network: &N, host: &str) -> Result<(), N::StartError> {
    const BUFFERS: Buffers<64, 64> = Buffers;
    let server = network
        .start_server(
            async |mut reader, mut writer| {
                while let Ok(line @ [_, ..]) = reader.readline().await {
                    if writer.write(line).is_err() || writer.drain().await.is_err() {
                        break;
                    }
                }
            },
            host,
            0,
            BUFFERS,
        )
        .await?;
    let port = server.local_addr().unwrap().port();
    let (mut reader, mut writer) = network.open_connection(host, port, BUFFERS).await.ok().unwrap();
    writer.write(b"hello\n").unwrap();
    writer.drain().await.ok().unwrap();
    assert_eq!(reader.readline().await.ok(), Some(&b"hello\n"[..]));

    server.close();
    assert_eq!(server.local_addr(), None);
    let refused = network.open_connection(host, port, BUFFERS).await.err().unwrap();
    assert_eq!(refused.kind(), everloop::embedded_io_async::ErrorKind::ConnectionRefused);
    server.close_clients();
    server.wait_closed().await;
    assert_eq!(server.serve_forever().await, Err(ServeError::Closed));
    assert_eq!(reader.readline().await.ok(), Some(&b""[..]));
    Ok(())
}

#[test]
fn portable_code_serves_and_connects() {
    everloop::run(async {
        for host in ["127.0.0.1", "localhost"] {
            talk(&Tcp, host).await.unwrap();
        }
    })
    .unwrap();
}
