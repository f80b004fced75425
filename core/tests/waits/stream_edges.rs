//! Streams where a bound is met exactly, a sink takes little at a time, or no loop runs.

use std::convert::Infallible;
use std::fmt::Write as _;
use std::future::{Future, pending};
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use embedded_io_async::{ErrorType, Read, Write};
use everloop_core::net::ConnectionWriter;
use everloop_core::stream::{Growing, LimitOverrunError, ReadError};
use everloop_core::{StreamReader, StreamWriter};

use super::stream_writer::{run, turns, writer};

/// Gives one piece a read, and then nothing for ever.
struct Quiet(&'static [&'static [u8]]);

impl ErrorType for Quiet {
    type Error = Infallible;
}

impl Read for Quiet {
    async fn read(&mut self, target: &mut [u8]) -> Result<usize, Infallible> {
        let Some((first, rest)) = self.0.split_first() else { return pending().await };
        self.0 = rest;
        target[..first.len()].copy_from_slice(first);
        Ok(first.len())
    }
}

fn reader(limit: usize, pieces: &'static [&'static [u8]]) -> StreamReader<Quiet, Growing> {
    StreamReader::with_limit(Quiet(pieces), limit)
}

/// Drives a future that waits for nothing.
fn now<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("it waits"),
    }
}

#[test]
fn to_read_nothing_is_no_wait() {
    assert_eq!(now(reader(8, &[]).read_some(0)), Ok(&b""[..]));
    assert_eq!(now(reader(8, &[]).read(&mut [])), Ok(0));
}

#[test]
fn the_end_of_a_line_as_long_as_the_limit_may_come_later() {
    let mut reader = reader(4, &[b"abcd", b"\n"]);
    assert_eq!(now(reader.readline()), Ok(&b"abcd\n"[..]));
}

#[test]
fn what_comes_after_as_much_as_is_allowed_is_an_error() {
    let overrun = Err(ReadError::LimitOverrun(LimitOverrunError { consumed: 2 }));
    let mut target = Vec::new();
    let mut later = reader(8, &[b"ab", b"c"]);
    assert_eq!(now(later.read_to_end_at_most(&mut target, 2)), overrun);
    assert_eq!((&*target, later.buffer()), (&b"ab"[..], &b"c"[..]));
    // What is there already is not waited for.
    target.clear();
    let mut at_once = reader(8, &[b"abc"]);
    assert_eq!(now(at_once.read_to_end_at_most(&mut target, 2)), overrun);
}

#[test]
fn pieces_go_out_whole_however_little_is_taken_at_a_time() {
    for each in 1..=6 {
        run(async {
            let (peer, writer) = writer(100);
            peer.each.set(each);
            writer.writelines(&["abc", "de", "", "fghij", "k"]).unwrap();
            assert_eq!(
                (&**peer.got.borrow(), writer.pending()),
                (&b"abcdefghijk"[..], 0),
                "{each} at a time"
            );
        });
    }
}

#[test]
fn a_piece_that_is_partly_sent_without_a_loop_goes_on_where_it_was() {
    let (peer, writer) = writer(1);
    writer.write(b"abcd").unwrap();
    peer.takes(1);
    writer.write_eof();
    assert_eq!((&**peer.got.borrow(), writer.pending()), (&b"ab"[..], 2));
    peer.takes(100);
    run(async {
        writer.close();
        writer.wait_closed().await.unwrap();
    });
    assert_eq!(*peer.got.borrow(), b"abcd");
}

#[test]
fn with_nothing_buffered_close_needs_no_loop() {
    let (peer, writer) = writer(0);
    writer.close();
    assert_eq!(*peer.ends.borrow(), ["closed", "dropped"]);
}

#[test]
fn an_abort_reaches_a_write_that_waits() {
    run(async {
        let (peer, writer) = writer(2);
        writer.write(b"hello").unwrap();
        turns(2).await;
        writer.abort();
        writer.wait_closed().await.unwrap();
        assert_eq!(*peer.ends.borrow(), ["aborted", "dropped"]);
    });
}

#[test]
fn written_without_a_loop_it_goes_out_when_it_is_dropped_in_one() {
    let (peer, writer) = writer(2);
    writer.write(b"hello").unwrap();
    peer.takes(3);
    run(async move {
        let peer = Rc::clone(&peer);
        drop(writer);
        turns(2).await;
        assert_eq!((&**peer.got.borrow(), &**peer.ends.borrow()), (&b"hello"[..], &["dropped"][..]));
    });
}

#[test]
fn text_goes_to_a_writer_as_to_any_formatter() {
    run(async {
        let (peer, mut writer) = writer(100);
        write!(writer, "{}-ab", 12).unwrap();
        assert_eq!(*peer.got.borrow(), b"12-ab");
        writer.close();
        assert!(write!(writer, "more").is_err());
    });
}

/// Takes nothing, and says that it was written.
struct TakesNothing;

impl ErrorType for TakesNothing {
    type Error = Infallible;
}

impl Write for TakesNothing {
    async fn write(&mut self, _: &[u8]) -> Result<usize, Infallible> {
        Ok(0)
    }

    async fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

impl ConnectionWriter for TakesNothing {
    async fn write_eof(&mut self) -> Result<(), Infallible> {
        Ok(())
    }

    fn abort(&mut self) {}
}

#[test]
#[should_panic = "took nothing and gave no error"]
fn a_sink_that_takes_nothing_is_not_asked_for_ever() {
    StreamWriter::background(TakesNothing).write(b"hello").unwrap();
}
