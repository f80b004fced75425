//! Wrongs that a review found, each as the smallest program that showed it.
#![cfg(all(feature = "std", feature = "alloc"))]

use everloop_core::platform::{Platform, Wait};
use everloop_core::virtual_time::{UNPARKER, VirtualTime};
use everloop_core::*;
use std::cell::Cell;
use std::future::{Future, pending, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::Poll;

fn run<F: Future>(main: F) -> Result<F::Output, RunError> {
    OwnedLoop::new(UNPARKER).run(&VirtualTime::new(), &[], main)
}
fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

/// A platform that panics after many parks: a livelock shows as a failure
struct Limited {
    inner: VirtualTime,
    left: Cell<u32>,
}
impl Platform for Limited {
    fn now(&self) -> Instant {
        self.inner.now()
    }
    fn park(&self, wait: Wait) {
        self.left.set(self.left.get() - 1);
        assert!(self.left.get() > 0, "livelock: parks without end at {:?}", self.now());
        self.inner.park(wait);
    }
}
fn run_limited<F: Future>(main: F) -> Result<F::Output, RunError> {
    OwnedLoop::new(UNPARKER).run(&Limited { inner: VirtualTime::new(), left: Cell::new(10_000) }, &[], main)
}

async fn join<A: Future, B: Future>(a: A, b: B) -> (A::Output, B::Output) {
    let mut a = pin!(a);
    let mut b = pin!(b);
    let (mut x, mut y) = (None, None);
    poll_fn(move |cx| {
        if x.is_none()
            && let Poll::Ready(v) = a.as_mut().poll(cx)
        {
            x = Some(v);
        }
        if y.is_none()
            && let Poll::Ready(v) = b.as_mut().poll(cx)
        {
            y = Some(v);
        }
        if x.is_some() && y.is_some() {
            Poll::Ready((x.take().unwrap(), y.take().unwrap()))
        } else {
            Poll::Pending
        }
    })
    .await
}

#[test]
fn a_cleanup_may_outlast_the_deadline_after_a_request_from_outside() {
    let r = run_limited(async {
        let mut t = create_task(async {
            wait_for(
                async {
                    if let Err(c) = catch_cancel(sleep(ms(100_000))).await {
                        sleep(ms(10)).await; // ends at 11, after the deadline at 5
                        c.resume().await;
                    }
                },
                ms(5),
            )
            .await
        });
        sleep(ms(1)).await;
        t.cancel();
        let r = (&mut t).await;
        assert!(r.is_err());
        Instant::now().as_ticks() / 1_000_000
    });
    assert_eq!(r, Ok(11));
}

#[test]
fn a_refused_getter_takes_an_item_that_came_free() {
    run(async {
        let q: Rc<Queue<u32, Fixed<4>>> = Rc::new(Queue::new());
        let (a, b) = (q.clone(), q.clone());
        let g1 = create_task(async move { a.get().await });
        let g2 = create_task(async move { b.get().await });
        sleep(ms(1)).await;
        q.put_nowait(7).unwrap(); // promised to g1
        q.shutdown(false);
        g1.cancel(); // gives it back
        let r2 = g2.await.unwrap();
        assert!(g1.await.is_err());
        assert_eq!(r2, Ok(7), "g2 was refused with an item in the queue: qsize {}", q.qsize());
    })
    .unwrap();
}

#[test]
fn an_awaited_task_in_a_foreign_join_is_waited_for() {
    run(async {
        let done = Rc::new(Cell::new(0));
        let d = done.clone();
        let mut outer = create_task(async move {
            let d2 = d.clone();
            let inner = create_task(async move {
                if let Err(c) = catch_cancel(pending::<()>()).await {
                    sleep(ms(10)).await;
                    d2.set(1);
                    c.resume().await;
                }
            });
            let _ = join(inner.into_future(), async {
                if let Err(c) = catch_cancel(pending::<()>()).await {
                    c.resume().await;
                }
            })
            .await;
        });
        sleep(ms(1)).await;
        outer.cancel();
        assert!((&mut outer).await.is_err());
        assert_eq!(done.get(), 1, "the await did not hold back until the awaited task had ended");
    })
    .unwrap();
}

#[test]
fn a_panic_payload_whose_drop_panics_ends_nothing() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            if !std::thread::panicking() {
                panic!("payload drop")
            }
        }
    }
    let r = catch_unwind(AssertUnwindSafe(|| {
        run(async {
            drop(create_task(async { std::panic::panic_any(Bomb) }));
            sleep(ms(1)).await;
            5
        })
    }));
    assert_eq!(r.expect("the loop was taken down by a detached task's payload"), Ok(5));
}

