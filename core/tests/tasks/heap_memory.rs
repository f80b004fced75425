//! The memory of heap tasks of many sizes, which come and go, and whose wakers stay behind in other threads.
#![cfg(all(feature = "alloc", not(loom)))]

use std::future::poll_fn;
use std::rc::Rc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::task::{Poll, Waker};
use std::thread;

use crate::support::Parking;
use everloop_core::virtual_time::{UNPARKER, VirtualTime};
use everloop_core::{EventLoop, OwnedLoop, Task, all_tasks, create_task, yield_now};

/// Numbers without a pattern.
struct Dice(u32);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 8) as usize % n
    }
}

fn rounds() -> usize {
    match std::env::var_os("EVERLOOP_WATCHED") {
        // Miri takes a second for each, since they look at every byte.
        _ if cfg!(miri) => 30,
        Some(_) => 60,
        None => 5_000,
    }
}

/// A task that keeps bytes.
type Kept = Task<Rc<[u8]>>;

/// Keeps its bytes for so many turns.
async fn keep<const N: usize>(seed: u8, turns: usize) -> Rc<[u8]> {
    let bytes: [u8; N] = std::array::from_fn(|n| seed.wrapping_add(n as u8));
    for _ in 0..turns {
        yield_now().await;
    }
    Rc::from(&bytes[..])
}

fn start(size: usize, seed: u8, turns: usize) -> Kept {
    match size {
        0 => create_task(keep::<1>(seed, turns)),
        1 => create_task(keep::<40>(seed, turns)),
        2 => create_task(keep::<48>(seed, turns)),
        3 => create_task(keep::<300>(seed, turns)),
        // Too large to lie beside others.
        _ => create_task(keep::<3000>(seed, turns)),
    }
}

fn is_right(size: usize, seed: u8, bytes: &[u8]) -> bool {
    let len = [1, 40, 48, 300, 3000][size];
    bytes.len() == len && bytes.iter().enumerate().all(|(n, byte)| *byte == seed.wrapping_add(n as u8))
}

#[test]
fn tasks_of_many_sizes_keep_what_is_theirs() {
    let run = OwnedLoop::new(UNPARKER).run(&VirtualTime::new(), &[], async {
        let mut dice = Dice(1);
        let mut there: Vec<(usize, u8, Kept)> = Vec::new();
        for round in 0..rounds() {
            // Waves, so that pages fill and empty.
            let most = 1 + round / 7 % 40;
            while there.len() > most {
                let (size, seed, task) = there.swap_remove(dice.below(there.len()));
                match dice.below(3) {
                    0 => {
                        assert!(task.cancel() || task.done());
                        let _ = task.await;
                    }
                    1 => drop(task),
                    _ => assert!(is_right(size, seed, &task.await.unwrap())),
                }
            }
            let (size, seed) = (dice.below(5), round as u8);
            there.push((size, seed, start(size, seed, dice.below(4))));
            if dice.below(4) == 0 {
                yield_now().await;
            }
        }
        for (size, seed, task) in there {
            assert!(is_right(size, seed, &task.await.unwrap()));
        }
        yield_now().await;
        yield_now().await;
        yield_now().await;
        assert_eq!(all_tasks().count(), 1);
    });
    assert_eq!(run, Ok(()));
}

/// A thread that keeps wakers for a while, wakes by them, and drops them.
fn keeper() -> (Sender<Waker>, thread::JoinHandle<()>) {
    let (sender, receiver): (_, Receiver<Waker>) = mpsc::channel();
    let thread = thread::spawn(move || {
        let mut kept = Vec::new();
        for waker in receiver {
            kept.push(waker);
            if kept.len() == 5 {
                kept.iter().for_each(Waker::wake_by_ref);
                kept.clear();
            }
        }
        // The loop may be gone.
        for waker in kept {
            waker.wake();
        }
    });
    (sender, thread)
}

/// Ends at once, and leaves a waker behind.
fn leaves(sender: &Sender<Waker>, n: usize) -> Task<usize> {
    let sender = sender.clone();
    create_task(poll_fn(move |cx| {
        sender.send(cx.waker().clone()).unwrap();
        Poll::Ready(n)
    }))
}

async fn leave_many(sender: Sender<Waker>) {
    for round in 0..rounds() / 10 {
        let tasks: Vec<_> = (0..round % 9 + 1).map(|n| leaves(&sender, n)).collect();
        for (n, task) in tasks.into_iter().enumerate() {
            assert_eq!(task.await, Ok(n));
        }
    }
}

#[test]
fn memory_whose_last_waker_is_dropped_elsewhere_is_used_again() {
    let (sender, thread) = keeper();
    let (platform, unparker) = Parking::new();
    let l = OwnedLoop::new(unparker);
    assert_eq!(l.run(&platform, &[], leave_many(sender.clone())), Ok(()));
    // Those that are left over are given back to a loop that is closed, and is opened again.
    assert_eq!(l.run(&platform, &[], leave_many(sender)), Ok(()));
    drop(l);
    thread.join().unwrap();
}

#[test]
fn so_is_that_of_a_static_loop() {
    static LOOP: EventLoop = EventLoop::new(UNPARKER);
    let (sender, thread) = keeper();
    for _ in 0..2 {
        assert_eq!(LOOP.run(&VirtualTime::new(), &[], leave_many(sender.clone())), Ok(()));
    }
    drop(sender);
    thread.join().unwrap();
}

#[test]
fn a_handle_may_outlive_its_loop() {
    let l = OwnedLoop::new(UNPARKER);
    let handles = l.run(&VirtualTime::new(), &[], async {
        let handles: Vec<_> = (0..20).map(|n| create_task(async move { n })).collect();
        yield_now().await;
        handles
    });
    drop(l);
    for (n, task) in handles.unwrap().into_iter().enumerate() {
        assert_eq!(task.result(), Ok(Ok(&n)));
    }
}
