//! With TLS, which is OpenSSL's there.

use std::io::ErrorKind;

use everloop::embedded_io_async::{Read, Write};
use everloop::net::{ConnectionWriter, DEFAULT_LIMIT, Kind, TcpListener, TcpStream};
#[cfg(unix)]
use everloop::net::{UnixListener, UnixStream};
use everloop::tls::rustls::Error;
use everloop::tls::{TlsAcceptor, TlsConnector, TlsError, TlsStream};

use crate::peer::Peer;
use crate::support::tls::Authority;
use crate::support::{Folder, any_port};
use crate::{talk, tests};

tests! {
    tls_goes_both_ways_between_a_server_of_cpythons_and_a_client
    tls_goes_both_ways_between_a_client_of_cpythons_and_a_server
    tls_goes_both_ways_through_a_unix_socket_of_cpythons
    tls_goes_both_ways_through_a_unix_socket_that_cpython_connects_to
    cpython_ends_tls_in_good_order
    this_side_ends_tls_in_good_order
    the_end_of_this_sides_tls_is_that_of_both_to_cpython
    a_reset_of_cpythons_under_tls_is_an_error
    a_reset_under_tls_is_an_error_to_cpython
    a_server_of_cpythons_starts_tls
    a_client_of_cpythons_starts_tls
    cpython_is_shown_the_certificate_that_it_asks_for
    cpython_refuses_a_server_that_it_does_not_trust
    a_server_of_cpythons_that_is_not_trusted_is_refused
}

/// What both sides have.
struct Shared {
    authority: Authority,
    folder: Folder,
}

impl Shared {
    fn new() -> Self {
        let (authority, folder) = (Authority::new(), Folder::new());
        authority.write_pem("localhost", folder.path());
        Self { authority, folder }
    }

    fn connector(&self) -> TlsConnector {
        let mut config = self.authority.client_config(Some(self.authority.certify("client.test")));
        config.alpn_protocols = vec![b"everloop".to_vec()];
        TlsConnector::new(config).server_hostname("localhost")
    }

    fn acceptor(&self) -> TlsAcceptor {
        let mut config = self.authority.server_config("localhost", false);
        config.alpn_protocols = vec![b"everloop".to_vec()];
        TlsAcceptor::new(config)
    }

    /// A server of CPython's, and a connection to it.
    async fn server(&self, dialogue: &str) -> (Peer, TcpStream) {
        let (peer, port) = Peer::server(dialogue, "tcp", "", Some(self.folder.path()));
        (peer, TcpStream::connect(([127, 0, 0, 1], port).into()).await.unwrap())
    }

    async fn tls_server(&self, dialogue: &str) -> (Peer, TlsStream) {
        let (peer, stream) = self.server(dialogue).await;
        (peer, self.connector().connect(stream).await.unwrap())
    }

    /// A client of CPython's, and its connection.
    async fn client(&self, dialogue: &str) -> (Peer, TcpStream) {
        let listener = TcpListener::bind(any_port()).unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let peer = Peer::client(dialogue, "tcp", &address, Some(self.folder.path()));
        (peer, listener.accept().await.unwrap().0)
    }

    async fn tls_client(&self, dialogue: &str) -> (Peer, TlsStream) {
        let (peer, stream) = self.client(dialogue).await;
        (peer, self.acceptor().accept(stream).await.unwrap())
    }
}

async fn both<K: Kind>(peer: Peer, stream: TlsStream<K>, is_first_to_end: bool) {
    assert_eq!(stream.info().alpn_protocol(), Some(&b"everloop"[..]));
    let (mut reader, mut writer) = stream.split();
    talk::both(&mut reader, &mut writer, is_first_to_end).await;
    drop((reader, writer));
    peer.ends_well().await;
}

fn tls_goes_both_ways_between_a_server_of_cpythons_and_a_client() {
    everloop::run(async {
        let (peer, stream) = Shared::new().tls_server("both").await;
        both(peer, stream, true).await;
    })
    .unwrap();
}

fn tls_goes_both_ways_between_a_client_of_cpythons_and_a_server() {
    everloop::run(async {
        let shared = Shared::new();
        let (peer, stream) = shared.tls_client("both").await;
        both(peer, stream, false).await;
    })
    .unwrap();
}

#[cfg(not(unix))]
fn tls_goes_both_ways_through_a_unix_socket_of_cpythons() {}

#[cfg(not(unix))]
fn tls_goes_both_ways_through_a_unix_socket_that_cpython_connects_to() {}

#[cfg(unix)]
fn tls_goes_both_ways_through_a_unix_socket_of_cpythons() {
    everloop::run(async {
        let shared = Shared::new();
        let path = shared.folder.join("socket");
        let (peer, _) = Peer::server("both", "unix", path.to_str().unwrap(), Some(shared.folder.path()));
        let stream = UnixStream::connect(&path).await.unwrap();
        both(peer, shared.connector().connect(stream).await.unwrap(), true).await;
    })
    .unwrap();
}

#[cfg(unix)]
fn tls_goes_both_ways_through_a_unix_socket_that_cpython_connects_to() {
    everloop::run(async {
        let shared = Shared::new();
        let path = shared.folder.join("socket");
        let listener = UnixListener::bind(&path).unwrap();
        let peer = Peer::client("both", "unix", path.to_str().unwrap(), Some(shared.folder.path()));
        let stream = listener.accept().await.unwrap();
        both(peer, shared.acceptor().accept(stream).await.unwrap(), false).await;
    })
    .unwrap();
}

