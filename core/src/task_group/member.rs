use core::marker::PhantomData;
use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::crew::Child;
use super::group::Group;
use crate::queue::Storage;
use crate::scope::raise;
use crate::shim;

pin_project! {
    /// A child's future: tells its group how it failed, and then ends as one that was cancelled.
    ///
    /// The child is first, so that a pointer to this is a pointer to it.
    #[repr(C)]
    pub(super) struct Member<F, E, S: Storage> {
        #[pin]
        child: Child,
        group: *const Group<E, S>,
        #[pin]
        future: Option<F>,
        _storage: PhantomData<S>,
    }
}

impl<F, E, S: Storage> Member<F, E, S> {
    /// `group` is that of the crew that the child will be put into.
    pub(super) fn new(future: F, group: *const Group<E, S>) -> Self {
        Self { child: Child::new(), group, future: Some(future), _storage: PhantomData }
    }

    /// The future, of one that was not put into a crew.
    pub(super) fn into_future(self) -> Option<F> {
        self.future
    }
}

impl<T, E, F: Future<Output = Result<T, E>>, S: Storage> Future for Member<F, E, S> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let mut this = self.project();
        let Some(future) = this.future.as_mut().as_pin_mut() else { return Poll::Pending };
        let polled = shim::catch(|| future.poll(cx));
        let failure = match polled {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(Ok(value))) => return Poll::Ready(value),
            Ok(Poll::Ready(Err(error))) => Ok(error),
            Err(payload) => Err(payload),
        };
        // Before the group is told, which may be ended by it.
        let dropped = shim::catch(|| this.future.set(None));
        if this.child.has_crew() {
            // SAFETY: CREW: while the child has a crew the group is there.
            let group = unsafe { &**this.group };
            match failure {
                Ok(error) => group.child_failed(error),
                Err(payload) => group.panicked(payload),
            }
        } else if let Err(payload) = failure {
            // The group is gone, and the task on its own.
            shim::resume(payload);
        }
        if let Err(payload) = dropped {
            // Asked anew: who was told of the failure may have ended the group.
            if !this.child.has_crew() {
                shim::resume(payload);
            }
            // SAFETY: as above.
            unsafe { &**this.group }.panicked(payload);
        }
        raise(Some(MESSAGE));
        Poll::Pending
    }
}

/// What the handle of a child that failed says.
const MESSAGE: &str = "the task failed: its error is its group's";
