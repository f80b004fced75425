//! A server out of descriptors. One test in a process of its own, since it takes them all.
#![allow(missing_docs)]
#![cfg(target_os = "linux")]

mod support;

use std::cell::Cell;
use std::fs::File;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};

use everloop::{Duration, Event, open_connection, set_exception_handler, sleep, start_server};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use support::any_port;

#[test]
fn a_server_out_of_descriptors_serves_those_it_has_and_goes_on() {
    let maximum = getrlimit(Resource::Nofile).maximum;
    setrlimit(Resource::Nofile, Rlimit { current: Some(64), maximum }).unwrap();
    static TOLD: AtomicUsize = AtomicUsize::new(0);
    everloop::run(async {
        set_exception_handler(Some(&|unhandled| {
            let error = unhandled.error().unwrap().downcast_ref::<std::io::Error>().unwrap();
            assert_eq!(error.raw_os_error(), Some(libc::EMFILE));
            TOLD.fetch_add(1, Ordering::Relaxed);
        }));
        let served = Rc::new((Cell::new(0), <Event>::new()));
        let serve = served.clone();
        let server = start_server(
            async move |mut reader, writer| {
                serve.0.set(serve.0.get() + 1);
                serve.1.set();
                while let Ok(line @ [_, ..]) = reader.readline().await {
                    writer.write(line).unwrap();
                }
            },
            any_port(),
        );
        let server = server.await.unwrap();
        let address = server.local_addrs()[0];
        let (mut reader, writer) = open_connection(address).await.unwrap();
        served.1.wait().await;
        served.1.clear();
        let mut taken: Vec<_> = std::iter::from_fn(|| File::open("/dev/null").ok()).collect();
        taken.pop();
        // It takes the last one, and its connection has none.
        let _client = std::net::TcpStream::connect(address).unwrap();
        for _ in 0..20 {
            sleep(Duration::from_millis(1)).await;
        }
        assert_eq!(served.0.get(), 1);
        assert_eq!(TOLD.load(Ordering::Relaxed), 1);
        assert!(server.is_serving());
        // Those that it has are served as before.
        writer.write(b"still there?\n").unwrap();
        assert_eq!(reader.readline().await.unwrap(), b"still there?\n");
        // A loop that tried again and again would be polled for ever.
        let polls = everloop::all_tasks().find(|task| task.name() == Some("server")).unwrap().polls();
        assert!(polls < 10, "{polls} polls");
        taken.clear();
        served.1.wait().await;
        assert_eq!(served.0.get(), 2);
    })
    .unwrap();
}
