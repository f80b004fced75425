//! What nobody will see otherwise: panics of tasks nobody awaits, of callbacks, and of foreign wakers, and errors that
//! have nobody to go to.

use core::error::Error;
use core::fmt;

use crate::log::log;
use crate::shim::{self, Payload};
use crate::{EventLoop, TaskInfo, current};

/// A panic that was caught and that nobody will go on with: its task is done and its handle was dropped without an
/// await, or it happened in a callback or in a waker that is not the runtime's. Or an error that was
/// [told](call_exception_handler) to the loop.
pub struct Unhandled<'a> {
    task: Option<TaskInfo>,
    what: What<'a>,
}

enum What<'a> {
    Panic(&'a Payload),
    Error { message: &'a str, error: &'a (dyn Error + 'static) },
}

impl Unhandled<'_> {
    /// The task that panicked; of a callback, the one that it was called for; of an error, the one that told it; of a
    /// waker, none.
    pub fn task(&self) -> Option<&TaskInfo> {
        self.task.as_ref()
    }

    /// What the panic said, if that was a text; of an error, what was said with it.
    pub fn message(&self) -> Option<&str> {
        match self.what {
            What::Panic(payload) => shim::message(payload),
            What::Error { message, .. } => Some(message),
        }
    }

    /// The error, if this is none of a panic.
    pub fn error(&self) -> Option<&(dyn Error + 'static)> {
        match self.what {
            What::Panic(_) => None,
            What::Error { error, .. } => Some(error),
        }
    }

    /// What the panic threw, if this is one.
    #[cfg(feature = "std")]
    pub fn payload(&self) -> Option<&(dyn core::any::Any + Send)> {
        match self.what {
            What::Panic(payload) => Some(&**payload),
            What::Error { .. } => None,
        }
    }
}

impl fmt::Debug for Unhandled<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut s = f.debug_struct("Unhandled");
        s.field("task", &self.task).field("message", &self.message());
        if let Some(error) = self.error() {
            s.field("error", &error);
        }
        s.finish()
    }
}

impl fmt::Display for Unhandled<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let What::Error { message, error } = self.what {
            return write!(f, "{message}: {error}");
        }
        if let Some(task) = &self.task {
            write!(f, "{task}")?;
        } else {
            f.write_str("a callback, a waker or a submitted task")?;
        }
        write!(f, " panicked and nobody awaited it: {}", self.message().unwrap_or("no message"))
    }
}

/// What is called with a panic or an error that nobody will see otherwise: see [`set_exception_handler`].
pub type ExceptionHandler = &'static dyn Fn(&Unhandled<'_>);

/// Sets what the running loop calls for panics and errors that nobody will see otherwise; `None` for the default, which writes a
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

/// Tells the running loop of an error that has nobody to go to, as of a background task that goes on after it: the loop's
/// [handler](set_exception_handler) is called, at once. asyncio's `loop.call_exception_handler`.
///
/// # Panics
/// Outside a running loop.
#[track_caller]
pub fn call_exception_handler(message: &str, error: &(dyn Error + 'static)) {
    let told = current::with(|l| {
        l.tell(&Unhandled { task: crate::current_task(), what: What::Error { message, error } });
    });
    match told {
        Some(()) => {}
        None => panic!("no running event loop to tell of this: {message}: {error}"),
    }
}

impl EventLoop {
    /// Hands a panic that nobody will see to the handler.
    pub(crate) fn unhandled(&self, task: Option<TaskInfo>, payload: Payload) {
        self.tell(&Unhandled { task, what: What::Panic(&payload) });
        shim::discard(payload);
    }

    fn tell(&self, unhandled: &Unhandled<'_>) {
        log!(error, "{}", unhandled);
        let handled = shim::catch(|| match self.handler.get() {
            Some(handler) => handler(unhandled),
            None => shim::report(unhandled),
        });
        if let Err(again) = handled {
            shim::discard(again);
        }
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
        shim::report(&Unhandled { task: None, what: What::Panic(&payload) });
        shim::discard(payload);
    }
}
