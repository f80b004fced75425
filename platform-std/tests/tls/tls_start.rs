//! Connections that begin without TLS and go on with it.
#![allow(missing_docs)]

use crate::support::tls::Authority;
use crate::support::{any_port, pair};
use everloop::embedded_io_async::{Read, Write};
use everloop::net::{DEFAULT_LIMIT, SocketReader, SocketWriter, TcpStream};
use everloop::tls::TlsError;
use everloop::{Duration, create_task, gather, open_connection, sleep, start_server, wait_for};

#[test]
fn a_dialogue_goes_on_with_tls_after_both_have_agreed() {
    everloop::run(async {
        let authority = Authority::new();
        let acceptor = authority.acceptor("mail.test");
        let handler = async move |mut reader: SocketReader, writer: SocketWriter| {
            writer.write(b"220 mail.test\r\n").unwrap();
            writer.drain().await.unwrap();
            assert_eq!(reader.readline().await.unwrap(), b"STARTTLS\r\n");
            // It is sent by `start_tls`.
            writer.write(b"220 go ahead\r\n").unwrap();
            let (mut reader, writer) = acceptor.start_tls(reader, writer).await.unwrap();
            assert_eq!(reader.get_ref().info().server_name(), Some("mail.test"));
            assert_eq!(reader.readline().await.unwrap(), b"EHLO\r\n");
            writer.write(b"250 over TLS\r\n").unwrap();
            writer.close();
            writer.wait_closed().await.unwrap();
        };
        let server = start_server(handler, any_port()).await.unwrap();

        let (mut reader, writer) = open_connection(server.local_addrs()[0]).await.unwrap();
        assert_eq!(reader.readline().await.unwrap(), b"220 mail.test\r\n");
        writer.write(b"STARTTLS\r\n").unwrap();
        writer.drain().await.unwrap();
        assert_eq!(reader.readline().await.unwrap(), b"220 go ahead\r\n");
        let (mut reader, writer) = authority.connector("mail.test").start_tls(reader, writer).await.unwrap();
        writer.write(b"EHLO\r\n").unwrap();
        writer.drain().await.unwrap();
        assert_eq!(reader.readline().await.unwrap(), b"250 over TLS\r\n");
        assert_eq!(reader.readline().await.unwrap(), b"");
        drop((reader, writer));
        // The connection is still the server's.
        server.close();
        server.wait_closed().await;
    })
    .unwrap();
}

#[test]
fn what_a_plain_read_took_beyond_its_buffer_is_for_tls() {
    everloop::run(async {
        let authority = Authority::new();
        let (mut near, mut far) = pair().await;
        let connector = authority.connector("localhost");
        let client = create_task(async move {
            near.write_all(b"!").await.unwrap();
            let mut stream = connector.connect(near).await.unwrap();
            stream.write_all(b"hello").await.unwrap();
            stream.flush().await.unwrap();
            stream
        });
        // Until both are there, the word and the beginning of TLS.
        sleep(Duration::from_millis(20)).await;
        far.read_exact(&mut [0]).await.unwrap();
        let mut stream = authority.acceptor("localhost").accept(far).await.unwrap();
        let mut heard = [0; 5];
        stream.read_exact(&mut heard).await.unwrap();
        assert_eq!(&heard, b"hello");
        client.await.unwrap();
    })
    .unwrap();
}

