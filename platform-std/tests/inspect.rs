//! Snapshots of a loop's tasks, and the socket at which it gives them to others.
#![allow(missing_docs)]
#![cfg(all(unix, feature = "inspect"))]

mod support;

use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::rc::Rc;
use std::time::Duration as Time;

use everloop::inspect::{FetchError, Snapshot, TaskEntry, fetch, serve};
use everloop::net::PathError;
use everloop::{Duration, Event, Runner, create_task, sleep, to_thread, wait_for, yield_now};
use support::Folder;

const PATIENCE: Time = Time::from_secs(60);

/// What a client of its own thread makes of the server.
async fn elsewhere<T: Send + 'static>(client: impl FnOnce() -> T + Send + 'static) -> T {
    to_thread(client).await
}

async fn fetched(path: &Path) -> Snapshot {
    let path = path.to_owned();
    elsewhere(move || fetch(path, PATIENCE)).await.unwrap()
}

/// What the server answers to these bytes.
fn says(path: &Path, request: &[u8]) -> String {
    let mut stream = UnixStream::connect(path).unwrap();
    stream.write_all(request).unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let mut answer = Vec::new();
    // What was not read of a request that is too long resets the connection, after the answer.
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8(answer).unwrap()
}

fn named<'a>(snapshot: &'a Snapshot, name: &str) -> &'a TaskEntry {
    snapshot.tasks.iter().find(|task| task.name.as_deref() == Some(name)).unwrap()
}

#[test]
fn a_client_is_given_the_tasks_as_they_are_in_the_loop() {
    let folder = Folder::new();
    everloop::run(async {
        let path = folder.join("socket");
        serve(&path).unwrap();
        let event = Rc::new(<Event>::new());
        let waits = Rc::clone(&event);
        let inner = create_task(async move { waits.wait().await }).named("inner");
        let line = line!() - 1;
        let outer =
            create_task(async move { wait_for(inner, Duration::from_secs(3600)).await }).named("outer");
        let snapshot = fetched(&path).await;

        assert_eq!(snapshot.pid, std::process::id());
        assert_eq!(snapshot.thread.as_deref(), std::thread::current().name());
        let (inner, outer_seen) = (named(&snapshot, "inner"), named(&snapshot, "outer"));
        assert_eq!((&*inner.state, inner.waits_on.as_deref()), ("waiting", Some("an event")));
        assert_eq!((inner.polls, inner.cancelling), (1, 0));
        let at = inner.created_at.as_ref().unwrap();
        assert_eq!((&*at.file, at.line), (file!(), line));
        assert!(inner.longest_poll_ns > 0 && inner.waiting_ns > 0);
        let kinds: Vec<_> = outer_seen.scopes.iter().map(|scope| (&*scope.kind, scope.within)).collect();
        assert_eq!(kinds, [("timeout", 0), ("await", 1)]);
        let awaits: Vec<_> = outer_seen.awaits.iter().map(|awaits| (awaits.task, awaits.within)).collect();
        assert_eq!(awaits, [(inner.id, 2)]);
        event.set();
        outer.await.unwrap().unwrap().unwrap();
    })
    .unwrap();
}

#[test]
fn what_serves_is_not_shown() {
    let folder = Folder::new();
    everloop::run(async {
        let path = folder.join("socket");
        let serving = serve(&path).unwrap();
        let idle: Vec<_> = (0..3).map(|_| UnixStream::connect(&path).unwrap()).collect();
        let snapshot = fetched(&path).await;
        assert_eq!(snapshot.tasks.len(), 1, "{}", snapshot.table());
        // In the loop itself they are tasks like all others.
        let all = Snapshot::take();
        assert_eq!(all.tasks.iter().filter(|task| task.name.as_deref() == Some("inspect")).count(), 1);
        drop((idle, serving));
    })
    .unwrap();
}

#[test]
fn more_tasks_than_one_look_has_room_for_are_all_shown() {
    everloop::run(async {
        let tasks: Vec<_> = (0..1000).map(|_| create_task(sleep(Duration::from_secs(3600)))).collect();
        yield_now().await;
        assert_eq!(Snapshot::take().tasks.len(), 1001);
        drop(tasks);
    })
    .unwrap();
    assert_eq!(Snapshot::take().tasks.len(), 0);
}

#[test]
fn it_does_not_keep_the_loop_running_and_takes_its_path_along() {
    let folder = Folder::new();
    let path = folder.join("socket");
    let stuck = everloop::run(async {
        serve(&path).unwrap();
        // With a client that has not asked yet.
        let stuck = UnixStream::connect(&path).unwrap();
        yield_now().await;
        assert!(path.exists());
        stuck
    });
    assert!(!path.exists());
    assert_eq!(stuck.unwrap().read(&mut [0]).unwrap(), 0);
}

