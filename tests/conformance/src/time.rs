use core::future::poll_fn;
use core::pin::pin;
use core::task::Poll;

use everloop_core::{Duration, Instant, TICK_HZ, create_task, sleep, sleep_until, wait_for, yield_now};

use crate::trace::Trace;

const TICK: Duration = Duration::from_millis(1);

pub async fn sleeps_end_in_deadline_order() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    for n in [5_u32, 1, 4, 2, 3] {
        create_task(async move {
            sleep(TICK * n).await;
            LOG.push(n);
        });
    }
    sleep(TICK * 6).await;
    LOG.expect(&[1, 2, 3, 4, 5]);
}

pub async fn equal_deadlines_keep_their_order() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    for n in 0..8 {
        create_task(async move {
            sleep(TICK * 3).await;
            LOG.push(n);
        });
    }
    sleep(TICK * 4).await;
    LOG.expect(&[0, 1, 2, 3, 4, 5, 6, 7]);
}

pub async fn zero_yields_exactly_once() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let other = create_task(async {
        LOG.push(1);
        yield_now().await;
        LOG.push(3);
    });
    let mut polls = 0;
    let mut zero = pin!(sleep(Duration::ZERO));
    poll_fn(|cx| {
        polls += 1;
        zero.as_mut().poll(cx)
    })
    .await;
    assert_eq!(polls, 2);
    LOG.push(2);
    other.await.unwrap();
    LOG.expect(&[1, 2, 3]);
}

pub async fn dropping_a_sleep_removes_it() {
    for n in 1..50_u32 {
        let mut early = pin!(sleep(TICK * n));
        poll_fn(|cx| {
            assert!(early.as_mut().poll(cx).is_pending());
            Poll::Ready(())
        })
        .await;
    }
    let start = Instant::now();
    sleep(TICK * 100).await;
    assert_eq!(start.elapsed(), TICK * 100);
}

pub async fn an_hour_is_exact() {
    let start = Instant::now();
    let hour = Duration::from_secs(3600);
    sleep(hour).await;
    assert_eq!(start.elapsed(), hour);
}

pub async fn sleep_until_the_past_yields() {
    let start = Instant::now();
    sleep(TICK).await;
    sleep_until(start).await;
    assert_eq!(start.elapsed(), TICK);
}

pub async fn many_timers_in_any_order() {
    // A fixed shuffle: more timers at once than tasks, in one task.
    let mut delays = [0_u32; 40];
    let mut seed = 12345_u32;
    for delay in &mut delays {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        *delay = 1 + (seed >> 16) % 30;
    }
    let start = Instant::now();
    let mut sleeps = pin!(delays.map(|delay| Some(sleep(TICK * delay))));
    let mut left = delays.len();
    poll_fn(|cx| {
        // SAFETY: the array is pinned, and each element is used in place or dropped in place.
        for (slot, delay) in unsafe { sleeps.as_mut().get_unchecked_mut() }.iter_mut().zip(delays) {
            let ready = match slot {
                // SAFETY: as above.
                Some(sleep) => unsafe { core::pin::Pin::new_unchecked(sleep) }.poll(cx).is_ready(),
                None => continue,
            };
            if ready {
                assert_eq!(start.elapsed(), TICK * delay);
                *slot = None;
                left -= 1;
            }
        }
        if left == 0 { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

pub async fn removal_from_the_middle() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let mut tasks = heapless::Vec::<_, 10>::new();
    for n in 0..10_u32 {
        let task = create_task(async move {
            sleep(TICK * (n + 1)).await;
            LOG.push(n);
        });
        assert!(tasks.push(task).is_ok());
    }
    yield_now().await;
    for n in [4, 0, 9, 5] {
        tasks[n].cancel();
    }
    sleep(TICK * 20).await;
    LOG.expect(&[1, 2, 3, 6, 7, 8]);
}

pub async fn conversions_round_up_and_saturate() {
    assert_eq!(Duration::from_secs(1).as_ticks(), TICK_HZ);
    assert_eq!(Duration::from_secs(u64::MAX), Duration::MAX);
    assert_eq!(Duration::from_millis(1500).as_secs(), 1);
    assert_eq!(Duration::from_secs(2).as_millis(), 2000);
    assert!(Duration::from_nanos(1).as_ticks() >= 1);
    let std = core::time::Duration::from_micros(1_234_567);
    let ours = Duration::try_from(std).unwrap();
    assert_eq!(ours.as_micros(), 1_234_567);
    assert_eq!(core::time::Duration::from(ours), std);
    assert!(Duration::try_from(core::time::Duration::MAX).is_err());
    assert_eq!(Duration::MAX + TICK, Duration::MAX);
    assert_eq!(TICK - TICK * 2, Duration::ZERO);
    assert_eq!(Instant::from_ticks(5) + Duration::MAX, Instant::FAR_FUTURE);
    assert_eq!(Instant::from_ticks(5) - Instant::from_ticks(9), Duration::ZERO);
}

pub async fn forever_is_not_a_deadline() {
    assert!(wait_for(sleep(Duration::MAX), TICK * 5).await.is_err());
}
