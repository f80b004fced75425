//! A `StreamWriter` with a buffer of a fixed size, and what streams do for those who know only the traits.

use std::convert::Infallible;
use std::fmt::Write as _;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use embedded_io_async::{BufRead, ErrorKind, ErrorType, Read, Write};
use everloop_core::net::ConnectionWriter;
use everloop_core::stream::WriteError;
use everloop_core::{StreamReader, StreamWriter};

/// Drives a future that waits for nothing.
fn now<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("it waits"),
    }
}

/// Takes at most three bytes a write, and notes what happens to the connection.
#[derive(Debug, Default)]
struct Sink {
    got: Vec<u8>,
    ends: Vec<&'static str>,
}

impl ErrorType for Sink {
    type Error = Infallible;
}

impl Write for Sink {
    async fn write(&mut self, data: &[u8]) -> Result<usize, Infallible> {
        let count = data.len().min(3);
        self.got.extend_from_slice(&data[..count]);
        Ok(count)
    }

    async fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

impl ConnectionWriter for Sink {
    async fn write_eof(&mut self) -> Result<(), Infallible> {
        self.ends.push("eof");
        Ok(())
    }

    fn abort(&mut self) {
        self.ends.push("aborted");
    }
}

fn writer() -> StreamWriter<Sink, [u8; 8]> {
    StreamWriter::new(Sink::default(), [0; 8])
}

#[test]
fn lines_are_taken_one_after_the_other() {
    let mut writer = writer();
    assert_eq!(writer.writelines(&["ab", "", "cde"]), Ok(()));
    assert_eq!(writer.pending(), 5);
    now(writer.drain()).unwrap();
    assert_eq!(writer.get_ref().got, b"abcde");
}

#[test]
fn lines_that_do_not_fit_are_counted_over_all_of_them() {
    let mut writer = writer();
    assert_eq!(writer.writelines(&["ab", "cde", "fghi", "j"]), Err(WriteError::Full { written: 8 }));
    now(writer.drain()).unwrap();
    assert_eq!(writer.get_ref().got, b"abcdefgh");
    writer.close();
    assert_eq!(writer.writelines(&[""; 0]), Err(WriteError::Closed));
}

/// Takes three bytes, and then waits for ever.
#[derive(Debug)]
struct Stuck(usize);

impl ErrorType for Stuck {
    type Error = Infallible;
}

impl Write for Stuck {
    async fn write(&mut self, data: &[u8]) -> Result<usize, Infallible> {
        if self.0 == 0 {
            std::future::pending::<()>().await;
        }
        let count = data.len().min(self.0);
        self.0 -= count;
        Ok(count)
    }

