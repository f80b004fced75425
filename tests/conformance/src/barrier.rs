use core::fmt::Write;
use core::pin::pin;
use core::task::Poll;

use everloop_core::{Barrier, Shared, Task, create_task, wait_for, yield_now};

use crate::elsewhere;
use crate::step::{TICK, poll_once, settle};
use crate::trace::Trace;

const BROKEN: u32 = 99;

/// A task that waits once and writes down what came of it.
fn party(barrier: &'static Barrier<Shared>, log: &'static Trace) -> Task<()> {
    create_task(async move {
        log.push(barrier.wait().await.map_or(BROKEN, |index| index as u32));
    })
}

pub async fn all_pass_when_the_last_one_comes() {
    static LOG: Trace = Trace::new();
    static FOUR: Barrier<Shared> = Barrier::new(4);
    LOG.clear();
    let mut others = [(); 3].map(|()| party(&FOUR, &LOG));
    settle().await;
    assert_eq!((FOUR.n_waiting(), FOUR.parties(), FOUR.broken()), (3, 4, false));
    LOG.expect(&[]);
    // Each has a number of its own, and the last to come the greatest.
    assert_eq!(FOUR.wait().await, Ok(3));
    assert_eq!(FOUR.n_waiting(), 0);
    for other in &mut others {
        other.await.unwrap();
    }
    LOG.expect(&[0, 1, 2]);
}

pub async fn a_single_party_never_waits() {
    let one: Barrier = Barrier::new(1);
    for _ in 0..3 {
        let mut wait = pin!(one.wait());
        assert_eq!(poll_once(wait.as_mut()).await, Poll::Ready(Ok(0)));
        assert_eq!((one.n_waiting(), one.broken()), (0, false));
    }
}

pub async fn it_is_used_again_and_again() {
    static LOG: Trace = Trace::new();
    static THREE: Barrier<Shared> = Barrier::new(3);
    LOG.clear();
    let tasks = [(); 3].map(|()| {
        create_task(async {
            let mut sum = 0;
            for round in 0..4 {
                sum += THREE.wait().await.unwrap();
                LOG.push(round);
            }
            sum
        })
    });
    let mut sum = 0;
    for task in tasks {
        sum += task.await.unwrap();
    }
    // No party is in the next round before all have left the last.
    LOG.expect(&[0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]);
    assert_eq!(sum, 4 * (1 + 2));
}

pub async fn the_next_round_fills_while_the_last_is_still_to_run() {
    let barrier: Barrier = Barrier::new(2);
    let mut first = pin!(barrier.wait());
    assert!(poll_once(first.as_mut()).await.is_pending());
    assert_eq!(barrier.wait().await, Ok(1));
    let mut next = pin!(barrier.wait());
    assert!(poll_once(next.as_mut()).await.is_pending());
    assert_eq!(barrier.n_waiting(), 1);
    assert_eq!(barrier.wait().await, Ok(1));
    assert_eq!(first.await, Ok(0));
    assert_eq!(next.await, Ok(0));
}

pub async fn a_cancelled_party_no_longer_counts() {
    static LOG: Trace = Trace::new();
    static THREE: Barrier<Shared> = Barrier::new(3);
    LOG.clear();
    let mut first = party(&THREE, &LOG);
    let second = party(&THREE, &LOG);
    settle().await;
    first.cancel();
    assert!((&mut first).await.is_err());
    assert_eq!(THREE.n_waiting(), 1);
    let third = party(&THREE, &LOG);
    settle().await;
    LOG.expect(&[]);
    // Nobody has the number of who left.
    assert_eq!(THREE.wait().await, Ok(2));
    second.await.unwrap();
    third.await.unwrap();
    LOG.expect(&[0, 1]);
}

pub async fn a_party_whose_time_is_up_no_longer_counts() {
    let barrier: Barrier = Barrier::new(2);
    assert!(wait_for(barrier.wait(), TICK).await.is_err());
    assert_eq!((barrier.n_waiting(), barrier.broken()), (0, false));
    // One that was never polled did not come.
    drop(barrier.wait());
    let mut wait = pin!(barrier.wait());
    assert!(poll_once(wait.as_mut()).await.is_pending());
    assert_eq!(barrier.n_waiting(), 1);
}