#[test]
fn it_serves_again_in_the_next_loop() {
    let folder = Folder::new();
    let path = folder.join("socket");
    for _ in 0..2 {
        everloop::run(async {
            serve(&path).unwrap();
            assert_eq!(fetched(&path).await.tasks.len(), 1);
        })
        .unwrap();
    }
}

#[test]
fn it_goes_on_in_the_next_run_of_a_runner() {
    let folder = Folder::new();
    let path = folder.join("socket");
    let mut runner = Runner::new();
    let serving = runner.run(async { serve(&path).unwrap() }).unwrap();
    runner.run(async { assert_eq!(fetched(&path).await.tasks.len(), 1) }).unwrap();
    assert!(serving.is_serving());
    drop(serving);
    runner.close().unwrap();
    assert!(!path.exists());
}

#[test]
fn closed_it_serves_no_longer_and_its_path_is_free() {
    let folder = Folder::new();
    everloop::run(async {
        let path = folder.join("socket");
        let serving = serve(&path).unwrap();
        yield_now().await;
        serving.close();
        assert!(!path.exists());
        let serving = serve(&path).unwrap();
        serving.close();
        assert!(!path.exists(), "also before its first step");
    })
    .unwrap();
}

#[test]
fn at_a_path_where_somebody_serves_it_is_refused_and_at_another_it_serves_too() {
    let folder = Folder::new();
    everloop::run(async {
        let (path, other) = (folder.join("socket"), folder.join("other"));
        serve(&path).unwrap();
        let error = serve(&path).unwrap_err();
        let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<PathError>());
        assert!(matches!(inner, Some(PathError::InUse(at)) if *at == path), "{error:?}");
        serve(&other).unwrap();
        for path in [path, other] {
            // Each shows what serves at the other: that is no part of it.
            assert_eq!(fetched(&path).await.tasks.len(), 2);
        }
    })
    .unwrap();
}

#[test]
fn what_a_program_that_is_gone_has_left_is_replaced_and_a_file_is_not() {
    let folder = Folder::new();
    everloop::run(async {
        let path = folder.join("socket");
        drop(UnixListener::bind(&path).unwrap());
        assert!(path.exists());
        serve(&path).unwrap();
        fetched(&path).await;
        let file = folder.join("file");
        std::fs::write(&file, "precious").unwrap();
        serve(&file).unwrap_err();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "precious");
    })
    .unwrap();
}

#[test]
fn outside_a_loop_it_is_refused_and_leaves_nothing() {
    let folder = Folder::new();
    let path = folder.join("socket");
    serve(&path).unwrap_err();
    assert!(!path.exists());
}

