use core::convert::Infallible;
use core::future::{pending, poll_fn};
use core::pin::pin;

use embedded_io_async::{BufRead, ErrorKind, ErrorType, Read};
use everloop_core::stream::{ReadError, WriteError};
use everloop_core::{Duration, IncompleteReadError, LimitOverrunError, StreamReader, wait_for};
use futures_core::Stream;

use crate::mem_stream::Source;

/// A reader that is only fed.
struct Nothing;

impl ErrorType for Nothing {
    type Error = ErrorKind;
}

impl Read for Nothing {
    async fn read(&mut self, _target: &mut [u8]) -> Result<usize, ErrorKind> {
        pending().await
    }
}

fn fed(data: &[u8]) -> StreamReader<Nothing, [u8; 16]> {
    let mut reader = StreamReader::new(Nothing, [0; 16]);
    reader.feed_data(data).unwrap();
    reader
}

fn overrun<T, E>(consumed: usize) -> Result<T, ReadError<E>> {
    Err(ReadError::LimitOverrun(LimitOverrunError { consumed }))
}

fn incomplete<T, E>(partial: usize, expected: Option<usize>) -> Result<T, ReadError<E>> {
    Err(ReadError::Incomplete(IncompleteReadError { partial, expected }))
}

pub async fn what_it_is_fed_is_read_before_what_comes() {
    let mut reader = StreamReader::new(
        Source { data: b" from the source\n", piece: 100, pause: Duration::ZERO },
        [0_u8; 24],
    );
    reader.feed_data(b"").unwrap();
    reader.feed_data(b"fed").unwrap();
    assert_eq!(reader.buffer(), b"fed");
    assert_eq!(reader.readline().await, Ok(&b"fed from the source\n"[..]));
}

pub async fn it_is_fed_as_much_as_fits() {
    let mut reader = fed(b"0123456789");
    assert_eq!(reader.read_some(4).await, Ok(&b"0123"[..]));
    assert_eq!(reader.feed_data(b"abcdefghijkl"), Err(WriteError::Full { written: 10 }));
    assert_eq!(reader.buffer(), b"456789abcdefghij");
}

pub async fn fed_the_end_it_ends_behind_the_rest() {
    let mut reader = fed(b"rest");
    reader.feed_eof();
    assert!(!reader.at_eof());
    assert_eq!(reader.feed_data(b"more"), Err(WriteError::AfterEof));
    assert_eq!(reader.readline().await, Ok(&b"rest"[..]));
    assert!(reader.at_eof());
    assert_eq!(reader.readline().await, Ok(&b""[..]));
    assert_eq!(reader.read(&mut [0; 8]).await, Ok(0));
    assert_eq!(reader.readuntil(b"\n").await, incomplete(0, None));
}

pub async fn read_gives_no_more_than_is_asked_for() {
    let mut reader = fed(b"line1line2");
    let mut target = [0; 5];
    assert_eq!(reader.read(&mut []).await, Ok(0));
    assert_eq!(reader.read(&mut target).await, Ok(5));
    assert_eq!(&target, b"line1");
    assert_eq!(reader.read_some(0).await, Ok(&b""[..]));
    assert_eq!(reader.read_some(3).await, Ok(&b"lin"[..]));
    assert_eq!(reader.buffer(), b"e2");
}

pub async fn what_ended_too_early_is_lent_until_the_next_read() {
    let mut reader = fed(b"some dataAA");
    reader.feed_eof();
    assert_eq!(reader.readuntil(b"AAA").await, incomplete(11, None));
    assert_eq!((reader.partial(), reader.buffer()), (&b"some dataAA"[..], &b""[..]));
    assert_eq!(reader.readexactly(&mut [0; 2]).await, incomplete(0, Some(2)));
    assert_eq!(reader.partial(), b"");
}

pub async fn the_separator_that_ends_first_wins() {
    let mut reader = fed(b"1\n2\rABCDEFG");
    let ends: [&[u8]; 2] = [b"\r", b"\n"];
    assert_eq!(reader.readuntil_any(&ends).await, Ok(&b"1\n"[..]));
    assert_eq!(reader.readuntil_any(&ends).await, Ok(&b"2\r"[..]));
    assert_eq!(reader.readuntil_any(&[b"DEF", b"BCDE"]).await, Ok(&b"ABCDE"[..]));
    assert_eq!(reader.buffer(), b"FG");
}

pub async fn separators_are_found_across_pieces() {
    let separators: [&[u8]; 3] = [b"long sep", b"--", b"A"];
    for piece in 1..9 {
        let source = Source { data: b"dataZA-x--long se|long sep", piece, pause: Duration::ZERO };
        let mut reader = StreamReader::new(source, [0_u8; 20]);
        assert_eq!(reader.readuntil_any(&separators).await, Ok(&b"dataZA"[..]));
        assert_eq!(reader.readuntil_any(&separators).await, Ok(&b"-x--"[..]));
        assert_eq!(reader.readuntil_any(&separators).await, Ok(&b"long se|long sep"[..]));
    }
}

