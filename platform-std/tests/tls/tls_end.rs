//! How a stream with TLS ends.
#![allow(missing_docs)]

use std::io::ErrorKind;
use std::rc::Rc;
use std::sync::Arc;

use crate::support::pair;
use crate::support::tls::{Authority, secured, tls_pair, tls_pair_through};
use everloop::embedded_io_async::{Read, Write};
use everloop::net::{ConnectionWriter, TcpReader, TcpStream, TcpWriter};
#[cfg(unix)]
use everloop::net::{Unix, UnixStream};
use everloop::tls::{TlsError, TlsStream};
#[cfg(unix)]
use everloop::tls::{TlsReadHalf, TlsWriteHalf};
use everloop::{Duration, Event, create_task, gather, sleep, try_gather, wait_for, yield_now};

#[test]
fn the_end_of_one_side_leaves_the_other_open() {
    everloop::run(async {
        let (near, far) = tls_pair().await;
        let ((mut near_reader, mut near_writer), (mut far_reader, mut far_writer)) =
            (near.split(), far.split());
        near_writer.write_all(b"question").await.unwrap();
        near_writer.write_eof().await.unwrap();
        // Again it does nothing.
        near_writer.write_eof().await.unwrap();
        let mut heard = [0; 8];
        far_reader.read_exact(&mut heard).await.unwrap();
        for _ in 0..2 {
            assert_eq!(far_reader.read(&mut heard).await.unwrap(), 0);
        }
        far_writer.write_all(b"answer").await.unwrap();
        far_writer.flush().await.unwrap();
        let mut heard = [0; 6];
        near_reader.read_exact(&mut heard).await.unwrap();
        assert_eq!(&heard, b"answer");
        far_writer.write_eof().await.unwrap();
        assert_eq!(near_reader.read(&mut heard).await.unwrap(), 0);
    })
    .unwrap();
}

#[test]
fn a_write_after_the_end_is_an_error() {
    everloop::run(async {
        let (near, _far) = tls_pair().await;
        let (_reader, mut writer) = near.split();
        writer.write_eof().await.unwrap();
        let error = writer.write(b"more").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BrokenPipe);
        assert!(error.to_string().contains("end"), "{error}");
    })
    .unwrap();
}

#[test]
fn a_dropped_stream_ends_in_good_order() {
    everloop::run(async {
        let (mut near, mut far) = tls_pair().await;
        near.write_all(b"last").await.unwrap();
        drop(near);
        let mut heard = [0; 4];
        far.read_exact(&mut heard).await.unwrap();
        assert_eq!(far.read(&mut heard).await.unwrap(), 0);
    })
    .unwrap();
}

#[test]
fn one_half_may_be_dropped_before_the_other() {
    everloop::run(async {
        let (near, far) = tls_pair().await;
        let ((near_reader, mut near_writer), (mut far_reader, far_writer)) = (near.split(), far.split());
        drop((near_reader, far_writer));
        near_writer.write_all(b"still here").await.unwrap();
        let mut heard = [0; 10];
        far_reader.read_exact(&mut heard).await.unwrap();
        drop(near_writer);
        assert_eq!(far_reader.read(&mut heard).await.unwrap(), 0);
    })
    .unwrap();
}

/// Passes on what comes.
async fn pass(mut reader: TcpReader, mut writer: TcpWriter) {
    let mut buf = [0; 4096];
    while let Ok(count @ 1..) = reader.read(&mut buf).await {
        writer.write_all(&buf[..count]).await.unwrap();
    }
}

