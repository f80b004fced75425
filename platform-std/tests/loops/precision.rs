//! How exactly an idle loop is woken for a timer. A machine may always be slow, so only what is never so is asserted: that
//! where the kernel waits for whole milliseconds no wait takes less, and where it counts in nanoseconds some wait does.

use std::thread;
use std::time::{Duration as Span, Instant as Clock};

use crate::support::filter::refuse;
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

#[test]
fn a_kernel_that_can_not_do_better_waits_for_whole_milliseconds() {
    for error in [libc::ENOSYS, libc::EPERM] {
        let filtered = thread::spawn(move || {
            refuse(libc::SYS_epoll_pwait2, error);
            sleeps(20, |took| took < Span::from_micros(200))
        });
        let took = filtered.join().unwrap();
        assert_eq!(took.len(), 20, "{took:?} is too short");
        // Only what was due before the loop came to wait for it is shorter.
        assert!(took.iter().any(|&took| took >= MILLISECOND), "{took:?}");
    }
}
