//! Filters of this thread's calls of the system, by seccomp. There is no taking one back, so a test has a thread for it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;

use libc::{c_int, c_long, c_uint, sock_filter};

/// What becomes of these calls is `verdict`; all others are made.
fn filter(calls: &[c_long], verdict: u32, flags: libc::c_ulong) -> c_int {
    const NUMBER: u32 = 0; // where it finds the number of the call
    let step = |code: c_uint, k: u32, jf: u8| sock_filter { code: code as u16, jt: 0, jf, k };
    let mut program = vec![step(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, NUMBER, 0)];
    for &call in calls {
        program.push(step(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, call as u32, 1));
        program.push(step(libc::BPF_RET | libc::BPF_K, verdict, 0));
    }
    program.push(step(libc::BPF_RET | libc::BPF_K, libc::SECCOMP_RET_ALLOW, 0));
    let program = libc::sock_fprog { len: program.len() as u16, filter: program.as_mut_ptr() };
    // SAFETY: the calls change what this thread may ask of the kernel, and read the program, which outlives them.
    let done = unsafe {
        assert_eq!(libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
        if flags == 0 {
            // The older call, since valgrind knows no other.
            let mode = libc::SECCOMP_MODE_FILTER as usize;
            libc::prctl(libc::PR_SET_SECCOMP, mode, &raw const program).into()
        } else {
            libc::syscall(libc::SYS_seccomp, libc::SECCOMP_SET_MODE_FILTER, flags, &raw const program)
        }
    };
    assert!(done >= 0, "no filter: {}", std::io::Error::last_os_error());
    done as c_int
}

/// Has the kernel refuse a call with `error` to this thread.
pub fn refuse(call: c_long, error: i32) {
    filter(&[call], libc::SECCOMP_RET_ERRNO | error as u32, 0);
}

/// Counts how often this thread makes these calls, from now on and as long as it lives.
pub fn count(calls: &[c_long]) -> Arc<AtomicUsize> {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    // Started before, or the filter would be its own too.
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        let listener = told.recv().unwrap();
        // SAFETY: the structures are plain numbers, and the kernel reads and writes them during the calls.
        unsafe {
            loop {
                let mut asked: libc::seccomp_notif = std::mem::zeroed();
                if libc::ioctl(listener, libc::SECCOMP_IOCTL_NOTIF_RECV, &raw mut asked) != 0 {
                    let mut gone = libc::pollfd { fd: listener, events: 0, revents: 0 };
                    if libc::poll(&raw mut gone, 1, 0) == 1 {
                        break;
                    }
                    continue;
                }
                counted.fetch_add(1, Ordering::Relaxed);
                let mut answer: libc::seccomp_notif_resp = std::mem::zeroed();
                answer.id = asked.id;
                answer.flags = libc::SECCOMP_USER_NOTIF_FLAG_CONTINUE as u32;
                libc::ioctl(listener, libc::SECCOMP_IOCTL_NOTIF_SEND, &raw const answer);
            }
            libc::close(listener);
        }
    });
    let flags = libc::SECCOMP_FILTER_FLAG_NEW_LISTENER;
    tell.send(filter(calls, libc::SECCOMP_RET_USER_NOTIF, flags)).unwrap();
    count
}
