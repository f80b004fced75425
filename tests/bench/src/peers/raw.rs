//! The same work without a runtime: what the machine, the allocator and the system ask for it.

mod cores;
mod processes;
mod sockets;
pub mod uring;
pub mod wake;

use crate::measure::{Report, Workload, begin, peak, processor, resident};
use std::cell::Cell;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::future::Future;
use std::hint::black_box;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

/// As in the workloads of the others.
pub const ALL: &[&[Workload]] = &[HERE, sockets::ALL, cores::ALL, wake::ALL, processes::ALL];

const HERE: &[Workload] = &[
    Workload { name: "spawn-await", n: 5_000_000, run: spawn_await },
    Workload { name: "spawn-all", n: 1_000, run: spawn_all },
    Workload { name: "spawn-million", n: 1_000_000, run: spawn_million },
    Workload { name: "yield-all", n: 1_000, run: yield_all },
    Workload { name: "yield-alone", n: 10_000_000, run: yield_alone },
    Workload { name: "bounded-throughput", n: 10_000_000, run: throughput },
    Workload { name: "unbounded-throughput", n: 10_000_000, run: throughput },
    Workload { name: "lock", n: 10_000_000, run: lock },
    Workload { name: "semaphore", n: 10_000_000, run: lock },
    Workload { name: "sleeps", n: 1_000_000, run: sleeps },
    Workload { name: "timeout-alone", n: 5_000_000, run: deadlines_alone },
    Workload { name: "timeout-over", n: 100_000, run: deadlines_over },
    Workload { name: "timeout-tasks", n: 5_000_000, run: deadlines_alone },
];

type Boxed<T> = Pin<Box<dyn Future<Output = T>>>;

fn ready<T>(poll: Poll<T>) -> T {
    match poll {
        Poll::Ready(value) => value,
        Poll::Pending => unreachable!(),
    }
}

/// Boxed, polled, dropped.
fn spawn_await(n: u64) -> Report {
    let mut cx = Context::from_waker(Waker::noop());
    let began = begin();
    for i in 0..n {
        let mut task: Boxed<u64> = black_box(Box::pin(async move { black_box(i) }));
        black_box(ready(task.as_mut().poll(&mut cx)));
    }
    vec![("ps", began.each(n))]
}

/// In a slab whose places are used again.
fn spawn_all(n: u64) -> Report {
    async fn task(i: u64) -> u64 {
        black_box(i)
    }
    let mut cx = Context::from_waker(Waker::noop());
    let mut slab = Vec::with_capacity(n as usize);
    let rounds = 5_000_000 / n;
    let began = begin();
    for _ in 0..rounds {
        slab.extend((0..n).map(task));
        for task in &mut black_box(&mut slab)[..] {
            // SAFETY: it stays where it is until it is dropped.
            black_box(ready(unsafe { Pin::new_unchecked(task) }.poll(&mut cx)));
        }
        slab.clear();
    }
    vec![("ps", began.each(n * rounds))]
}

/// Boxed all, then polled and dropped.
fn spawn_million(n: u64) -> Report {
    let mut cx = Context::from_waker(Waker::noop());
    let before = resident();
    let began = begin();
    let tasks: Vec<Boxed<u64>> = (0..n).map(|i| Box::pin(async move { black_box(i) }) as _).collect();
    for mut task in tasks {
        black_box(ready(task.as_mut().poll(&mut cx)));
    }
    vec![("ps", began.each(n)), ("peak", peak() - before)]
}

/// Pending `self.0` times.
struct GiveWay(u64);

impl Future for GiveWay {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if self.0 == 0 {
            return Poll::Ready(());
        }
        self.0 -= 1;
        Poll::Pending
    }
}

fn polls(tasks: u64, yields: u64) -> Report {
    let mut cx = Context::from_waker(Waker::noop());
    let mut all: Vec<Boxed<()>> = (0..tasks).map(|_| Box::pin(GiveWay(yields)) as _).collect();
    let began = begin();
    for _ in 0..yields {
        for task in &mut black_box(&mut all)[..] {
            assert!(task.as_mut().poll(&mut cx).is_pending());
        }
    }
    vec![("ps", began.each(tasks * yields))]
}

