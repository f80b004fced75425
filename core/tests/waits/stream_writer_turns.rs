//! A task that writes much to a connection that takes it all at once, and lets others have their turn.
#![cfg(all(feature = "alloc", feature = "std", not(loom)))]

use std::cell::RefCell;
use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::{Poll, Waker};

use embedded_io_async::{ErrorType, Write};
use everloop_core::net::ConnectionWriter;
use everloop_core::stream::Background;
use everloop_core::{StreamWriter, create_task, yield_now};

use crate::stream_writer::{run, turns, writer};

const MUCH: usize = 128 * 1024;

/// It takes everything, and keeps those who are to be woken after the next look for input.
struct Sink(Rc<RefCell<Vec<Waker>>>);

impl ErrorType for Sink {
    type Error = Infallible;
}

impl Write for Sink {
    async fn write(&mut self, data: &[u8]) -> Result<usize, Infallible> {
        Ok(data.len())
    }

    async fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

impl ConnectionWriter for Sink {
    async fn write_eof(&mut self) -> Result<(), Infallible> {
        Ok(())
    }

    fn abort(&mut self) {}

    fn wake_after_look(&mut self, waker: &Waker) -> bool {
        self.0.borrow_mut().push(waker.clone());
        true
    }
}

type Later = Rc<RefCell<Vec<Waker>>>;

fn taking_all() -> (Later, StreamWriter<Sink, Background>) {
    let later = Later::default();
    (Rc::clone(&later), StreamWriter::background(Sink(later)))
}

/// Whether one poll makes it ready.
async fn is_ready_at_once(future: impl Future) -> bool {
    let mut future = pin!(future);
    poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx).is_ready())).await
}

#[test]
fn drain_waits_for_the_next_look_after_much_was_taken_at_once() {
    run(async {
        let (later, writer) = taking_all();
        let writer = Rc::new(writer);
        writer.write(&[0; MUCH]).unwrap();
        let drain = create_task({
            let writer = Rc::clone(&writer);
            async move { writer.drain().await.unwrap() }
        });
        turns(3).await;
        assert!(!drain.done());
        // What is written meanwhile goes out as ever.
        writer.write(b"more").unwrap();
        assert_eq!(writer.pending(), 0);
        later.take().into_iter().for_each(Waker::wake);
        yield_now().await;
        assert!(drain.done());
        // It had its turn.
        assert!(is_ready_at_once(writer.drain()).await);
    });
}

#[test]
fn drain_does_not_wait_after_little_or_where_the_connection_does_not_have_that() {
    run(async {
        let (later, taking) = taking_all();
        taking.write(&[0; MUCH - 1]).unwrap();
        assert!(is_ready_at_once(taking.drain()).await);
        assert!(later.borrow().is_empty());

        let (_peer, other) = writer(MUCH);
        other.write(&[0; MUCH]).unwrap();
        assert_eq!(other.pending(), 0);
        assert!(is_ready_at_once(other.drain()).await);
    });
}

#[test]
fn a_drain_that_is_dropped_while_it_lets_others_have_their_turn_loses_nothing() {
    run(async {
        let (later, writer) = taking_all();
        writer.write(&[0; MUCH]).unwrap();
        assert!(!is_ready_at_once(writer.drain()).await);
        writer.write(&[0; MUCH]).unwrap();
        assert_eq!(writer.pending(), 0);
        assert!(!is_ready_at_once(writer.drain()).await);
        assert_eq!(later.borrow().len(), 2);
        writer.close();
        later.take().into_iter().for_each(Waker::wake);
        writer.wait_closed().await.unwrap();
    });
}