#[test]
fn a_connection_that_is_cut_is_told_from_one_that_ends() {
    everloop::run(async {
        let authority = Authority::new();
        let cut: Rc<Event> = Rc::new(Event::new());
        let (near, mut far) =
            tls_pair_through(authority.connector("localhost"), authority.acceptor("localhost"), {
                let cut = Rc::clone(&cut);
                async move |one: TcpStream, other: TcpStream| {
                    let ((one_reader, one_writer), (other_reader, other_writer)) =
                        (one.split(), other.split());
                    let passing = [
                        create_task(pass(one_reader, other_writer)),
                        create_task(pass(other_reader, one_writer)),
                    ];
                    cut.wait().await;
                    for task in passing {
                        task.abort();
                    }
                }
            })
            .await;
        let (_reader, mut writer) = near.split();
        writer.write_all(b"to be continued").await.unwrap();
        let mut heard = [0; 15];
        // What came is read, and then it is an error, again and again.
        far.read_exact(&mut heard).await.unwrap();
        cut.set();
        for _ in 0..2 {
            let error = far.read(&mut heard).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
            assert!(matches!(TlsError::of(&error), Some(TlsError::Truncated)));
        }
    })
    .unwrap();
}

#[test]
fn a_reset_is_an_error_of_both_halves() {
    everloop::run(async {
        let (near, far) = tls_pair().await;
        let (mut reader, mut writer) = near.split();
        let reading = create_task(async move { reader.read(&mut [0; 8]).await });
        yield_now().await;
        far.abort();
        assert_eq!(reading.await.unwrap().unwrap_err().kind(), ErrorKind::ConnectionReset);
        sleep(Duration::from_millis(1)).await;
        assert!(writer.write(b"nobody").await.is_err());
    })
    .unwrap();
}

#[test]
fn an_abort_ends_also_the_read_that_waits() {
    everloop::run(async {
        let (near, mut far) = tls_pair().await;
        let (mut reader, mut writer) = near.split();
        let reading = create_task(async move { reader.read(&mut [0; 8]).await });
        yield_now().await;
        writer.abort();
        assert_eq!(reading.await.unwrap().unwrap_err().kind(), ErrorKind::ConnectionAborted);
        assert_eq!(writer.write(b"x").await.unwrap_err().kind(), ErrorKind::ConnectionAborted);
        assert_eq!(far.read(&mut [0; 8]).await.unwrap_err().kind(), ErrorKind::ConnectionReset);
    })
    .unwrap();
}

#[test]
fn a_shutdown_waits_for_the_peers_end() {
    everloop::run(async {
        let (mut near, mut far) = tls_pair().await;
        near.write_all(b"bye").await.unwrap();
        let ending = create_task(near.shutdown());
        let mut heard = [0; 3];
        far.read_exact(&mut heard).await.unwrap();
        assert_eq!(far.read(&mut heard).await.unwrap(), 0);
        // What is still under way is thrown away.
        far.write_all(&[1; 5000]).await.unwrap();
        sleep(Duration::from_millis(2)).await;
        assert!(!ending.done());
        far.shutdown().await.unwrap();
        ending.await.unwrap().unwrap();
    })
    .unwrap();
}

#[test]
fn a_shutdown_on_both_sides_at_once_ends() {
    everloop::run(async {
        let (near, far) = tls_pair().await;
        let (one, other) = gather((near.shutdown(), far.shutdown())).await;
        one.unwrap().unwrap();
        other.unwrap().unwrap();
    })
    .unwrap();
}

/// TLS with a short limit for the end of the first side.
async fn hasty_pair() -> (TlsStream, TlsStream) {
    let authority = Authority::new();
    let connector = authority.connector("localhost").shutdown_timeout(Duration::from_millis(20));
    let acceptor = authority.acceptor("localhost");
    let (near, far) = pair().await;
    try_gather((connector.connect(near), acceptor.accept(far))).await.unwrap()
}

#[test]
fn a_peer_that_does_not_end_is_reset_after_the_time_limit() {
    everloop::run(async {
        let (near, far) = hasty_pair().await;
        let error = near.shutdown().await.unwrap_err();
        assert!(matches!(error, TlsError::ShutdownTimeout(_)), "{error}");
        let mut far: TlsStream = far;
        assert_eq!(far.read(&mut [0; 8]).await.unwrap(), 0);
        assert_eq!(far.peer_addr().unwrap_err().kind(), ErrorKind::NotConnected);
    })
    .unwrap();
}

