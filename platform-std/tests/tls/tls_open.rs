//! Connections and servers with TLS, as asyncio's `open_connection` and `start_server` make them with `ssl`.
#![allow(missing_docs)]

use std::cell::RefCell;
use std::io::ErrorKind;
use std::rc::Rc;

use crate::support::any_port;
use crate::support::tls::Authority;
use everloop::embedded_io_async::{Read, Write};
use everloop::net::{ConnectError, Kind, Server, TcpListener, TcpStream};
use everloop::tls::{
    TlsAcceptor, TlsConnector, TlsError, TlsReader, TlsWriter, open_tls_connection, start_tls_server,
};
use everloop::{Duration, create_task, set_exception_handler, sleep};

/// Sends back every line.
async fn echo<K: Kind>(mut reader: TlsReader<K>, writer: TlsWriter<K>) {
    while let Ok(line @ [_, ..]) = reader.readline().await {
        writer.write(line).unwrap();
        writer.drain().await.unwrap();
    }
    writer.close();
    writer.wait_closed().await.unwrap();
}

/// Sends a line, expects it back, and ends.
async fn asks<K: Kind>((mut reader, writer): (TlsReader<K>, TlsWriter<K>), line: &[u8]) {
    writer.write(line).unwrap();
    writer.drain().await.unwrap();
    assert_eq!(reader.readline().await.unwrap(), line);
    writer.close();
    writer.wait_closed().await.unwrap();
    assert_eq!(reader.readline().await.unwrap(), b"");
}

#[test]
fn a_line_goes_to_a_host_by_name_and_back() {
    everloop::run(async {
        let authority = Authority::new();
        let acceptor = authority.acceptor("localhost");
        let server = start_tls_server(echo, any_port(), &acceptor).await.unwrap();
        let port = server.local_addrs()[0].port();
        // The name of the host is that of the certificate.
        let connector = TlsConnector::trusting([authority.certificate()]).unwrap();
        asks(open_tls_connection(("localhost", port), &connector).await.unwrap(), b"hello\n").await;
        server.close();
        server.wait_closed().await;
    })
    .unwrap();
}

#[test]
fn the_name_of_the_certificate_may_be_another_than_the_hosts() {
    everloop::run(async {
        let authority = Authority::new();
        let acceptor = authority.acceptor("everloop.test");
        let server = start_tls_server(echo, any_port(), &acceptor).await.unwrap();
        let address = server.local_addrs()[0];
        asks(open_tls_connection(address, &authority.connector("everloop.test")).await.unwrap(), b"x\n")
            .await;
        // An address is a name, and not the certificate's.
        let connector = TlsConnector::trusting([authority.certificate()]).unwrap();
        let error = open_tls_connection(address, &connector).await.unwrap_err();
        assert!(matches!(error, ConnectError::Tls(TlsError::Protocol(_))), "{error}");
        assert_eq!(std::io::Error::from(error).kind(), ErrorKind::InvalidData);
    })
    .unwrap();
}

#[test]
fn a_host_that_is_not_there_is_the_same_error_as_without_tls() {
    everloop::run(async {
        let gone = TcpListener::bind(any_port()).unwrap().local_addr().unwrap();
        let error = open_tls_connection(gone, &Authority::new().connector("localhost")).await.unwrap_err();
        assert!(matches!(&error, ConnectError::Attempts(attempts) if attempts.len() == 1), "{error}");
    })
    .unwrap();
}

#[test]
fn many_clients_are_served_at_once() {
    everloop::run(async {
        let authority = Rc::new(Authority::new());
        let acceptor = authority.acceptor("localhost");
        let server = start_tls_server(echo, any_port(), &acceptor).await.unwrap();
        let address = server.local_addrs()[0];
        let connector = authority.connector("localhost");
        let clients: Vec<_> = (0..20)
            .map(|id| {
                let connector = connector.clone();
                create_task(async move {
                    let streams = open_tls_connection(address, &connector).await.unwrap();
                    asks(streams, format!("client {id}\n").as_bytes()).await;
                })
            })
            .collect();
        for client in clients {
            client.await.unwrap();
        }
        server.close();
        server.wait_closed().await;
    })
    .unwrap();
}

