//! The driver, the simulated bus, and the sampler.

mod support;

use std::cell::Cell;
use std::rc::Rc;

use embedded_hal_async::i2c::{Error, ErrorKind, ErrorType, I2c, NoAcknowledgeSource, Operation};
use everloop_core::{Duration, Instant, create_task, sleep};
use station::{ADDRESS, BusError, SimulatedBus, Thermometer};
use support::{Network, run, station};

/// A sensor that answers at once with what the test says.
#[derive(Clone, Default)]
struct Bench(Rc<Cell<Option<u16>>>);

impl ErrorType for Bench {
    type Error = BusError;
}

impl I2c for Bench {
    async fn transaction(&mut self, address: u8, operations: &mut [Operation<'_>]) -> Result<(), BusError> {
        let [Operation::Write([0]), Operation::Read(target)] = operations else {
            panic!("the temperature is read by writing its pointer")
        };
        let register = self.0.get().ok_or(BusError::NoDevice(address))?;
        target.copy_from_slice(&register.to_be_bytes());
        Ok(())
    }
}

#[test]
fn registers_to_temperatures() {
    run!(async {
        let bench = Bench::default();
        let mut thermometer = Thermometer::new(bench.clone(), ADDRESS);
        // From the data sheet's table, and with the lower four bits set, which mean nothing.
        for (register, millidegrees) in [
            (0x7FF0, 127_937),
            (0x5000, 80_000),
            (0x1900, 25_000),
            (0x0040, 250),
            (0x001F, 62),
            (0x000F, 0),
            (0x0000, 0),
            (0xFFC0, -250),
            (0xE700, -25_000),
            (0xC900, -55_000),
        ] {
            bench.0.set(Some(register));
            assert_eq!(thermometer.read().await, Ok(millidegrees), "{register:#06x}");
        }
        bench.0.set(None);
        assert_eq!(thermometer.read().await, Err(BusError::NoDevice(ADDRESS)));
    });
}

#[test]
fn a_transaction_takes_its_time() {
    run!(async {
        let start = Instant::now();
        Thermometer::new(SimulatedBus::new(), ADDRESS).read().await.unwrap();
        // Two addresses, the pointer, and two bytes of temperature.
        assert_eq!(start.elapsed(), Duration::from_micros(5 * 90));
    });
}

#[test]
fn nobody_at_another_address() {
    run!(async {
        let mut bus = SimulatedBus::new();
        let error = bus.write_read(0x49, &[0], &mut [0; 2]).await.unwrap_err();
        assert_eq!(error, BusError::NoDevice(0x49));
        assert_eq!(error.kind(), ErrorKind::NoAcknowledge(NoAcknowledgeSource::Address));
        assert_eq!(Instant::now(), Instant::from_ticks(0) + Duration::from_micros(90));
    });
}

#[test]
fn registers_of_the_simulated_sensor() {
    run!(async {
        let mut bus = SimulatedBus::new();
        let mut bytes = [0; 2];
        bus.write(ADDRESS, &[2, 0x12, 0x34]).await.unwrap();
        // The pointer stays where it was set.
        bus.read(ADDRESS, &mut bytes).await.unwrap();
        assert_eq!(bytes, [0x12, 0x34]);
        let error = bus.write(ADDRESS, &[4]).await.unwrap_err();
        assert_eq!(error, BusError::NoRegister(4));
        assert_eq!(error.kind(), ErrorKind::NoAcknowledge(NoAcknowledgeSource::Data));
        // The temperature can't be written.
        bus.write_read(ADDRESS, &[0], &mut bytes).await.unwrap();
        let before = bytes;
        bus.write(ADDRESS, &[0, 0x7F, 0xFF]).await.unwrap();
        bus.read(ADDRESS, &mut bytes).await.unwrap();
        assert_eq!(bytes, before);
    });
}

#[test]
fn a_consumer_that_is_blocked_costs_readings_and_not_the_sampler() {
    run!(async {
        let station = station();
        create_task(station.sample(Thermometer::new(SimulatedBus::new(), ADDRESS)));
        sleep(Duration::from_millis(1_950)).await;
        // Twenty samples, of which the queue holds eight.
        assert_eq!(station.dropped(), 12);
        assert_eq!(station.statistics().count(), 0);
        create_task(station.keep_statistics());
        sleep(Duration::from_millis(100)).await;
        // Those that were kept are the oldest, and then it goes on without a loss.
        assert_eq!(station.statistics().count(), 9);
        assert_eq!(station.newest().unwrap().seq, 21);
        sleep(Duration::from_secs(10)).await;
        assert_eq!((station.statistics().count(), station.dropped()), (109, 12));
    });
}

#[test]
fn a_sensor_that_comes_loose_and_back() {
    run!(async {
        let station = station();
        let network = Network::default();
        let bench = Bench::default();
        create_task(station.run(bench.clone(), network.listener()));
        let mut client = network.connect();
        assert_eq!(client.ask("GET").await, "ERR no reading");
        assert_eq!(Instant::now(), Instant::from_ticks(0) + Duration::from_secs(1));
        assert_eq!(client.ask("STATS").await, "STATS count=0 min=0 max=0 mean=0 dropped=0");
        bench.0.set(Some(0xE700));
        // While waiting for the first.
        assert_eq!(client.get().await, (1, 1_100, -25_000));
        bench.0.set(None);
        sleep(Duration::from_millis(950)).await;
        assert_eq!(client.get().await, (1, 1_100, -25_000));
        assert_eq!(station.failed(), 11 + 9);
        bench.0.set(Some(0x0010));
        sleep(Duration::from_millis(100)).await;
        assert_eq!(client.get().await, (2, 2_100, 62));
        assert_eq!(client.ask("STATS").await, "STATS count=2 min=-25000 max=62 mean=-12469 dropped=0");
    });
}
