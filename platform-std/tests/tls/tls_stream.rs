//! Streams with TLS: what is written is read, whatever is in between.
#![allow(missing_docs)]

use std::io::Read as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::support::tls::{Authority, pattern, patterned, tls_pair, tls_pair_through};
use crate::support::{pair_with_std, poll_once};
use crate::tls_records::std_server;
use everloop::embedded_io_async::{Read, Write};
use everloop::net::{ConnectionWriter, Kind, TcpStream};
use everloop::tls::{TlsReadHalf, TlsStream, TlsWriteHalf};
use everloop::{Duration, create_task, gather, sleep, wait_for, yield_now};

async fn send<K: Kind>(writer: &mut TlsWriteHalf<K>, total: usize, part: usize) {
    let mut sent = 0;
    while sent < total {
        let end = total.min(sent + part);
        writer.write_all(&patterned(sent..end)).await.unwrap();
        sent = end;
    }
    writer.write_eof().await.unwrap();
}

async fn receive<K: Kind>(reader: &mut TlsReadHalf<K>, total: usize, part: usize) {
    let mut buf = vec![0; part];
    let mut place = 0;
    loop {
        let count = reader.read(&mut buf).await.unwrap();
        if count == 0 {
            break;
        }
        for byte in &buf[..count] {
            assert_eq!(*byte, pattern(place), "at {place}");
            place += 1;
        }
    }
    assert_eq!(place, total);
}

async fn both_ways<K: Kind>(near: TlsStream<K>, far: TlsStream<K>, total: usize, parts: [usize; 2]) {
    let (mut near_reader, mut near_writer) = near.split();
    let (mut far_reader, mut far_writer) = far.split();
    let [written, read] = parts;
    let tasks = [
        create_task(async move { send(&mut near_writer, total, written).await }),
        create_task(async move { send(&mut far_writer, total, written).await }),
        create_task(async move { receive(&mut near_reader, total, read).await }),
        create_task(async move { receive(&mut far_reader, total, read).await }),
    ];
    for task in tasks {
        task.await.unwrap();
    }
}

#[test]
fn much_goes_both_ways_at_once() {
    everloop::run(async {
        let (near, far) = tls_pair().await;
        both_ways(near, far, 3_000_000, [100_000, 70_000]).await;
    })
    .unwrap();
}

#[test]
fn single_bytes_are_written_and_read() {
    everloop::run(async {
        let (near, far) = tls_pair().await;
        both_ways(near, far, 500, [1, 1]).await;
    })
    .unwrap();
}

/// Passes on what comes in pieces of a few bytes.
async fn crumble(one: TcpStream, other: TcpStream) {
    async fn pass(
        mut from: impl Read<Error = std::io::Error>,
        mut to: impl ConnectionWriter<Error = std::io::Error>,
    ) {
        let mut size = 1;
        loop {
            let mut buf = [0; 13];
            size = size % 13 + 1;
            match from.read(&mut buf[..size]).await {
                Ok(0) | Err(_) => break,
                Ok(count) => to.write_all(&buf[..count]).await.unwrap(),
            }
            yield_now().await;
        }
        let _ = to.write_eof().await;
    }
    let ((one_reader, one_writer), (other_reader, other_writer)) = (one.split(), other.split());
    let _ended = gather((pass(one_reader, other_writer), pass(other_reader, one_writer))).await;
}

#[test]
fn records_may_come_in_crumbs() {
    everloop::run(async {
        let authority = Authority::new();
        let (near, far) =
            tls_pair_through(authority.connector("localhost"), authority.acceptor("localhost"), crumble)
                .await;
        both_ways(near, far, 40_000, [10_000, 7]).await;
    })
    .unwrap();
}

