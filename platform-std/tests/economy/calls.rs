//! How many calls of the system it takes to read from a socket.

use std::sync::atomic::Ordering;
use std::thread;

use crate::support::filter;
use crate::support::pair;
use everloop::create_task;
use everloop::embedded_io_async::{Read, Write};

const ROUNDS: usize = 500;

/// How many reads a loop makes of what `main` does.
fn reads<F: Future<Output = ()>>(main: impl FnOnce() -> F + Send + 'static) -> usize {
    let counted = thread::spawn(|| {
        let calls = [libc::SYS_read, libc::SYS_readv, libc::SYS_recvfrom, libc::SYS_recvmsg];
        let count = filter::count(&calls);
        let before = count.load(Ordering::Relaxed);
        everloop::run(main()).unwrap();
        count.load(Ordering::Relaxed) - before
    });
    counted.join().unwrap()
}

#[test]
fn a_message_that_fills_the_buffer_takes_one_read() {
    let count = reads(async || {
        let (mut near, mut far) = pair().await;
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
    });
    // One at each end, and a few before the first message and after the last.
    assert!(
        (2 * ROUNDS..2 * ROUNDS + 20).contains(&count),
        "{count} reads for {ROUNDS} messages there and back"
    );
}

#[test]
fn a_byte_at_a_time_is_not_a_read_at_a_time() {
    let count = reads(async || {
        let (mut near, mut far) = pair().await;
        far.write_all(&[7; 4096]).await.unwrap();
        for _ in 0..4096 {
            near.read_exact(&mut [0]).await.unwrap();
        }
    });
    assert!((1..20).contains(&count), "{count} reads");
}