thread_local! {
    static TOLD: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

#[test]
fn a_handshake_that_fails_is_reported_and_disturbs_nobody() {
    everloop::run(async {
        set_exception_handler(Some(&|unhandled| {
            TOLD.with_borrow_mut(|told| told.push(unhandled.to_string()));
        }));
        let authority = Authority::new();
        let acceptor = authority.acceptor("localhost").handshake_timeout(Duration::from_secs(1));
        let server = start_tls_server(echo, any_port(), &acceptor).await.unwrap();
        let address = server.local_addrs()[0];

        // One that does not speak TLS, one that goes, one that does not trust the server, and one that says nothing.
        let mut plain = TcpStream::connect(address).await.unwrap();
        plain.write_all(b"hello, is this TLS?\n").await.unwrap();
        drop(TcpStream::connect(address).await.unwrap());
        let stranger = Authority::new().connector("localhost");
        open_tls_connection(address, &stranger).await.unwrap_err();
        let mut silent = TcpStream::connect(address).await.unwrap();
        // Meanwhile others are served.
        asks(open_tls_connection(address, &authority.connector("localhost")).await.unwrap(), b"me\n").await;
        assert!(matches!(silent.read(&mut [0; 8]).await, Ok(0)));

        let told = TOLD.take();
        assert_eq!(told.len(), 4, "{told:?}");
        assert!(told.iter().all(|one| one.contains("TLS handshake failed")), "{told:?}");
        assert!(told[3].contains("longer than 1s"), "{told:?}");
        server.close();
        drop((plain, silent));
        server.wait_closed().await;
    })
    .unwrap();
}

#[test]
fn a_server_closes_its_clients_under_tls() {
    everloop::run(async {
        let authority = Authority::new();
        let acceptor = authority.acceptor("localhost");
        let outcome = Rc::new(RefCell::new(None));
        let handler = {
            let outcome = Rc::clone(&outcome);
            async move |mut reader: TlsReader, writer: TlsWriter| {
                let read = reader.read(&mut [0; 8]).await;
                writer.write(b"late").unwrap();
                let written = writer.drain().await;
                *outcome.borrow_mut() = Some((read, written));
            }
        };
        let server = start_tls_server(handler, any_port(), &acceptor).await.unwrap();
        let streams =
            open_tls_connection(server.local_addrs()[0], &authority.connector("localhost")).await.unwrap();
        sleep(Duration::from_millis(5)).await;
        server.close();
        server.close_clients();
        server.wait_closed().await;
        sleep(Duration::from_millis(1)).await;
        let (read, written) = outcome.take().unwrap();
        assert_eq!(read.unwrap(), 0);
        assert_eq!(written.unwrap_err().kind(), ErrorKind::BrokenPipe);
        // The client is told that this is the end.
        let (mut reader, _writer) = streams;
        assert_eq!(reader.readline().await.unwrap(), b"");
    })
    .unwrap();
}

#[cfg(unix)]
#[test]
fn a_unix_server_serves_with_tls_at_its_path() {
    use everloop::tls::{open_unix_tls_connection, start_unix_tls_server};
    everloop::run(async {
        let folder = crate::support::Folder::new();
        let path = folder.join("tls");
        let authority = Authority::new();
        let server = start_unix_tls_server(echo, &path, &authority.acceptor("localhost")).await.unwrap();
        let streams = open_unix_tls_connection(&path, &authority.connector("localhost")).await.unwrap();
        asks(streams, b"by path\n").await;
        server.close();
        server.wait_closed().await;
        assert!(!path.exists());
    })
    .unwrap();
}

#[test]
fn listeners_made_elsewhere_are_served_with_limits_of_their_own() {
    everloop::run(async {
        let authority = Authority::new();
        let listener = TcpListener::bind(any_port()).unwrap();
        let address = listener.local_addr().unwrap();
        let acceptor: TlsAcceptor = authority.acceptor("localhost");
        let handler = async |mut reader: TlsReader, writer: TlsWriter| {
            // A line is longer than the buffer.
            assert!(reader.readline().await.is_err());
            writer.close();
            writer.wait_closed().await.unwrap();
        };
        let _server: Server = Server::with_tls(vec![listener], 8, &acceptor, handler).unwrap();
        let (mut reader, writer) =
            open_tls_connection(address, &authority.connector("localhost")).await.unwrap();
        writer.write(b"longer than eight\n").unwrap();
        writer.drain().await.unwrap();
        assert_eq!(reader.readline().await.unwrap(), b"");
    })
    .unwrap();
}

#[test]
fn what_was_written_is_sent_without_another_word() {
    everloop::run(async {
        let authority = Authority::new();
        let size = 4_000_000;
        let handler = async move |mut reader: TlsReader, _writer: TlsWriter| {
            let mut left = size;
            let mut buf = vec![0; 30_000];
            while left > 0 {
                left -= reader.read(&mut buf).await.unwrap();
            }
        };
        let server = start_tls_server(handler, any_port(), &authority.acceptor("localhost")).await.unwrap();
        let connector = authority.connector("localhost");
        let (_reader, writer) = open_tls_connection(server.local_addrs()[0], &connector).await.unwrap();
        let part = [1; 50_000];
        for _ in 0..size / part.len() {
            writer.write(&part).unwrap();
            writer.drain().await.unwrap();
        }
        // The handler gets it all without another word from here, and ends.
        server.close();
        server.wait_closed().await;
        drop(writer);
    })
    .unwrap();
}
