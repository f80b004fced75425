//! The system's time jumps, as when it is set by hand: nothing waits for longer or for less because of that.

use std::cell::RefCell;
use std::future::pending;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration as StdDuration, SystemTime};

use crate::wall_clock::{HOUR, YEAR, jump, readings};
use everloop::{
    Duration, Event, GetBlockingError, Instant, LoopHandle, Queue, Shared, Unbounded, WaitError, create_task,
    interval, run_coroutine_threadsafe, sleep, sleep_until, timeout, to_thread, wait_for,
};

const JUMPS: [i64; 6] = [2 * HOUR, -2 * HOUR, 20 * YEAR, -20 * YEAR, 5, 0];

const AN_HOUR: Duration = Duration::from_secs(3600);

#[test]
fn a_jump_moves_no_timer() {
    everloop::run(async {
        let (mut last, mut waited) = (Instant::now(), 0);
        for seconds in JUMPS {
            let mut in_an_hour = create_task(sleep(AN_HOUR));
            let limited = create_task(async { timeout(AN_HOUR).run(pending::<()>()).await });
            let order = Rc::new(RefCell::new(Vec::new()));
            let begun = Instant::now();
            let soon = [30, 10, 20].map(|millis| {
                let order = Rc::clone(&order);
                create_task(async move {
                    let deadline = begun + Duration::from_millis(millis);
                    // Under a tool it may have passed before this is polled at all.
                    let waits = Instant::now() < deadline;
                    sleep_until(deadline).await;
                    if waits {
                        order.borrow_mut().push(millis);
                    }
                })
            });
            let mut ticks = interval(Duration::from_millis(1));
            ticks.tick().await;
            jump(seconds);
            // What is due soon comes, in its order; what is due in an hour does not.
            for task in soon {
                task.await.unwrap();
            }
            for _ in 0..3 {
                ticks.tick().await;
            }
            assert!(order.borrow().is_sorted(), "{order:?}");
            waited += order.borrow().len();
            assert!(!in_an_hour.done() && !limited.done());
            assert!(wait_for(&mut in_an_hour, Duration::from_micros(500)).await.is_err());
            limited.cancel();
            let now = Instant::now();
            assert!(now > last);
            last = now;
        }
        assert!(waited > 0, "none was in time to wait");
    })
    .unwrap();
}

/// What the thread and the loop of the next test share.
#[derive(Default)]
struct Desk {
    items: Queue<u32, Unbounded, Shared>,
    told: Event<Shared>,
    has_waited: Event<Shared>,
}

impl Desk {
    /// In a thread whose system's time jumps.
    fn wait(&self, handle: &LoopHandle, seconds: i64) {
        let (moment, hour) = (StdDuration::from_millis(1), StdDuration::from_secs(3600));
        jump(seconds);
        assert_eq!(self.items.get_blocking_timeout(moment), Err(GetBlockingError::Timeout));
        assert_eq!(self.told.wait_blocking_timeout(moment), Err(WaitError::Timeout));
        let mut asleep = run_coroutine_threadsafe(async || sleep(AN_HOUR).await, handle).unwrap();
        assert_eq!(asleep.wait_timeout(moment), Err(WaitError::Timeout));
        asleep.cancel();
        assert!(asleep.wait_timeout(hour).unwrap().is_err());
        self.has_waited.set();
        // A wait of an hour ends with what it waits for, and not before.
        assert_eq!(self.items.get_blocking_timeout(hour), Ok(7));
        assert_eq!(self.told.wait_blocking_timeout(hour), Ok(()));
        // The next call may find this thread.
        jump(0);
    }
}

#[test]
fn a_jump_moves_no_wait_of_a_thread() {
    everloop::run(async {
        for seconds in JUMPS {
            let desk = Arc::new(Desk::default());
            let (shared, handle) = (Arc::clone(&desk), LoopHandle::current().unwrap());
            let waiting = create_task(to_thread(move || shared.wait(&handle, seconds)));
            desk.has_waited.wait().await;
            sleep(Duration::from_millis(1)).await;
            assert!(!waiting.done());
            desk.items.put_nowait(7).unwrap();
            desk.told.set();
            waiting.await.unwrap();
        }
    })
    .unwrap();
}

#[test]
fn a_loop_never_asks_for_the_systems_time() {
    everloop::run(async {
        let before = readings();
        for _ in 0..3 {
            sleep(Duration::from_micros(100)).await;
            let _ = wait_for(pending::<()>(), Duration::from_micros(100)).await;
            to_thread(|| ()).await;
        }
        assert_eq!(readings(), before);
        // That is counted.
        let _ = SystemTime::now();
        assert_eq!(readings(), before + 1);
    })
    .unwrap();
}
