use core::pin::Pin;
use core::task::{Context, Poll};

use futures_core::Stream;
use pin_project_lite::pin_project;

use super::Interval;
use super::interval::poll_tick;
use super::sleep::Sleep;
use crate::Instant;

pin_project! {
    /// The ticks of an [`Interval`] as a [`Stream`], each as the time at which it was due: see [`Interval::ticks`].
    #[must_use = "streams do nothing unless polled"]
    pub struct Ticks<'a> {
        interval: &'a mut Interval,
        #[pin]
        sleep: Option<Sleep>,
    }
}

impl<'a> Ticks<'a> {
    pub(super) fn new(interval: &'a mut Interval) -> Self {
        Self { interval, sleep: None }
    }
}

impl Stream for Ticks<'_> {
    type Item = Instant;

    #[track_caller]
    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Instant>> {
        let this = self.project();
        poll_tick(this.interval, this.sleep, cx).map(Some)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (usize::MAX, None)
    }
}
