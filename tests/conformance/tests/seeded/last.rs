//! A main task that goes on when all others have had their steps.

use std::pin::Pin;
use std::task::{Context, Poll};

use everloop_core::{TaskState, all_tasks, current_task};

/// So often in a row it lets others go first: some are never done.
const PATIENCE: u32 = 30;

/// Polls `main`; if it is to be the last, only when no other task is ready.
///
/// Most tests of the list wait by `yield_now` for what they have created or woken, which with the loop's own order is one
/// turn. In other orders this is what they mean.
pub struct Last<'a> {
    main: Pin<&'a mut dyn Future<Output = ()>>,
    last: bool,
    waited: u32,
}

impl<'a> Last<'a> {
    pub fn new(main: Pin<&'a mut dyn Future<Output = ()>>, last: bool) -> Self {
        Self { main, last, waited: 0 }
    }

    fn others_are_ready() -> bool {
        let own = current_task().map(|task| task.id());
        all_tasks().any(|task| Some(task.id()) != own && task.state() == TaskState::Ready)
    }
}

impl Future for Last<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.last && self.waited < PATIENCE && Self::others_are_ready() {
            self.waited += 1;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.waited = 0;
        self.main.as_mut().poll(cx)
    }
}
