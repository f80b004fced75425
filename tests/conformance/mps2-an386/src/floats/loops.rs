//! Tasks that compute with floats, in a loop in thread mode and in two above it, come to what each comes to alone.

use board::selftest::{Outcome, Report};
use board::{Interrupt, ensure, interrupt};
use core::sync::atomic::{AtomicU32, Ordering};
use cortex_m::peripheral::NVIC;
use everloop_board_mps2_an385 as board;
use everloop_embedded::{
    Duration, InterruptLoop, Loop, RemotePool, TaskPool, create_task, run_coroutine_threadsafe, sleep,
    yield_now,
};

static LOW: InterruptLoop = InterruptLoop::new();
static HIGH: InterruptLoop = InterruptLoop::new();
static LOW_TASKS: TaskPool<2, 128> = TaskPool::new();
static HIGH_TASKS: TaskPool<2, 128> = TaskPool::new();
static TO_LOW: RemotePool<2, 256> = RemotePool::new();
static TO_HIGH: RemotePool<2, 256> = RemotePool::new();
static THREAD: Loop = Loop::new();
static TASKS: TaskPool<4, 256> = TaskPool::new();

/// How often the loops above were at it, which tells that they did preempt.
static ROUNDS: AtomicU32 = AtomicU32::new(0);

#[interrupt]
fn GPIO0_0() {
    LOW.on_interrupt();
}

#[interrupt]
fn GPIO0_1() {
    HIGH.on_interrupt();
}

pub fn run(report: &mut Report) {
    report.test("loops::tasks_compute_what_they_do_alone", tasks_compute_what_they_do_alone);
}

/// A chaotic sequence, of which the least error makes another.
fn logistic(start: f32, steps: u32) -> f32 {
    (0..steps).fold(start, |x, _| 3.9 * x * (1.0 - x))
}

const STEPS: u32 = 200;
const PARTS: u32 = 30;

/// The same in parts, between which others have their turn.
async fn in_parts(start: f32, pause: Option<Duration>) -> u32 {
    let mut x = start;
    for _ in 0..PARTS {
        x = logistic(x, STEPS);
        match pause {
            Some(pause) => {
                ROUNDS.fetch_add(1, Ordering::Relaxed);
                sleep(pause).await;
            }
            None => yield_now().await,
        }
    }
    x.to_bits()
}

fn start() -> bool {
    // SAFETY: nothing else uses the NVIC's priorities now, and no critical section is built on masking these.
    unsafe {
        let mut nvic = cortex_m::Peripherals::steal().NVIC;
        nvic.set_priority(Interrupt::GPIO0_0, 0x80);
        nvic.set_priority(Interrupt::GPIO0_1, 0x40);
        NVIC::unmask(Interrupt::GPIO0_0);
        NVIC::unmask(Interrupt::GPIO0_1);
    }
    let low = LOW.start(|| NVIC::pend(Interrupt::GPIO0_0), &[&LOW_TASKS, &TO_LOW], async || ());
    let high = HIGH.start(|| NVIC::pend(Interrupt::GPIO0_1), &[&HIGH_TASKS, &TO_HIGH], async || ());
    low.is_ok() && high.is_ok()
}

fn tasks_compute_what_they_do_alone() -> Outcome {
    ensure!(start(), "the loops do not start");
    let starts = [0.1_f32, 0.2, 0.3, 0.4, 0.5, 0.6];
    let alone = starts.map(|start| logistic(start, STEPS * PARTS).to_bits());
    let together = THREAD.run(&[&TASKS], async {
        // Times that have nothing to do with each other, so that they meet at every point.
        let [low, high] = [(&TO_LOW, 37), (&TO_HIGH, 13)];
        let above = |(pool, micros): (&'static RemotePool<2, 256>, u64), start: f32| {
            run_coroutine_threadsafe(
                async move || in_parts(start, Some(Duration::from_micros(micros))).await,
                pool,
            )
        };
        let (first, second) = (above(low, starts[0]), above(low, starts[1]));
        let (third, fourth) = (above(high, starts[2]), above(high, starts[3]));
        let fifth = create_task(in_parts(starts[4], None));
        let sixth = create_task(in_parts(starts[5], None));
        let here = [fifth.await.ok(), sixth.await.ok()];
        let before = ROUNDS.load(Ordering::Relaxed);
        let mut found = [None; 6];
        for (found, task) in found.iter_mut().zip([first, second, third, fourth]) {
            *found = match task {
                Ok(task) => task.await.ok(),
                Err(_) => None,
            };
        }
        found[4..].copy_from_slice(&here);
        (found, before)
    });
    let (found, before) = match together {
        Ok(together) => together,
        Err(error) => {
            ensure!(false, "the loop in thread mode: {error}");
            return Ok(());
        }
    };
    ensure!(before > 10, "only {before} times were the tasks in thread mode preempted");
    ensure!(found == alone.map(Some), "{found:x?} instead of {alone:x?}");
    Ok(())
}
