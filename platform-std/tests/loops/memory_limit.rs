//! A process that may have no more memory: what is a typed error then, and what ends it.

use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Output};

use crate::support::pair;
use everloop::embedded_io_async::{Read, Write};
use everloop::{
    Bounded, Duration, OutOfMemory, Queue, TryPutError, Unbounded, create_subprocess_exec, create_task,
    gather, sleep, try_to_thread, yield_now,
};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

const CHILD: &str = "EVERLOOP_TEST_CHILD";

/// Runs this test again in a process of its own and gives what came of it; `None` in that process.
fn in_a_child(test: &str) -> Option<Output> {
    if std::env::var_os(CHILD).is_some() {
        return None;
    }
    let name = format!("memory_limit::{test}");
    let mut child = Command::new(std::env::current_exe().unwrap());
    Some(child.args(["--exact", &name, "--nocapture"]).env(CHILD, "1").output().unwrap())
}

/// From now on this process may have so many more bytes than it has.
fn allow(more: u64) {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: u64 = pages.split(' ').next().unwrap().parse().unwrap();
    let limit = getrlimit(Resource::As);
    setrlimit(Resource::As, Rlimit { current: Some(pages * 4096 + more), ..limit }).unwrap();
}

fn allow_all() {
    let limit = getrlimit(Resource::As);
    setrlimit(Resource::As, Rlimit { current: limit.maximum, ..limit }).unwrap();
}

type Block = [u8; 1024];

#[test]
fn queues_threads_and_processes_give_typed_errors_and_the_loop_goes_on() {
    if let Some(output) = in_a_child("queues_threads_and_processes_give_typed_errors_and_the_loop_goes_on") {
        assert!(output.status.success(), "{output:?}");
        return;
    }
    everloop::run(async {
        let (mut near, mut far) = pair().await;
        allow(16 << 20);
        let queue = Queue::<Block, Unbounded>::new();
        let mut count = 0_usize;
        let refused = loop {
            match queue.put_nowait([count as u8; 1024]) {
                Ok(()) => count += 1,
                Err(error) => break error,
            }
        };
        // The item is given back, and those that are in stay.
        assert!(matches!(refused, TryPutError::OutOfMemory(item) if item == [count as u8; 1024]));
        assert!(count > 1000 && queue.qsize() == count);
        let large = Queue::<Block, Bounded>::bounded(1 << 20);
        assert_eq!(large.reserve(1 << 20), Err(OutOfMemory));

        // Not the stack of a thread nor of what starts a program.
        allow(0);
        let refused = try_to_thread(|| 5).await.unwrap_err();
        assert_eq!((refused.function)(), 5);
        let error = create_subprocess_exec("true", [""; 0]).await.unwrap_err();
        assert_eq!(error.raw_os_error(), Some(libc::ENOMEM), "{error}");

        // What needs no memory goes on: timers, what is connected, what is queued.
        sleep(Duration::from_millis(1)).await;
        for n in 0..10 {
            near.write_all(&[n]).await.unwrap();
            let mut got = [0];
            far.read_exact(&mut got).await.unwrap();
            assert_eq!(got, [n]);
        }
        for n in 0..count {
            assert!(queue.get().await.unwrap() == [n as u8; 1024]);
        }

        // And with memory all is well.
        allow_all();
        queue.put_nowait([0; 1024]).unwrap();
        large.reserve(1 << 10).unwrap();
        assert_eq!(try_to_thread(|| 6).await.unwrap(), 6);
        assert_eq!(create_subprocess_exec("true", [""; 0]).await.unwrap().wait().await, 0);
        gather((yield_now(), yield_now())).await.0.unwrap();
    })
    .unwrap();
}

/// Rust's rule for what has no error to give: `Box`, `Vec` and the like.
#[test]
fn a_task_without_memory_for_it_aborts_the_process_and_says_so() {
    let Some(output) = in_a_child("a_task_without_memory_for_it_aborts_the_process_and_says_so") else {
        // No core of it.
        setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) }).unwrap();
        let _ = everloop::run(async {
            allow(16 << 20);
            loop {
                let block = [1_u8; 64 << 10];
                create_task(async move {
                    sleep(Duration::MAX).await;
                    std::hint::black_box(&block);
                });
            }
        });
        unreachable!("it had all the memory that it wanted");
    };
    assert_eq!(output.status.signal(), Some(libc::SIGABRT), "{output:?}");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("memory allocation of 65"), "{said}");
    assert!(!said.contains("panicked"), "{said}");
}
