//! `cargo xtask demo`: one program, two stations, one on this machine and one on a microcontroller, side by side.
//!
//! Each station has two clients: one that subscribes to its readings and one that asks for them, over and over, and
//! notes how long the replies take. The demo fails when a reading is lost or anything else goes wrong.

mod asker;
mod screen;
mod subscriber;
mod summary;
mod view;

use crate::station::{Program, Station};
use anyhow::{Context, Result, anyhow};
use screen::Screen;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use view::{News, View};

/// How often the table is drawn and the stations are looked after.
const FRAME: Duration = Duration::from_millis(100);

/// What a client reports: the station's place in the list and what it saw there.
type Report = (usize, News);

/// Runs both stations for `seconds`.
pub fn run(seconds: Duration) -> Result<bool> {
    let programs = [Program::host()?, Program::guest()?];
    let mut stations = programs.iter().map(Program::start).collect::<Result<Vec<_>>>()?;
    let mut views: Vec<_> = stations.iter().map(|station| View::new(station.label())).collect();

    let (sender, reports) = channel();
    let stop = Arc::new(AtomicBool::new(false));
    let clients: Vec<_> = stations
        .iter()
        .enumerate()
        .flat_map(|(place, station)| {
            let address = station.address();
            let reporter = Reporter { place, sender: sender.clone(), stop: stop.clone() };
            let other = reporter.clone();
            [
                thread::spawn(move || subscriber::run(address, &reporter)),
                thread::spawn(move || asker::run(address, &other)),
            ]
        })
        .collect();
    // So that the channel closes with the last client.
    drop(sender);

    let start = Instant::now();
    let mut screen = Screen::new(seconds);
    let watched = watch(&reports, &mut stations, &mut views, &mut screen, start + seconds);
    stop.store(true, Ordering::SeqCst);
    let took = start.elapsed();
    watched?;
    for client in clients {
        join(client)?;
    }
    // What came while the clients said goodbye.
    for (place, news) in reports.try_iter() {
        views[place].take(news);
    }
    stations.iter_mut().try_for_each(Station::ensure_running)?;
    summary::print(&views);
    summary::judge(&views, took)?;
    Ok(true)
}

/// Shows what comes in until the time is up or something fails.
fn watch(
    reports: &Receiver<Report>,
    stations: &mut [Station],
    views: &mut [View],
    screen: &mut Screen,
    end: Instant,
) -> Result<()> {
    let start = Instant::now();
    let mut next_frame = start;
    loop {
        let now = Instant::now();
        if now >= next_frame {
            stations.iter_mut().try_for_each(Station::ensure_running)?;
            screen.draw(views, now - start);
            next_frame = now + FRAME;
        }
        if now >= end {
            return Ok(());
        }
        match reports.recv_timeout(next_frame.min(end).saturating_duration_since(now)) {
            Ok((place, News::Failure(why))) => {
                // When the station itself is gone, that is what happened; its sockets go first.
                thread::sleep(FRAME * 2);
                stations[place].ensure_running()?;
                return Err(anyhow!(why).context(format!("the station on {}", stations[place].label())));
            }
            Ok((place, news)) => {
                screen.line(&views[place], &news);
                views[place].take(news);
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Err(anyhow!("all clients ended early")),
        }
    }
}

fn join(client: JoinHandle<Result<()>>) -> Result<()> {
    client.join().map_err(|_| anyhow!("a client panicked"))?.context("a client could not end orderly")
}

/// How a client reports, and learns that it is to end.
#[derive(Clone)]
struct Reporter {
    place: usize,
    sender: Sender<Report>,
    stop: Arc<AtomicBool>,
}

impl Reporter {
    fn send(&self, news: News) {
        // Nobody listens any more once the demo has failed.
        let _ = self.sender.send((self.place, news));
    }

    fn stopped(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }

    /// Reports the failure of a client's work, unless it was told to end.
    fn watch(&self, work: impl FnOnce() -> Result<()>) -> Result<()> {
        let outcome = work();
        if let Err(why) = &outcome {
            self.send(News::Failure(format!("{why:#}")));
        }
        outcome
    }
}
