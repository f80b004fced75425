//! Records that carry no bytes of the stream, and such as nobody with the keys has made.
#![allow(missing_docs)]

use std::cell::Cell;
use std::io::{Read as _, Write as _};
use std::rc::Rc;
use std::thread;

use crate::support::pair_with_std;
use crate::support::tls::Authority;
use crate::tls_stream::fill;
use everloop::embedded_io_async::{Read, Write};
use everloop::tls::rustls::{ServerConnection, StreamOwned};
use everloop::{create_task, yield_now};

/// A server in a thread, with `serve` for what it does.
pub(crate) fn std_server(
    socket: std::net::TcpStream,
    authority: &Authority,
    serve: impl FnOnce(StreamOwned<ServerConnection, std::net::TcpStream>) + Send + 'static,
) -> thread::JoinHandle<()> {
    socket.set_nodelay(true).unwrap();
    let config = authority.server_config("localhost", false);
    thread::spawn(move || {
        serve(StreamOwned::new(ServerConnection::new(config.into()).unwrap(), socket));
    })
}

#[test]
fn new_keys_are_taken_and_answered_by_new_keys() {
    everloop::run(async {
        let authority = Authority::new();
        let (near, far) = pair_with_std().await;
        let server = std_server(far, &authority, |mut stream| {
            stream.conn.complete_io(&mut stream.sock).unwrap();
            let mut heard = [0; 4];
            for round in 0..20_u8 {
                stream.conn.refresh_traffic_keys().unwrap();
                stream.write_all(&[round; 4]).unwrap();
                stream.read_exact(&mut heard).unwrap();
                assert_eq!(heard, [round; 4]);
            }
        });
        let mut near = authority.connector("localhost").connect(near).await.unwrap();
        let mut heard = [0; 4];
        for round in 0..20_u8 {
            near.read_exact(&mut heard).await.unwrap();
            assert_eq!(heard, [round; 4]);
            if round % 3 == 0 {
                near.refresh_traffic_keys().unwrap();
            }
            near.write_all(&heard).await.unwrap();
        }
        server.join().unwrap();
    })
    .unwrap();
}

#[test]
fn a_record_that_was_changed_fails_the_read_and_wakes_the_writer() {
    everloop::run(async {
        let authority = Authority::new();
        let (near, far) = pair_with_std().await;
        let (spoil, sync) = std::sync::mpsc::channel::<()>();
        let server = std_server(far, &authority, move |mut stream| {
            stream.write_all(b"good").unwrap();
            sync.recv().unwrap();
            // A record that nobody with the keys has made.
            stream.sock.write_all(&[0x17, 3, 3, 0, 32]).unwrap();
            stream.sock.write_all(&[9; 32]).unwrap();
            // Until this side is done.
            assert!(sync.recv().is_err());
        });
        let near = authority.connector("localhost").connect(near).await.unwrap();
        let (mut reader, mut writer) = near.split();
        fill(&mut writer).await;
        let noted = Rc::new(Cell::new(false));
        let writing = create_task({
            let noted = Rc::clone(&noted);
            async move {
                let error = writer.write_all(b"more").await.unwrap_err();
                noted.set(true);
                error
            }
        });
        yield_now().await;
        spoil.send(()).unwrap();
        let mut heard = [0; 4];
        // What came before it is read.
        reader.read_exact(&mut heard).await.unwrap();
        assert_eq!(&heard, b"good");
        for _ in 0..2 {
            let error = reader.read(&mut heard).await.unwrap_err();
            assert_eq!(error.kind(), std::io::ErrorKind::InvalidData);
            assert!(matches!(
                everloop::tls::TlsError::of(&error),
                Some(everloop::tls::TlsError::Protocol(_))
            ));
        }
        let error = writing.await.unwrap();
        assert!(noted.get());
        assert_eq!(error.kind(), std::io::ErrorKind::InvalidData);
        drop(spoil);
        server.join().unwrap();
    })
    .unwrap();
}