#[test]
fn who_asks_for_something_else_is_told_what_to_ask_for() {
    let folder = Folder::new();
    everloop::run(async {
        let path = folder.join("socket");
        serve(&path).unwrap();
        let wrong: [&[u8]; 9] = [
            b"GET / HTTP/1.1\r\n\r\n",
            b"\n",
            b"\0\xff\xfe\n",
            b"everloop-inspect\n",
            b"everloop-inspect 1\n",
            b"everloop-inspect 1 everything\n",
            b"everloop-inspect 1 snapshot please\n",
            b"everloop-inspect one snapshot\n",
            b"everloop-inspect 1 snap",
        ];
        let at = path.clone();
        elsewhere(move || {
            for request in wrong {
                let answer = says(&at, request);
                assert!(answer.contains(r#""version":1"#), "{answer}");
                assert!(answer.contains("send the line `everloop-inspect 1 snapshot`"), "{answer}");
            }
            let answer = says(&at, b"everloop-inspect 2 snapshot\n");
            assert!(answer.contains("speaks version 1"), "{answer}");
            let answer = says(&at, &[b'x'; 100_000]);
            assert!(answer.is_empty() || answer.contains("send the line"), "{answer}");
            // Nothing at all is answered by nothing.
            assert_eq!(says(&at, b""), "");
        })
        .await;
        assert_eq!(fetched(&path).await.tasks.len(), 1);
    })
    .unwrap();
}

#[test]
fn a_request_may_come_in_pieces() {
    let folder = Folder::new();
    everloop::run(async {
        let path = folder.join("socket");
        serve(&path).unwrap();
        let answer = elsewhere(move || {
            let mut stream = UnixStream::connect(&path).unwrap();
            for piece in b"everloop-inspect 1 snapshot\n".chunks(5) {
                stream.write_all(piece).unwrap();
                std::thread::sleep(Time::from_millis(1));
            }
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            answer
        });
        assert!(answer.await.starts_with(r#"{"version":1,"snapshot":{"pid":"#));
    })
    .unwrap();
}

#[test]
fn a_client_that_leaves_midway_harms_nobody() {
    let folder = Folder::new();
    everloop::run(async {
        let path = folder.join("socket");
        serve(&path).unwrap();
        // So many that the answer is larger than what a socket takes at once.
        let tasks: Vec<_> = (0..3000).map(|_| create_task(sleep(Duration::from_secs(3600)))).collect();
        for request in [&b""[..], b"every", b"everloop-inspect 1 snapshot\n"] {
            let at = path.clone();
            elsewhere(move || UnixStream::connect(at).unwrap().write_all(request).unwrap()).await;
        }
        assert_eq!(fetched(&path).await.tasks.len(), 3001);
        for task in &tasks {
            task.cancel();
        }
    })
    .unwrap();
}

#[test]
fn of_many_slow_clients_the_newest_are_told_to_come_again_and_the_loop_stays_idle() {
    let folder = Folder::new();
    everloop::run(async {
        let path = folder.join("socket");
        serve(&path).unwrap();
        let slow: Vec<_> = (0..8).map(|_| UnixStream::connect(&path).unwrap()).collect();
        let at = path.clone();
        let refused = elsewhere(move || fetch(at, PATIENCE)).await.unwrap_err();
        assert!(matches!(&refused, FetchError::Refused(why) if why.contains("ask again")), "{refused:?}");
        // They are not looked at while they say nothing.
        let clients = || {
            let tasks = Snapshot::take().tasks;
            tasks
                .iter()
                .filter(|task| task.name.as_deref() == Some("inspect client"))
                .map(|task| task.polls)
                .collect()
        };
        let before: Vec<u32> = clients();
        assert_eq!(before.len(), 8);
        sleep(Duration::from_millis(50)).await;
        assert_eq!(clients(), before);
        drop(slow);
        while !clients().is_empty() {
            yield_now().await;
        }
        assert_eq!(fetched(&path).await.tasks.len(), 1);
    })
    .unwrap();
}

#[test]
fn one_who_does_not_ask_is_dropped_in_the_end() {
    let folder = Folder::new();
    everloop::run(async {
        let path = folder.join("socket");
        serve(&path).unwrap();
        let mut silent = UnixStream::connect(&path).unwrap();
        assert_eq!(elsewhere(move || silent.read(&mut [0]).unwrap()).await, 0);
        assert_eq!(fetched(&path).await.tasks.len(), 1);
    })
    .unwrap();
}

#[test]
fn a_loop_that_does_not_answer_is_told_from_one_that_is_not_there() {
    let folder = Folder::new();
    let path = folder.join("socket");
    assert!(matches!(fetch(&path, PATIENCE), Err(FetchError::Connect(_))));
    let silent = UnixListener::bind(&path).unwrap();
    assert!(matches!(fetch(&path, Time::from_millis(20)), Err(FetchError::TimedOut)));
    assert!(matches!(fetch(&path, Time::ZERO), Err(FetchError::TimedOut)));
    drop(silent);
    assert!(matches!(fetch(&path, PATIENCE), Err(FetchError::Connect(_))));
}

#[test]
fn what_is_no_answer_is_told() {
    let folder = Folder::new();
    let path = folder.join("socket");
    let listener = UnixListener::bind(&path).unwrap();
    type Expected = (&'static [u8], fn(&FetchError) -> bool);
    let answers: [Expected; 6] = [
        (b"", |error| matches!(error, FetchError::Answer(_))),
        (b"HTTP/1.1 400 Bad Request\r\n", |error| matches!(error, FetchError::Unreadable(_))),
        (b"{\"version\":1}\n", |error| matches!(error, FetchError::Unreadable(_))),
        (b"{\"version\":1,\"snapshot\":{}}\n", |error| matches!(error, FetchError::Unreadable(_))),
        (b"{\"version\":7,\"shape\":null}\n", |error| matches!(error, FetchError::Version { theirs: 7 })),
        (
            b"{\"version\":1,\"error\":\"no\"}\n",
            |error| matches!(error, FetchError::Refused(why) if why == "no"),
        ),
    ];
    for (answer, is_right) in answers {
        let (mut stream, error) = std::thread::scope(|scope| {
            let client = scope.spawn(|| fetch(&path, PATIENCE).unwrap_err());
            let (mut stream, _) = listener.accept().unwrap();
            let mut asked = [0; 28];
            stream.read_exact(&mut asked).unwrap();
            assert_eq!(&asked, b"everloop-inspect 1 snapshot\n");
            stream.write_all(answer).unwrap();
            stream.shutdown(std::net::Shutdown::Write).unwrap();
            (stream, client.join().unwrap())
        });
        assert!(is_right(&error), "{error:?}");
        assert!(!error.to_string().is_empty());
        stream.flush().unwrap();
    }
}