fn cpython_ends_tls_in_good_order() {
    everloop::run(async {
        let shared = Shared::new();
        for side in ["client", "server"] {
            let (peer, mut stream) = match side {
                "client" => shared.tls_client("ends").await,
                _ => shared.tls_server("ends").await,
            };
            stream.write_all(b"hello").await.unwrap();
            assert_eq!(talk::all(&mut stream).await, b"bye");
            stream.shutdown().await.unwrap();
            peer.ends_well().await;
        }
    })
    .unwrap();
}

fn this_side_ends_tls_in_good_order() {
    everloop::run(async {
        let shared = Shared::new();
        for side in ["client", "server"] {
            let (peer, mut stream) = match side {
                "client" => shared.tls_client("other-ends").await,
                _ => shared.tls_server("other-ends").await,
            };
            let mut heard = [0; 5];
            stream.read_exact(&mut heard).await.unwrap();
            stream.write_all(b"bye").await.unwrap();
            // It waits for the end of CPython's side.
            stream.shutdown().await.unwrap();
            peer.ends_well().await;
        }
    })
    .unwrap();
}

fn the_end_of_this_sides_tls_is_that_of_both_to_cpython() {
    everloop::run(async {
        let (peer, stream) = Shared::new().tls_server("half").await;
        let (mut reader, mut writer) = stream.split();
        writer.write_all(b"question").await.unwrap();
        writer.write_eof().await.unwrap();
        // It has read the question, and is not let answer.
        assert_eq!(talk::all(&mut reader).await, b"");
        peer.ends_well().await;
    })
    .unwrap();
}

fn a_reset_of_cpythons_under_tls_is_an_error() {
    everloop::run(async {
        let shared = Shared::new();
        for side in ["client", "server"] {
            let (peer, stream) = match side {
                "client" => shared.tls_client("reset").await,
                _ => shared.tls_server("reset").await,
            };
            let (mut reader, mut writer) = stream.split();
            talk::greet(&mut reader, &mut writer).await;
            let error = reader.read(&mut [0; 8]).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::ConnectionReset);
            peer.ends_well().await;
        }
    })
    .unwrap();
}

fn a_reset_under_tls_is_an_error_to_cpython() {
    everloop::run(async {
        let shared = Shared::new();
        for side in ["client", "server"] {
            let (peer, stream) = match side {
                "client" => shared.tls_client("is-reset").await,
                _ => shared.tls_server("is-reset").await,
            };
            let (mut reader, mut writer) = stream.split();
            talk::greet(&mut reader, &mut writer).await;
            reader.read_exact(&mut [0]).await.unwrap();
            writer.abort();
            peer.ends_well().await;
        }
    })
    .unwrap();
}

fn a_server_of_cpythons_starts_tls() {
    everloop::run(async {
        let shared = Shared::new();
        let (peer, stream) = shared.server("start-tls").await;
        let (mut reader, writer) = stream.buffered(DEFAULT_LIMIT);
        writer.write(b"STARTTLS\n").unwrap();
        writer.drain().await.unwrap();
        assert_eq!(reader.readline().await.unwrap(), b"go ahead\n");
        let (mut reader, writer) = shared.connector().start_tls(reader, writer).await.unwrap();
        writer.write(b"and now with TLS\n").unwrap();
        writer.drain().await.unwrap();
        assert_eq!(reader.readline().await.unwrap(), b"and now with TLS\n");
        assert_eq!(reader.readline().await.unwrap(), b"");
        drop((reader, writer));
        peer.ends_well().await;
    })
    .unwrap();
}

fn a_client_of_cpythons_starts_tls() {
    everloop::run(async {
        let shared = Shared::new();
        let (peer, stream) = shared.client("start-tls").await;
        let (mut reader, writer) = stream.buffered(DEFAULT_LIMIT);
        assert_eq!(reader.readline().await.unwrap(), b"STARTTLS\n");
        writer.write(b"go ahead\n").unwrap();
        let (mut reader, writer) = shared.acceptor().start_tls(reader, writer).await.unwrap();
        let line = reader.readline().await.unwrap().to_vec();
        writer.write(&line).unwrap();
        writer.drain().await.unwrap();
        assert_eq!(reader.readline().await.unwrap(), b"");
        drop((reader, writer));
        peer.ends_well().await;
    })
    .unwrap();
}

fn cpython_is_shown_the_certificate_that_it_asks_for() {
    everloop::run(async {
        let (peer, mut stream) = Shared::new().tls_server("wants-certificate").await;
        assert_eq!(talk::all(&mut stream).await, b"client.test");
        drop(stream);
        peer.ends_well().await;
    })
    .unwrap();
}

fn cpython_refuses_a_server_that_it_does_not_trust() {
    everloop::run(async {
        let (peer, stream) = Shared::new().client("refuses").await;
        let error = Shared::new().acceptor().accept(stream).await.unwrap_err();
        // It says nothing and goes.
        assert!(matches!(error, TlsError::Closed), "{error}");
        peer.ends_well().await;
    })
    .unwrap();
}

fn a_server_of_cpythons_that_is_not_trusted_is_refused() {
    everloop::run(async {
        let (_peer, stream) = Shared::new().server("ends").await;
        let error = Shared::new().connector().connect(stream).await.unwrap_err();
        assert!(matches!(error, TlsError::Protocol(Error::InvalidCertificate(_))), "{error}");
    })
    .unwrap();
}
