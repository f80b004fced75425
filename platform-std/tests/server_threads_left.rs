//! What a server on several threads leaves behind: nothing, also when it can't start. One test in a process of its own,
//! since it counts all that the process has and takes all descriptors.
#![allow(missing_docs)]
#![cfg(target_os = "linux")]

mod support;

use std::fs::File;
use std::num::NonZeroUsize;
use std::thread;
use std::time::Duration;

use everloop::net::{ServerThreads, SocketReader, SocketWriter, StartError};
use everloop::{RunError, create_task};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use support::any_port;
use support::server::{asks, echo};

/// The descriptors that the process has, and the threads.
fn there_are() -> (usize, usize) {
    let count = |folder| std::fs::read_dir(folder).unwrap().count();
    (count("/proc/self/fd"), count("/proc/self/task"))
}

/// That there is as much as before. A thread that was joined may still be listed for a moment.
fn is_as_before(before: (usize, usize), when: &str) {
    for _ in 0..5000 {
        if there_are() == before {
            return;
        }
        thread::sleep(Duration::from_millis(1));
    }
    assert_eq!(there_are(), before, "{when}");
}

fn threads() -> ServerThreads {
    ServerThreads::new().threads(NonZeroUsize::new(3).unwrap())
}

#[test]
fn no_thread_and_no_descriptor_is_left() {
    // What the process makes once and keeps.
    everloop::run(async {
        let server = threads().start(|| echo, any_port()).await.unwrap();
        asks(server.local_addrs()[0], b"hello\n").await;
        server.close();
        server.wait_closed().await.unwrap();
    })
    .unwrap();
    let before = there_are();

    for one_line in [false, true] {
        everloop::run(async {
            let before = there_are();
            let server = threads().one_line(one_line).start(|| echo, any_port()).await.unwrap();
            let address = server.local_addrs()[0];
            let asking: Vec<_> = (0..50).map(|_| create_task(asks(address, b"hello\n"))).collect();
            for asked in asking {
                asked.await.unwrap();
            }
            server.close();
            server.wait_closed().await.unwrap();
            drop(server);
            is_as_before(before, "within a loop");
        })
        .unwrap();
        is_as_before(before, "after a loop");
    }

    let maximum = getrlimit(Resource::Nofile).maximum;
    let mut started = false;
    let mut refusals = [0; 2];
    let mut limit = before.0 as u64;
    while !started {
        limit += 1;
        let spare = File::open("/dev/null").unwrap();
        setrlimit(Resource::Nofile, Rlimit { current: Some(limit), maximum }).unwrap();
        let outcome = everloop::run(async {
            let make = || async |_: SocketReader, _: SocketWriter| {};
            let server = threads().start(make, any_port()).await?;
            server.close();
            server.wait_closed().await.unwrap();
            Ok(())
        });
        // So that there is one to count with.
        drop(spare);
        is_as_before(before, &format!("with a limit of {limit}: {outcome:?}"));
        match outcome {
            Err(RunError::Poller(_)) => {}
            Ok(Err(StartError::Listen(_, error))) => {
                assert!(error.raw_os_error().is_some());
                refusals[0] += 1;
            }
            Ok(Err(StartError::ThreadLoop(_))) => refusals[1] += 1,
            Ok(Ok(())) => started = true,
            other => panic!("{other:?}"),
        }
    }
    // Each way to fail was met.
    assert!(refusals.iter().all(|count| *count > 0), "{refusals:?}");
}
