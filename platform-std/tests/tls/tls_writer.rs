//! The writer of a connection with TLS, which is sent in the background.
#![allow(missing_docs)]
#![cfg(feature = "tls")]

use std::io::ErrorKind;

use crate::support::tls::{Authority, tls_pair};
use crate::support::{pair, poll_once};
use everloop::embedded_io_async::Read;
use everloop::net::{ConnectionWriter, DEFAULT_LIMIT};
use everloop::stream::FlushError;
use everloop::tls::{TlsError, rustls};
use everloop::{Duration, create_task, sleep, try_gather};

#[test]
fn a_close_ends_tls_after_what_was_written() {
    everloop::run(async {
        let (near, mut far) = tls_pair().await;
        let (_reader, writer) = near.buffered(DEFAULT_LIMIT);
        // More than the sockets hold.
        let size = 20_000_000;
        writer.write(&vec![7; size]).unwrap();
        writer.close();
        assert!(writer.write(b"more").is_err());
        let mut heard = 0;
        let mut buf = vec![0; 100_000];
        loop {
            // A stream of TLS that was cut would be an error.
            match far.read(&mut buf).await.unwrap() {
                0 => break,
                count => {
                    assert!(buf[..count].iter().all(|byte| *byte == 7));
                    heard += count;
                }
            }
        }
        assert_eq!(heard, size);
        drop(far);
        writer.wait_closed().await.unwrap();
    })
    .unwrap();
}

#[test]
fn a_close_waits_until_the_peer_has_ended() {
    everloop::run(async {
        let (near, far) = tls_pair().await;
        let (_reader, writer) = near.buffered(DEFAULT_LIMIT);
        let (mut far_reader, mut far_writer) = far.split();
        writer.close();
        assert_eq!(far_reader.read(&mut [0; 8]).await.unwrap(), 0);
        for _ in 0..10 {
            assert!(poll_once(writer.wait_closed()).await.is_none());
            sleep(Duration::from_millis(1)).await;
        }
        far_writer.write_eof().await.unwrap();
        writer.wait_closed().await.unwrap();
    })
    .unwrap();
}

#[test]
fn who_reads_while_it_is_closed_gets_the_end() {
    everloop::run(async {
        let (near, mut far) = tls_pair().await;
        let (mut reader, writer) = near.buffered(DEFAULT_LIMIT);
        let reading = create_task(async move { reader.read(&mut [0; 8]).await });
        sleep(Duration::from_millis(1)).await;
        writer.close();
        assert_eq!(far.read(&mut [0; 8]).await.unwrap(), 0);
        drop(far);
        writer.wait_closed().await.unwrap();
        assert_eq!(reading.await.unwrap().unwrap(), 0);
    })
    .unwrap();
}

#[test]
fn a_peer_that_does_not_end_in_time_is_reset() {
    everloop::run(async {
        let authority = Authority::new();
        let connector = authority.connector("localhost").shutdown_timeout(Duration::from_millis(20));
        let acceptor = authority.acceptor("localhost");
        let (near, far) = pair().await;
        let (near, mut far) = try_gather((connector.connect(near), acceptor.accept(far))).await.unwrap();
        let (_reader, writer) = near.buffered(DEFAULT_LIMIT);
        writer.close();
        let Err(FlushError::Io(error)) = writer.wait_closed().await else { panic!("the peer has not ended") };
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        let of_tls = error.get_ref().and_then(|error| error.downcast_ref());
        assert!(matches!(of_tls, Some(TlsError::ShutdownTimeout(_))), "{error}");
        // What came before the reset is lost, or it is the end of TLS.
        while let Ok(1..) = far.read(&mut [0; 8]).await {}
        assert!(writer.is_closing());
    })
    .unwrap();
}

#[test]
fn an_abort_goes_ahead_of_what_is_not_sent() {
    everloop::run(async {
        let (near, mut far) = tls_pair().await;
        let (_reader, writer) = near.buffered(DEFAULT_LIMIT);
        writer.write(&vec![7; 20_000_000]).unwrap();
        assert!(writer.pending() > 0);
        writer.abort();
        writer.wait_closed().await.unwrap();
        assert_eq!(writer.pending(), 0);
        let mut buf = vec![0; 100_000];
        let error = loop {
            match far.read(&mut buf).await {
                Ok(count) => assert!(count > 0, "an end in good order"),
                Err(error) => break error,
            }
        };
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    })
    .unwrap();
}

#[test]
fn a_drain_waits_above_the_high_water_mark_only() {
    everloop::run(async {
        let (near, mut far) = tls_pair().await;
        let (_reader, writer) = near.buffered(DEFAULT_LIMIT);
        writer.write(b"little").unwrap();
        assert!(matches!(poll_once(writer.drain()).await, Some(Ok(()))));
        let size = 20_000_000;
        writer.write(&vec![7; size]).unwrap();
        assert!(poll_once(writer.drain()).await.is_none());
        let slow = create_task(async move {
            let mut left = size + 6;
            let mut buf = vec![0; 100_000];
            while left > 0 {
                left -= far.read(&mut buf).await.unwrap();
            }
            far
        });
        writer.drain().await.unwrap();
        assert!(writer.pending() <= writer.get_write_buffer_limits().0);
        drop(slow.await.unwrap());
    })
    .unwrap();
}

#[test]
fn it_knows_the_addresses_the_socket_and_the_handshake() {
    everloop::run(async {
        let (near, far) = tls_pair().await;
        let (_reader, writer) = near.buffered(DEFAULT_LIMIT);
        let info = writer.get_extra_info();
        assert_eq!(info.peername(), Some(&far.local_addr().unwrap()));
        assert_eq!(info.sockname(), Some(&far.peer_addr().unwrap()));
        info.socket().set_nodelay(true).unwrap();
        assert!(info.socket().nodelay().unwrap());
        assert_eq!(info.tls().protocol_version(), Some(rustls::ProtocolVersion::TLSv1_3));
        assert_eq!(info.tls().peer_certificates().len(), 1);
    })
    .unwrap();
}
