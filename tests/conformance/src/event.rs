use core::fmt::Write;
use core::future::poll_fn;
use core::pin::pin;
use core::task::Poll;

use everloop_core::{Duration, Event, Shared, create_task, sleep, yield_now};

use crate::trace::Trace;

pub async fn wakes_all_waiters_in_order() {
    static LOG: Trace = Trace::new();
    static EVENT: Event<Shared> = Event::new();
    LOG.clear();
    EVENT.clear();
    for n in 0..6 {
        create_task(async move {
            EVENT.wait().await;
            LOG.push(n);
        });
    }
    sleep(Duration::from_millis(1)).await;
    LOG.expect(&[]);
    EVENT.set();
    yield_now().await;
    LOG.expect(&[0, 1, 2, 3, 4, 5]);
}

pub async fn set_then_clear_still_wakes() {
    static LOG: Trace = Trace::new();
    static EVENT: Event<Shared> = Event::new();
    LOG.clear();
    EVENT.clear();
    let waiter = create_task(async {
        EVENT.wait().await;
        LOG.push(1);
        EVENT.wait().await;
        LOG.push(2);
    });
    sleep(Duration::from_millis(1)).await;
    EVENT.set();
    EVENT.clear();
    assert!(!EVENT.is_set());
    sleep(Duration::from_millis(1)).await;
    LOG.expect(&[1]);
    EVENT.set();
    waiter.await.unwrap();
    LOG.expect(&[1, 2]);
}

pub async fn a_set_event_does_not_wait() {
    let event: Event = Event::new();
    event.set();
    let mut wait = pin!(event.wait());
    poll_fn(|cx| {
        assert!(wait.as_mut().poll(cx).is_ready());
        Poll::Ready(())
    })
    .await;
}

pub async fn a_dropped_waiter_is_forgotten() {
    let event: Event = Event::new();
    {
        let mut first = pin!(event.wait());
        let mut second = pin!(event.wait());
        poll_fn(|cx| {
            assert!(first.as_mut().poll(cx).is_pending());
            assert!(second.as_mut().poll(cx).is_pending());
            Poll::Ready(())
        })
        .await;
    }
    event.set();
    event.wait().await;
}

pub async fn a_cancelled_waiter_is_forgotten() {
    static EVENT: Event<Shared> = Event::new();
    EVENT.clear();
    let waiter = create_task(EVENT.wait());
    yield_now().await;
    waiter.cancel();
    assert!(waiter.await.is_err());
    let mut text = heapless::String::<64>::new();
    write!(text, "{EVENT:?}").unwrap();
    assert_eq!(text, "Event { set: false, waiters: 0 }");
}

pub async fn set_by_a_task_of_many_waiters() {
    let event: Event = Event::new();
    let mut waits = pin!([(); 20].map(|()| event.wait()));
    let mut set = false;
    poll_fn(|cx| {
        let mut ready = 0;
        // SAFETY: the array is pinned, and each element is only used in place.
        for wait in unsafe { waits.as_mut().get_unchecked_mut() } {
            // SAFETY: as above. None is polled again after it was ready: all become ready in one poll.
            ready += usize::from(unsafe { core::pin::Pin::new_unchecked(wait) }.poll(cx).is_ready());
        }
        if !set {
            assert_eq!(ready, 0);
            event.set();
            set = true;
            return Poll::Pending;
        }
        assert_eq!(ready, 20);
        Poll::Ready(())
    })
    .await;
}

pub async fn debug_shows_the_waiters() {
    let event: Event = Event::new();
    let mut wait = pin!(event.wait());
    poll_fn(|cx| {
        assert!(wait.as_mut().poll(cx).is_pending());
        Poll::Ready(())
    })
    .await;
    let mut text = heapless::String::<64>::new();
    write!(text, "{event:?}").unwrap();
    assert_eq!(text, "Event { set: false, waiters: 1 }");
}
