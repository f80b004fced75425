//! Servers, subprocesses, threads, timers and cancellations together in one loop, for as long as is said, with what the
//! process holds sampled once a second: resident memory, the allocator's bytes, descriptors, threads, tasks, and tasks that
//! wait for a timer. All of that has to stay flat (see [`verdict`]), and is written to `soak.csv` and plotted to `soak.png`.
//!
//! `soak MINUTES FOLDER`.

mod allocator;
mod load;
mod plot;
mod sample;
mod verdict;

use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use everloop::{Duration, create_task, interval};
use load::Done;
use sample::Sample;

/// Counts what is allocated.
#[global_allocator]
static ALLOCATOR: allocator::Counting = allocator::Counting;

/// The time between two samples.
const PERIOD: Duration = Duration::from_secs(1);
/// How often the progress is told.
const TOLD: usize = 60;

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let (Some(minutes), Some(folder), None) = (args.next(), args.next(), args.next()) else {
        eprintln!("usage: soak MINUTES FOLDER");
        return ExitCode::from(2);
    };
    let Ok(minutes @ 1..=100_000) = minutes.parse::<usize>() else {
        eprintln!("`{minutes}` is no number of minutes");
        return ExitCode::from(2);
    };
    match everloop::run(soak(minutes * 60)) {
        Ok(samples) => match report(&samples, Path::new(&folder)) {
            Ok(true) => ExitCode::SUCCESS,
            Ok(false) => ExitCode::FAILURE,
            Err(error) => {
                eprintln!("error: {error}");
                ExitCode::FAILURE
            }
        },
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the load for so many seconds. A sample of each, before them one of before the load, and last one of after it.
async fn soak(seconds: usize) -> Vec<Sample> {
    // Whatever is recorded must not show in what is measured.
    let mut samples = Vec::with_capacity(seconds + 2);
    let start = Instant::now();
    samples.push(Sample::take(start.elapsed()));
    let load = create_task(load::run());
    let mut ticks = interval(PERIOD);
    ticks.tick().await;
    for second in 1..=seconds {
        ticks.tick().await;
        let sample = Sample::take(start.elapsed());
        if second % TOLD == 0 {
            println!("{:>4} min: {sample}; done: {}", second / TOLD, Done::now());
        }
        samples.push(sample);
        if load.done() {
            break;
        }
    }
    load.cancel();
    // If it panicked, so does this.
    let _ = load.await;
    // Longer than the thread that reaps children, and idle ones of `to_thread`, live on.
    everloop::sleep(Duration::from_secs(12)).await;
    samples.push(Sample::take(start.elapsed()));
    samples
}

fn report(samples: &[Sample], folder: &Path) -> Result<bool, Box<dyn std::error::Error>> {
    std::fs::create_dir_all(folder)?;
    let mut csv = format!("{}\n", Sample::HEADER);
    for sample in samples {
        csv.push_str(&format!("{}\n", sample.row()));
    }
    std::fs::write(folder.join("soak.csv"), csv)?;
    let picture = folder.join("soak.png");
    plot::plot(samples, &picture)?;
    println!("\ndone: {}", Done::now());
    println!("plotted: {}", picture.display());
    Ok(verdict::judge(samples))
}
