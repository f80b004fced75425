use core::convert::Infallible;

use everloop_core::net::Connection;
use everloop_core::{Duration, Instant, TaskInfo, all_tasks, wait_for};
use heapless::Vec;

use crate::command::{Command, Refusal};
use crate::parting::Parting;
use crate::reading::Reading;
use crate::replies::Replies;
use crate::reply::Reply;
use crate::requests::{Request, Requests};
use crate::seats::Seat;
use crate::station::{SAMPLE_PERIOD, Station};
use crate::ticks::Ticks;

/// How long a client may say nothing.
const IDLE: Duration = Duration::from_secs(5 * 60);
/// How long a client waits for the first reading of all.
const WARM_UP: Duration = Duration::from_secs(1);
/// By how much a reading may be late and still be waited for.
const LATENESS: Duration = Duration::from_millis(SAMPLE_PERIOD.as_millis() / 2);
/// How many tasks are looked at in one go.
const BATCH: usize = 4;

/// Talks to one client until either has enough.
pub(crate) async fn serve<C: Connection>(station: &'static Station, connection: C, seat: Seat) {
    let (reader, writer) = connection.split();
    let mut client = Client::<C> { station, requests: Requests::new(reader), replies: Replies::new(writer) };
    let Err(parting) = client.talk().await;
    client.replies.end(parting).await;
    // In this order, so that whoever gets the seat finds the connection's buffers free too.
    drop(client);
    drop(seat);
}

struct Client<C: Connection> {
    station: &'static Station,
    requests: Requests<C>,
    replies: Replies<C::Writer>,
}

impl<C: Connection> Client<C> {
    async fn talk(&mut self) -> Result<Infallible, Parting> {
        let mut request = self.request().await?;
        loop {
            request = self.answer(request).await?;
        }
    }

    /// The next request of a client that must not be idle for too long.
    async fn request(&mut self) -> Result<Request, Parting> {
        wait_for(self.requests.next(), IDLE).await.unwrap_or(Err(Parting::Orderly))
    }

    /// Sends readings, one a period, until the next request, which it gives.
    async fn subscribe(&mut self, period: Duration) -> Result<Request, Parting> {
        let mut ticks = Ticks::new(Instant::now(), period);
        let mut last = 0;
        loop {
            let now = Instant::now();
            ticks.advance(now);
            if let Ok(request) = wait_for(self.requests.next(), ticks.due() - now).await {
                return request;
            }
            if let Some(reading) = self.newest(last, period).await {
                last = reading.seq;
                self.replies.send(Reply::Reading(reading)).await?;
            }
        }
    }

    /// The newest reading. A subscriber that is no faster than the sensor gets none twice: where the two meet, the
    /// sensor is given a moment.
    async fn newest(&self, last: u64, period: Duration) -> Option<Reading> {
        let newest = &self.station.newest;
        if period >= SAMPLE_PERIOD
            && let Ok(reading) = wait_for(newest.after(last), LATENESS).await
        {
            return Some(reading);
        }
        newest.get()
    }

    /// Answers a request. Gives the next one.
    async fn answer(&mut self, request: Request) -> Result<Request, Parting> {
        let reply = match request {
            Ok(Command::Get) => match wait_for(self.station.newest.after(0), WARM_UP).await {
                Ok(reading) => Reply::Reading(reading),
                Err(_timeout) => Reply::Refused(Refusal::NoReading),
            },
            Ok(Command::Subscribe(millis)) => {
                self.replies.send(Reply::Ok).await?;
                return self.subscribe(Duration::from_millis(millis.into())).await;
            }
            Ok(Command::Stats) => {
                Reply::Stats { statistics: self.station.statistics(), dropped: self.station.dropped() }
            }
            Ok(Command::Tasks) => {
                self.tasks().await?;
                Reply::End
            }
            Ok(Command::Quit) => {
                // The end of the connection sends it.
                self.replies.put(Reply::Bye).await?;
                return Err(Parting::Orderly);
            }
            Err(refusal) => Reply::Refused(refusal),
        };
        self.replies.send(reply).await?;
        self.request().await
    }

    /// A line for each task, by number: a few at a time, since nothing can be sent while the loop shows its tasks.
    async fn tasks(&mut self) -> Result<(), Parting> {
        let mut last = 0;
        loop {
            let batch = tasks_after(last);
            let Some(end) = batch.last() else { return Ok(()) };
            last = end.id().get();
            for task in batch {
                self.replies.put(Reply::Task(task)).await?;
            }
        }
    }
}

/// Those tasks that have the lowest numbers above `last`, in order.
fn tasks_after(last: u32) -> Vec<TaskInfo, BATCH> {
    all_tasks().filter(|task| task.id().get() > last).take(BATCH).collect()
}
