use std::sync::Arc;
use std::task::Wake;

/// Ends a park of its poller from another thread.
pub(super) struct Unparker(pub(super) mio::Waker);

impl Wake for Unparker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // It can only fail for want of kernel memory, and there is nobody here to tell: a panic would hit whoever
        // happened to wake, inside code that does not expect one. The next wake tries again.
        let _ = self.0.wake();
    }
}
