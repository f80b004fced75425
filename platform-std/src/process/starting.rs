//! How a program comes to be started: at once, or by one of the loop's threads for that.

use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::child::Child;
use super::reaper;
use super::spawn::Program;
use super::stdio::Theirs;
use crate::reactor::Driver;

#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub(super) use elsewhere::Starting;
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(super) use here::Starting;

/// Starts the program, on this thread.
fn start(program: Program, theirs: [Theirs; 3]) -> io::Result<Arc<Child>> {
    reaper::adopt(program.start(theirs)?)
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
mod here {
    use super::*;

    /// A program that was started.
    pub(in crate::process) struct Starting(Option<Arc<Child>>);

    impl Starting {
        pub(in crate::process) fn new(
            program: Program,
            theirs: [Theirs; 3],
            driver: &Rc<Driver>,
            _: &Context<'_>,
        ) -> io::Result<Self> {
            let child = start(program, theirs)?;
            driver.watch(&child);
            Ok(Self(Some(child)))
        }

        pub(in crate::process) fn poll(&mut self, _: &mut Context<'_>) -> Poll<io::Result<Arc<Child>>> {
            self.0.take().map_or(Poll::Pending, |child| Poll::Ready(Ok(child)))
        }
    }
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod elsewhere {
    use super::*;
    use crate::process::handle::SIGKILL;
    use crate::to_thread::Job;

    /// A program that was started, or is about to be.
    pub(in crate::process) enum Starting {
        Done(Option<Arc<Child>>),
        HandedOver(Arc<Job<Start, io::Result<Unclaimed>>>),
    }

    type Start = Box<dyn FnOnce() -> io::Result<Unclaimed> + Send>;

    /// A child that nobody knows of yet: if nobody comes to, it is killed.
    pub(in crate::process) struct Unclaimed(Option<Arc<Child>>);

    impl Drop for Unclaimed {
        fn drop(&mut self) {
            if let Some(child) = self.0.take() {
                // It may have ended by itself.
                let _ = child.send_signal(SIGKILL);
            }
        }
    }

    impl Starting {
        pub(in crate::process) fn new(
            mut program: Program,
            theirs: [Theirs; 3],
            driver: &Rc<Driver>,
            cx: &Context<'_>,
        ) -> io::Result<Self> {
            let (starters, waits) = (driver.starters(), driver.waits());
            if !starters.is_one_of_several(waits) || !program.take_along() {
                let child = start(program, theirs)?;
                driver.watch(&child);
                starters.note(waits, Some(&child));
                return Ok(Self::Done(Some(child)));
            }
            starters.note(waits, None);
            let start: Start = Box::new(move || start(program, theirs).map(|child| Unclaimed(Some(child))));
            let job = Arc::new(Job::new(start, cx.waker().clone()));
            if starters.submit(job.clone()).is_ok() {
                return Ok(Self::HandedOver(job));
            }
            // There is no other thread, so it is this one's after all.
            let Some(start) = job.take_back() else { unreachable!("no thread has seen it") };
            start().map(|mut child| Self::Done(child.0.take()))
        }

        pub(in crate::process) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Arc<Child>>> {
            match self {
                Self::Done(child) => child.take().map_or(Poll::Pending, |child| Poll::Ready(Ok(child))),
                Self::HandedOver(job) => match job.poll(cx.waker()) {
                    Some(Ok(Ok(mut child))) => {
                        child.0.take().map_or(Poll::Pending, |child| Poll::Ready(Ok(child)))
                    }
                    Some(Ok(Err(error))) => Poll::Ready(Err(error)),
                    Some(Err(panic)) => std::panic::resume_unwind(panic),
                    None => Poll::Pending,
                },
            }
        }
    }

    impl Drop for Starting {
        fn drop(&mut self) {
            if let Self::HandedOver(job) = self {
                job.abandon();
            }
        }
    }
}
