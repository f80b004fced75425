//! Signals that come to every thread.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

use crate::support::signals::{Counter, alone, send};
use crate::support::{many, pair};
use everloop::embedded_io_async::{Read, Write};
use everloop::process::Stdio;
use everloop::signal::SIGUSR1;
use everloop::{Duration, add_signal_handler, create_subprocess_exec, gather, sleep, to_thread};

/// A thread that sends the signal to each of this process's threads, again and again, until this is dropped.
struct Storm(Option<JoinHandle<()>>);

static OVER: AtomicBool = AtomicBool::new(false);

impl Storm {
    fn begin() -> Self {
        Self(Some(thread::spawn(|| {
            let process = std::process::id() as libc::pid_t;
            while !OVER.load(Ordering::Relaxed) {
                for thread in std::fs::read_dir("/proc/self/task").unwrap().flatten() {
                    let thread: libc::pid_t = thread.file_name().to_str().unwrap().parse().unwrap();
                    // SAFETY: it is caught, by a handler that may run anywhere. A thread that has ended is an error.
                    unsafe { libc::syscall(libc::SYS_tgkill, process, thread, SIGUSR1) };
                }
            }
        })))
    }
}

impl Drop for Storm {
    fn drop(&mut self) {
        OVER.store(true, Ordering::Relaxed);
        self.0.take().unwrap().join().unwrap();
    }
}

/// Where no loop handles it, the signal does nothing.
struct Ignored;

impl Ignored {
    fn new() -> Self {
        // SAFETY: nothing of this process waits for it otherwise.
        unsafe { libc::signal(SIGUSR1, libc::SIG_IGN) };
        Self
    }
}

impl Drop for Ignored {
    fn drop(&mut self) {
        // SAFETY: as above. Those under way were dropped when it was ignored again.
        unsafe { libc::signal(SIGUSR1, libc::SIG_DFL) };
    }
}

#[test]
fn a_storm_over_every_thread_breaks_no_call() {
    let _alone = alone();
    // Some thread may only come to its last signal when the loop has let go of them.
    let _ignored = Ignored::new();
    everloop::run(async {
        let counter = Counter::new();
        add_signal_handler(SIGUSR1, counter.callback()).unwrap();
        let storm = Storm::begin();
        counter.reaches(1).await;
        let data: Vec<u8> = (0..many(1 << 20)).map(|n| (n % 251) as u8).collect();
        let (mut near, mut far) = pair().await;
        let there = async {
            near.write_all(&data).await.unwrap();
            drop(near);
        };
        let here = async {
            let (mut got, mut buf) = (Vec::new(), [0; 5000]);
            loop {
                match far.read(&mut buf).await.unwrap() {
                    0 => break got,
                    count => got.extend_from_slice(&buf[..count]),
                }
            }
        };
        let through_a_child = async {
            let cat = create_subprocess_exec("cat", [""; 0]).stdin(Stdio::Pipe).stdout(Stdio::Pipe);
            let mut cat = cat.await.unwrap();
            let (output, _) = cat.communicate(&data).await.unwrap();
            assert_eq!(cat.wait().await, 0);
            output.unwrap()
        };
        let in_threads = async {
            for _ in 0..20 {
                to_thread(|| thread::sleep(std::time::Duration::from_millis(1))).await;
                sleep(Duration::from_millis(1)).await;
            }
        };
        let (there, here, through_a_child, in_threads) =
            gather((there, here, through_a_child, in_threads)).await;
        there.unwrap();
        in_threads.unwrap();
        assert!(here.unwrap() == data && through_a_child.unwrap() == data);
        drop(storm);
        // It is told as ever.
        let before = counter.count.get();
        send(SIGUSR1);
        counter.reaches(before + 1).await;
    })
    .unwrap();
}
