//! Much goes by way of a writer to a reader that is slow: it is throttled, and takes no more memory for being much.
//!
//! 64 MiB; with `EVERLOOP_LONG=1` a gigabyte.
#![allow(missing_docs)]

mod support;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};

use everloop::net::DEFAULT_LIMIT;
use everloop::{Duration, create_task, sleep};
use support::poll_once;

/// Counts what is allocated now, and how much that was at most.
struct Counting;

static NOW: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

// SAFETY: the system's allocator, which upholds the contract; only numbers are kept besides.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let now = NOW.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        PEAK.fetch_max(now, Ordering::Relaxed);
        // SAFETY: by the caller.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        NOW.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: by the caller.
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const WRITE: usize = 100_000;
const HIGH: usize = 64 * 1024;

/// The writer's high-water mark and a write; twice the reader's limit, and as much again while that grows; and some more
/// for everything else.
const MOST: usize = HIGH + WRITE + 3 * DEFAULT_LIMIT + 64 * 1024;

/// A byte that tells its place.
fn byte(place: usize) -> u8 {
    (place % 251) as u8
}

#[test]
fn a_slow_reader_throttles_the_writer_and_memory_stays_flat() {
    let total: usize = if std::env::var_os("EVERLOOP_LONG").is_some() { 1 << 30 } else { 64 << 20 };
    everloop::run(async move {
        let (near, far) = support::pair().await;
        let (_near_reader, writer) = near.buffered(DEFAULT_LIMIT);
        let (mut reader, _far_writer) = far.buffered(DEFAULT_LIMIT);
        let data: Vec<u8> = (0..WRITE + 251).map(byte).collect();
        let waits = Rc::new(Cell::new(0));
        PEAK.store(NOW.load(Ordering::Relaxed), Ordering::Relaxed);
        let before = NOW.load(Ordering::Relaxed);

        let writing = create_task({
            let waits = Rc::clone(&waits);
            async move {
                let mut sent = 0;
                while sent < total {
                    let count = WRITE.min(total - sent);
                    writer.write(&data[sent % 251..][..count]).unwrap();
                    sent += count;
                    assert!(writer.pending() <= HIGH + WRITE, "{} are held", writer.pending());
                    if poll_once(writer.drain()).await.is_none() {
                        waits.set(waits.get() + 1);
                        writer.drain().await.unwrap();
                        assert!(writer.pending() <= HIGH / 4);
                    }
                }
                writer.write_eof();
                writer
            }
        });

        let mut received = 0;
        loop {
            let bytes = reader.read_some(usize::MAX).await.unwrap();
            if bytes.is_empty() {
                break;
            }
            // All of it would take as long as the rest of the test.
            for place in [0, bytes.len() / 2, bytes.len() - 1] {
                assert_eq!(bytes[place], byte(received + place));
            }
            let before = received;
            received += bytes.len();
            if before >> 20 != received >> 20 {
                sleep(Duration::from_micros(200)).await;
            }
        }
        assert_eq!(received, total);
        let writer = writing.await.unwrap();
        assert_eq!(writer.pending(), 0);
        let peak = PEAK.load(Ordering::Relaxed) - before;
        assert!(peak <= MOST, "{peak} bytes were taken");
        // It can't have been sent all at once.
        assert!(waits.get() > 3, "{} waits", waits.get());
    })
    .unwrap();
}
