use core::fmt::Write as _;

use everloop_core::stream::{ReadError, WriteError};
use everloop_core::{Duration, IncompleteReadError, LimitOverrunError, StreamReader, StreamWriter, wait_for};

use crate::mem_stream::{Sink, Source};

fn reader(data: &[u8], piece: usize) -> StreamReader<Source<'_>, [u8; 16]> {
    StreamReader::new(Source { data, piece, pause: Duration::ZERO }, [0; 16])
}

pub async fn reads_lines() {
    let mut reader = reader(b"one\ntwo\r\n\nlast", 100);
    assert_eq!(reader.readline().await, Ok(&b"one\n"[..]));
    assert_eq!(reader.readline().await, Ok(&b"two\r\n"[..]));
    assert_eq!(reader.readline().await, Ok(&b"\n"[..]));
    assert_eq!(reader.readline().await, Ok(&b"last"[..]));
    assert_eq!(reader.readline().await, Ok(&b""[..]));
    assert!(reader.at_eof());
}

pub async fn a_line_in_pieces() {
    for piece in 1..8 {
        let mut reader = reader(b"hello\nworld\n", piece);
        assert_eq!(reader.readline().await, Ok(&b"hello\n"[..]));
        assert_eq!(reader.readline().await, Ok(&b"world\n"[..]));
    }
}

pub async fn an_overlong_line_is_refused_and_dropped() {
    let mut reader = reader(b"0123456789012345678901234567890123456789\nok\n", 7);
    let overrun = Err(ReadError::LimitOverrun(LimitOverrunError { consumed: 16 }));
    assert_eq!(reader.readline().await, overrun);
    assert_eq!(reader.buffer(), b"");
    assert_eq!(reader.readline().await, overrun);
    // The rest of the long line.
    assert_eq!(reader.readline().await, Ok(&b"23456789\n"[..]));
    assert_eq!(reader.readline().await, Ok(&b"ok\n"[..]));
}

pub async fn readexactly_gets_all() {
    let mut reader = reader(b"abcdefghijklmnopqrstuvwxyz", 3);
    let mut target = [0; 10];
    reader.readexactly(&mut target).await.unwrap();
    assert_eq!(&target, b"abcdefghij");
    reader.readexactly(&mut target).await.unwrap();
    assert_eq!(&target, b"klmnopqrst");
    reader.readexactly(&mut []).await.unwrap();
    assert_eq!(
        reader.readexactly(&mut [0; 17]).await,
        Err(ReadError::LimitOverrun(LimitOverrunError { consumed: reader.buffer().len() }))
    );
}

pub async fn readexactly_reports_partial() {
    let mut reader = reader(b"abc", 2);
    let incomplete = IncompleteReadError { partial: 3, expected: Some(5) };
    assert_eq!(reader.readexactly(&mut [0; 5]).await, Err(ReadError::Incomplete(incomplete)));
    // They are consumed, and not lost.
    assert!(reader.at_eof());
    assert_eq!(reader.partial(), b"abc");
}

pub async fn readuntil_finds_a_split_separator() {
    for piece in 1..6 {
        let mut reader = reader(b"ab--c-->d-->rest", piece);
        assert_eq!(reader.readuntil(b"-->").await, Ok(&b"ab--c-->"[..]));
        assert_eq!(reader.readuntil(b"-->").await, Ok(&b"d-->"[..]));
        let incomplete = IncompleteReadError { partial: 4, expected: None };
        assert_eq!(reader.readuntil(b"-->").await, Err(ReadError::Incomplete(incomplete)));
        assert_eq!(reader.buffer(), b"");
        assert_eq!(reader.partial(), b"rest");
    }
}

pub async fn eof_inside_a_line_gives_the_rest() {
    let mut reader = reader(b"no end", 2);
    assert_eq!(reader.readline().await, Ok(&b"no end"[..]));
    assert!(reader.at_eof());
}

pub async fn cancelling_a_read_loses_no_bytes() {
    let pause = Duration::from_millis(3);
    let mut reader = StreamReader::new(Source { data: b"slow line\n", piece: 1, pause }, [0_u8; 16]);
    let mut timeouts = 0;
    let line = loop {
        // Gives up in the middle of the line, again and again.
        match wait_for(reader.readline(), Duration::from_millis(7)).await {
            Ok(line) => break line.map(<[u8]>::len),
            Err(_timeout) => timeouts += 1,
        }
    };
    assert_eq!(line, Ok(10));
    assert!(timeouts >= 4, "{timeouts}");
}

pub async fn read_gives_what_is_there() {
    let mut reader = reader(b"abcdef", 4);
    let mut target = [0; 16];
    assert_eq!(reader.read(&mut []).await, Ok(0));
    assert_eq!(reader.read(&mut target).await, Ok(4));
    assert_eq!(reader.read(&mut target).await, Ok(2));
    assert_eq!(&target[..2], b"ef");
    assert_eq!(reader.read(&mut target).await, Ok(0));
    assert!(reader.at_eof());
}

pub async fn buffer_wraps_without_loss() {
    let data = b"aaaaaaaaaaaa\nbbbbbbbbbbbb\ncccccccccccc\ndddd\n";
    let mut reader = reader(data, 5);
    let mut got = heapless::Vec::<u8, 64>::new();
    while !reader.at_eof() {
        let line = reader.readline().await.unwrap();
        assert!(line.is_empty() || line.iter().take(line.len() - 1).all(|byte| *byte == line[0]));
        got.extend_from_slice(line).unwrap();
    }
    assert_eq!(got.as_slice(), data);
}

fn writer(piece: usize) -> StreamWriter<Sink, [u8; 8]> {
    StreamWriter::new(Sink { data: heapless::Vec::new(), piece, eof: false }, [0; 8])
}

pub async fn write_reports_what_did_not_fit() {
    let mut writer = writer(100);
    assert_eq!(writer.write(b"12345"), Ok(()));
    assert_eq!(writer.write(b"67890"), Err(WriteError::Full { written: 3 }));
    assert_eq!(writer.pending(), 8);
    writer.drain().await.unwrap();
    assert_eq!(writer.write(b"90"), Ok(()));
    assert!(write!(writer, "{}", 123_456_789).is_err());
    writer.drain().await.unwrap();
    assert_eq!(writer.into_inner().data.as_slice(), b"1234567890123456");
}

pub async fn drain_sends_in_pieces() {
    let mut writer = writer(3);
    writer.write(b"abcdefgh").unwrap();
    // Cut in the middle, it keeps what was not sent.
    assert!(wait_for(writer.drain(), Duration::from_millis(2)).await.is_err());
    assert!(writer.pending() > 0);
    writer.drain().await.unwrap();
    assert_eq!(writer.pending(), 0);
    assert_eq!(writer.into_inner().data.as_slice(), b"abcdefgh");
}

pub async fn write_after_eof_is_an_error() {
    let mut writer = writer(100);
    writer.write(b"x").unwrap();
    writer.write_eof().await.unwrap();
    assert_eq!(writer.write(b"y"), Err(WriteError::AfterEof));
    let sink = writer.into_inner();
    assert!(sink.eof);
    assert_eq!(sink.data.as_slice(), b"x");
}
