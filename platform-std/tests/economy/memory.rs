//! How much memory a connection takes that nothing happens on, by an allocator that counts for each thread.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use crate::support::{any_port, many};
use everloop::embedded_io_async::{Read, Write};
use everloop::net::{TcpListener, TcpStream};

thread_local! {
    /// What this thread has allocated and not freed.
    static BYTES: Cell<isize> = const { Cell::new(0) };
}

struct Counting;

fn count(bytes: isize) {
    BYTES.set(BYTES.get() + bytes);
}

// SAFETY: all is the system's.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: by the caller.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        // SAFETY: by the caller.
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// How many bytes each of `n` takes that `make` gives.
async fn each<T>(n: usize, make: impl AsyncFn() -> T) -> (isize, Vec<T>) {
    let mut all = Vec::with_capacity(n + 1);
    // What only the first one takes is none of theirs.
    all.push(make().await);
    let before = BYTES.get();
    for _ in 0..n {
        all.push(make().await);
    }
    ((BYTES.get() - before) / n as isize, all)
}

/// A connection of which the far end is a plain socket, after a message there and back.
async fn accepted(listener: &TcpListener) -> (TcpStream, std::net::TcpStream) {
    let far = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (mut near, _) = listener.accept().await.unwrap();
    std::io::Write::write_all(&mut &far, b"more than there is room for").unwrap();
    let mut buf = [0; 5];
    for _ in 0..6 {
        let count = near.read(&mut buf).await.unwrap();
        near.write_all(&buf[..count]).await.unwrap();
    }
    (near, far)
}

#[test]
fn an_idle_connection_takes_little() {
    everloop::run(async {
        let listener = TcpListener::bind(any_port()).unwrap();
        let (bytes, _all) = each(many(400), async || accepted(&listener).await).await;
        // What a wait needs is in the future that waits.
        assert!(bytes <= if cfg!(feature = "tls") { 152 } else { 136 }, "{bytes} bytes a connection");
    })
    .unwrap();
}

#[test]
fn who_waits_for_input_allocates_nothing() {
    everloop::run(async {
        let listener = TcpListener::bind(any_port()).unwrap();
        let (mut near, _far) = accepted(&listener).await;
        let mut buf = [0; 64];
        let read = near.read(&mut buf);
        assert!(size_of_val(&read) <= 4 * size_of::<usize>(), "{} bytes", size_of_val(&read));
        let before = BYTES.get();
        assert!(crate::support::poll_once(read).await.is_none());
        assert_eq!(BYTES.get(), before);
    })
    .unwrap();
}

#[test]
fn connections_that_are_closed_leave_nothing() {
    everloop::run(async {
        let listener = TcpListener::bind(any_port()).unwrap();
        // The first has the loop allocate what all share.
        drop(accepted(&listener).await);
        let before = BYTES.get();
        let (_, all) = each(many(100), async || accepted(&listener).await).await;
        drop(all);
        // The places of other sources may share theirs; they are used again.
        let once = BYTES.get();
        let (_, all) = each(many(100), async || accepted(&listener).await).await;
        drop(all);
        assert_eq!(BYTES.get(), once);
        let per_place = 64;
        assert!(once - before <= (many(100) as isize + 64) * per_place, "{} bytes", once - before);
    })
    .unwrap();
}
