use super::*;
use std::sync::Barrier;

#[test]
fn results_come_in_the_order_of_the_jobs() {
    let jobs: Vec<u32> = (0..100).collect();
    for two in [false, true] {
        let doubled = run(&jobs, two, |n| n * 2);
        assert_eq!(doubled, jobs.iter().map(|n| n * 2).collect::<Vec<_>>());
    }
}

#[test]
fn two_jobs_run_at_the_same_time() {
    // Each waits for the other, so one after the other they would wait for ever.
    let meeting = Barrier::new(2);
    let led = run(&[(), ()], true, |()| meeting.wait().is_leader());
    assert_eq!(led.iter().filter(|leader| **leader).count(), 1);
}

#[test]
fn what_a_job_prints_stays_together() {
    let (_, text) = console::held(|| {
        run(&[1, 2, 3, 4], true, |n| {
            console::line(format_args!("{n} begins"));
            thread::yield_now();
            console::line(format_args!("{n} ends"));
        })
    });
    for n in 1..=4 {
        assert!(text.contains(&format!("{n} begins\n{n} ends\n")), "{text}");
    }
}

#[test]
fn no_job_is_no_result() {
    assert!(run(&[] as &[u8], true, |_| ()).is_empty());
}
