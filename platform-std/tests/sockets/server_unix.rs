//! Servers at Unix sockets.
#![allow(missing_docs)]
#![cfg(unix)]

use crate::support::{Folder, poll_once};
use everloop::net::{
    DEFAULT_LIMIT, PathError, Server, SocketReader, SocketWriter, Unix, UnixListener, UnixStream,
};
use everloop::{open_unix_connection, start_unix_server};

async fn echo(mut reader: SocketReader<Unix>, writer: SocketWriter<Unix>) {
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
        let (mut reader, writer) = open_unix_connection(&path).await.unwrap();
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
