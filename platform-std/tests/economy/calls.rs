//! How many calls of the system it takes to read from a socket: here the C library's `recv` is one that counts.

use std::cell::Cell;
use std::ffi::{c_int, c_void};

use crate::support::pair;
use everloop::create_task;
use everloop::embedded_io_async::{Read, Write};

const ROUNDS: usize = 500;

thread_local! {
    static READS: Cell<usize> = const { Cell::new(0) };
}

/// # Safety
/// As of the C library's.
#[unsafe(no_mangle)]
unsafe extern "C" fn recv(fd: c_int, buf: *mut c_void, len: usize, flags: c_int) -> isize {
    READS.set(READS.get() + 1);
    // SAFETY: by the caller.
    unsafe { libc::recvfrom(fd, buf, len, flags, std::ptr::null_mut(), std::ptr::null_mut()) }
}

#[test]
fn a_message_that_fills_the_buffer_takes_one_read() {
    everloop::run(async {
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
    })
    .unwrap();
    // One at each end, and a few before the first message and after the last.
    let count = READS.get();
    assert!(
        (2 * ROUNDS..2 * ROUNDS + 10).contains(&count),
        "{count} reads for {ROUNDS} messages there and back"
    );
}

#[test]
fn a_byte_at_a_time_is_not_a_read_at_a_time() {
    everloop::run(async {
        let (mut near, mut far) = pair().await;
        far.write_all(&[7; 4096]).await.unwrap();
        for _ in 0..4096 {
            near.read_exact(&mut [0]).await.unwrap();
        }
    })
    .unwrap();
    let count = READS.get();
    assert!((1..10).contains(&count), "{count} reads");
}
