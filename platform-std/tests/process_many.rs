//! Many children leave nothing behind. One test in a process of its own, since it counts all that the process has.
#![allow(missing_docs)]
#![cfg(target_os = "linux")]

use std::io::{self, ErrorKind};
use std::time::{Duration, Instant};

use everloop::process::Stdio;
use everloop::{Runner, create_subprocess_exec, create_subprocess_shell, create_task};

fn count(directory: &str) -> usize {
    std::fs::read_dir(directory).unwrap().count()
}

/// The children of this process, alive or dead.
fn children() -> usize {
    let numbers = std::fs::read_dir("/proc").unwrap().flatten();
    let numbers = numbers.filter(|entry| entry.file_name().to_string_lossy().parse::<u32>().is_ok());
    let parents = numbers.filter_map(|entry| {
        let stat = std::fs::read_to_string(entry.path().join("stat")).ok()?;
        stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse::<u32>().ok()
    });
    parents.filter(|&parent| parent == std::process::id()).count()
}

/// Blocks until `now` gives `count`.
#[track_caller]
fn expect(count: usize, now: impl Fn() -> usize) {
    let start = Instant::now();
    while now() != count {
        assert!(start.elapsed() < Duration::from_secs(20), "{} instead of {count}", now());
        std::thread::sleep(Duration::from_millis(5));
    }
}

async fn one(n: usize) -> io::Result<()> {
    match n % 5 {
        0 => {
            let mut cat =
                create_subprocess_exec("cat", [""; 0]).stdin(Stdio::Pipe).stdout(Stdio::Pipe).await?;
            assert_eq!(cat.communicate(b"x").await?.0.unwrap(), b"x");
        }
        1 => {
            let sleep = create_subprocess_exec("sleep", ["3600"]).stdout(Stdio::Pipe).await?;
            sleep.kill().unwrap();
            assert_eq!(sleep.wait().await, -9);
        }
        2 => assert_eq!(
            create_subprocess_shell(format!("exit {}", n % 100)).await?.wait().await,
            (n % 100) as i32
        ),
        // Nobody waits.
        3 => drop(create_subprocess_exec("true", [""; 0]).stdin(Stdio::Pipe).await?),
        _ => {
            let started =
                create_subprocess_exec("/no/such/program", [""; 0]).stdin(Stdio::Pipe).stdout(Stdio::Pipe);
            assert_eq!(started.await.unwrap_err().kind(), ErrorKind::NotFound);
        }
    }
    Ok(())
}

#[test]
fn many_children_leave_no_zombie_descriptor_or_thread() {
    let total = if std::env::var_os("EVERLOOP_LONG").is_some() { 10_000 } else { 400 };
    let mut runner = Runner::new();
    // The loop's own are there from its first run on.
    runner.run(async {}).unwrap();
    let (descriptors, threads) = (count("/proc/self/fd"), count("/proc/self/task"));
    assert_eq!(children(), 0);
    runner
        .run(async {
            let workers: Vec<_> = (0..64)
                .map(|worker| {
                    create_task(async move {
                        for n in (worker..total).step_by(64) {
                            one(n).await.unwrap();
                        }
                    })
                })
                .collect();
            for worker in workers {
                worker.await.unwrap();
            }
        })
        .unwrap();
    expect(0, children);
    expect(threads, || count("/proc/self/task"));
    expect(descriptors, || count("/proc/self/fd"));
    // Nor do those that have ended while their handles are kept.
    let kept = runner.run(async {
        let mut kept = Vec::new();
        for _ in 0..10 {
            let process = create_subprocess_exec("true", [""; 0]).await.unwrap();
            process.wait().await;
            kept.push(process);
        }
        kept
    });
    expect(threads, || count("/proc/self/task"));
    expect(descriptors, || count("/proc/self/fd"));
    drop(kept);
    // And all of it once more, since what has ended begins again.
    runner.run(async { one(0).await.unwrap() }).unwrap();
    runner.close().unwrap();
    expect(threads, || count("/proc/self/task"));
    expect(0, children);
}
