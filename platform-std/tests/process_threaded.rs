//! The pipes of a system that can't wait for them, each with a thread.
#![allow(missing_docs, dead_code)]

mod support;

/// What the pipes find in the crate.
mod reactor {
    pub struct Driver;
}

#[path = "../src/process/pipe/threaded.rs"]
mod threaded;

use std::io::{self, ErrorKind, Read, Write};
use std::sync::mpsc;

use everloop::{create_task, yield_now};
use support::poll_once;
use threaded::{ReadEnd, WriteEnd};

fn run<T>(main: impl Future<Output = io::Result<T>>) -> T {
    everloop::run(main).unwrap().unwrap()
}

fn pattern(count: usize) -> Vec<u8> {
    (0..count).map(|place| (place ^ (place >> 8) ^ (place >> 16)) as u8).collect()
}

/// Tells when it is dropped.
struct Telling<T>(T, mpsc::Sender<()>);

impl<T> Drop for Telling<T> {
    fn drop(&mut self) {
        let _ = self.1.send(());
    }
}

impl<T: Read> Read for Telling<T> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.0.read(buf)
    }
}

#[test]
fn bytes_go_through_in_order_and_then_the_end() {
    run(async {
        let (source, sink) = io::pipe()?;
        let (source, sink) = (ReadEnd::of(source)?, WriteEnd::of(sink)?);
        let all = pattern(1_000_000);
        let writing = create_task({
            let all = all.clone();
            async move {
                let mut rest = &all[..];
                while !rest.is_empty() {
                    rest = &rest[sink.write(rest).await.unwrap()..];
                }
                sink.flush().await
            }
        });
        let (mut got, mut buf, mut dropped) = (Vec::new(), [0; 1000], 0);
        loop {
            match poll_once(source.read(&mut buf)).await {
                Some(count) if count.as_ref().unwrap() == &0 => break,
                Some(count) => got.extend_from_slice(&buf[..count?]),
                None => dropped += 1,
            }
            yield_now().await;
        }
        assert!(got == all && dropped > 0);
        writing.await.unwrap()?;
        assert_eq!(source.read(&mut buf).await?, 0);
        Ok(())
    });
}

#[test]
fn a_read_that_waits_does_not_keep_the_loop() {
    run(async {
        let (source, mut sink) = io::pipe()?;
        let source = ReadEnd::of(source)?;
        let reading = create_task(async move {
            let mut buf = [0; 8];
            source.read(&mut buf).await.map(|count| buf[..count].to_vec())
        });
        yield_now().await;
        assert!(!reading.done());
        sink.write_all(b"late")?;
        assert_eq!(reading.await.unwrap()?, b"late");
        Ok(())
    });
}

#[test]
fn what_was_written_arrives_although_the_end_was_dropped() {
    run(async {
        let (mut source, sink) = io::pipe()?;
        let sink = WriteEnd::of(sink)?;
        assert_eq!(sink.write(b"last").await?, 4);
        drop(sink);
        let mut got = Vec::new();
        source.read_to_end(&mut got)?;
        assert_eq!(got, b"last");
        Ok(())
    });
}

#[test]
fn a_broken_pipe_is_told_by_the_next_flush_or_write() {
    run(async {
        let (source, sink) = io::pipe()?;
        drop(source);
        let sink = WriteEnd::of(sink)?;
        assert_eq!(sink.write(b"lost").await?, 4);
        assert_eq!(sink.flush().await.unwrap_err().kind(), ErrorKind::BrokenPipe);
        assert_eq!(sink.write(b"more").await.unwrap_err().kind(), ErrorKind::BrokenPipe);
        sink.flush().await
    });
}

#[test]
fn an_error_of_a_read_is_given_once_and_then_the_end() {
    struct Fails;
    impl Read for Fails {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(ErrorKind::TimedOut.into())
        }
    }
    run(async {
        let source = ReadEnd::of(Fails)?;
        assert_eq!(source.read(&mut [0]).await.unwrap_err().kind(), ErrorKind::TimedOut);
        assert_eq!(source.read(&mut [0]).await?, 0);
        Ok(())
    });
}

#[test]
fn the_thread_of_a_dropped_reader_ends_with_what_it_reads_next() {
    run(async {
        let (source, mut sink) = io::pipe()?;
        let (told, ended) = mpsc::channel();
        let end = ReadEnd::of(Telling(source, told))?;
        drop(end);
        let _ = sink.write_all(b"unwanted");
        ended.recv().unwrap();
        Ok(())
    });
}
