//! A `StreamReader` whose buffer grows: limits, and reading to the end.
#![cfg(all(feature = "alloc", feature = "std", not(loom)))]
#![allow(missing_docs)]

use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use embedded_io_async::{ErrorType, Read};
use everloop_core::stream::{Growing, ReadError};
use everloop_core::{IncompleteReadError, LimitOverrunError, StreamReader};

/// Gives one piece a read, and waits once before each if it is slow.
struct Pieces {
    pieces: VecDeque<Vec<u8>>,
    slow: bool,
    waits: bool,
    reads: usize,
}

impl Pieces {
    fn new<const N: usize>(pieces: [&[u8]; N]) -> Self {
        let pieces = pieces.into_iter().map(<[u8]>::to_vec).collect();
        Self { pieces, slow: false, waits: true, reads: 0 }
    }
}

impl ErrorType for Pieces {
    type Error = Infallible;
}

impl Read for Pieces {
    async fn read(&mut self, target: &mut [u8]) -> Result<usize, Infallible> {
        if self.slow {
            std::future::poll_fn(|_| {
                self.waits = !self.waits;
                if self.waits { Poll::Ready(()) } else { Poll::Pending }
            })
            .await;
        }
        self.reads += 1;
        let Some(mut piece) = self.pieces.pop_front() else { return Ok(0) };
        let count = piece.len().min(target.len());
        target[..count].copy_from_slice(&piece[..count]);
        if count < piece.len() {
            self.pieces.push_front(piece.split_off(count));
        }
        Ok(count)
    }
}

/// Drives a future that waits for nothing.
fn now<F: Future>(future: F) -> F::Output {
    match poll_once(future) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("it waits"),
    }
}

fn poll_once<F: Future>(future: F) -> Poll<F::Output> {
    pin!(future).poll(&mut Context::from_waker(Waker::noop()))
}

fn reader<const N: usize>(limit: usize, pieces: [&[u8]; N]) -> StreamReader<Pieces, Growing> {
    StreamReader::with_limit(Pieces::new(pieces), limit)
}

fn overrun(consumed: usize) -> ReadError<Infallible> {
    ReadError::LimitOverrun(LimitOverrunError { consumed })
}

#[test]
fn a_line_may_be_as_long_as_the_limit_without_its_end() {
    let mut reader = reader(7, [b"1234567\n", b"12345678\n", b"12345678"]);
    assert_eq!(now(reader.readline()), Ok(&b"1234567\n"[..]));
    assert_eq!(now(reader.readline()), Err(overrun(8)));
    assert_eq!(reader.buffer(), b"");
    assert_eq!(now(reader.readline()), Err(overrun(8)));
    assert_eq!(reader.buffer(), b"");
    assert_eq!(now(reader.readline()), Ok(&b""[..]));
}

#[test]
fn an_overlong_line_is_dropped_and_the_next_one_is_not() {
    let mut reader = reader(3, []);
    reader.feed_data(b"li").unwrap();
    reader.feed_data(b"ne1\nline2\n").unwrap();
    assert_eq!(now(reader.readline()), Err(overrun(5)));
    assert_eq!(reader.buffer(), b"line2\n");

    let mut reader = self::reader(3, []);
    for piece in [&b"li"[..], b"ne1", b"li"] {
        reader.feed_data(piece).unwrap();
    }
    assert_eq!(now(reader.readline()), Err(overrun(7)));
    assert_eq!(reader.buffer(), b"");
}

#[test]
fn an_overlong_line_in_pieces_is_dropped_whole() {
    let mut reader = reader(7, [b"chunk1", b"chunk2\n", b"chunk3\n"]);
    assert_eq!(now(reader.readline()), Err(overrun(12)));
    assert_eq!(now(reader.readline()), Ok(&b"chunk3\n"[..]));
}

#[test]
fn beyond_the_limit_readuntil_leaves_the_buffer() {
    let mut reader = reader(3, [b"some dataAAA"]);
    assert_eq!(now(reader.readuntil(b"AAA")), Err(overrun(4)));
    let mut reader = self::reader(3, []);
    reader.feed_data(b"some dataA").unwrap();
    assert_eq!(now(reader.readuntil(b"A")), Err(overrun(9)));
    assert_eq!(reader.buffer(), b"some dataA");
    // Both end together: the shorter one counts.
    assert_eq!(now(reader.readuntil_any(&[b"ome dataA", b"A"])), Err(overrun(9)));
    assert_eq!(now(reader.readuntil_any(&[b"A", b"ome dataA"])), Err(overrun(9)));
    assert_eq!(reader.buffer(), b"some dataA");
}

