//! Wakers of other executors that panic when input comes.
#![allow(missing_docs)]

use std::cell::Cell;
use std::future::pending;
use std::io::Write as _;
use std::pin::pin;

use crate::support::{pair_with_std, poll_by_a_panicking_waker};
use everloop::embedded_io_async::Read;
use everloop::{Duration, create_task, set_exception_handler, sleep, wait_for, yield_now};

/// Polls `future` with a waker that panics, once, and keeps it for as long as the task lives.
async fn polled_by_a_panicking_waker(future: impl Future) {
    let mut future = pin!(future);
    poll_by_a_panicking_waker(future.as_mut());
    pending::<()>().await;
}

thread_local! {
    /// How many panics came to the handler.
    static HANDLED: Cell<u32> = const { Cell::new(0) };
}

/// Runs `main` in a loop that counts in `HANDLED`; how many panics came to the handler.
fn handled(main: impl Future<Output = ()>) -> u32 {
    HANDLED.set(0);
    everloop::run(async {
        set_exception_handler(Some(&|_| HANDLED.set(HANDLED.get() + 1)));
        main.await;
    })
    .unwrap();
    HANDLED.get()
}

#[test]
fn a_read_by_a_panicking_waker_stops_no_other() {
    let handled = handled(async {
        let (mut first, mut far_of_first) = pair_with_std().await;
        let (mut second, mut far_of_second) = pair_with_std().await;
        let (mut third, mut far_of_third) = pair_with_std().await;
        drop(create_task(async move { polled_by_a_panicking_waker(second.read(&mut [0; 8])).await }));
        // One of these is told after it, whatever order the system has.
        let before = create_task(async move { first.read(&mut [0; 8]).await });
        let behind = create_task(async move { third.read(&mut [0; 8]).await });
        yield_now().await;
        far_of_first.write_all(b"1").unwrap();
        far_of_second.write_all(b"2").unwrap();
        far_of_third.write_all(b"3").unwrap();
        assert_eq!(before.await.unwrap().unwrap(), 1);
        assert_eq!(behind.await.unwrap().unwrap(), 1);
        // By now it was told in any case.
        sleep(Duration::from_millis(1)).await;
    });
    assert_eq!(handled, 1);
}

#[test]
fn who_reads_on_and_on_by_a_panicking_waker_stops_no_other() {
    let handled = handled(async {
        let (mut near, mut far) = pair_with_std().await;
        far.write_all(&[7; 1000]).unwrap();
        drop(create_task(polled_by_a_panicking_waker(async move {
            // After so many that succeed at once, the next lets others have their turn.
            loop {
                near.read_exact(&mut [0]).await.unwrap();
            }
        })));
        wait_for(sleep(Duration::from_millis(1)), Duration::from_secs(60)).await.unwrap();
    });
    assert_eq!(handled, 1);
}
