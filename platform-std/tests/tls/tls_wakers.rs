//! Wakers that use the connection they are woken for.
#![allow(missing_docs)]

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use crate::support::tls::tls_pair;
use everloop::embedded_io_async::{Read, Write};
use everloop::tls::TlsWriteHalf;
use everloop::{Duration, sleep, yield_now};

thread_local! {
    static WRITER: RefCell<Option<TlsWriteHalf>> = const { RefCell::new(None) };
    static WAKES: Cell<usize> = const { Cell::new(0) };
}

/// A waker that uses the connection itself when it is woken and when it is dropped.
struct Meddler;

impl Meddler {
    fn meddle() {
        let writer = WRITER.take();
        if let Some(mut writer) = writer {
            let mut cx = Context::from_waker(Waker::noop());
            assert!(writer.poll_write(&mut cx, b"m").is_ready());
            assert!(writer.poll_flush(&mut cx).is_ready());
            WRITER.set(Some(writer));
        }
    }
}

impl Wake for Meddler {
    fn wake(self: Arc<Self>) {
        WAKES.set(WAKES.get() + 1);
        Self::meddle();
    }
}

impl Drop for Meddler {
    fn drop(&mut self) {
        Self::meddle();
    }
}

#[test]
fn a_waker_may_use_the_connection() {
    everloop::run(async {
        let (near, mut far) = tls_pair().await;
        let (mut reader, writer) = near.split();
        WRITER.set(Some(writer));
        let mut buf = [0; 8];
        for _ in 0..2 {
            // The second takes the place of the first, which is dropped there.
            let waker = Waker::from(Arc::new(Meddler));
            assert!(reader.poll_read(&mut Context::from_waker(&waker), &mut buf).is_pending());
        }
        far.write_all(b"hello").await.unwrap();
        while WAKES.get() == 0 {
            yield_now().await;
            sleep(Duration::from_micros(100)).await;
        }
        let waker = Waker::from(Arc::new(Meddler));
        let polled = reader.poll_read(&mut Context::from_waker(&waker), &mut buf);
        assert!(matches!(polled, Poll::Ready(Ok(5))));
        drop(waker);
        drop(WRITER.take());
        drop(reader);
        let mut meddled = Vec::new();
        loop {
            match far.read(&mut buf).await.unwrap() {
                0 => break,
                count => meddled.extend_from_slice(&buf[..count]),
            }
        }
        // The drop of the first, the wake and the drop of the second, and the drop of the last.
        assert_eq!(meddled, b"mmmm");
    })
    .unwrap();
}