/// Polled in turns, by their tables of functions.
fn yield_all(n: u64) -> Report {
    polls(n, 10_000_000 / n)
}

fn yield_alone(n: u64) -> Report {
    polls(1, n)
}

/// 64 in, 64 out.
fn throughput(n: u64) -> Report {
    let mut queue = VecDeque::new();
    let began = begin();
    let (mut put, mut got) = (0, 0);
    while got < n {
        while queue.len() < 64 {
            black_box(&mut queue).push_back(put);
            put += 1;
        }
        while let Some(item) = black_box(&mut queue).pop_front() {
            assert_eq!(item, got);
            got += 1;
        }
    }
    vec![("ps", began.each(n))]
}

/// A cell that says whether it is taken.
fn lock(n: u64) -> Report {
    let taken = Cell::new(false);
    let began = begin();
    for _ in 0..n {
        assert!(!black_box(&taken).replace(true));
        black_box(&taken).set(false);
    }
    vec![("ps", began.each(n))]
}

/// A heap of deadlines; the thread sleeps until the first.
fn sleeps(n: u64) -> Report {
    let mut late = vec![1_u32; n as usize];
    let (memory, cpu) = (resident(), processor());
    let mut heap = BinaryHeap::new();
    for i in 0..n {
        let time = Duration::from_millis(i * 7919 % 1000 + 1);
        heap.push(Reverse((Instant::now() + time, i)));
    }
    while let Some(Reverse((due, i))) = heap.peek().copied() {
        let now = Instant::now();
        match due.checked_duration_since(now) {
            // As exact as a poller.
            Some(left) if !left.is_zero() => std::thread::sleep(left.max(Duration::from_millis(1))),
            _ => {
                heap.pop();
                let by = now.saturating_duration_since(due).as_micros();
                late[i as usize] = u32::try_from(by).unwrap_or(u32::MAX);
            }
        }
    }
    let (cpu, peak) = (processor() - cpu, peak() - memory);
    late.sort_unstable();
    let at = |part: usize| u64::from(late[late.len() * part / 100]);
    vec![("cpu-us", cpu.as_micros() as u64), ("peak", peak), ("late-us", at(50)), ("late99-us", at(99))]
}

/// The one level of a timer wheel in which the deadlines come to lie, as rings of numbers: 64 heads, then the timers.
struct Wheel {
    links: Vec<(u32, u32)>,
}

const SLOTS: u32 = 64;

impl Wheel {
    fn new(timers: u32) -> Self {
        Self { links: (0..SLOTS + timers).map(|i| (i, i)).collect() }
    }

    fn add(&mut self, timer: u32, due: u64) {
        // Spans of a second.
        let (head, timer) = ((due >> 30) as u32 % SLOTS, timer + SLOTS);
        let last = self.links[head as usize].0;
        self.links[timer as usize] = (last, head);
        self.links[last as usize].1 = timer;
        self.links[head as usize].0 = timer;
    }

    fn take(&mut self, timer: u32) {
        let (before, after) = self.links[(timer + SLOTS) as usize];
        self.links[before as usize].1 = after;
        self.links[after as usize].0 = before;
    }
}

/// A reading of the clock, a timer in and out of a wheel, and two polls.
fn deadlines(n: u64, others: u32) -> Report {
    let mut cx = Context::from_waker(Waker::noop());
    let mut wheel = Wheel::new(others + 1);
    let start = Instant::now();
    let now = || start.elapsed().as_nanos() as u64;
    for i in 0..others {
        wheel.add(i + 1, now() + (100_000 + u64::from(i) * 7919 % 1_000_000) * 1_000_000);
    }
    let began = begin();
    for _ in 0..n {
        let mut inside = GiveWay(1);
        let mut inside: Pin<&mut (dyn Future<Output = ()> + Unpin)> = black_box(Pin::new(&mut inside));
        wheel.add(0, now() + 10_000_000_000);
        assert!(inside.as_mut().poll(&mut cx).is_pending());
        ready(inside.as_mut().poll(&mut cx));
        black_box(&mut wheel).take(0);
    }
    vec![("ps", began.each(n))]
}

fn deadlines_alone(n: u64) -> Report {
    deadlines(n, 0)
}

fn deadlines_over(n: u64) -> Report {
    deadlines(5_000_000, n as u32)
}
