//! Out of descriptors. One test in a process of its own, since it takes them all.
#![allow(missing_docs)]
#![cfg(target_os = "linux")]

mod support;

use std::fs::File;
use std::io;
use std::rc::Rc;

use everloop::net::{TcpListener, TcpStream, UdpSocket, UnixListener, UnixStream};
use everloop::signal::SIGUSR1;
use everloop::{
    Duration, RunError, add_signal_handler, create_task, gather, open_connection, sleep, start_server,
};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use support::{Folder, any_port};

/// Opens files until there is no descriptor left.
fn take_all() -> Vec<File> {
    std::iter::from_fn(|| File::open("/dev/null").ok()).collect()
}

#[test]
fn a_listener_out_of_descriptors_stays_usable() {
    let maximum = getrlimit(Resource::Nofile).maximum;
    setrlimit(Resource::Nofile, Rlimit { current: Some(64), maximum }).unwrap();
    everloop::run(async {
        let listener = Rc::new(TcpListener::bind(any_port()).unwrap());
        let address = listener.local_addr().unwrap();
        let accepting = create_task({
            let listener = listener.clone();
            async move { listener.accept().await }
        });
        sleep(Duration::from_millis(1)).await;
        let mut taken = take_all();
        taken.pop();
        // It takes the last one, and its connection has none.
        let client = std::net::TcpStream::connect(address).unwrap();
        let error = accepting.await.unwrap().unwrap_err();
        assert_eq!(error.raw_os_error(), Some(rustix::io::Errno::MFILE.raw_os_error()));
        // No event announces a client a second time.
        assert!(listener.accept().await.is_err());
        taken.clear();
        let (_stream, peer) = listener.accept().await.unwrap();
        assert_eq!(peer, client.local_addr().unwrap());

        // All that takes one is an error, and later works.
        let folder = Folder::new();
        let path = folder.join("socket");
        let unix = UnixListener::bind(&path).unwrap();
        let taken = take_all();
        let errors = [
            TcpStream::connect(address).await.map(drop),
            TcpListener::bind(any_port()).map(drop),
            UdpSocket::bind(any_port()).map(drop),
            UnixStream::connect(&path).await.map(drop),
            UnixListener::bind(folder.join("other")).map(drop),
            UnixStream::pair().map(drop),
            open_connection(address).await.map(drop).map_err(io::Error::from),
            start_server(async |_, _| {}, any_port()).await.map(drop).map_err(io::Error::from),
            add_signal_handler(SIGUSR1, || {}).map_err(io::Error::from),
        ];
        for (number, result) in errors.into_iter().enumerate() {
            let error = result.expect_err(&format!("number {number} took a descriptor"));
            assert!(error.to_string().contains("Too many open files"), "number {number}: {error}");
        }
        // Timers and threads take none.
        sleep(Duration::from_millis(1)).await;
        assert_eq!(everloop::to_thread(|| 5).await, 5);
        drop(taken);
        let _near = TcpStream::connect(address).await.unwrap();
        let _udp = UdpSocket::bind(any_port()).unwrap();
        let (near, far) = gather((UnixStream::connect(&path), unix.accept())).await;
        drop((near.unwrap().unwrap(), far.unwrap().unwrap()));
        add_signal_handler(SIGUSR1, || {}).unwrap();
    })
    .unwrap();

    let taken = take_all();
    assert!(matches!(everloop::run(async {}), Err(RunError::Poller(_))));
    drop(taken);
    everloop::run(async {}).unwrap();
}