#[test]
fn a_client_that_does_not_wait_for_the_answer_is_understood() {
    everloop::run(async {
        let authority = Authority::new();
        let (near, far) = pair().await;
        // The word and the beginning of TLS come in one piece.
        let (mut recorded, relay) = pair().await;
        let connector = authority.connector("localhost");
        let client = create_task(async move {
            let mut stream = connector.connect(relay).await.unwrap();
            let mut heard = [0; 5];
            stream.read_exact(&mut heard).await.unwrap();
            heard
        });
        let mut hello = vec![0; 4096];
        let count = recorded.read(&mut hello).await.unwrap();
        let mut near: TcpStream = near;
        let mut piece = b"TLS, please\n".to_vec();
        piece.extend_from_slice(&hello[..count]);
        near.write_all(&piece).await.unwrap();
        drop(create_task(async move {
            let ((mut near_reader, mut near_writer), (mut reader, mut writer)) =
                (near.split(), recorded.split());
            let up = create_task(async move {
                let mut buf = [0; 4096];
                while let Ok(count @ 1..) = reader.read(&mut buf).await {
                    near_writer.write_all(&buf[..count]).await.unwrap();
                }
            });
            let mut buf = [0; 4096];
            while let Ok(count @ 1..) = near_reader.read(&mut buf).await {
                writer.write_all(&buf[..count]).await.unwrap();
            }
            up.abort();
        }));

        let (mut reader, writer) = far.buffered(DEFAULT_LIMIT);
        assert_eq!(reader.readline().await.unwrap(), b"TLS, please\n");
        assert!(!reader.buffer().is_empty());
        let acceptor = authority.acceptor("localhost");
        let (_reader, writer) = acceptor.start_tls(reader, writer).await.unwrap();
        writer.write(b"hello").unwrap();
        writer.drain().await.unwrap();
        assert_eq!(&client.await.unwrap(), b"hello");
    })
    .unwrap();
}

#[test]
fn what_was_slipped_in_before_tls_is_not_given_as_if_it_had_come_by_it() {
    everloop::run(async {
        let authority = Authority::new();
        let (near, far) = pair().await;
        let (mut reader, writer) = far.buffered(DEFAULT_LIMIT);
        let mut near: TcpStream = near;
        near.write_all(b"STARTTLS\nDELETE everything\n").await.unwrap();
        assert_eq!(reader.readline().await.unwrap(), b"STARTTLS\n");
        let acceptor = authority.acceptor("localhost");
        let connector = authority.connector("localhost");
        let (server, client) = gather((acceptor.start_tls(reader, writer), connector.connect(near))).await;
        assert!(matches!(server.unwrap(), Err(TlsError::Protocol(_))));
        client.unwrap().unwrap_err();
    })
    .unwrap();
}

#[test]
fn a_reader_and_a_writer_of_two_connections_are_an_error() {
    everloop::run(async {
        let authority = Authority::new();
        let (one, _far) = pair().await;
        let (other, _far) = pair().await;
        let ((reader, _), (_, writer)) = (one.buffered(64), other.buffered(64));
        let error = authority.connector("localhost").start_tls(reader, writer).await.unwrap_err();
        assert!(matches!(error, TlsError::TwoConnections), "{error}");
    })
    .unwrap();
}

#[test]
fn a_start_that_is_given_up_closes_the_connection() {
    everloop::run(async {
        let (near, mut far) = pair().await;
        let (reader, writer) = near.buffered(DEFAULT_LIMIT);
        let connector = Authority::new().connector("localhost");
        let start = connector.start_tls(reader, writer);
        assert!(wait_for(start, Duration::from_millis(5)).await.is_err());
        let mut buf = [0; 4096];
        let mut received = 0;
        loop {
            match far.read(&mut buf).await.unwrap() {
                0 => break,
                count => received += count,
            }
        }
        // It had begun.
        assert!(received > 0);
    })
    .unwrap();
}

#[test]
fn a_peer_that_does_not_go_on_with_tls_is_an_error_of_either_side() {
    everloop::run(async {
        let authority = Authority::new();
        let (near, mut far) = pair().await;
        far.write_all(b"200 what?\r\n").await.unwrap();
        let (reader, writer) = near.buffered(DEFAULT_LIMIT);
        let error = authority.connector("localhost").start_tls(reader, writer).await.unwrap_err();
        assert!(matches!(error, TlsError::Protocol(_)), "{error}");
        let (near, far) = pair().await;
        let (reader, writer) = far.buffered(DEFAULT_LIMIT);
        drop(near);
        let error = authority.acceptor("localhost").start_tls(reader, writer).await.unwrap_err();
        assert!(matches!(error, TlsError::Closed), "{error}");
    })
    .unwrap();
}
