//! How exactly an idle loop is woken for a timer. A machine may always be slow, so only what is never so is asserted: that
//! where the kernel waits for whole milliseconds no wait takes less, and where it counts in nanoseconds some wait does.

use std::thread;
use std::time::{Duration as Span, Instant as Clock};

use everloop::{Duration, sleep};

const MILLISECOND: Span = Span::from_millis(1);

/// How long each of so many sleeps of 200 us took, until one took as long as `enough` says.
fn sleeps(count: usize, enough: impl Fn(Span) -> bool) -> Vec<Span> {
    everloop::run(async {
        let mut took = Vec::new();
        while took.len() < count {
            let began = Clock::now();
            sleep(Duration::from_micros(200)).await;
            took.push(began.elapsed());
            if enough(began.elapsed()) {
                break;
            }
        }
        took
    })
    .unwrap()
}

#[test]
fn a_sleep_below_a_millisecond_is_no_longer_than_one() {
    let took = sleeps(2_000, |took| took < MILLISECOND);
    assert!(took.last().is_some_and(|&last| last < MILLISECOND), "the fastest: {:?}", took.iter().min());
}

/// Has the kernel refuse this thread's `epoll_pwait2` with `error`.
fn refuse(error: i32) {
    const NUMBER: u32 = 0; // where the filter finds the number of the call
    let statement = |code: u32, k: u32| libc::sock_filter { code: code as u16, jt: 0, jf: 0, k };
    let mut filter = [
        statement(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, NUMBER),
        libc::sock_filter {
            code: (libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K) as u16,
            jt: 0,
            jf: 1,
            k: libc::SYS_epoll_pwait2 as u32,
        },
        statement(libc::BPF_RET | libc::BPF_K, libc::SECCOMP_RET_ERRNO | error as u32),
        statement(libc::BPF_RET | libc::BPF_K, libc::SECCOMP_RET_ALLOW),
    ];
    let program = libc::sock_fprog { len: filter.len() as u16, filter: filter.as_mut_ptr() };
    // SAFETY: the calls change what this thread may ask of the kernel, and read the program, which outlives them.
    unsafe {
        assert_eq!(libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
        let filtered =
            libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER as usize, &raw const program);
        assert_eq!(filtered, 0);
    }
}

#[test]
fn a_kernel_that_can_not_do_better_waits_for_whole_milliseconds() {
    for error in [libc::ENOSYS, libc::EPERM] {
        let filtered = thread::spawn(move || {
            refuse(error);
            sleeps(20, |took| took < Span::from_micros(200))
        });
        let took = filtered.join().unwrap();
        assert_eq!(took.len(), 20, "{took:?} is too short");
        // Only what was due before the loop came to wait for it is shorter.
        assert!(took.iter().any(|&took| took >= MILLISECOND), "{took:?}");
    }
}
