//! Operations that are given up lose nothing.
#![allow(missing_docs)]

use std::io::Write as _;
use std::thread;

use crate::support::{any_port, many, pair, pair_with_std, poll_once};
use everloop::embedded_io_async::{Read, Write};
use everloop::net::{TcpListener, TcpStream};
use everloop::{Duration, catch_cancel, create_task, sleep, wait_for, yield_now};

/// The byte at a place of the test's stream.
fn pattern(place: usize) -> u8 {
    (place % 251) as u8
}

#[test]
fn reads_that_are_dropped_lose_no_byte() {
    const TOTAL: usize = 200_000;
    everloop::run(async {
        let (mut near, mut far) = pair_with_std().await;
        let sender = thread::spawn(move || {
            let mut sent = 0;
            while sent < TOTAL {
                let part: Vec<u8> = (sent..TOTAL.min(sent + 777)).map(pattern).collect();
                far.write_all(&part).unwrap();
                sent += part.len();
                if sent % 5 == 0 {
                    thread::sleep(std::time::Duration::from_micros(30));
                }
            }
        });
        let mut buf = [0; 300];
        let mut place = 0;
        let mut dropped = 0;
        while place < TOTAL {
            let outcome = match place % 3 {
                0 => poll_once(near.read(&mut buf)).await,
                1 => wait_for(near.read(&mut buf), Duration::from_micros(1)).await.ok(),
                _ => Some(near.read(&mut buf).await),
            };
            match outcome {
                Some(count) => {
                    let count = count.unwrap();
                    assert!(count > 0);
                    for byte in &buf[..count] {
                        assert_eq!(*byte, pattern(place));
                        place += 1;
                    }
                }
                None => {
                    dropped += 1;
                    yield_now().await;
                }
            }
        }
        assert!(dropped > 0);
        sender.join().unwrap();
    })
    .unwrap();
}

#[test]
fn a_cancelled_read_leaves_the_bytes_to_the_next() {
    everloop::run(async {
        let (mut near, mut far) = pair().await;
        let reading = create_task(async move {
            let mut buf = [0; 8];
            assert!(catch_cancel(near.read(&mut buf)).await.is_err());
            near.read_exact(&mut buf).await.unwrap();
            buf
        });
        yield_now().await;
        far.write_all(b"1234").await.unwrap();
        // The bytes are there, and the request with them.
        reading.cancel();
        sleep(Duration::from_millis(5)).await;
        far.write_all(b"5678").await.unwrap();
        assert_eq!(&reading.await.unwrap(), b"12345678");
    })
    .unwrap();
}

#[test]
fn writes_that_are_dropped_are_not_doubled() {
    // More than the kernel holds for both ends.
    let total = many(24_000_000);
    everloop::run(async {
        let (mut near, mut far) = pair().await;
        let reading = create_task(async move {
            let mut buf = vec![0; 4096];
            let mut place = 0;
            loop {
                let count = far.read(&mut buf).await.unwrap();
                if count == 0 {
                    return place;
                }
                for byte in &buf[..count] {
                    assert_eq!(*byte, pattern(place));
                    place += 1;
                }
            }
        });
        let all: Vec<u8> = (0..total).map(pattern).collect();
        let mut place = 0;
        let mut dropped = 0;
        while place < total {
            let end = total.min(place + 70_001);
            match poll_once(near.write(&all[place..end])).await {
                Some(count) => place += count.unwrap(),
                None => {
                    dropped += 1;
                    yield_now().await;
                }
            }
        }
        assert!(dropped > 0);
        drop(near);
        assert_eq!(reading.await.unwrap(), total);
    })
    .unwrap();
}

#[test]
fn an_accept_that_is_dropped_loses_no_client() {
    everloop::run(async {
        let listener = TcpListener::bind(any_port()).unwrap();
        assert!(poll_once(listener.accept()).await.is_none());
        let near = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (_, peer) = listener.accept().await.unwrap();
        assert_eq!(peer, near.local_addr().unwrap());
    })
    .unwrap();
}

#[test]
fn a_connect_can_be_given_up() {
    everloop::run(async {
        // Reserved for documentation: nobody answers, or there is no way there at all.
        let nowhere = "192.0.2.1:9".parse().unwrap();
        let attempt = wait_for(TcpStream::connect(nowhere), Duration::from_millis(5)).await;
        assert!(!matches!(attempt, Ok(Ok(_))));
    })
    .unwrap();
}
