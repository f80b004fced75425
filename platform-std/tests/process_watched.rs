//! A loop sees the end of the processes that it has started itself. One test in a process of its own, since it holds up the
//! thread that reaps for all.
#![allow(missing_docs)]
#![cfg(target_os = "linux")]

use std::pin::pin;
use std::sync::{Arc, Mutex, mpsc};
use std::task::{Context, Wake, Waker};
use std::time::Duration as Span;

use everloop::{Duration, create_subprocess_exec, wait_for};

/// Says that it is woken, and then holds whoever wakes it up.
struct Holding {
    woken: mpsc::Sender<()>,
    release: Mutex<mpsc::Receiver<()>>,
}

impl Wake for Holding {
    fn wake(self: Arc<Self>) {
        self.woken.send(()).unwrap();
        let _ = self.release.lock().unwrap().recv();
    }
}

#[test]
fn a_loop_sees_the_end_of_its_own_children_itself() {
    let (woken, is_woken) = mpsc::channel();
    let (release, released) = mpsc::channel();
    let holding = Waker::from(Arc::new(Holding { woken, release: Mutex::new(released) }));

    // That of a loop that is gone is the reaper's alone.
    let orphan = everloop::run(async { create_subprocess_exec("sleep", ["3600"]).await.unwrap() }).unwrap();
    let mut wait = pin!(orphan.wait());
    assert!(wait.as_mut().poll(&mut Context::from_waker(&holding)).is_pending());
    orphan.kill().unwrap();
    is_woken.recv_timeout(Span::from_secs(20)).expect("the reaper is told");

    everloop::run(async {
        for _ in 0..3 {
            let child = create_subprocess_exec("true", [""; 0]).await.unwrap();
            assert_eq!(wait_for(child.wait(), Duration::from_secs(20)).await, Ok(0));
        }
    })
    .unwrap();
    release.send(()).unwrap();
}
