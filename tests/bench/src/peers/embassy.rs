//! embassy, whose tasks are made for a microcontroller: each kind has a place for so many in a static, none can be
//! awaited, and what a program waits for instead is a signal that the task sends. Hence sources of its own.

mod wake;

use crate::measure::{Report, Workload, begin, forever};
use crate::own_yield::yield_now;
use embassy_executor::{Executor, Spawner};
use embassy_sync::blocking_mutex::raw::NoopRawMutex;
use embassy_sync::channel::Channel;
use embassy_sync::mutex::Mutex;
use embassy_sync::semaphore::{FairSemaphore, Semaphore};
use embassy_sync::signal::Signal;
use std::future::Future;
use std::hint::black_box;
use std::pin::Pin;

/// As in the workloads of the others.
pub const ALL: &[&[Workload]] = &[HERE, wake::ALL];

const HERE: &[Workload] = &[
    Workload { name: "spawn-await", n: 2_000_000, run: spawn_await },
    Workload { name: "spawn-all", n: TASKS as u64, run: spawn_all },
    Workload { name: "yield-all", n: TASKS as u64, run: yield_all },
    Workload { name: "yield-alone", n: 5_000_000, run: yield_alone },
    Workload { name: "bounded-ping-pong", n: 1_000_000, run: ping_pong },
    Workload { name: "bounded-throughput", n: 5_000_000, run: throughput },
    Workload { name: "lock", n: 5_000_000, run: lock },
    Workload { name: "semaphore", n: 5_000_000, run: semaphore },
];

/// How many tasks of a kind there is room for.
const TASKS: usize = 1_000;

type Done = Signal<NoopRawMutex, u64>;
type Line = Channel<NoopRawMutex, u64, 64>;

/// Runs a future in a task; the executor never returns, so whatever wants to tell something leaves the program.
fn run<F: Future<Output = Report> + 'static>(workload: &str, main: impl FnOnce(Spawner) -> F) -> Report {
    #[embassy_executor::task]
    async fn first(workload: String, main: Pin<Box<dyn Future<Output = Report>>>) {
        let numbers: Vec<_> = main.await.iter().map(|(key, number)| format!("{key}={number}")).collect();
        println!("row embassy|{workload}|{}", numbers.join(" "));
        std::process::exit(0);
    }
    let executor = Box::leak(Box::new(Executor::new()));
    executor.run(|spawner| spawner.spawn(first(workload.to_owned(), Box::pin(main(spawner))).unwrap()))
}

#[embassy_executor::task(pool_size = TASKS)]
async fn answer(i: u64, done: &'static Done) {
    done.signal(black_box(i));
}

fn signals(n: u64) -> &'static [Done] {
    (0..n).map(|_| Done::new()).collect::<Vec<_>>().leak()
}

fn spawn_await(n: u64) -> Report {
    run("spawn-await", move |spawner| async move {
        let done = &signals(1)[0];
        let began = begin();
        for i in 0..n {
            spawner.spawn(answer(i, done).unwrap());
            black_box(done.wait().await);
        }
        vec![("ps", began.each(n))]
    })
}

fn spawn_all(n: u64) -> Report {
    run("spawn-all", move |spawner| async move {
        let rounds = 2_000_000 / n;
        let done = signals(n);
        let began = begin();
        for _ in 0..rounds {
            for (i, done) in (0..).zip(done) {
                spawner.spawn(answer(i, done).unwrap());
            }
            for done in done {
                black_box(done.wait().await);
            }
        }
        vec![("ps", began.each(n * rounds))]
    })
}

#[embassy_executor::task(pool_size = TASKS)]
async fn giving_way(times: u64, done: &'static Done) {
    for _ in 0..times {
        yield_now().await;
    }
    done.signal(0);
}

fn yield_all(n: u64) -> Report {
    run("yield-all", move |spawner| async move {
        let yields = 3_000_000_u64.div_ceil(n);
        let done = signals(n);
        let began = begin();
        for done in done {
            spawner.spawn(giving_way(yields, done).unwrap());
        }
        for done in done {
            done.wait().await;
        }
        vec![("ps", began.each(n * yields))]
    })
}

fn yield_alone(n: u64) -> Report {
    run("yield-alone", move |_| async move {
        let began = begin();
        for _ in 0..n {
            yield_now().await;
        }
        vec![("ps", began.each(n))]
    })
}

#[embassy_executor::task]
async fn echo(n: u64, at: &'static Line, back: &'static Line) {
    for _ in 0..n {
        let item = at.receive().await;
        back.send(item + 1).await;
    }
}

fn ping_pong(n: u64) -> Report {
    run("bounded-ping-pong", move |spawner| async move {
        let (at, back) = (forever(Line::new()), forever(Line::new()));
        spawner.spawn(echo(n, at, back).unwrap());
        let began = begin();
        for i in 0..n {
            at.send(i).await;
            assert_eq!(back.receive().await, i + 1);
        }
        vec![("ps", began.each(n))]
    })
}

#[embassy_executor::task]
async fn source(n: u64, to: &'static Line) {
    for i in 0..n {
        to.send(i).await;
    }
}

fn throughput(n: u64) -> Report {
    run("bounded-throughput", move |spawner| async move {
        let line = forever(Line::new());
        let began = begin();
        spawner.spawn(source(n, line).unwrap());
        for i in 0..n {
            assert_eq!(line.receive().await, i);
        }
        vec![("ps", began.each(n))]
    })
}

fn lock(n: u64) -> Report {
    run("lock", move |_| async move {
        let lock = forever(Mutex::<NoopRawMutex, u64>::new(0));
        let began = begin();
        for i in 0..n {
            *lock.lock().await = i;
        }
        vec![("ps", began.each(n))]
    })
}

fn semaphore(n: u64) -> Report {
    run("semaphore", move |_| async move {
        let semaphore = forever(FairSemaphore::<NoopRawMutex, 8>::new(10));
        let began = begin();
        for _ in 0..n {
            drop(semaphore.acquire(1).await.unwrap());
        }
        vec![("ps", began.each(n))]
    })
}
