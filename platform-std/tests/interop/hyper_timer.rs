//! hyper's timer: time that is virtual, and threads that a sleep was not made on.
#![allow(missing_docs)]

use std::pin::Pin;
use std::task::{Context, Waker};
use std::thread;
use std::time::{Duration, Instant};

use everloop::interop::hyper::{Sleep, Timer};
use everloop::virtual_time::{UNPARKER, VirtualTime};
use everloop::{EventLoop, OwnedLoop};
use hyper::rt::Timer as _;

const HOUR: Duration = Duration::from_secs(3600);

fn in_virtual_time<F: Future>(main: F) -> F::Output {
    OwnedLoop::new(UNPARKER).run(&VirtualTime::new(), &[], main).unwrap()
}

#[test]
fn the_time_is_the_loops() {
    in_virtual_time(async {
        let start = Timer.now();
        everloop::sleep(everloop::Duration::from_secs(3600)).await;
        assert_eq!(Timer.now() - start, HOUR);
    });
}

#[test]
fn a_sleep_ends_exactly_in_time() {
    in_virtual_time(async {
        let start = Timer.now();
        Timer.sleep(HOUR).await;
        assert_eq!(Timer.now() - start, HOUR);
        Timer.sleep_until(start + 3 * HOUR).await;
        assert_eq!(Timer.now() - start, 3 * HOUR);
        // What has passed is no wait.
        Timer.sleep_until(start).await;
        assert_eq!(Timer.now() - start, 3 * HOUR);
    });
}

#[test]
fn a_sleep_counts_from_when_it_is_asked_for() {
    in_virtual_time(async {
        let start = Timer.now();
        let sleep = Timer.sleep(2 * HOUR);
        everloop::sleep(everloop::Duration::from_secs(3600)).await;
        sleep.await;
        assert_eq!(Timer.now() - start, 2 * HOUR);
    });
}

#[test]
fn a_sleep_that_is_reset_waits_for_the_new_point() {
    in_virtual_time(async {
        let start = Timer.now();
        let mut sleep = Timer.sleep(HOUR);
        let place = std::ptr::from_ref(&*sleep).cast::<()>();
        assert!(sleep.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        Timer.reset(&mut sleep, start + 5 * HOUR);
        assert_eq!(place, std::ptr::from_ref(&*sleep).cast(), "it was made anew");
        sleep.as_mut().await;
        assert_eq!(Timer.now() - start, 5 * HOUR);
        // Also when it is over.
        Timer.reset(&mut sleep, start + 6 * HOUR);
        sleep.as_mut().await;
        assert_eq!(Timer.now() - start, 6 * HOUR);
    });
}

#[test]
fn a_reset_replaces_a_sleep_of_another_timer() {
    struct Other;
    impl Future for Other {
        type Output = ();
        fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> std::task::Poll<()> {
            panic!("it is still there")
        }
    }
    impl hyper::rt::Sleep for Other {}
    in_virtual_time(async {
        let mut sleep: Pin<Box<dyn hyper::rt::Sleep>> = Box::pin(Other);
        let start = Timer.now();
        Timer.reset(&mut sleep, start + HOUR);
        sleep.await;
        assert_eq!(Timer.now() - start, HOUR);
    });
}

#[test]
fn what_is_too_long_never_ends() {
    in_virtual_time(async {
        let mut sleep = Timer.sleep(Duration::MAX);
        assert!(sleep.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        everloop::sleep(everloop::Duration::from_secs(1 << 30)).await;
        assert!(sleep.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    });
}

#[test]
fn outside_a_loop_the_time_is_the_systems() {
    let before = Instant::now();
    let now = Timer.now();
    assert!((before..=Instant::now()).contains(&now));
}

#[test]
fn a_sleep_made_before_the_loop_is_waited_for_in_it() {
    let sleep = Timer.sleep(Duration::from_millis(2));
    everloop::run(sleep).unwrap();
}

#[test]
fn a_sleep_on_another_thread_than_its_own_says_so() {
    let mut sleep = Timer.sleep(HOUR);
    thread::spawn(move || {
        everloop::run(async move {
            let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                let _ = sleep.as_mut().poll(&mut Context::from_waker(Waker::noop()));
            }))
            .unwrap_err();
            let text = panic.downcast_ref::<&str>().unwrap();
            assert!(text.contains("another thread"), "{text}");
            // It can be set anew there.
            let at = Timer.now() + Duration::from_millis(1);
            Timer.reset(&mut sleep, at);
            sleep.await;
        })
        .unwrap();
    })
    .join()
    .unwrap();
}

#[test]
fn a_sleep_dropped_on_another_thread_harms_nobody() {
    static LOOP: EventLoop = EventLoop::new(UNPARKER);
    LOOP.run(&VirtualTime::new(), &[], async {
        // Its timer is set, beside others that are due before and after it.
        let first = Timer.sleep(HOUR);
        let mut sleep = Timer.sleep(2 * HOUR);
        let mut third = Timer.sleep(3 * HOUR);
        assert!(third.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        assert!(sleep.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        thread::spawn(move || drop(sleep)).join().unwrap();
        let start = Timer.now();
        first.await;
        third.await;
        assert_eq!(Timer.now() - start, 3 * HOUR);
    })
    .unwrap();
}

/// The bounds that hyper asks for.
#[test]
fn a_sleep_is_send_and_sync() {
    fn is<T: Send + Sync + 'static>() {}
    is::<Sleep>();
    is::<Timer>();
}
