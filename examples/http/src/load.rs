//! The load generator.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::io;

use everloop::{Duration, Instant, Unbounded, task_group};
use hyper::StatusCode;
use hyper::rt::{Read, Write};

use crate::{Client, Failure};

/// What came of a [`load`].
#[derive(Debug)]
pub struct Report {
    /// How many requests were answered as they should.
    pub answered: u64,
    /// Why the others were not. A connection that fails is not tried again.
    pub failures: Vec<String>,
    /// How long all of it took.
    pub took: Duration,
    /// How long the slowest answer took.
    pub slowest: Duration,
}

/// Asks for a page `requests` times on each of so many connections at once, each of which is kept open.
pub async fn load<I, C>(connect: C, host: &str, path: &str, connections: usize, requests: usize) -> Report
where
    I: Read + Write + Unpin + 'static,
    C: AsyncFn() -> io::Result<I>,
{
    let start = Instant::now();
    let (answered, slowest, failures) =
        (Cell::new(0), Cell::new(Duration::from_ticks(0)), RefCell::new(Vec::new()));
    let one = async || -> Result<(), Failure> {
        let mut client = Client::over(connect().await.map_err(Failure::Connect)?, host).await?;
        for _ in 0..requests {
            let asked = Instant::now();
            let (status, _) = client.get(path).await?;
            slowest.set(slowest.get().max(asked.elapsed()));
            if status == StatusCode::OK {
                answered.set(answered.get() + 1);
            } else {
                failures.borrow_mut().push(status.to_string());
            }
        }
        client.close().await
    };
    let group = task_group(Unbounded, async |group| -> Result<(), Failure> {
        for _ in 0..connections {
            group.create_task(async {
                if let Err(failure) = one().await {
                    failures.borrow_mut().push(failure.to_string());
                }
                Ok(())
            });
        }
        Ok(())
    });
    match group.await {
        Ok(()) => {}
        Err(_) => unreachable!("nothing in the group gives an error"),
    }
    Report {
        answered: answered.get(),
        failures: failures.take(),
        took: start.elapsed(),
        slowest: slowest.get(),
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.took.as_micros() as f64 / 1e6;
        writeln!(
            f,
            "{} answers in {seconds:.2} s, {:.0} a second",
            self.answered,
            self.answered as f64 / seconds
        )?;
        writeln!(f, "the slowest took {} ms", self.slowest.as_millis())?;
        write!(f, "{} errors", self.failures.len())?;
        self.failures.iter().try_for_each(|failure| write!(f, "\n  {failure}"))
    }
}
