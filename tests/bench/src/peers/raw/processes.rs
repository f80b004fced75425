//! Subprocesses by `posix_spawn` and `waitid`, and pipes by `poll`.

use crate::measure::{Report, Workload, begin};
use crate::sizes::BLOCK;
use std::hint::black_box;
use std::io::{ErrorKind, Read, Write};
use std::os::fd::AsRawFd;
use std::process::{Command, Stdio};
use std::{io, mem, ptr, thread};

/// As in the workloads of the others.
pub const ALL: &[Workload] = &[
    Workload { name: "process", n: 500, run: one_at_a_time },
    Workload { name: "processes", n: 640, run: at_once },
    Workload { name: "process-resident", n: 300, run: resident },
    Workload { name: "cat", n: 256 << 20, run: cat },
];

unsafe extern "C" {
    static environ: *const *mut libc::c_char;
}

fn start() -> libc::pid_t {
    let program = c"/bin/true";
    let args = [program.as_ptr().cast_mut(), ptr::null_mut()];
    let mut pid = 0;
    // SAFETY: the pointers are to strings, and to arrays of them with a null at the end.
    let failed = unsafe {
        libc::posix_spawn(&mut pid, program.as_ptr(), ptr::null(), ptr::null(), args.as_ptr(), environ)
    };
    assert_eq!(failed, 0, "{}", io::Error::from_raw_os_error(failed));
    pid
}

fn wait(pid: libc::pid_t) {
    // SAFETY: what it says is made of integers.
    let mut ended: libc::siginfo_t = unsafe { mem::zeroed() };
    // SAFETY: the pointer is to what is filled in.
    let failed = unsafe { libc::waitid(libc::P_PID, pid as libc::id_t, &mut ended, libc::WEXITED) };
    assert_eq!(failed, 0, "{}", io::Error::last_os_error());
}

fn one_at_a_time(n: u64) -> Report {
    wait(start());
    let began = begin();
    for _ in 0..n {
        wait(start());
    }
    vec![("ps", began.each_by_clock(n))]
}

/// By a thread for each core, since one that starts a process stands still meanwhile.
fn at_once(n: u64) -> Report {
    const AT_ONCE: usize = 64;
    let threads = thread::available_parallelism().unwrap().get();
    let each = AT_ONCE.div_ceil(threads);
    let rounds = n.div_ceil(AT_ONCE as u64);
    wait(start());
    let began = begin();
    for _ in 0..rounds {
        thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    let pids: Vec<_> = (0..each).map(|_| start()).collect();
                    pids.into_iter().for_each(wait);
                });
            }
        });
    }
    vec![("ps", began.each_by_clock(rounds * (each * threads) as u64))]
}

fn resident(n: u64) -> Report {
    let memory: Vec<u8> = black_box(vec![1; 1 << 30]);
    let report = one_at_a_time(n);
    black_box(memory);
    report
}

/// A pipe of a megabyte whose end here does not block.
fn widen(end: &impl AsRawFd) {
    // SAFETY: neither takes a pointer.
    unsafe {
        libc::fcntl(end.as_raw_fd(), libc::F_SETPIPE_SZ, 1 << 20);
        assert_eq!(libc::fcntl(end.as_raw_fd(), libc::F_SETFL, libc::O_NONBLOCK), 0);
    }
}

/// How much, or nothing yet.
fn tried(outcome: io::Result<usize>) -> Option<usize> {
    match outcome {
        Ok(count) => Some(count),
        Err(error) if error.kind() == ErrorKind::WouldBlock => None,
        Err(error) => panic!("{error}"),
    }
}

fn cat(n: u64) -> Report {
    let began = begin();
    let mut cat = Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let (mut stdin, mut stdout) = (cat.stdin.take(), cat.stdout.take().unwrap());
    stdin.iter().for_each(widen);
    widen(&stdout);
    let (mut left, mut came) = (n, 0);
    let mut block = vec![7; BLOCK];
    loop {
        let of = |fd, events| libc::pollfd { fd, events, revents: 0 };
        // A negative number is none.
        let to = of(stdin.as_ref().map_or(-1, AsRawFd::as_raw_fd), libc::POLLOUT);
        let mut ends = [of(stdout.as_raw_fd(), libc::POLLIN), to];
        // SAFETY: the pointer is to so many.
        assert!(unsafe { libc::poll(ends.as_mut_ptr(), 2, -1) } > 0);
        if ends[0].revents != 0 {
            match tried(stdout.read(&mut block)) {
                Some(0) => break,
                Some(count) => came += count as u64,
                None => {}
            }
        }
        if let (Some(pipe), true) = (&mut stdin, ends[1].revents != 0) {
            let most = left.min(BLOCK as u64) as usize;
            left -= tried(pipe.write(&block[..most])).unwrap_or(0) as u64;
            if left == 0 {
                stdin = None;
            }
        }
    }
    assert!(cat.wait().unwrap().success());
    assert_eq!(came, n);
    vec![("rate", n * 1_000_000 / (began.each_by_clock(1) / 1_000_000).max(1))]
}
