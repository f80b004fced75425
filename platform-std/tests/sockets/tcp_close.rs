//! How connections end: in good order, by a reset, and with the loop.
#![allow(missing_docs)]

use std::io::{ErrorKind, Read as _, Write as _};
use std::thread;

use crate::support::{pair, pair_with_std};
use everloop::embedded_io_async::{Read, Write};
use everloop::net::ConnectionWriter;
use everloop::{Duration, catch_cancel, create_task, sleep, yield_now};

#[test]
fn a_reset_by_the_peer_is_an_error() {
    everloop::run(async {
        let (mut near, far) = pair().await;
        let reading = create_task(async move { near.read(&mut [0; 8]).await });
        sleep(Duration::from_millis(5)).await;
        far.abort();
        let error = reading.await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    })
    .unwrap();
}

#[test]
fn writing_to_a_peer_that_is_gone_is_an_error() {
    everloop::run(async {
        let (mut near, far) = pair().await;
        far.abort();
        let error = loop {
            match near.write(&[0; 1024]).await {
                Ok(_) => yield_now().await,
                Err(error) => break error,
            }
        };
        assert!(matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::BrokenPipe), "{error}");
    })
    .unwrap();
}

#[test]
fn writing_after_the_end_was_written_is_a_broken_pipe() {
    everloop::run(async {
        let (near, _far) = pair().await;
        let (_reader, mut writer) = near.split();
        writer.write_eof().await.unwrap();
        assert_eq!(writer.write(b"x").await.unwrap_err().kind(), ErrorKind::BrokenPipe);
    })
    .unwrap();
}

#[test]
fn abort_resets_under_the_half_that_waits() {
    everloop::run(async {
        let (near, mut far) = pair().await;
        let (mut reader, mut writer) = near.split();
        let reading = create_task(async move { reader.read(&mut [0; 8]).await });
        sleep(Duration::from_millis(5)).await;
        writer.abort();
        assert_eq!(reading.await.unwrap().unwrap_err().kind(), ErrorKind::ConnectionAborted);
        assert_eq!(writer.write(b"x").await.unwrap_err().kind(), ErrorKind::ConnectionAborted);
        assert_eq!(far.read(&mut [0; 8]).await.unwrap_err().kind(), ErrorKind::ConnectionReset);
        writer.abort();
    })
    .unwrap();
}

#[test]
fn what_was_written_is_delivered_after_both_halves_are_dropped() {
    let sent: Vec<u8> = (0..100_000u32).map(|i| i as u8).collect();
    let reader = everloop::run(async {
        let (mut near, far) = pair_with_std().await;
        near.write_all(&sent).await.unwrap();
        thread::spawn(move || {
            let mut heard = Vec::new();
            (&far).read_to_end(&mut heard).map(|_| heard)
        })
    })
    .unwrap();
    assert_eq!(reader.join().unwrap().unwrap(), sent);
}

#[test]
fn unread_input_does_not_reset_what_was_written() {
    everloop::run(async {
        let (near, mut far) = pair().await;
        far.write_all(&[1; 50_000]).await.unwrap();
        sleep(Duration::from_millis(10)).await;
        let (reader, mut writer) = near.split();
        writer.write_all(&[2; 5000]).await.unwrap();
        drop(reader);
        drop(writer);
        let mut buf = [0; 512];
        let mut heard = 0;
        loop {
            match far.read(&mut buf).await.unwrap() {
                0 => break,
                count => heard += count,
            }
        }
        assert_eq!(heard, 5000);
    })
    .unwrap();
}

/// A short read says that there was no more when it was made; what came since, the loop has not looked at.
#[test]
fn input_that_came_since_the_last_look_does_not_reset_what_was_written() {
    everloop::run(async {
        let (mut near, mut far) = pair_with_std().await;
        far.write_all(b"head").unwrap();
        assert_eq!(near.read(&mut [0; 16]).await.unwrap(), 4);
        far.write_all(b"body").unwrap();
        near.write_all(&[2; 5000]).await.unwrap();
        drop(near);
        let mut heard = Vec::new();
        far.read_to_end(&mut heard).unwrap();
        assert_eq!(heard.len(), 5000);
    })
    .unwrap();
}

#[test]
fn one_half_alone_keeps_the_connection() {
    everloop::run(async {
        let (near, mut far) = pair().await;
        let (reader, mut writer) = near.split();
        drop(reader);
        writer.write_all(b"a").await.unwrap();
        far.read_exact(&mut [0]).await.unwrap();
        drop(writer);
        assert_eq!(far.read(&mut [0; 8]).await.unwrap(), 0);

        let (near, mut far) = pair().await;
        let (mut reader, writer) = near.split();
        drop(writer);
        far.write_all(b"b").await.unwrap();
        reader.read_exact(&mut [0]).await.unwrap();
    })
    .unwrap();
}

#[test]
fn a_task_that_is_left_over_says_goodbye() {
    let reader = everloop::run(async {
        let (near, far) = pair_with_std().await;
        create_task(async move {
            let (mut reader, mut writer) = near.split();
            if let Err(cancelled) = catch_cancel(reader.read(&mut [0; 8])).await {
                sleep(Duration::from_millis(2)).await;
                writer.write_all(b"goodbye").await.unwrap();
                cancelled.resume().await;
            }
        });
        yield_now().await;
        thread::spawn(move || {
            let mut heard = Vec::new();
            (&far).read_to_end(&mut heard).unwrap();
            heard
        })
    })
    .unwrap();
    assert_eq!(reader.join().unwrap(), b"goodbye");
}

#[test]
fn a_stream_may_be_dropped_after_its_loop() {
    let (near, far) = everloop::run(pair()).unwrap();
    drop(near);
    thread::spawn(|| everloop::run(async {}).unwrap()).join().unwrap();
    drop(far);
}
