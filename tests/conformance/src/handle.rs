use core::fmt::{Debug, Display, Write};
use core::future::pending;
use core::pin::Pin;
use core::task::{Context, Poll};

use everloop_core::{create_task, current_task, yield_now};
use heapless::String;

pub async fn awaits_nest() {
    async fn inner1() -> u32 {
        42
    }
    async fn inner2() -> u32 {
        yield_now().await;
        1000
    }
    async fn outer() -> u32 {
        let a = inner1().await;
        let b = inner2().await;
        a + b
    }
    assert_eq!(create_task(outer()).await, Ok(1042));
}

pub async fn a_hand_written_future_is_a_task() {
    struct Countdown(u32);
    impl Future for Countdown {
        type Output = u32;
        fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<u32> {
            if self.0 == 0 {
                return Poll::Ready(42);
            }
            self.0 -= 1;
            cx.waker().wake_by_ref();
            Poll::Pending
        }
    }
    assert_eq!(create_task(Countdown(0)).await, Ok(42));
    let task = create_task(Countdown(3));
    for _ in 0..3 {
        yield_now().await;
        assert!(!task.done());
    }
    yield_now().await;
    assert_eq!(task.result(), Ok(Ok(&42)));
}

pub async fn an_output_may_be_a_task() {
    let outer = create_task(async {
        create_task(async {
            yield_now().await;
            3
        })
    });
    // It is given as it is: only a second await asks for what it will give.
    let inner = outer.await.unwrap();
    assert!(!inner.done());
    assert_eq!(inner.await, Ok(3));
}

fn debug(value: &impl Debug) -> String<96> {
    let mut text = String::new();
    write!(text, "{value:?}").unwrap();
    text
}

fn display(value: &impl Display) -> String<32> {
    let mut text = String::new();
    write!(text, "{value}").unwrap();
    text
}

pub async fn debug_shows_name_and_state() {
    let task = create_task(pending::<()>());
    let id = task.id().get();
    let mut expected = String::<96>::new();
    write!(expected, "Task {{ id: {id}, done: false, cancelled: false }}").unwrap();
    assert_eq!(debug(&task), expected);
    task.set_name("test");
    task.cancel();
    yield_now().await;
    expected.clear();
    write!(expected, "Task {{ id: {id}, name: \"test\", done: true, cancelled: true }}").unwrap();
    assert_eq!(debug(&task), expected);
}

pub async fn without_a_name_the_number_is_displayed() {
    let named = create_task(async { display(&current_task().unwrap()) }).named("No-op");
    let first = create_task(async { display(&current_task().unwrap()) });
    let second = create_task(async {});
    assert_eq!(first.id().get() + 1, second.id().get());
    let mut expected = String::<32>::new();
    write!(expected, "Task-{}", first.id().get()).unwrap();
    assert_eq!(display(&first.id()), expected);
    assert_eq!(first.await, Ok(expected));
    assert_eq!(named.await.unwrap(), "No-op");
}
