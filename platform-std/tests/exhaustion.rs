//! Out of descriptors. One test in a process of its own, since it takes them all.
#![allow(missing_docs)]
#![cfg(target_os = "linux")]

mod support;

use std::fs::File;
use std::rc::Rc;

use everloop::net::TcpListener;
use everloop::{Duration, RunError, create_task, sleep};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use support::any_port;

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
    })
    .unwrap();

    let taken = take_all();
    assert!(matches!(everloop::run(async {}), Err(RunError::Poller(_))));
    drop(taken);
    everloop::run(async {}).unwrap();
}
