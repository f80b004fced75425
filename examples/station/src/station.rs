use core::cell::Cell;

use embedded_hal_async::i2c::I2c;
use everloop_core::net::Listener;
use everloop_core::{Duration, Fixed, Instant, Queue, create_task, sleep_until};

use crate::newest::Newest;
use crate::reading::Reading;
use crate::seats::Seats;
use crate::statistics::Statistics;
use crate::thermometer::{ADDRESS, Thermometer};
use crate::ticks::Ticks;

/// How many clients are served at once.
pub const CLIENTS: usize = 8;
/// How many tasks [`Station::run`] creates at most: those of the clients, the sampler, and the statistics.
pub const TASKS: usize = CLIENTS + 2;
/// The time between two samples.
pub const SAMPLE_PERIOD: Duration = Duration::from_millis(100);

/// What the station's tasks share. It belongs to one loop, so nothing in it needs a lock.
#[derive(Debug)]
pub struct Station {
    readings: Queue<Reading, Fixed<8>>,
    statistics: Cell<Statistics>,
    dropped: Cell<u64>,
    failed: Cell<u64>,
    pub(crate) newest: Newest,
    pub(crate) seats: Seats,
}

impl Station {
    /// A station that has measured nothing yet.
    pub const fn new() -> Self {
        Self {
            readings: Queue::new(),
            statistics: Cell::new(Statistics::new()),
            dropped: Cell::new(0),
            failed: Cell::new(0),
            newest: Newest::new(),
            seats: Seats::new(CLIENTS),
        }
    }

    /// Does all that a station does, for ever: samples the sensor at [`ADDRESS`] on this bus, keeps statistics, and
    /// serves clients.
    ///
    /// # Panics
    /// If its [`TASKS`] find no room.
    pub async fn run<I: I2c + 'static, L: Listener>(&'static self, i2c: I, listener: L) -> ! {
        create_task(self.sample(Thermometer::new(i2c, ADDRESS))).set_name("sampler");
        create_task(self.keep_statistics()).set_name("stats");
        self.serve(listener).await
    }

    /// Samples the sensor for ever, every [`SAMPLE_PERIOD`]. A reading that nobody has taken in time makes the next
    /// ones be dropped: the sensor does not wait.
    pub async fn sample<I: I2c>(&self, mut thermometer: Thermometer<I>) -> ! {
        let start = Instant::now();
        let mut ticks = Ticks::new(start, SAMPLE_PERIOD);
        let mut seq = 0;
        loop {
            match thermometer.read().await {
                Ok(millidegrees) => {
                    seq += 1;
                    let millis = start.elapsed().as_millis();
                    if self.readings.put_nowait(Reading { seq, millis, millidegrees }).is_err() {
                        increment(&self.dropped);
                    }
                }
                // A sensor that comes loose may come back, so its clients only notice that the readings get old.
                Err(_) => increment(&self.failed),
            }
            ticks.advance(Instant::now());
            sleep_until(ticks.due()).await;
        }
    }

    /// Takes the readings in for ever: counts each, and makes it the newest.
    pub async fn keep_statistics(&self) {
        while let Ok(reading) = self.readings.get().await {
            let mut statistics = self.statistics.get();
            statistics.add(&reading);
            self.statistics.set(statistics);
            self.newest.publish(reading);
        }
    }

    /// What is known of all readings so far.
    pub fn statistics(&self) -> Statistics {
        self.statistics.get()
    }

    /// The newest reading, if there is one.
    pub fn newest(&self) -> Option<Reading> {
        self.newest.get()
    }

    /// How many readings were dropped since those before them were not taken in time.
    pub fn dropped(&self) -> u64 {
        self.dropped.get()
    }

    /// How many samples failed on the bus.
    pub fn failed(&self) -> u64 {
        self.failed.get()
    }
}

impl Default for Station {
    fn default() -> Self {
        Self::new()
    }
}

fn increment(count: &Cell<u64>) {
    count.set(count.get() + 1);
}
