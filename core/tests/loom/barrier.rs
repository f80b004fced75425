//! `Barrier` between threads, with parties that leave, under every interleaving that loom finds.
#![cfg(all(loom, feature = "std", feature = "alloc"))]

use crate::model::{Sent, block_on, poll_once, waits};
use everloop_core::{Barrier, BrokenBarrierError, Shared};
use loom::sync::Arc;
use loom::thread;

type Meeting = Arc<Barrier<Shared>>;
type Passed = Result<usize, BrokenBarrierError>;

fn meeting(parties: usize) -> Meeting {
    Arc::new(Barrier::new(parties))
}

fn wait(barrier: &Meeting) -> Sent<Passed> {
    let barrier = barrier.clone();
    Box::pin(async move { barrier.wait().await })
}

fn comes(barrier: &Meeting) -> thread::JoinHandle<Passed> {
    let barrier = barrier.clone();
    thread::spawn(move || block_on(wait(&barrier)))
}

#[test]
fn three_threads_get_three_numbers() {
    loom::model(|| {
        let barrier = meeting(3);
        let others = [(); 2].map(|()| comes(&barrier));
        let own = block_on(wait(&barrier));
        let mut all: Vec<_> =
            others.map(|other| other.join().unwrap()).into_iter().map(Result::unwrap).collect();
        all.push(own.unwrap());
        all.sort();
        assert_eq!(all, [0, 1, 2]);
        assert_eq!(barrier.n_waiting(), 0);
    });
}

#[test]
fn a_round_may_fill_while_the_last_is_told() {
    loom::model(|| {
        let barrier = meeting(2);
        let mut first = wait(&barrier);
        waits(&mut first);
        // Of four, two pairs.
        let others = [(); 2].map(|()| comes(&barrier));
        let own = [block_on(wait(&barrier)), block_on(first)];
        let mut all: Vec<_> =
            others.map(|other| other.join().unwrap()).into_iter().map(Result::unwrap).collect();
        all.extend(own.map(Result::unwrap));
        all.sort();
        assert_eq!(all, [0, 0, 1, 1]);
        assert_eq!(barrier.n_waiting(), 0);
    });
}

#[test]
fn a_party_that_leaves_counts_or_does_not() {
    loom::model(|| {
        let barrier = meeting(2);
        let mut leaves = wait(&barrier);
        waits(&mut leaves);
        let leaver = thread::spawn(move || drop(leaves));
        let other = {
            let mut other = wait(&barrier);
            thread::spawn(move || (poll_once(&mut other), other))
        };
        let mut own = wait(&barrier);
        let mut passed = poll_once(&mut own);
        leaver.join().unwrap();
        let (mut other_passed, mut other) = other.join().unwrap();
        if passed.is_none() {
            passed = poll_once(&mut own);
        }
        if other_passed.is_none() {
            other_passed = poll_once(&mut other);
        }
        // They pass together, or one with the one that leaves.
        match (passed, other_passed) {
            (Some(own), Some(other)) => {
                assert_eq!((own.unwrap() + other.unwrap(), barrier.n_waiting()), (1, 0))
            }
            (Some(one), None) | (None, Some(one)) => assert_eq!((one, barrier.n_waiting()), (Ok(1), 1)),
            (None, None) => panic!("two of two wait"),
        }
    });
}

#[test]
fn a_party_that_leaves_while_its_round_is_told_changes_nothing() {
    loom::model(|| {
        let barrier = meeting(3);
        let (mut first, mut leaves) = (wait(&barrier), wait(&barrier));
        waits(&mut first);
        waits(&mut leaves);
        let last = comes(&barrier);
        assert_eq!(block_on(first), Ok(0));
        // The round is complete, and the second may be yet to be told.
        drop(leaves);
        assert_eq!(barrier.n_waiting(), 0);
        assert_eq!(last.join().unwrap(), Ok(2));
    });
}

#[test]
fn a_reset_fails_who_waits_or_comes_too_late() {
    loom::model(|| {
        let barrier = meeting(2);
        let mut first = wait(&barrier);
        waits(&mut first);
        let last = {
            let barrier = barrier.clone();
            thread::spawn(move || poll_once(&mut wait(&barrier)))
        };
        let resetter = {
            let barrier = barrier.clone();
            thread::spawn(move || barrier.reset())
        };
        let first = block_on(first);
        let last = last.join().unwrap();
        resetter.join().unwrap();
        // The last one passed with the first or found an empty barrier, and left it.
        match last {
            Some(last) => assert_eq!((first, last), (Ok(0), Ok(1))),
            None => assert!(first.is_err()),
        }
        assert!(!barrier.broken());
        assert_eq!(barrier.n_waiting(), 0);
    });
}

#[test]
fn an_abort_beside_one_who_leaves_leaves_it_broken_and_empty() {
    loom::model(|| {
        let barrier = meeting(3);
        let (mut leaves, mut stays) = (wait(&barrier), wait(&barrier));
        waits(&mut leaves);
        waits(&mut stays);
        let leaver = thread::spawn(move || drop(leaves));
        let breaker = {
            let barrier = barrier.clone();
            thread::spawn(move || barrier.abort())
        };
        assert!(block_on(stays).is_err());
        leaver.join().unwrap();
        breaker.join().unwrap();
        assert!(barrier.broken());
        assert_eq!(barrier.n_waiting(), 0);
        assert!(block_on(wait(&barrier)).is_err());
        barrier.reset();
        assert!(poll_once(&mut wait(&barrier)).is_none());
    });
}
