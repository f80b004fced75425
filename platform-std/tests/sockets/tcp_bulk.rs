//! Much data both ways at once, with readers slower than writers.
#![allow(missing_docs)]

use crate::support::{many, pair, poll_once};
use everloop::create_task;
use everloop::embedded_io_async::{Read, Write};
use everloop::net::{ConnectionWriter, TcpReader, TcpWriter};

fn total() -> usize {
    many(64 << 20)
}

/// A number for each place that does not repeat soon.
fn block(at: usize) -> [u8; 8] {
    (at as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15).to_le_bytes()
}

fn fill(buf: &mut [u8], place: usize) {
    for (i, part) in buf.as_chunks_mut::<8>().0.iter_mut().enumerate() {
        *part = block(place / 8 + i);
    }
}

async fn send(mut writer: TcpWriter, already: usize) {
    let mut buf = vec![0; 1 << 16];
    let mut place = already;
    while place < total() {
        // From the last whole block on, as a write may end anywhere.
        let skip = place % 8;
        fill(&mut buf, place - skip);
        let end = buf.len().min(total() - place + skip);
        place += writer.write(&buf[skip..end]).await.unwrap();
    }
    writer.write_eof().await.unwrap();
}

async fn receive(mut reader: TcpReader) -> usize {
    let mut buf = vec![0; 50_000];
    let mut expected = vec![0; 50_016];
    let mut place = 0;
    loop {
        let count = reader.read(&mut buf).await.unwrap();
        if count == 0 {
            return place;
        }
        let skip = place % 8;
        fill(&mut expected, place - skip);
        assert!(buf[..count] == expected[skip..skip + count], "wrong bytes at {place}");
        place += count;
    }
}

/// Writes until the kernel takes no more, which it must at some point if nobody reads.
async fn until_full(writer: &mut TcpWriter) -> usize {
    let mut buf = vec![0; 1 << 16];
    let mut place = 0;
    loop {
        let skip = place % 8;
        fill(&mut buf, place - skip);
        match poll_once(writer.write(&buf[skip..])).await {
            Some(count) => place += count.unwrap(),
            // Once more: it may only have let others run.
            None => match poll_once(writer.write(&buf[skip..])).await {
                Some(count) => place += count.unwrap(),
                None => break place,
            },
        }
        assert!(place < total(), "the kernel took all without anybody reading");
    }
}

#[test]
fn sixty_four_mebibytes_both_ways() {
    everloop::run(async {
        let (near, far) = pair().await;
        let (near_reader, mut near_writer) = near.split();
        let (far_reader, mut far_writer) = far.split();
        let near_sent = until_full(&mut near_writer).await;
        let far_sent = until_full(&mut far_writer).await;
        let tasks = [
            create_task(async move {
                send(near_writer, near_sent).await;
                total()
            }),
            create_task(async move {
                send(far_writer, far_sent).await;
                total()
            }),
            create_task(receive(near_reader)),
            create_task(receive(far_reader)),
        ];
        for task in tasks {
            assert_eq!(task.await.unwrap(), total());
        }
    })
    .unwrap();
}
