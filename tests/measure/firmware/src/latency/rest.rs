//! A wait as most drivers have it: a flag, and a place for the waker of whoever waits for it.

use core::future::poll_fn;
use core::sync::atomic::{AtomicBool, Ordering};
use core::task::Poll;
use everloop_board_mps2_an385::WakerSlot;

static FLAG: AtomicBool = AtomicBool::new(false);
static WAITER: WakerSlot = WakerSlot::new();

/// What the handler does.
pub fn raise() {
    FLAG.store(true, Ordering::Release);
    WAITER.wake();
}

/// What the task awaits.
pub async fn raised() {
    poll_fn(|cx| {
        if FLAG.swap(false, Ordering::Acquire) {
            return Poll::Ready(());
        }
        WAITER.register(cx.waker());
        if FLAG.swap(false, Ordering::Acquire) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}
