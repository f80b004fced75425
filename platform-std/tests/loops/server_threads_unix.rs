//! One server on several threads, at a Unix socket.
#![allow(missing_docs)]
#![cfg(unix)]

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::thread;

use crate::support::Folder;
use everloop::net::{ServerThreads, SocketReader, SocketWriter, StartError, StoppedReason, Unix};
use everloop::{all_tasks, create_task, open_unix_connection};

fn with(threads: usize) -> ServerThreads {
    ServerThreads::new().threads(NonZeroUsize::new(threads).unwrap())
}

async fn says_its_thread(_: SocketReader<Unix>, writer: SocketWriter<Unix>) {
    let line = format!("{:?}\n", thread::current().id());
    writer.write(line.as_bytes()).unwrap();
    writer.close();
    writer.wait_closed().await.unwrap();
}

#[test]
fn at_a_unix_socket_each_loop_gets_connections_and_the_path_goes_when_it_is_closed() {
    let folder = Folder::new();
    everloop::run(async {
        let path = folder.join("socket");
        let server = with(2).start_unix(|| says_its_thread, &path).await.unwrap();
        assert_eq!(server.local_addrs()[0].as_pathname(), Some(&*path));
        let mut seen = BTreeSet::new();
        while seen.len() < 2 {
            let open: Vec<_> = (0..16)
                .map(|_| {
                    let path = path.clone();
                    create_task(async move {
                        let (mut reader, _writer) = open_unix_connection(path).await.unwrap();
                        String::from_utf8(reader.readline().await.unwrap().to_vec()).unwrap()
                    })
                })
                .collect();
            for thread in open {
                seen.insert(thread.await.unwrap());
            }
        }
        assert!(path.exists());
        server.close();
        assert!(!path.exists());
        server.wait_closed().await.unwrap();
    })
    .unwrap();
}

#[test]
fn a_path_in_use_is_told() {
    let folder = Folder::new();
    everloop::run(async {
        let path = folder.join("socket");
        let server = with(2).start_unix(|| says_its_thread, &path).await.unwrap();
        let error = with(2).start_unix(|| says_its_thread, &path).await.unwrap_err();
        assert!(matches!(&error, StartError::ListenUnix(at, _) if *at == path), "{error:?}");
        assert!(path.exists());
        server.close();
        server.wait_closed().await.unwrap();
    })
    .unwrap();
}

#[test]
fn a_loop_that_stops_by_itself_takes_the_path_along() {
    let folder = Folder::new();
    everloop::run(async {
        let path = folder.join("socket");
        let handler = async |_: SocketReader<Unix>, _: SocketWriter<Unix>| {
            all_tasks().next().unwrap().cancel();
        };
        let server = with(2).start_unix(move || handler, &path).await.unwrap();
        let _client = open_unix_connection(&path).await.unwrap();
        assert_eq!(server.wait_closed().await.unwrap_err().reason, StoppedReason::Cancelled);
        assert!(!path.exists());
    })
    .unwrap();
}
