//! How many calls of the system it takes to read, as the kernel counts them for each thread.
#![allow(missing_docs)]

use crate::support::pair;
use everloop::create_task;
use everloop::embedded_io_async::{Read, Write};

const ROUNDS: u64 = 500;

/// How often this thread has read from files and sockets. None where the kernel does not count.
fn reads() -> Option<u64> {
    let counts = std::fs::read_to_string("/proc/thread-self/io").ok()?;
    counts.lines().find_map(|line| line.strip_prefix("syscr: "))?.parse().ok()
}

#[test]
fn a_message_that_fills_the_buffer_takes_one_read() {
    everloop::run(async {
        let (mut near, mut far) = pair().await;
        let Some(before) = reads() else { return };
        let echo = create_task(async move {
            let mut buf = [0; 64];
            while let Ok(count @ 1..) = far.read(&mut buf).await {
                far.write_all(&buf[..count]).await.unwrap();
            }
        });
        let mut buf = [1; 64];
        for _ in 0..ROUNDS {
            near.write_all(&buf).await.unwrap();
            near.read_exact(&mut buf).await.unwrap();
        }
        drop(near);
        echo.await.unwrap();
        let count = reads().unwrap() - before;
        // One at each end, and a few before the first message, after the last, and of the count itself.
        assert!(count <= 2 * ROUNDS + 20, "{count} reads for {ROUNDS} messages there and back");
    })
    .unwrap();
}

#[test]
fn a_byte_at_a_time_is_not_a_read_at_a_time() {
    everloop::run(async {
        let (mut near, mut far) = pair().await;
        far.write_all(&[7; 4096]).await.unwrap();
        let Some(before) = reads() else { return };
        for _ in 0..4096 {
            near.read_exact(&mut [0]).await.unwrap();
        }
        let count = reads().unwrap() - before;
        assert!(count <= 20, "{count} reads");
    })
    .unwrap();
}
