//! Connecting by name or by one of several addresses, through buffers.
#![allow(missing_docs)]

use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use crate::support::{any_port, poll_once};
use everloop::net::{ConnectError, DEFAULT_LIMIT, TcpListener, lookup_host};
use everloop::reactor::ReactorError;
use everloop::stream::ReadError;
use everloop::{Duration, create_task, open_connection, wait_for};

/// An address at which nobody listens.
fn nobody() -> SocketAddr {
    std::net::TcpListener::bind(any_port()).unwrap().local_addr().unwrap()
}

/// Echoes one line of one client.
async fn echo_a_line(listener: TcpListener) {
    let (mut reader, writer) = listener.accept().await.unwrap().0.buffered(DEFAULT_LIMIT);
    let line = reader.readline().await.unwrap();
    writer.write(line).unwrap();
    writer.close();
    writer.wait_closed().await.unwrap();
}

#[test]
fn a_line_goes_to_a_host_and_back() {
    everloop::run(async {
        let listener = TcpListener::bind(any_port()).unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = create_task(echo_a_line(listener));
        let (mut reader, writer) = open_connection(("localhost", port)).await.unwrap();
        writer.write(b"hello\n").unwrap();
        writer.drain().await.unwrap();
        assert_eq!(reader.readline().await.unwrap(), b"hello\n");
        assert_eq!(reader.readline().await.unwrap(), b"");
        assert!(reader.at_eof());
        server.await.unwrap();
    })
    .unwrap();
}

#[test]
fn addresses_are_tried_in_turn() {
    everloop::run(async {
        let listener = TcpListener::bind(any_port()).unwrap();
        let address = listener.local_addr().unwrap();
        let addresses = [nobody(), nobody(), address];
        let (_reader, _writer) = open_connection(addresses).await.unwrap();
        listener.accept().await.unwrap();
    })
    .unwrap();
}

#[test]
fn the_error_tells_every_attempt() {
    everloop::run(async {
        let addresses = [nobody(), nobody()];
        let error = open_connection(addresses).await.unwrap_err();
        let text = error.to_string();
        for address in addresses {
            assert!(text.contains(&format!("{address}: Connection refused")), "{text}");
        }
        let ConnectError::Attempts(attempts) = &error else { panic!("{error:?}") };
        assert_eq!(attempts.iter().map(|(address, _)| *address).collect::<Vec<_>>(), addresses);
        assert_eq!(io::Error::from(error).kind(), ErrorKind::ConnectionRefused);

        let error = open_connection(Vec::new()).await.unwrap_err();
        assert!(error.to_string().contains("no address"), "{error}");
    })
    .unwrap();
}

#[test]
fn a_name_that_is_none_is_an_error_of_the_lookup() {
    everloop::run(async {
        // Too long for a name, so that no name service is asked.
        let name = "x".repeat(300);
        assert!(lookup_host(name.as_str(), 80).await.is_err());
        let error = open_connection((name, 80)).await.unwrap_err();
        assert!(matches!(error, ConnectError::Lookup(_)), "{error:?}");
    })
    .unwrap();
}

#[test]
fn a_lookup_gives_each_address_once_with_the_port() {
    everloop::run(async {
        let addresses = lookup_host("localhost", 80).await.unwrap();
        assert!(!addresses.is_empty());
        for (place, address) in addresses.iter().enumerate() {
            assert!(address.ip().is_loopback());
            assert_eq!(address.port(), 80);
            assert!(!addresses[..place].contains(address));
        }
        assert_eq!(lookup_host("127.0.0.1", 7).await.unwrap(), [(Ipv4Addr::LOCALHOST, 7).into()]);
    })
    .unwrap();
}

#[test]
fn a_lookup_that_is_given_up_harms_nobody() {
    everloop::run(async {
        for _ in 0..20 {
            assert!(poll_once(lookup_host("localhost", 80)).await.is_none());
            let _ = wait_for(lookup_host("localhost", 80), Duration::from_micros(1)).await;
        }
        let task = create_task(lookup_host("localhost", 80));
        everloop::yield_now().await;
        task.cancel();
        assert!(task.await.is_err());
        assert!(lookup_host("localhost", 80).await.is_ok());
    })
    .unwrap();
}

#[test]
fn every_form_of_an_endpoint_leads_to_the_host() {
    everloop::run(async {
        let listener = TcpListener::bind(any_port()).unwrap();
        let address = listener.local_addr().unwrap();
        let port = address.port();
        let ip = Ipv4Addr::LOCALHOST;
        open_connection(address).await.unwrap();
        open_connection((ip, port)).await.unwrap();
        open_connection((IpAddr::from(ip), port)).await.unwrap();
        open_connection(("127.0.0.1", port)).await.unwrap();
        open_connection(("localhost".to_owned(), port)).await.unwrap();
        open_connection([address].as_slice()).await.unwrap();
        // This machine.
        open_connection(("", port)).await.unwrap();
        for _ in 0..7 {
            listener.accept().await.unwrap();
        }
        let error = open_connection((Ipv6Addr::UNSPECIFIED, 1)).await.unwrap_err();
        assert!(matches!(error, ConnectError::Attempts(_)));
    })
    .unwrap();
}

#[test]
fn the_limit_is_that_of_a_line() {
    everloop::run(async {
        let (near, far) = crate::support::pair().await;
        let (mut reader, _writer) = near.buffered(8);
        let (_reader, writer) = far.buffered(8);
        writer.write(b"12345678\nxxxxxxxxxx").unwrap();
        assert_eq!(reader.readline().await.unwrap(), b"12345678\n");
        let error = reader.readline().await.unwrap_err();
        assert!(matches!(error, ReadError::LimitOverrun(_)), "{error:?}");
    })
    .unwrap();
}

#[cfg(unix)]
#[test]
fn a_line_goes_over_a_unix_socket_and_back() {
    use everloop::net::UnixListener;
    use everloop::open_unix_connection;

    let folder = crate::support::Folder::new();
    everloop::run(async {
        let path = folder.join("socket");
        let listener = UnixListener::bind(&path).unwrap();
        let server = create_task(async move {
            let (mut reader, writer) = listener.accept().await.unwrap().buffered(DEFAULT_LIMIT);
            writer.write(reader.readline().await.unwrap()).unwrap();
            writer.close();
            writer.wait_closed().await.unwrap();
        });
        let (mut reader, writer) = open_unix_connection(&path).await.unwrap();
        writer.write(b"hello\n").unwrap();
        writer.drain().await.unwrap();
        assert_eq!(reader.readline().await.unwrap(), b"hello\n");
        server.await.unwrap();
    })
    .unwrap();
}

#[test]
fn outside_a_loop_it_is_an_error_that_says_so() {
    let mut connecting = Box::pin(open_connection(("localhost", 1)));
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    match connecting.as_mut().poll(&mut cx) {
        std::task::Poll::Ready(Err(ConnectError::Loop(ReactorError::NoRunningLoop))) => {}
        other => panic!("{other:?}"),
    }
}