pub async fn without_a_separator_the_buffer_is_left_as_it_is() {
    let mut reader = fed(b"0123456789abcd\r-");
    // The last byte but one may belong to one.
    assert_eq!(reader.readuntil(b"\r-\n").await, overrun(14));
    assert_eq!(reader.buffer(), b"0123456789abcd\r-");
    reader.consume(14);
    reader.feed_data(b"\nx").unwrap();
    assert_eq!(reader.readuntil(b"\r-\n").await, Ok(&b"\r-\n"[..]));
    assert_eq!(reader.buffer(), b"x");
    // One that can't ever fit.
    reader.feed_data(&[b'x'; 15]).unwrap();
    assert_eq!(reader.readuntil(&[b'x'; 17]).await, overrun(0));
}

pub async fn an_exception_fails_every_read() {
    let mut reader = fed(b"line\n");
    assert_eq!(reader.exception(), None);
    reader.set_exception(|| ErrorKind::TimedOut);
    assert_eq!(reader.exception(), Some(ErrorKind::TimedOut));
    assert_eq!(reader.readline().await, Err(ReadError::Io(ErrorKind::TimedOut)));
    assert_eq!(reader.readuntil(b"\n").await, Err(ReadError::Io(ErrorKind::TimedOut)));
    assert_eq!(reader.readexactly(&mut []).await, Err(ReadError::Io(ErrorKind::TimedOut)));
    assert_eq!(reader.read(&mut []).await, Err(ErrorKind::TimedOut));
    assert_eq!(reader.read_some(1).await, Err(ErrorKind::TimedOut));
    assert_eq!(reader.fill_buf().await, Err(ErrorKind::TimedOut));
    assert_eq!(reader.buffer(), b"line\n");
}

pub async fn every_read_may_be_given_up_without_loss() {
    let pause = Duration::from_millis(2);
    let patience = Duration::from_millis(3);
    let mut reader = StreamReader::new(Source { data: b"abcdefgh|12", piece: 1, pause }, [0_u8; 16]);
    let mut timeouts = 0;
    let mut exact = [0; 4];
    while wait_for(reader.readexactly(&mut exact), patience).await.is_err() {
        timeouts += 1;
    }
    assert_eq!(&exact, b"abcd");
    let length = loop {
        match wait_for(reader.readuntil_any(&[b"|"]), patience).await {
            Ok(read) => break read.map(<[u8]>::len),
            Err(_timeout) => timeouts += 1,
        }
    };
    assert_eq!(length, Ok(5));
    let mut some = [0; 8];
    let read = wait_for(reader.read(&mut some), Duration::from_millis(1)).await;
    assert!(read.is_err(), "it was there at once");
    assert_eq!(reader.readline().await, Ok(&b"12"[..]));
    assert!(timeouts >= 6, "{timeouts}");
}

type Line = heapless::Vec<u8, 8>;

pub async fn its_lines_are_a_stream() {
    let source = Source { data: b"one\nfar too long\n\nlast", piece: 3, pause: Duration::from_millis(1) };
    let mut reader = StreamReader::new(source, [0_u8; 16]);
    let mut lines = pin!(reader.lines::<Line>());
    let mut got = heapless::Vec::<Result<Line, ReadError<Infallible>>, 5>::new();
    while let Some(line) = poll_fn(|cx| lines.as_mut().poll_next(cx)).await {
        got.push(line).unwrap();
    }
    let [one, long, empty, last] = got.as_slice() else { panic!("{got:?}") };
    assert_eq!(one.as_deref(), Ok(&b"one\n"[..]));
    assert_eq!(*long, overrun(13));
    assert_eq!(empty.as_deref(), Ok(&b"\n"[..]));
    assert_eq!(last.as_deref(), Ok(&b"last"[..]));
}

pub async fn a_stream_of_lines_that_is_dropped_loses_none() {
    let source = Source { data: b"first\ntwo\n", piece: 1, pause: Duration::from_millis(1) };
    let mut reader = StreamReader::new(source, [0_u8; 16]);
    for _ in 0..2 {
        let mut lines = pin!(reader.lines::<Line>());
        let next = poll_fn(|cx| lines.as_mut().poll_next(cx));
        assert!(wait_for(next, Duration::from_millis(2)).await.is_err());
    }
    assert_eq!(reader.readline().await, Ok(&b"first\n"[..]));
    assert_eq!(reader.readline().await, Ok(&b"two\n"[..]));
}
