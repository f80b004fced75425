//! `SUB`: its readings come exactly when they should.

mod support;

use embedded_hal_async::i2c::{ErrorKind, ErrorType, I2c, Operation};
use everloop_core::{Duration, Instant, create_task, sleep, sleep_until};
use support::{Network, run, start, station};

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

#[test]
fn readings_come_on_the_grid() {
    run!(async {
        let network = start();
        for period in [10, 70, 100, 250, 60_000] {
            let mut client = network.connect();
            client.get().await;
            sleep(millis(3)).await;
            let start = Instant::now();
            assert_eq!(client.ask(&format!("SUB {period}")).await, "OK");
            assert_eq!(start.elapsed(), Duration::ZERO);
            for tick in 1..=50 {
                let (_, taken, _) = client.reading().await;
                assert_eq!(start.elapsed(), millis(period * tick), "tick {tick} of {period} ms");
                // The newest: never older than the sensor's own period.
                let age = Instant::now() - (Instant::from_ticks(0) + millis(taken));
                assert!(age < millis(101), "{age:?}");
            }
            client.quit().await;
        }
    });
}

/// A sensor whose answers come sooner or later.
struct Unsteady(u32);

impl ErrorType for Unsteady {
    type Error = ErrorKind;
}

impl I2c for Unsteady {
    async fn transaction(&mut self, _: u8, operations: &mut [Operation<'_>]) -> Result<(), ErrorKind> {
        let lateness = [0, 5, 15, 15, 0, 10, 20, 20][self.0 as usize % 8];
        self.0 += 1;
        sleep(millis(lateness)).await;
        for operation in operations {
            if let Operation::Read(target) = operation {
                target.fill(0);
            }
        }
        Ok(())
    }
}

#[test]
fn a_subscriber_no_faster_than_the_sensor_gets_no_reading_twice() {
    run!(async {
        let network = Network::default();
        create_task(station().run(Unsteady(0), network.listener()));
        // Subscribed before, among and behind the moments at which a reading may come.
        for offset in 0..=21 {
            let mut client = network.connect();
            client.get().await;
            sleep(millis(50)).await;
            let tenths = Instant::now().duration_since(Instant::from_ticks(0)).as_millis() / 100;
            sleep_until(Instant::from_ticks(0) + millis((tenths + 1) * 100 + offset)).await;
            let start = Instant::now();
            assert_eq!(client.ask("SUB 100").await, "OK");
            let mut last = client.reading().await.0;
            for tick in 2..100 {
                let (seq, ..) = client.reading().await;
                assert!(seq > last, "offset {offset}");
                // At most as late as the sensor, and no later for that at the next tick.
                assert!(start.elapsed() - millis(100 * tick) <= millis(20), "offset {offset}");
                last = seq;
            }
            client.quit().await;
        }
    });
}

#[test]
fn the_next_line_ends_it() {
    run!(async {
        let network = start();
        let mut client = network.connect();
        for (line, reply) in [("FROB", "ERR unknown command"), ("sub 5", "ERR bad period")] {
            assert_eq!(client.ask("SUB 100").await, "OK");
            client.reading().await;
            assert_eq!(client.ask(line).await, reply);
            client.silence(millis(1_000)).await;
        }
        assert_eq!(client.ask("SUB 100").await, "OK");
        client.reading().await;
        // Another subscription instead, counted from here.
        assert_eq!(client.ask("SUB 1000").await, "OK");
        let start = Instant::now();
        client.reading().await;
        assert_eq!(start.elapsed(), millis(1_000));
        client.get().await;
        client.silence(millis(5_000)).await;
        assert_eq!(client.ask("SUB 100").await, "OK");
        client.reading().await;
        client.quit().await;
    });
}

#[test]
fn a_line_in_pieces_loses_nothing_between_readings() {
    run!(async {
        let network = start();
        let mut client = network.connect();
        assert_eq!(client.ask("SUB 10").await, "OK");
        let mut readings = 0;
        for byte in b"\r\n \nSTA" {
            client.send(&[*byte]).await;
            for _ in 0..3 {
                client.reading().await;
                readings += 1;
            }
        }
        assert_eq!(readings, 21);
        client.send(b"TS\n").await;
        assert!(client.line().await.starts_with("STATS "));
        client.silence(millis(1_000)).await;
        // A line that is too long is one as well, and the readings go on until it ends.
        assert_eq!(client.ask("SUB 10").await, "OK");
        for _ in 0..10 {
            client.send(&[b'A'; 50]).await;
            client.reading().await;
        }
        client.send(b"\n").await;
        assert_eq!(client.line().await, "ERR line too long");
        client.silence(millis(1_000)).await;
        client.quit().await;
    });
}

#[test]
fn ends_when_the_client_closes_its_half() {
    run!(async {
        let network = start();
        let mut client = network.connect();
        assert_eq!(client.ask("SUB 10").await, "OK");
        client.reading().await;
        client.close().await;
        client.end().await;
    });
}

#[test]
fn a_reader_that_was_slow_gets_back_on_the_grid() {
    run!(async {
        let network = start();
        // Room for the reply and a reading or two.
        let mut client = network.connect_with(64);
        client.get().await;
        let start = Instant::now();
        assert_eq!(client.ask("SUB 1000").await, "OK");
        sleep(millis(9_500)).await;
        // What was in the buffers when it stopped reading.
        let mut last = client.reading().await.0;
        while start.elapsed() == millis(9_500) {
            let (seq, ..) = client.reading().await;
            assert!(seq > last);
            last = seq;
        }
        // Nothing is made up for: from here on one a second, when it is due.
        assert_eq!(start.elapsed(), millis(10_000));
        for tick in 11..20 {
            client.reading().await;
            assert_eq!(start.elapsed(), millis(1_000 * tick));
        }
    });
}
