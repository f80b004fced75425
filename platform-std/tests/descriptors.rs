//! Descriptors are given back. One test in a process of its own, since it counts all that the process has.
#![allow(missing_docs)]
#![cfg(target_os = "linux")]

mod support;

use everloop::embedded_io_async::{Read, Write};
use everloop::net::{TcpListener, TcpStream};
use everloop::reactor::Reactor;
use everloop::{OwnedLoop, create_task};
use support::any_port;

fn open_descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

#[test]
fn a_thousand_connections_leave_nothing_behind() {
    let before_all = open_descriptors();
    let reactor = Reactor::new().unwrap();
    let event_loop = OwnedLoop::new(reactor.unparker());
    let entered = reactor.enter();
    let talk = async {
        let listener = TcpListener::bind(any_port()).unwrap();
        let address = listener.local_addr().unwrap();
        let before = open_descriptors();
        let server = create_task(async move {
            for _ in 0..1000 {
                let (mut stream, _) = listener.accept().await.unwrap();
                create_task(async move {
                    let mut buf = [0; 8];
                    while let Ok(1..) = stream.read(&mut buf).await {
                        stream.write_all(b"x").await.unwrap();
                    }
                });
            }
            listener
        });
        for i in 0..1000 {
            let mut stream = TcpStream::connect(address).await.unwrap();
            if i % 2 == 0 {
                stream.write_all(b"y").await.unwrap();
                stream.read_exact(&mut [0]).await.unwrap();
            }
            if i % 3 == 0 {
                stream.abort();
            }
        }
        let _listener = server.await.unwrap();
        while open_descriptors() > before {
            everloop::yield_now().await;
        }
        // Only the listener is left.
        assert!(format!("{reactor:?}").contains("sources: 1"), "{reactor:?}");
    };
    event_loop.run(&reactor, &[], talk).unwrap();
    drop((entered, event_loop, reactor));
    assert_eq!(open_descriptors(), before_all);
}
