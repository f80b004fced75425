//! Feature `tracing`: each task has a span, which is entered at each of its polls, so that what is logged in a task says
//! which one it was.
//!
//! The span is named `task`, of the target `everloop` and the level INFO, with the task's number as `id` and, once it has
//! one, its `name`. It is made at the task's first poll, inside the span of whoever polls: that is the loop's, or the
//! creator's for an eager task and a group's for its child. The drop of a task's future is inside it too. It closes when
//! the task ends.
//!
//! [`run`](crate::run), [`Runner`](crate::Runner) and [`Reactor`](crate::reactor::Reactor) do this by themselves. A platform
//! of your own, as one of virtual time for a test, hands [`observer`] out:
//!
//! ```
//! use everloop::platform::{Platform, Wait};
//! use everloop::virtual_time::VirtualTime;
//! use everloop::{Instant, TaskInfo, TaskObserver};
//!
//! struct Traced(VirtualTime);
//!
//! impl Platform for Traced {
//!     fn now(&self) -> Instant {
//!         self.0.now()
//!     }
//!
//!     fn park(&self, wait: Wait) {
//!         self.0.park(wait);
//!     }
//!
//!     fn observer(&self, task: &TaskInfo) -> Option<Box<dyn TaskObserver>> {
//!         everloop::interop::tracing::observer(task)
//!     }
//! }
//! ```

use everloop_core::{TaskInfo, TaskObserver};
use tracing::Span;
use tracing::field::Empty;

/// The span of a task, for [`Platform::observer`](crate::platform::Platform::observer). `None` if no subscriber wants it.
pub fn observer(task: &TaskInfo) -> Option<Box<dyn TaskObserver>> {
    let span = tracing::info_span!(target: "everloop", "task", id = task.id().get(), name = Empty);
    if span.is_disabled() {
        return None;
    }
    Some(Box::new(TaskSpan { span, name: None }))
}

struct TaskSpan {
    span: Span,
    /// As the subscriber knows it.
    name: Option<&'static str>,
}

impl TaskObserver for TaskSpan {
    fn poll_begins(&mut self, task: &TaskInfo) {
        if self.name != task.name() {
            self.name = task.name();
            self.span.record("name", self.name);
        }
        self.span.with_subscriber(|(id, subscriber)| subscriber.enter(id));
    }

    fn poll_ends(&mut self) {
        self.span.with_subscriber(|(id, subscriber)| subscriber.exit(id));
    }
}
