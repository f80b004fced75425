//! Panics that nobody will see otherwise: those of tasks nobody awaits, of callbacks, and of foreign wakers.

use core::fmt;

use crate::shim::{self, Payload};
use crate::{EventLoop, TaskInfo, current};

/// A panic that was caught and that nobody will go on with: its task is done and its handle was dropped without an
/// await, or it happened in a callback or in a waker that is not the runtime's.
pub struct Unhandled<'a> {
    task: Option<TaskInfo>,
    payload: &'a Payload,
}

impl Unhandled<'_> {
    /// The task that panicked; of a callback, the one that it was called for; of a waker, none.
    pub fn task(&self) -> Option<&TaskInfo> {
        self.task.as_ref()
    }

    /// What the panic said, if that was a text.
    pub fn message(&self) -> Option<&str> {
        shim::message(self.payload)
    }

    /// What the panic threw.
    #[cfg(feature = "std")]
    pub fn payload(&self) -> &(dyn core::any::Any + Send) {
        &**self.payload
    }
}

impl fmt::Debug for Unhandled<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unhandled").field("task", &self.task).field("message", &self.message()).finish()
    }
}

impl fmt::Display for Unhandled<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(task) = &self.task {
            write!(f, "{task}")?;
        } else {
            f.write_str("a callback or a waker")?;
        }
        write!(f, " panicked and nobody awaited it: {}", self.message().unwrap_or("no message"))
    }
}

/// What is called with a panic that nobody will see otherwise: see [`set_exception_handler`].
pub type ExceptionHandler = &'static dyn Fn(&Unhandled<'_>);

/// Sets what the running loop calls for panics that nobody will see otherwise; `None` for the default, which writes a
/// line to the standard error where there is one. asyncio's `loop.set_exception_handler`.
///
/// It is kept until the loop closes. Panics are caught on a host only: where a panic does not return there is nothing
/// to handle. A panic in the handler itself is dropped.
///
/// # Panics
/// Outside a running loop.
///
/// ```
/// # use everloop_core::{EventLoop, TaskPool, virtual_time::{UNPARKER, VirtualTime}};
/// # static LOOP: EventLoop = EventLoop::new(UNPARKER);
/// # static POOL: TaskPool<1, 64> = TaskPool::new();
/// # if cfg!(feature = "std") { // where panics are caught
/// use std::sync::atomic::{AtomicBool, Ordering};
/// use everloop_core::{create_task, set_exception_handler, yield_now};
///
/// static HANDLED: AtomicBool = AtomicBool::new(false);
/// # LOOP.run(&VirtualTime::new(), &[&POOL], async {
///
/// set_exception_handler(Some(&|unhandled| {
///     assert_eq!(unhandled.message(), Some("out of paper"));
///     HANDLED.store(true, Ordering::Relaxed);
/// }));
/// drop(create_task(async { panic!("out of paper") }));
/// yield_now().await;
/// assert!(HANDLED.load(Ordering::Relaxed));
/// # }).unwrap();
/// # }
/// ```
#[track_caller]
pub fn set_exception_handler(handler: Option<ExceptionHandler>) {
    match current::with(|l| l.handler.set(handler)) {
        Some(()) => {}
        None => panic!("no running event loop: a handler is of the loop it is set in"),
    }
}

impl EventLoop {
    /// Hands a panic that nobody will see to the handler.
    pub(crate) fn unhandled(&self, task: Option<TaskInfo>, payload: Payload) {
        let handled = shim::catch(|| {
            let unhandled = Unhandled { task, payload: &payload };
            match self.handler.get() {
                Some(handler) => handler(&unhandled),
                None => shim::report(&unhandled),
            }
        });
        if let Err(again) = handled {
            shim::discard(again);
        }
        shim::discard(payload);
    }
}

/// Tells the handler of the running loop of a panic that goes no further and is no task's; outside a loop, the log.
pub(crate) fn unhandled(payload: Payload) {
    let mut payload = Some(payload);
    current::with(|l| {
        if let Some(payload) = payload.take() {
            l.unhandled(None, payload);
        }
    });
    if let Some(payload) = payload {
        shim::report(&Unhandled { task: None, payload: &payload });
        shim::discard(payload);
    }
}
