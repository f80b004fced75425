//! A loop that has nothing to do sleeps: counted in parks, not in processor time.
#![allow(missing_docs)]

use std::cell::Cell;
use std::thread;

use crate::support::{Oneshot, pair_with_std};
use everloop::embedded_io_async::Read;
use everloop::platform::{Platform, Wait};
use everloop::reactor::Reactor;
use everloop::{Duration, Instant, OwnedLoop, create_task, sleep};

/// Counts the parks that may wait.
struct Counting {
    reactor: Reactor,
    parks: Cell<usize>,
}

impl Platform for Counting {
    fn now(&self) -> Instant {
        self.reactor.now()
    }

    fn park(&self, wait: Wait) {
        if wait != Wait::Poll {
            self.parks.set(self.parks.get() + 1);
        }
        self.reactor.park(wait);
    }
}

/// How often the loop parked while `main` ran.
fn parks(main: impl Future<Output = ()>) -> usize {
    let platform = Counting { reactor: Reactor::new().unwrap(), parks: Cell::new(0) };
    let event_loop = OwnedLoop::new(platform.reactor.unparker());
    let _entered = platform.reactor.enter();
    event_loop.run(&platform, &[], main).unwrap();
    platform.parks.get()
}

#[test]
fn waiting_for_a_thread_parks_once() {
    let sent = Oneshot::new();
    let sender = sent.clone();
    let thread = thread::spawn(move || {
        thread::sleep(std::time::Duration::from_millis(50));
        sender.send(());
    });
    let parks = parks(sent.receive());
    thread.join().unwrap();
    assert!(parks <= 2, "{parks} parks");
}

#[test]
fn a_deadline_below_a_millisecond_does_not_spin() {
    let parks = parks(async {
        for _ in 0..100 {
            sleep(Duration::from_micros(150)).await;
        }
    });
    assert!(parks <= 200, "{parks} parks");
}

#[test]
fn an_idle_connection_does_not_spin() {
    let parks = parks(async {
        let (mut near, far) = pair_with_std().await;
        let reader = create_task(async move {
            let mut buf = [0; 16];
            while near.read(&mut buf).await.unwrap() > 0 {}
        });
        for _ in 0..10 {
            sleep(Duration::from_millis(5)).await;
            std::io::Write::write_all(&mut &far, b"y").unwrap();
        }
        drop(far);
        reader.await.unwrap();
    });
    assert!(parks <= 50, "{parks} parks");
}
