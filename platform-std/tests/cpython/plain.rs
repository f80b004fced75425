//! Over TCP and over Unix sockets.

use std::io::ErrorKind;

use everloop::embedded_io_async::{Read, Write};
use everloop::net::{ConnectionWriter, Kind, StreamSocket, TcpListener, TcpStream};
#[cfg(unix)]
use everloop::net::{UnixListener, UnixStream};

use crate::peer::Peer;
#[cfg(unix)]
use crate::support::Folder;
use crate::support::any_port;
use crate::{talk, tests};

tests! {
    much_goes_both_ways_between_a_server_of_cpythons_and_a_client
    much_goes_both_ways_between_a_client_of_cpythons_and_a_server
    much_goes_both_ways_through_a_unix_socket_of_cpythons
    much_goes_both_ways_through_a_unix_socket_that_cpython_connects_to
    cpython_answers_when_this_side_has_ended
    this_side_answers_when_cpython_has_ended
    a_reset_of_cpythons_is_an_error
    a_reset_is_an_error_to_cpython
}

/// A server of CPython's, and a connection to it.
async fn to_server(dialogue: &str) -> (Peer, TcpStream) {
    let (peer, port) = Peer::server(dialogue, "tcp", "", None);
    (peer, TcpStream::connect(([127, 0, 0, 1], port).into()).await.unwrap())
}

/// A client of CPython's, and its connection.
async fn from_client(dialogue: &str) -> (Peer, TcpStream) {
    let listener = TcpListener::bind(any_port()).unwrap();
    let peer = Peer::client(dialogue, "tcp", &listener.local_addr().unwrap().to_string(), None);
    (peer, listener.accept().await.unwrap().0)
}

async fn both<K: Kind>(peer: Peer, stream: StreamSocket<K>) {
    let (mut reader, mut writer) = stream.split();
    talk::both(&mut reader, &mut writer, true).await;
    drop((reader, writer));
    peer.ends_well().await;
}

fn much_goes_both_ways_between_a_server_of_cpythons_and_a_client() {
    everloop::run(async {
        let (peer, stream) = to_server("both").await;
        both(peer, stream).await;
    })
    .unwrap();
}

fn much_goes_both_ways_between_a_client_of_cpythons_and_a_server() {
    everloop::run(async {
        let (peer, stream) = from_client("both").await;
        both(peer, stream).await;
    })
    .unwrap();
}

#[cfg(not(unix))]
fn much_goes_both_ways_through_a_unix_socket_of_cpythons() {}

#[cfg(not(unix))]
fn much_goes_both_ways_through_a_unix_socket_that_cpython_connects_to() {}

#[cfg(unix)]
fn much_goes_both_ways_through_a_unix_socket_of_cpythons() {
    everloop::run(async {
        let folder = Folder::new();
        let path = folder.join("socket");
        let (peer, _) = Peer::server("both", "unix", path.to_str().unwrap(), None);
        both(peer, UnixStream::connect(&path).await.unwrap()).await;
    })
    .unwrap();
}

#[cfg(unix)]
fn much_goes_both_ways_through_a_unix_socket_that_cpython_connects_to() {
    everloop::run(async {
        let folder = Folder::new();
        let path = folder.join("socket");
        let listener = UnixListener::bind(&path).unwrap();
        let peer = Peer::client("both", "unix", path.to_str().unwrap(), None);
        both(peer, listener.accept().await.unwrap()).await;
    })
    .unwrap();
}

fn cpython_answers_when_this_side_has_ended() {
    everloop::run(async {
        let (peer, stream) = to_server("half").await;
        let (mut reader, mut writer) = stream.split();
        writer.write_all(b"question").await.unwrap();
        writer.write_eof().await.unwrap();
        assert_eq!(talk::all(&mut reader).await, b"answer to question");
        peer.ends_well().await;
    })
    .unwrap();
}

fn this_side_answers_when_cpython_has_ended() {
    everloop::run(async {
        let (peer, stream) = from_client("half").await;
        let (mut reader, mut writer) = stream.split();
        assert_eq!(talk::all(&mut reader).await, b"question");
        writer.write_all(b"answer to question").await.unwrap();
        drop((reader, writer));
        peer.ends_well().await;
    })
    .unwrap();
}

fn a_reset_of_cpythons_is_an_error() {
    everloop::run(async {
        for side in ["client", "server"] {
            let (peer, stream) = match side {
                "client" => from_client("reset").await,
                _ => to_server("reset").await,
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

fn a_reset_is_an_error_to_cpython() {
    everloop::run(async {
        for side in ["client", "server"] {
            let (peer, stream) = match side {
                "client" => from_client("is-reset").await,
                _ => to_server("is-reset").await,
            };
            let (mut reader, mut writer) = stream.split();
            talk::greet(&mut reader, &mut writer).await;
            // Not before it has read that.
            reader.read_exact(&mut [0]).await.unwrap();
            writer.abort();
            peer.ends_well().await;
        }
    })
    .unwrap();
}
