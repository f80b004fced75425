//! Scopes that clean up, and whose foreign combinator polls them no more: whoever waits for them looks for them.
#![cfg(all(feature = "std", feature = "alloc"))]

use std::cell::Cell;
use std::future::{Future, pending, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;

use everloop_core::platform::{Platform, Wait};
use everloop_core::virtual_time::{UNPARKER, VirtualTime};
use everloop_core::{Duration, Instant, OwnedLoop, catch_cancel, create_task, sleep, yield_now};

type Boxed = Pin<Box<dyn Future<Output = ()>>>;

/// Panics after many waits: one that goes round for ever shows as a failure.
struct Limited(VirtualTime, Cell<u32>);

impl Platform for Limited {
    fn now(&self) -> Instant {
        self.0.now()
    }

    fn park(&self, wait: Wait) {
        self.1.set(self.1.get() - 1);
        assert!(self.1.get() > 0, "it goes round for ever");
        self.0.park(wait);
    }
}

/// When, in ms, the task has ended that is asked to end at once.
fn ends(main: Boxed) -> u64 {
    let asked = async {
        let task = create_task(main);
        yield_now().await;
        task.cancel();
        assert!(task.await.is_err());
        Instant::now().as_ticks() / 1_000_000
    };
    OwnedLoop::new(UNPARKER).run(&Limited(VirtualTime::new(), Cell::new(1000)), &[], asked).unwrap()
}

/// Catches a request, cleans up, and goes on with it.
fn cleans_up(inside: Boxed, cleanup: impl Future<Output = ()> + 'static) -> Boxed {
    Box::pin(async move {
        if let Err(cancelled) = catch_cancel(inside).await {
            cleanup.await;
            cancelled.resume().await;
        }
    })
}

/// Waits until it is asked, and cleans up inside a scope.
fn at_rest(cleanup: impl Future<Output = ()> + 'static) -> Boxed {
    cleans_up(cleans_up(Box::pin(pending()), cleanup), async {})
}

/// Polls both each time, but the second so often at most.
fn join(mut one: Boxed, mut other: Boxed, most: u32) -> Boxed {
    let mut polls = 0;
    Box::pin(poll_fn(move |cx| {
        assert!(one.as_mut().poll(cx).is_pending());
        polls += 1;
        if polls <= most {
            assert!(other.as_mut().poll(cx).is_pending());
        }
        Poll::Pending
    }))
}

/// Not ready at once, and then without a wake.
fn at_next_poll() -> impl Future<Output = ()> {
    let mut polled = false;
    poll_fn(move |_| if std::mem::replace(&mut polled, true) { Poll::Ready(()) } else { Poll::Pending })
}

const OFTEN: u32 = 1000;

#[test]
fn a_cleanup_that_nobody_polls_any_more_is_not_waited_for() {
    // Twice: before the request and with it.
    let task = join(at_rest(sleep(Duration::from_millis(2))), at_rest(sleep(Duration::from_millis(10))), 2);
    assert_eq!(ends(task), 2);
}

#[test]
fn a_cleanup_that_is_polled_is_waited_for() {
    let task =
        join(at_rest(sleep(Duration::from_millis(2))), at_rest(sleep(Duration::from_millis(10))), OFTEN);
    assert_eq!(ends(task), 10);
}

#[test]
fn one_search_sets_off_no_other() {
    // In the step that is for the search alone, further inside another begins to wait.
    let slow = at_rest(sleep(Duration::from_millis(10)));
    let inner = cleans_up(join(at_rest(at_next_poll()), slow, OFTEN), async {});
    assert_eq!(ends(join(inner, at_rest(async {}), OFTEN)), 10);
}

#[test]
fn in_a_step_that_something_else_caused_another_search_may_begin() {
    let woken = Rc::new(Cell::new(0));
    let counts = woken.clone();
    // Has the task polled once more, of its own.
    let quick = at_rest(async move {
        yield_now().await;
        counts.set(1);
    });
    let slow = at_rest(sleep(Duration::from_millis(10)));
    let inner = cleans_up(join(quick, slow, 2), async {});
    assert_eq!(ends(join(inner, at_rest(async {}), OFTEN)), 0);
    assert_eq!(woken.get(), 1);
}