/// TLS as above on a Unix socket, whose buffer does not grow, with nothing taken of what fills it.
#[cfg(unix)]
async fn stuck() -> (TlsReadHalf<Unix>, TlsWriteHalf<Unix>, TlsStream<Unix>) {
    let authority = Authority::new();
    let connector = authority.connector("localhost").shutdown_timeout(Duration::from_millis(20));
    let acceptor = authority.acceptor("localhost");
    let (near, far) = UnixStream::pair().unwrap();
    let (near, far) = try_gather((connector.connect(near), acceptor.accept(far))).await.unwrap();
    let (reader, mut writer) = near.split();
    let part = [7; 30_000];
    while let Ok(count) = wait_for(writer.write(&part), Duration::from_millis(20)).await {
        count.unwrap();
    }
    (reader, writer, far)
}

#[cfg(unix)]
#[test]
fn a_peer_that_takes_nothing_does_not_hold_up_the_end_for_ever() {
    everloop::run(async {
        let (_reader, mut writer, _far) = stuck().await;
        let error = writer.write_eof().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        assert!(matches!(TlsError::of(&error), Some(TlsError::ShutdownTimeout(_))));
        assert_eq!(writer.flush().await.unwrap_err().kind(), ErrorKind::ConnectionAborted);
    })
    .unwrap();
}

#[cfg(unix)]
#[test]
fn a_stream_that_was_dropped_gives_up_a_peer_that_takes_nothing() {
    everloop::run(async {
        let (reader, writer, mut far) = stuck().await;
        let senders = || everloop::all_tasks().filter(|task| task.name() == Some("tls")).count();
        // While it is there the peer may take its time.
        sleep(Duration::from_millis(50)).await;
        assert_eq!(senders(), 1);
        drop((reader, writer));
        assert_eq!(senders(), 1);
        while senders() > 0 {
            sleep(Duration::from_millis(5)).await;
        }
        let mut buf = [0; 4096];
        let error = loop {
            match far.read(&mut buf).await {
                Ok(count) => assert!(count > 0, "the end was sent although nothing was taken"),
                Err(error) => break error,
            }
        };
        assert!(matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::UnexpectedEof), "{error}");
    })
    .unwrap();
}

#[test]
fn nothing_is_left_of_connections_that_ended_or_failed() {
    everloop::run(async {
        let authority = Authority::new();
        let limit = Duration::from_millis(10);
        let connector = authority.connector("localhost").handshake_timeout(limit).shutdown_timeout(limit);
        let acceptor = authority.acceptor("localhost");
        let (clients, servers) = (Arc::downgrade(connector.config()), Arc::downgrade(acceptor.config()));
        // One that ends in good order, one whose peer does not end, and one whose handshake does not.
        let (near, far) = pair().await;
        let (near, far) = try_gather((connector.connect(near), acceptor.accept(far))).await.unwrap();
        let (one, other) = gather((near.shutdown(), far.shutdown())).await;
        one.unwrap().unwrap();
        other.unwrap().unwrap();
        let (near, far) = pair().await;
        let (near, far) = try_gather((connector.connect(near), acceptor.accept(far))).await.unwrap();
        near.shutdown().await.unwrap_err();
        drop(far);
        let (near, _far) = pair().await;
        connector.connect(near).await.unwrap_err();
        assert_eq!((clients.strong_count(), servers.strong_count()), (1, 1));
        assert_eq!(everloop::all_tasks().count(), 1);
    })
    .unwrap();
}

#[test]
fn halves_of_two_connections_are_not_one() {
    everloop::run(async {
        let (one, _far) = tls_pair().await;
        let (other, _far) = tls_pair().await;
        let ((reader, _), (_, writer)) = (one.split(), other.split());
        assert!(matches!(TlsStream::reunite(reader, writer), Err(TlsError::TwoConnections)));
        let (near, far) = pair().await;
        drop(secured(near, far).await);
    })
    .unwrap();
}
