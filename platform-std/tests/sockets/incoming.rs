//! Listeners as streams of connections.
#![allow(missing_docs)]

use std::io::Read;
#[cfg(unix)]
use std::pin::pin;
use std::thread;

use crate::support::{any_port, poll_once};
use everloop::net::{TcpListener, TcpStream};
use everloop::{Duration, create_task, wait_for};
use futures_util::{StreamExt, TryStreamExt};

#[test]
fn incoming_gives_each_connection_in_turn() {
    everloop::run(async {
        let listener = TcpListener::bind(any_port()).unwrap();
        let address = listener.local_addr().unwrap();
        let clients: Vec<_> = (0..3).map(|_| std::net::TcpStream::connect(address).unwrap()).collect();
        let accepted: Vec<TcpStream> = listener.incoming().take(3).try_collect().await.unwrap();
        for (client, server) in clients.iter().zip(&accepted) {
            assert_eq!(client.local_addr().unwrap(), server.peer_addr().unwrap());
        }
    })
    .unwrap();
}

#[test]
fn incoming_waits_for_a_connection() {
    everloop::run(async {
        let listener = TcpListener::bind(any_port()).unwrap();
        let address = listener.local_addr().unwrap();
        let mut incoming = listener.incoming();
        assert!(poll_once(incoming.next()).await.is_none());
        let client =
            thread::spawn(move || std::net::TcpStream::connect(address).unwrap().read(&mut [0]).unwrap());
        drop(incoming.next().await.unwrap().unwrap());
        assert_eq!(client.join().unwrap(), 0);
    })
    .unwrap();
}

#[test]
fn incoming_that_is_given_up_loses_no_connection() {
    everloop::run(async {
        let listener = TcpListener::bind(any_port()).unwrap();
        let address = listener.local_addr().unwrap();
        assert!(wait_for(listener.incoming().next(), Duration::from_millis(1)).await.is_err());
        let client = TcpStream::connect(address).await.unwrap();
        let (server, _) = listener.accept().await.unwrap();
        assert_eq!(client.local_addr().unwrap(), server.peer_addr().unwrap());
    })
    .unwrap();
}

#[test]
fn several_may_take_from_one_listener() {
    everloop::run(async {
        let listener = TcpListener::bind(any_port()).unwrap();
        let address = listener.local_addr().unwrap();
        let (mut one, mut other) = (listener.incoming(), listener.incoming());
        assert!(poll_once(one.next()).await.is_none());
        assert!(poll_once(other.next()).await.is_none());
        let clients = create_task(async move {
            let first = TcpStream::connect(address).await.unwrap();
            (first, TcpStream::connect(address).await.unwrap())
        });
        let both = futures_util::future::join(one.next(), other.next()).await;
        both.0.unwrap().unwrap();
        both.1.unwrap().unwrap();
        clients.await.unwrap();
    })
    .unwrap();
}

#[cfg(unix)]
#[test]
fn incoming_gives_unix_sockets_too() {
    use everloop::net::{UnixListener, UnixStream};
    let folder = crate::support::Folder::new();
    everloop::run(async {
        let listener = UnixListener::bind(folder.join("socket")).unwrap();
        let mut incoming = pin!(listener.incoming());
        assert!(format!("{incoming:?}").contains("socket"), "{incoming:?}");
        assert!(poll_once(incoming.next()).await.is_none());
        let _client = UnixStream::connect(folder.join("socket")).await.unwrap();
        incoming.next().await.unwrap().unwrap();
    })
    .unwrap();
}