#[cfg(unix)]
#[test]
fn unix_sockets_carry_it_too() {
    everloop::run(async {
        let (near, far) = everloop::net::UnixStream::pair().unwrap();
        let (near, far) = crate::support::tls::secured(near, far).await;
        assert!(format!("{near:?}").starts_with("TlsStream"));
        // Their buffers are small, so that what writes left is often sent by another than waits for it.
        both_ways(near, far, 1_000_000, [100_000, 70_000]).await;
    })
    .unwrap();
}

#[test]
fn reads_that_are_dropped_lose_no_byte() {
    const TOTAL: usize = 150_000;
    everloop::run(async {
        let (near, far) = tls_pair().await;
        let (_, mut writer) = far.split();
        let sender = create_task(async move {
            for start in (0..TOTAL).step_by(777) {
                writer.write_all(&patterned(start..TOTAL.min(start + 777))).await.unwrap();
                if start % 5 == 0 {
                    sleep(Duration::from_micros(30)).await;
                }
            }
            writer.write_eof().await.unwrap();
        });
        let (mut reader, _writer) = near.split();
        let mut buf = [0; 300];
        let (mut place, mut dropped) = (0, 0);
        while place < TOTAL {
            let outcome = match place % 3 {
                0 => poll_once(reader.read(&mut buf)).await,
                1 => wait_for(reader.read(&mut buf), Duration::from_micros(1)).await.ok(),
                _ => Some(reader.read(&mut buf).await),
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
        sender.await.unwrap();
    })
    .unwrap();
}

#[test]
fn writes_that_are_dropped_write_no_byte() {
    const TOTAL: usize = 6_000_000;
    everloop::run(async {
        let (near, far) = tls_pair().await;
        let (_reader, mut writer) = near.split();
        let sender = create_task(async move {
            let (mut place, mut dropped) = (0, 0);
            while place < TOTAL {
                let part = patterned(place..TOTAL.min(place + 50_000));
                let outcome = match place % 2 {
                    0 => poll_once(writer.write(&part)).await,
                    _ => wait_for(writer.write(&part), Duration::from_micros(1)).await.ok(),
                };
                match outcome {
                    Some(count) => place += count.unwrap(),
                    None => {
                        dropped += 1;
                        yield_now().await;
                    }
                }
            }
            writer.write_eof().await.unwrap();
            dropped
        });
        // It begins late, so that there is no room for a while.
        sleep(Duration::from_millis(2)).await;
        let (mut reader, _writer) = far.split();
        receive(&mut reader, TOTAL, 9_000).await;
        assert!(sender.await.unwrap() > 0);
    })
    .unwrap();
}

/// Fills the connection until nothing more is taken. How many bytes were.
pub(crate) async fn fill(writer: &mut TlsWriteHalf) -> usize {
    let part = [7; 30_000];
    let mut filled = 0;
    while let Ok(count) = wait_for(writer.write(&part), Duration::from_millis(20)).await {
        filled += count.unwrap();
    }
    filled
}

#[test]
fn a_reader_is_woken_while_the_writer_waits_for_room_and_the_other_way_round() {
    everloop::run(async {
        let (near, mut far) = tls_pair().await;
        let (mut reader, mut writer) = near.split();
        let filled = fill(&mut writer).await;
        let writing = create_task(async move {
            writer.write_all(b"at last").await.unwrap();
            writer.flush().await.unwrap();
            writer
        });
        let reading = create_task(async move {
            let mut heard = [0; 5];
            reader.read_exact(&mut heard).await.unwrap();
            (reader, heard)
        });
        sleep(Duration::from_millis(2)).await;
        // The reader's turn.
        far.write_all(b"hello").await.unwrap();
        let (mut reader, heard) = reading.await.unwrap();
        assert_eq!(&heard, b"hello");
        assert!(!writing.done());
        // The writer's, while the reader waits again.
        let reading = create_task(async move { reader.read(&mut [0; 5]).await.unwrap() });
        yield_now().await;
        let mut all = vec![0; filled + 7];
        far.read_exact(&mut all).await.unwrap();
        assert!(all.ends_with(b"at last"));
        let _writer = writing.await.unwrap();
        far.write_all(b"bye").await.unwrap();
        assert_eq!(reading.await.unwrap(), 3);
    })
    .unwrap();
}

#[test]
fn a_read_sends_what_a_write_left() {
    everloop::run(async {
        let (near, mut far) = tls_pair().await;
        let (mut reader, mut writer) = near.split();
        // The last of it is taken and not sent.
        let filled = fill(&mut writer).await;
        let answering = create_task(async move {
            let mut all = vec![0; filled];
            far.read_exact(&mut all).await.unwrap();
            far.write_all(b"all of it").await.unwrap();
            far
        });
        // Nobody writes or flushes any more.
        let mut heard = [0; 9];
        reader.read_exact(&mut heard).await.unwrap();
        assert_eq!(&heard, b"all of it");
        drop((answering.await.unwrap(), writer));
    })
    .unwrap();
}

#[test]
fn what_a_write_left_is_sent_while_nobody_asks() {
    everloop::run(async {
        let (near, mut far) = tls_pair().await;
        let (reader, mut writer) = near.split();
        let filled = fill(&mut writer).await;
        let mut all = vec![0; filled];
        far.read_exact(&mut all).await.unwrap();
        drop((reader, writer));
    })
    .unwrap();
}

#[test]
fn what_was_written_is_delivered_also_when_the_run_ends_at_once() {
    let authority = Authority::new();
    let (server, filled) = everloop::run(async {
        let (near, far) = pair_with_std().await;
        let server = std_server(far, &authority, |mut stream| {
            let mut heard = [0; 5];
            stream.read_exact(&mut heard).unwrap();
            thread::sleep(std::time::Duration::from_millis(100));
            let mut rest = Vec::new();
            // It ends as it should.
            stream.read_to_end(&mut rest).unwrap();
            COUNT.store(rest.len(), Ordering::Relaxed);
        });
        let near = authority.connector("localhost").connect(near).await.unwrap();
        let (_reader, mut writer) = near.split();
        writer.write_all(b"hello").await.unwrap();
        (server, fill(&mut writer).await)
    })
    .unwrap();
    server.join().unwrap();
    assert_eq!(COUNT.load(Ordering::Relaxed), filled);
}

static COUNT: AtomicUsize = AtomicUsize::new(0);

#[test]
fn what_was_written_is_delivered_after_the_stream_was_dropped() {
    everloop::run(async {
        let (near, mut far) = tls_pair().await;
        let (reader, mut writer) = near.split();
        let filled = fill(&mut writer).await;
        drop((reader, writer));
        sleep(Duration::from_millis(5)).await;
        let mut buf = vec![0; 10_000];
        let mut received = 0;
        loop {
            match far.read(&mut buf).await.unwrap() {
                0 => break,
                count => received += count,
            }
        }
        assert_eq!(received, filled);
    })
    .unwrap();
}

#[cfg(unix)]
#[test]
fn keys_may_change_while_much_goes_both_ways() {
    async fn send_with_many_keys<K: Kind>(mut writer: TlsWriteHalf<K>) {
        for start in (0..1_000_000).step_by(10_000) {
            writer.refresh_traffic_keys().unwrap();
            writer.write_all(&patterned(start..start + 10_000)).await.unwrap();
        }
        writer.write_eof().await.unwrap();
    }
    everloop::run(async {
        let (near, far) = everloop::net::UnixStream::pair().unwrap();
        let (near, far) = crate::support::tls::secured(near, far).await;
        let ((mut near_reader, near_writer), (mut far_reader, far_writer)) = (near.split(), far.split());
        let tasks = [
            create_task(send_with_many_keys(near_writer)),
            create_task(send_with_many_keys(far_writer)),
            create_task(async move { receive(&mut near_reader, 1_000_000, 30_000).await }),
            create_task(async move { receive(&mut far_reader, 1_000_000, 300).await }),
        ];
        for task in tasks {
            task.await.unwrap();
        }
    })
    .unwrap();
}
