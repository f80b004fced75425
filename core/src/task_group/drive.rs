use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::error::ErrorGroup;
use super::group::Group;
use crate::queue::Storage;
use crate::scope::{
    Pass, Scope, ScopeKind, arrive, as_branch, asked, current_branch, drop_inner, finish,
    finish_and_ask_again, message, own, pass_and_stay, surface, take_above, take_request,
};
use crate::{WaitReason, shim, waits_on};

/// Bits of the scope's own byte.
mod state {
    /// The children were asked to end since something failed.
    pub(super) const ASKED: u8 = 1;
    /// A request came from outside.
    pub(super) const OUTSIDE: u8 = 2;
    /// It was handed on to children.
    pub(super) const FORWARDED: u8 = 4;
    /// A cancellation goes on outwards: pending for good.
    pub(super) const SURFACED: u8 = 8;
    /// The body was dropped for it.
    pub(super) const TOOK: u8 = 16;
}

pin_project! {
    /// Runs the body of a group and its children to their ends.
    pub(super) struct Drive<'g, B, R, E, S: Storage> {
        #[pin]
        body: Option<B>,
        #[pin]
        scope: Scope,
        group: &'g Group<E, S>,
        value: Option<R>,
    }

    impl<B, R, E, S: Storage> PinnedDrop for Drive<'_, B, R, E, S> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            drop_inner(this.scope.as_ref(), this.body);
        }
    }
}

impl<'g, B, R, E, S: Storage> Drive<'g, B, R, E, S> {
    pub(super) fn new(body: B, group: &'g Group<E, S>) -> Self {
        Self { body: Some(body), scope: Scope::new(ScopeKind::TaskGroup), group, value: None }
    }
}

impl<B, R, E, S: Storage> Future for Drive<'_, B, R, E, S>
where
    B: Future<Output = Result<R, E>>,
{
    type Output = Result<R, ErrorGroup<E, S>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let (scope, group): (_, &Group<E, S>) = (this.scope.as_ref(), this.group);
        if scope.is(state::SURFACED) {
            return Poll::Pending;
        }
        assert!(
            !group.crew.is_abroad(),
            "a task group with children is polled in another event loop than theirs: let it end in the loop that it began in"
        );
        let _polling = group.crew.polling();
        group.crew.keep_waker(cx.waker());
        let handed = scope.was_handed();
        // SAFETY: SCOPE: pinned, and polled under the branch that is being polled.
        unsafe { arrive(scope.get_ref(), current_branch(), cx.waker()) };
        group.crew.awaiter.note(|| as_branch(scope.get_ref()));
        if handed && scope.is_asked() {
            forward(scope, group);
        }
        // The body comes first, then the children that are ready: those that it creates now come at the next turn.
        run_body(this.body.as_mut(), scope, group, this.value, cx);
        group.crew.poll_children();
        if group.failed.get() && !scope.is(state::ASKED) {
            scope.mark(state::ASKED);
            group.crew.cancel_all(None, None);
            if this.body.is_some() && !scope.is(state::OUTSIDE) {
                scope.mark(own::WISH);
                scope.ask();
                run_body(this.body.as_mut(), scope, group, this.value, cx);
            }
        }
        if this.body.is_some() || group.crew.len() > 0 {
            if this.body.is_none() {
                waits_on(WaitReason::TaskGroup);
            }
            return Poll::Pending;
        }
        group.shut.set(true);
        end(scope, group, this.value.take())
    }
}

/// A request came from outside: the children are asked to end at once, and the body at its poll.
fn forward<E, S: Storage>(scope: Pin<&Scope>, group: &Group<E, S>) {
    scope.mark(state::OUTSIDE);
    scope.unmark(own::WISH);
    group.shut.set(true);
    if group.crew.len() > 0 {
        scope.mark(state::FORWARDED);
        let branch = as_branch(scope.get_ref());
        // SAFETY: SCOPE: the scope is linked.
        let (asked, message) = unsafe { (asked(branch), message(branch)) };
        group.crew.cancel_all(asked, message);
    }
}

/// Polls the body, if it has not ended.
fn run_body<B: Future<Output = Result<R, E>>, R, E, S: Storage>(
    mut body: Pin<&mut Option<B>>,
    scope: Pin<&Scope>,
    group: &Group<E, S>,
    value: &mut Option<R>,
    cx: &mut Context<'_>,
) {
    if body.is_some() {
        match pass_and_stay(scope, body.as_mut(), cx) {
            Pass::Pending => {}
            Pass::Ready(Ok(done)) => *value = Some(done),
            Pass::Ready(Err(error)) => group.body_failed(error),
            Pass::Cancelled if scope.is(state::OUTSIDE) => scope.mark(state::TOOK),
            Pass::Cancelled if scope.is(state::ASKED) => {}
            Pass::Cancelled => {
                // Code in the body resumed a cancellation of its own.
                group.shut.set(true);
                group.crew.cancel_all(None, None);
            }
        }
    }
    if scope.is(state::FORWARDED) {
        // The children clean up in this scope's place: a sibling that surfaces waits for it.
        // SAFETY: SCOPE: the scope is linked.
        unsafe {
            if body.is_some() {
                take_above(as_branch(scope.get_ref()));
            } else {
                take_request(as_branch(scope.get_ref()));
            }
        }
        scope.set_taken();
    }
}

/// All have ended: what came of it.
fn end<R, E, S: Storage>(
    scope: Pin<&Scope>,
    group: &Group<E, S>,
    value: Option<R>,
) -> Poll<Result<R, ErrorGroup<E, S>>> {
    let asked = scope.is(state::OUTSIDE) && (scope.is(state::FORWARDED | state::TOOK) || scope.was_taken());
    // SAFETY: SCOPE: the body is dropped.
    unsafe {
        if let Some(payload) = group.take_panic() {
            finish(scope.get_ref());
            shim::resume(payload);
        }
        if let Some(errors) = group.take_errors() {
            // Errors are not lost to a request, nor it to them: it is delivered at the next await.
            if asked {
                finish_and_ask_again(scope.get_ref());
            } else {
                finish(scope.get_ref());
            }
            return Poll::Ready(Err(errors));
        }
        match value {
            Some(value) if !asked => {
                finish(scope.get_ref());
                Poll::Ready(Ok(value))
            }
            _ => {
                scope.mark(state::SURFACED);
                surface(scope.get_ref());
                Poll::Pending
            }
        }
    }
}
