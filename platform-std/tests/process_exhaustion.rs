//! Out of descriptors. One test in a process of its own, since it takes them all.
#![allow(missing_docs)]
#![cfg(target_os = "linux")]

use std::fs::File;
use std::io;

use everloop::process::{SignalError, Stdio};
use everloop::{create_subprocess_exec, create_task, gather};
use rustix::io::Errno;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Opens files until there is no descriptor left.
fn take_all() -> Vec<File> {
    std::iter::from_fn(|| File::open("/dev/null").ok()).collect()
}

/// The threads that wait for children.
fn threads() -> usize {
    let threads = std::fs::read_dir("/proc/self/task").unwrap();
    // One may end at any time.
    let names = threads.filter_map(|thread| std::fs::read_to_string(thread.ok()?.path().join("comm")).ok());
    names.filter(|name| name.trim() == "everloop-reaper").count()
}

#[test]
fn without_a_descriptor_a_child_is_waited_for_by_a_thread_of_its_own() {
    let maximum = getrlimit(Resource::Nofile).maximum;
    setrlimit(Resource::Nofile, Rlimit { current: Some(64), maximum }).unwrap();
    everloop::run(async {
        let before = threads();
        let mut taken = take_all();
        let sleeps = gather([(); 3].map(|()| create_subprocess_exec("sleep", ["3600"]))).await;
        let [first, second, third] = sleeps.map(|sleep| sleep.unwrap().unwrap());
        // What takes a descriptor is an error, and nothing is started.
        let error = create_subprocess_exec("sleep", ["3600"]).stdout(Stdio::Pipe).await.unwrap_err();
        assert_eq!(error.raw_os_error(), Some(Errno::MFILE.raw_os_error()));
        taken.clear();
        // Each takes its name when it begins.
        while threads() < before + 3 {
            everloop::yield_now().await;
        }
        assert_eq!(threads(), before + 3);

        assert_eq!(first.returncode(), None);
        let waiting = create_task(first.wait());
        assert!(matches!(first.send_signal(1000), Err(SignalError::NoSuchSignal)));
        first.terminate().unwrap();
        assert_eq!(waiting.await, Ok(-15));
        assert!(matches!(first.kill(), Err(SignalError::Finished)));
        second.kill().unwrap();
        while second.returncode().is_none() {}
        assert_eq!(second.returncode(), Some(-9));
        assert!(matches!(second.send_signal(0), Err(SignalError::Finished)));

        // It is reaped when the handle is gone, too.
        let wait = third.wait();
        third.send_signal(rustix::process::Signal::HUP.as_raw()).unwrap();
        drop(third);
        assert_eq!(wait.await, -1);
        while threads() > before {
            everloop::yield_now().await;
        }
        let mut cat = create_subprocess_exec("cat", [""; 0]).stdin(Stdio::Pipe).stdout(Stdio::Pipe).await?;
        assert_eq!(cat.communicate(b"x").await?.0.unwrap(), b"x");
        io::Result::Ok(())
    })
    .unwrap()
    .unwrap();
}