pub async fn leaving_a_complete_round_changes_nothing() {
    static LOG: Trace = Trace::new();
    static THREE: Barrier<Shared> = Barrier::new(3);
    LOG.clear();
    let first = party(&THREE, &LOG);
    let second = party(&THREE, &LOG);
    settle().await;
    assert_eq!(THREE.wait().await, Ok(2));
    first.cancel();
    second.await.unwrap();
    LOG.expect(&[1]);
    assert_eq!(THREE.n_waiting(), 0);
    let third = party(&THREE, &LOG);
    let fourth = party(&THREE, &LOG);
    settle().await;
    assert_eq!((THREE.n_waiting(), THREE.wait().await), (2, Ok(2)));
    third.await.unwrap();
    fourth.await.unwrap();
    LOG.expect(&[1, 0, 1]);
}

pub async fn a_reset_fails_those_who_wait() {
    static LOG: Trace = Trace::new();
    static THREE: Barrier<Shared> = Barrier::new(3);
    LOG.clear();
    let waiting = [(); 2].map(|()| party(&THREE, &LOG));
    settle().await;
    THREE.reset();
    assert_eq!((THREE.n_waiting(), THREE.broken()), (0, false));
    // Those who come now begin anew, also before the others have run.
    let mut anew = pin!(THREE.wait());
    assert!(poll_once(anew.as_mut()).await.is_pending());
    assert_eq!(THREE.n_waiting(), 1);
    for waiting in waiting {
        waiting.await.unwrap();
    }
    LOG.expect(&[BROKEN, BROKEN]);
    let third = party(&THREE, &LOG);
    settle().await;
    assert_eq!(THREE.wait().await, Ok(2));
    assert_eq!(anew.await, Ok(0));
    third.await.unwrap();
}

pub async fn a_reset_of_an_empty_one_changes_nothing() {
    let barrier: Barrier = Barrier::new(1);
    barrier.reset();
    assert_eq!((barrier.n_waiting(), barrier.broken()), (0, false));
    assert_eq!(barrier.wait().await, Ok(0));
}

pub async fn a_reset_leaves_a_complete_round_alone() {
    static LOG: Trace = Trace::new();
    static TWO: Barrier<Shared> = Barrier::new(2);
    LOG.clear();
    let first = party(&TWO, &LOG);
    settle().await;
    assert_eq!(TWO.wait().await, Ok(1));
    let next = party(&TWO, &LOG);
    // Both of the complete round and of the next there is one now.
    yield_now().await;
    TWO.reset();
    first.await.unwrap();
    next.await.unwrap();
    LOG.expect(&[0, BROKEN]);
}

pub async fn aborted_it_is_broken_until_it_is_reset() {
    static LOG: Trace = Trace::new();
    static TWO: Barrier<Shared> = Barrier::new(2);
    LOG.clear();
    let waiting = party(&TWO, &LOG);
    settle().await;
    TWO.abort();
    assert_eq!((TWO.n_waiting(), TWO.broken()), (0, true));
    waiting.await.unwrap();
    LOG.expect(&[BROKEN]);
    assert!(TWO.wait().await.is_err());
    TWO.abort();
    assert!(TWO.wait().await.is_err());
    TWO.reset();
    let waiting = party(&TWO, &LOG);
    settle().await;
    assert_eq!(TWO.wait().await, Ok(1));
    waiting.await.unwrap();
    LOG.expect(&[BROKEN, 0]);
}

pub async fn an_abort_leaves_a_complete_round_alone() {
    static LOG: Trace = Trace::new();
    static TWO: Barrier<Shared> = Barrier::new(2);
    LOG.clear();
    let first = party(&TWO, &LOG);
    settle().await;
    assert_eq!(TWO.wait().await, Ok(1));
    TWO.abort();
    first.await.unwrap();
    LOG.expect(&[0]);
    assert!(TWO.wait().await.is_err());
    TWO.reset();
}

pub async fn an_interrupt_may_reset_and_abort_it() {
    static LOG: Trace = Trace::new();
    static THREE: Barrier<Shared> = Barrier::new(3);
    LOG.clear();
    let waiting = [(); 2].map(|()| party(&THREE, &LOG));
    settle().await;
    elsewhere::run(|| THREE.abort());
    for waiting in waiting {
        waiting.await.unwrap();
    }
    LOG.expect(&[BROKEN, BROKEN]);
    assert!(THREE.broken());
    elsewhere::run(|| THREE.reset());
    assert!(!THREE.broken());
}

pub async fn debug_shows_who_waits() {
    let barrier: Barrier = Barrier::new(2);
    let mut wait = pin!(barrier.wait());
    assert!(poll_once(wait.as_mut()).await.is_pending());
    let mut text = heapless::String::<64>::new();
    write!(text, "{barrier:?}").unwrap();
    assert_eq!(text, "Barrier { broken: false, n_waiting: 1, parties: 2 }");
}