#[test]
fn a_clock_that_panics_first_leaves_the_loop_usable() {
    struct P(Cell<bool>);
    impl Platform for P {
        fn now(&self) -> Instant {
            if self.0.replace(false) {
                panic!("now")
            }
            Instant::from_ticks(0)
        }
        fn park(&self, _: Wait) {}
    }
    let l = OwnedLoop::new(UNPARKER);
    let dropped = Rc::new(());
    let d = dropped.clone();
    let p = P(Cell::new(true));
    assert!(
        catch_unwind(AssertUnwindSafe(|| {
            let _ = l.run(&p, &[], async move {
                let _d = d;
            });
        }))
        .is_err()
    );
    let leaked = Rc::strong_count(&dropped) != 1;
    let again = l.run(&p, &[], async { 1 });
    assert_eq!((again, leaked), (Ok(1), false));
}

#[test]
fn an_immediate_shutdown_tells_all_though_an_item_panics() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("item")
        }
    }
    run(async {
        let q: Rc<Queue<Bomb, Fixed<1>>> = Rc::new(Queue::new());
        assert!(q.put_nowait(Bomb).is_ok());
        let a = q.clone();
        let joiner = create_task(async move { a.join().await });
        sleep(ms(1)).await;
        assert!(catch_unwind(AssertUnwindSafe(|| q.shutdown(true))).is_err());
        assert!(joiner.await.is_ok());
    })
    .unwrap();
}

#[test]
fn a_request_that_meets_the_end_of_an_awaited_task_surfaces() {
    let end = run(async {
        let mut outer = create_task(async {
            let inner = create_task(async {
                let _ = catch_cancel(pending::<()>()).await; // swallows the first
                sleep(ms(1)).await;
            });
            assert!(inner.await.is_ok());
            sleep(ms(1000)).await; // the second should surface at the await, or at the latest here
        });
        sleep(ms(1)).await;
        outer.cancel();
        yield_now().await;
        yield_now().await;
        yield_now().await;
        sleep(ms(1)).await; // the inner task ends in this turn
        outer.cancel();
        let r = (&mut outer).await;
        (r.is_err(), Instant::now().as_ticks() / 1_000_000)
    });
    assert_eq!(end, Ok((true, 2)));
}

type Boxed = Pin<Box<dyn Future<Output = ()>>>;

/// A foreign join of two, polling both each time.
fn join_boxed(a: Boxed, b: Boxed) -> Boxed {
    let mut children = [Some(a), Some(b)];
    Box::pin(poll_fn(move |cx| {
        for child in &mut children {
            if child.as_mut().is_some_and(|c| c.as_mut().poll(cx).is_ready()) {
                *child = None;
            }
        }
        if children.iter().all(Option::is_none) { Poll::Ready(()) } else { Poll::Pending }
    }))
}
/// catch, clean up, resume.
fn scoped(inner: Boxed, cleanup: Option<Duration>) -> Boxed {
    Box::pin(async move {
        if let Err(cancelled) = catch_cancel(inner).await {
            if let Some(span) = cleanup {
                sleep(span).await;
            }
            cancelled.resume().await;
        }
    })
}