    async fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

#[test]
fn the_room_of_what_was_sent_is_used_again_after_a_drain_that_was_given_up() {
    let mut writer = StreamWriter::new(Stuck(3), [0; 8]);
    writer.write(b"abcdefgh").unwrap();
    assert!(pin!(writer.drain()).poll(&mut Context::from_waker(Waker::noop())).is_pending());
    assert_eq!(writer.pending(), 5);
    assert_eq!(writer.write(b"ijkl"), Err(WriteError::Full { written: 3 }));
    assert_eq!(writer.pending(), 8);
    assert_eq!(writer.write(b"l"), Err(WriteError::Full { written: 0 }));
}

#[test]
fn one_byte_more_takes_the_room_of_what_was_sent() {
    let mut writer = StreamWriter::new(Stuck(3), [0; 8]);
    writer.write(b"abcdefgh").unwrap();
    assert!(pin!(writer.drain()).poll(&mut Context::from_waker(Waker::noop())).is_pending());
    assert_eq!(writer.write(b"i"), Ok(()));
    assert_eq!(writer.pending(), 6);
}

#[test]
fn what_was_sent_or_read_is_not_shown_as_there() {
    let mut writer = StreamWriter::new(Stuck(3), [0; 8]);
    writer.write(b"abcdefgh").unwrap();
    assert!(pin!(writer.drain()).poll(&mut Context::from_waker(Waker::noop())).is_pending());
    assert!(format!("{writer:?}").contains("pending: 5"), "{writer:?}");
    let mut reader = StreamReader::new(&b"abcd"[..], [0; 8]);
    assert_eq!(now(reader.readexactly(&mut [0; 1])), Ok(()));
    assert!(format!("{reader:?}").contains("buffered: 3"), "{reader:?}");
}

#[test]
fn what_is_left_is_sent_before_the_connection_is_closed() {
    let mut writer = writer();
    writer.write(b"last").unwrap();
    assert!(!writer.is_closing());
    writer.close();
    assert!(writer.is_closing());
    assert_eq!(writer.write(b"more"), Err(WriteError::Closed));
    now(writer.wait_closed()).unwrap();
    let sink = writer.into_inner();
    assert_eq!((sink.got.as_slice(), sink.ends.as_slice()), (b"last".as_slice(), ["eof"].as_slice()));
}

#[test]
#[should_panic = "call `close` before `wait_closed`"]
fn nobody_waits_for_a_close_that_nobody_asked_for() {
    now(writer().wait_closed()).unwrap();
}

#[test]
fn what_is_left_is_lost_when_the_connection_is_aborted() {
    let mut writer = writer();
    writer.write(b"lost").unwrap();
    writer.abort();
    assert!(writer.is_closing());
    assert_eq!((writer.pending(), writer.write(b"more")), (0, Err(WriteError::Closed)));
    let sink = writer.into_inner();
    assert_eq!((sink.got.as_slice(), sink.ends.as_slice()), (b"".as_slice(), ["aborted"].as_slice()));
}

#[test]
fn text_is_written_as_by_any_formatter() {
    let mut writer = writer();
    write!(writer, "{}-ab", 12).unwrap();
    assert_eq!(writer.pending(), 5);
    assert!(write!(writer, "{}", 123_456).is_err());
    now(writer.drain()).unwrap();
    assert_eq!(writer.get_ref().got, b"12-ab123");
}

#[test]
fn what_a_writer_shows_of_itself() {
    let mut writer = writer();
    writer.write(b"abcdef").unwrap();
    let shown = format!("{writer:?}");
    assert!(shown.contains("pending: 6") && shown.contains("closing: false"), "{shown}");
}

#[test]
fn of_several_pieces_the_first_that_is_not_empty_is_written() {
    let mut sink = Sink::default();
    assert_eq!(now(sink.write_vectored(&[b"", b"ab", b"c"])), Ok(2));
    assert_eq!(now(sink.write_vectored(&[b"", b""])), Ok(0));
    assert_eq!(sink.got, b"ab");
    now(sink.close()).unwrap();
    assert_eq!(sink.ends, ["eof"]);
}

/// Gives its bytes three at a time, and may be asked once more after the end.
struct Source(&'static [u8]);

impl ErrorType for Source {
    type Error = ErrorKind;
}

impl Read for Source {
    async fn read(&mut self, target: &mut [u8]) -> Result<usize, ErrorKind> {
        let count = self.0.len().min(target.len()).min(3);
        let (now, later) = self.0.split_at(count);
        target[..count].copy_from_slice(now);
        self.0 = later;
        Ok(count)
    }
}

#[test]
fn a_reader_is_a_buffered_reader_for_those_who_know_the_traits() {
    let mut reader = StreamReader::new(Source(b"abcdefgh"), [0; 8]);
    assert_eq!(now(BufRead::fill_buf(&mut reader)), Ok(b"abc".as_slice()));
    // What is there is given before more is asked for.
    assert_eq!(now(BufRead::fill_buf(&mut reader)), Ok(b"abc".as_slice()));
    BufRead::consume(&mut reader, 2);
    assert_eq!(now(BufRead::fill_buf(&mut reader)), Ok(b"c".as_slice()));
    let mut target = [0; 8];
    assert_eq!(now(Read::read(&mut reader, &mut target)), Ok(1));
    assert_eq!(target[0], b'c');
    assert_eq!(now(Read::read(&mut reader, &mut target)), Ok(3));
    assert_eq!(&target[..3], b"def");
    assert_eq!(now(BufRead::fill_buf(&mut reader)), Ok(b"gh".as_slice()));
    BufRead::consume(&mut reader, 2);
    assert_eq!(now(BufRead::fill_buf(&mut reader)), Ok(b"".as_slice()));
    // The end was read: the source is not asked again.
    reader.feed_eof();
    assert_eq!(now(BufRead::fill_buf(&mut reader)), Ok(b"".as_slice()));
}

#[test]
fn a_reader_tells_what_is_dropped_with_it() {
    let mut reader = StreamReader::new(Source(b"abcdefgh"), [0; 8]);
    assert_eq!(now(reader.readexactly(&mut [0; 4])), Ok(()));
    let (source, dropped) = reader.into_inner();
    assert_eq!((source.0, dropped), (b"gh".as_slice(), 2));
}

#[test]
fn what_is_fed_takes_the_room_of_what_was_read() {
    let mut reader = StreamReader::new(Source(b""), [0; 8]);
    reader.feed_data(b"abcdef").unwrap();
    assert_eq!(now(reader.readexactly(&mut [0; 4])), Ok(()));
    assert_eq!(reader.feed_data(b"ghijkl"), Ok(()));
    assert_eq!(reader.feed_data(b"m"), Err(WriteError::Full { written: 0 }));
    let mut rest = [0; 8];
    assert_eq!(now(reader.readexactly(&mut rest)), Ok(()));
    assert_eq!(&rest, b"efghijkl");
}

#[test]
fn a_reader_that_was_fed_the_end_asks_its_source_for_nothing() {
    let mut reader = StreamReader::new(Source(b"abc"), [0; 8]);
    reader.feed_eof();
    assert_eq!(now(BufRead::fill_buf(&mut reader)), Ok(b"".as_slice()));
    assert_eq!(now(Read::read(&mut reader, &mut [0; 8])), Ok(0));
}