#[test]
fn readexactly_and_read_do_not_mind_the_limit() {
    let mut reader = reader(3, [b"chunk", b"0123456789"]);
    let mut target = [0; 12];
    now(reader.readexactly(&mut target)).unwrap();
    assert_eq!(&target, b"chunk0123456");
    reader.feed_data(b"more").unwrap();
    reader.feed_data(b" and more").unwrap();
    assert_eq!(now(reader.read(&mut target)), Ok(12));
    assert_eq!(&target, b"more and mor");
}

#[test]
fn readexactly_of_much_grows_only_as_it_comes() {
    let mut reader = reader(16, [&[1; 100]]);
    let mut target = vec![0; 1 << 30];
    let incomplete = IncompleteReadError { partial: 100, expected: Some(1 << 30) };
    assert_eq!(now(reader.readexactly(&mut target)), Err(ReadError::Incomplete(incomplete)));
    assert_eq!(reader.partial(), [1; 100]);
}

#[test]
fn a_last_line_without_an_end_is_not_what_a_failed_read_had_got() {
    let mut reader = reader(16, [b"line\nrest"]);
    assert_eq!(now(reader.readline()), Ok(&b"line\n"[..]));
    assert_eq!(now(reader.readline()), Ok(&b"rest"[..]));
    assert_eq!(reader.partial(), b"");
}

#[test]
fn a_fast_source_is_read_in_larger_pieces() {
    let mut reader = reader(64 * 1024, [&[7; if cfg!(miri) { 1 << 18 } else { 1 << 20 }]]);
    while !now(reader.read_some(usize::MAX)).unwrap().is_empty() {}
    let (source, 0) = reader.into_inner() else { panic!("something is left") };
    // Twice the limit at a time, but for the first few.
    assert!(source.reads < 20, "{}", source.reads);
}

#[test]
fn to_the_end_all_comes() {
    let mut reader = reader(4, [b"chunk1\n", b"chunk2"]);
    let mut all = b"before ".to_vec();
    assert_eq!(now(reader.read_to_end(&mut all)), Ok(13));
    assert_eq!(all, b"before chunk1\nchunk2");
    assert!(reader.at_eof());
    assert_eq!(now(reader.read_to_end(&mut all)), Ok(0));
}

#[test]
fn to_the_end_but_no_further_than_allowed() {
    let mut reader = reader(64, [b"12345", b"67890"]);
    let mut some = Vec::new();
    assert_eq!(now(reader.read_to_end_at_most(&mut some, 7)), Err(overrun(7)));
    assert_eq!(some, b"1234567");
    assert_eq!(reader.buffer(), b"890");
    // Exactly as much as is allowed is no error.
    assert_eq!(now(reader.read_to_end_at_most(&mut some, 10)), Ok(3));
    assert_eq!(some, b"1234567890");
}

#[test]
fn to_the_end_given_up_again_and_again_loses_nothing() {
    let mut reader =
        StreamReader::with_limit(Pieces { slow: true, ..Pieces::new([b"one", b"two", b"three"]) }, DEFAULT);
    let mut all = Vec::new();
    let mut given_up = 0;
    while poll_once(reader.read_to_end(&mut all)).is_pending() {
        given_up += 1;
    }
    assert_eq!(all, b"onetwothree");
    assert_eq!(given_up, 4);
}

const DEFAULT: usize = 64 * 1024;

#[test]
fn a_reader_shows_what_it_holds() {
    let mut reader = StreamReader::with_limit(&b"data"[..], 8);
    reader.feed_data(b"fed").unwrap();
    reader.feed_eof();
    let shown = format!("{reader:?}");
    assert!(shown.contains("buffered: 3") && shown.contains("eof: true"), "{shown}");
}

#[test]
#[should_panic(expected = "limit")]
fn a_limit_of_nothing_is_refused() {
    let _ = StreamReader::with_limit(&b""[..], 0);
}

#[test]
#[should_panic(expected = "separator has at least one byte")]
fn an_empty_separator_is_refused() {
    let _ = now(reader(8, []).readuntil(b""));
}

#[test]
#[should_panic(expected = "at least one separator")]
fn no_separator_at_all_is_refused() {
    let _ = now(reader(8, []).readuntil_any(&[]));
}