#[test]
fn nested_joins_come_to_rest() {
    let end = run_limited(async {
        let quick = scoped(scoped(Box::pin(pending()), Some(Duration::ZERO)), None); // its cleanup yields once
        let slow = scoped(scoped(Box::pin(pending()), Some(Duration::from_millis(10))), None);
        let inner = scoped(join_boxed(quick, slow), None);
        let mut task = create_task(join_boxed(inner, scoped(Box::pin(pending()), None)));
        yield_now().await;
        task.cancel();
        assert!((&mut task).await.is_err());
        Instant::now().as_ticks() / 1_000_000
    });
    assert_eq!(end, Ok(10));
}

/// The same with the runtime's own `gather`.
#[test]
fn nested_gathers_come_to_rest() {
    let end = run_limited(async {
        let mut task = create_task(async {
            let quick = scoped(Box::pin(pending()), Some(Duration::ZERO));
            let slow = scoped(Box::pin(pending()), Some(Duration::from_millis(10)));
            let inner = gather((quick, slow));
            let _ = gather((inner, async { pending::<()>().await })).await;
        });
        yield_now().await;
        task.cancel();
        assert!((&mut task).await.is_err());
        Instant::now().as_ticks() / 1_000_000
    });
    assert_eq!(end, Ok(10));
}

#[test]
fn a_scope_that_begins_as_another_is_forgotten_gets_the_request_of_that_moment() {
    run(async {
        let cleaned = Rc::new(Cell::new(false));
        let log = cleaned.clone();
        let task = create_task(async move {
            let mut first = Some(Box::pin(catch_cancel(pending::<()>())));
            poll_fn(move |cx| {
                if Instant::now().as_ticks() == 5_000_000 {
                    std::mem::forget(first.take());
                    return Poll::Ready(());
                }
                first.as_mut().unwrap().as_mut().poll(cx).map(|_| ())
            })
            .await;
            if let Err(cancelled) = catch_cancel(pending::<()>()).await {
                sleep(ms(10)).await;
                log.set(true);
                cancelled.resume().await;
            }
        });
        sleep(ms(5)).await;
        task.cancel();
        assert!(task.await.is_err());
        assert!(cleaned.get(), "it was dropped without cleanup");
    })
    .unwrap();
}

/// Cleans up for so long, and fails at that.
async fn fails_at_cleanup(span: u64, error: u32) -> Result<(), u32> {
    let _ = catch_cancel(pending::<()>()).await;
    sleep(ms(span)).await;
    Err(error)
}

#[test]
fn an_error_of_a_cleanup_is_given_before_the_cancellation_goes_on() {
    for set in 0..3 {
        run(async {
            let given = Rc::new(Cell::new(None));
            let log = given.clone();
            let mut task = create_task(async move {
                let gone = async {
                    pending::<()>().await;
                    Ok(())
                };
                let (late, soon) = (fails_at_cleanup(10, 7), fails_at_cleanup(5, 8));
                let error = match set {
                    0 => try_gather((gone, late, soon)).await.unwrap_err(),
                    1 => try_gather([
                        Box::pin(gone) as Pin<Box<dyn Future<Output = _>>>,
                        Box::pin(late),
                        Box::pin(soon),
                    ])
                    .await
                    .unwrap_err(),
                    _ => {
                        let all: Vec<Pin<Box<dyn Future<Output = _>>>> =
                            vec![Box::pin(gone), Box::pin(late), Box::pin(soon)];
                        try_gather(all).await.unwrap_err()
                    }
                };
                log.set(Some((error, Instant::now())));
                pending::<()>().await;
            });
            sleep(ms(1)).await;
            task.cancel();
            assert!((&mut task).await.is_err());
            let end = Instant::from_ticks(0) + ms(11);
            assert_eq!((given.get(), Instant::now()), (Some((7, end)), end), "set {set}");
        })
        .unwrap();
    }
}
