//! Storms of signals.

use std::sync::mpsc;
use std::thread;

use crate::support::signals::{Counter, alone, send};
use everloop::signal::SIGUSR1;
use everloop::{Duration, add_signal_handler, sleep};

#[test]
fn a_storm_coalesces_and_its_last_is_not_lost() {
    let _alone = alone();
    const STORM: usize = 5000;
    everloop::run(async {
        let counter = Counter::new();
        add_signal_handler(SIGUSR1, counter.callback()).unwrap();
        for _ in 0..STORM {
            send(SIGUSR1);
        }
        counter.reaches(1).await;
        sleep(Duration::from_millis(5)).await;
        assert_eq!(counter.count.get(), 1);
        let storm = thread::spawn(|| {
            for _ in 0..STORM {
                send(SIGUSR1);
            }
        });
        storm.join().unwrap();
        counter.reaches(2).await;
        let before = counter.count.get();
        send(SIGUSR1);
        counter.reaches(before + 1).await;
    })
    .unwrap();
}

#[test]
fn a_storm_that_goes_on_lets_tasks_run() {
    let _alone = alone();
    everloop::run(async {
        let counter = Counter::new();
        add_signal_handler(SIGUSR1, counter.callback()).unwrap();
        let (stop, stopped) = mpsc::channel::<()>();
        let storm = thread::spawn(move || {
            while matches!(stopped.try_recv(), Err(mpsc::TryRecvError::Empty)) {
                send(SIGUSR1);
            }
        });
        for _ in 0..20 {
            sleep(Duration::from_millis(1)).await;
        }
        stop.send(()).unwrap();
        storm.join().unwrap();
        assert!(counter.count.get() > 0);
    })
    .unwrap();
}
