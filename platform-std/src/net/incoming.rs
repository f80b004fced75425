use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;

use super::StreamSocket;
use super::kind::Kind;
use crate::reactor::Waiter;

/// The connections of a listener, one after the other: the [`Stream`] of [`TcpListener::incoming`] and
/// `UnixListener::incoming`. It never ends.
///
/// An error is the system's, as of [`TcpListener::accept`], and the next connection may be there all the same: who goes on
/// after one should read there when to let time pass first.
///
/// # Cancel safety
/// Dropping it, or a future that waits for its next item, loses no connection.
///
/// # Allocation
/// The state of each socket.
///
/// # Wakes from interrupts
/// None; the reactor wakes it on its own thread.
///
/// [`TcpListener::incoming`]: super::TcpListener::incoming
/// [`TcpListener::accept`]: super::TcpListener::accept
#[must_use = "streams do nothing unless polled"]
pub struct Incoming<'a, K: Kind> {
    listener: &'a K::Listener,
    waiter: Waiter<'a>,
    accept: PollAccept<K>,
}

/// How a listener accepts for who keeps the place to wait.
type PollAccept<K> =
    fn(&<K as Kind>::Listener, &mut Context<'_>, &Waiter<'_>) -> Poll<io::Result<StreamSocket<K>>>;

impl<'a, K: Kind> Incoming<'a, K> {
    pub(super) fn new(listener: &'a K::Listener, waiter: Waiter<'a>, accept: PollAccept<K>) -> Self {
        Self { listener, waiter, accept }
    }
}

impl<K: Kind> Stream for Incoming<'_, K> {
    type Item = io::Result<StreamSocket<K>>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        (self.accept)(self.listener, cx, &self.waiter).map(Some)
    }
}

impl<K: Kind> fmt::Debug for Incoming<'_, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut s = f.debug_struct("Incoming");
        if let Ok(address) = K::listens_at(self.listener) {
            s.field("local", &address);
        }
        s.finish_non_exhaustive()
    }
}
