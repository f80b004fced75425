use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::completion::{Completion, Outcome, Shares};
use crate::scope::{as_task_message, current_branch};
use crate::shim;

pin_project! {
    #[project = WorkProjection]
    enum Work<F, Fut> {
        /// What was sent to the loop.
        Sent { make: Option<F> },
        /// What it made there.
        Made { #[pin] future: Fut },
        Gone,
    }
}

pin_project! {
    /// The future of a submitted task: makes the submitted future in the loop's context, runs it, and leaves its outcome.
    ///
    /// Until its first poll it holds nothing but what was sent, so it may be made in another context.
    pub(super) struct Job<F, Fut, T> {
        #[pin]
        work: Work<F, Fut>,
        // SHARES: the loop's side has not let go.
        completion: *const Completion<T>,
        // Null if the task's memory lets go for it.
        shares: *const Shares,
        settled: bool,
    }

    impl<F, Fut, T> PinnedDrop for Job<F, Fut, T> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if this.shares.is_null() && this.completion.is_null() {
                return;
            }
            // What was inside is gone before anybody hears of it. A panic of that goes where one of the task would.
            let gone = shim::catch(|| this.work.set(Work::Gone));
            // SAFETY: SHARES.
            unsafe {
                if !*this.settled {
                    (**this.completion).settle(match gone {
                        Ok(()) => Outcome::Cancelled(as_task_message(current_branch())),
                        Err(payload) => Outcome::Panicked(payload),
                    });
                }
                if !this.shares.is_null() {
                    Shares::let_go(*this.shares);
                }
            }
        }
    }
}

impl<F, Fut, T> Job<F, Fut, T> {
    pub(super) fn new(make: F, completion: *const Completion<T>, shares: *const Shares) -> Self {
        Self { work: Work::Sent { make: Some(make) }, completion, shares, settled: false }
    }

    /// What was sent, of one that no loop took. It lets go of nothing.
    pub(super) fn into_sent(mut self) -> F {
        self.completion = core::ptr::null();
        self.shares = core::ptr::null();
        match &mut self.work {
            Work::Sent { make: Some(_) } => {}
            _ => unreachable!("it was not polled"),
        }
        let Work::Sent { make } = &mut self.work else { unreachable!() };
        let Some(make) = make.take() else { unreachable!() };
        make
    }
}

impl<F, Fut, T> Future for Job<F, Fut, T>
where
    F: FnOnce() -> Fut,
    Fut: Future<Output = T>,
{
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut this = self.project();
        let polled = shim::catch(|| {
            if let WorkProjection::Sent { make } = this.work.as_mut().project()
                && let Some(make) = make.take()
            {
                this.work.set(Work::Made { future: make() });
            }
            match this.work.as_mut().project() {
                WorkProjection::Made { future } => future.poll(cx),
                _ => Poll::Pending,
            }
        });
        let outcome = match polled {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(value)) => Outcome::Value(value),
            Err(payload) => Outcome::Panicked(payload),
        };
        let outcome = match (shim::catch(|| this.work.set(Work::Gone)), outcome) {
            (Ok(()), outcome) | (Err(_), outcome @ Outcome::Panicked(_)) => outcome,
            (Err(payload), _) => Outcome::Panicked(payload),
        };
        *this.settled = true;
        // SAFETY: SHARES: the loop's side has not let go.
        unsafe { (**this.completion).settle(outcome) };
        Poll::Ready(())
    }
}
