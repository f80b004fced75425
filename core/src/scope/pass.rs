//! What all scopes do around a poll of their inner future.

use core::pin::Pin;
use core::task::{Context, Poll};

use super::branch::{Branch, Scope};
use super::tree::{Enter, arrive, enter, finish, leave};
use crate::{EventLoop, current};

/// While it lives, its branch is the one that scopes polled inside link themselves under. The one before is
/// restored when it is dropped.
pub(crate) struct Inside<'a> {
    l: &'a EventLoop,
    before: *const Branch,
}

impl<'a> Inside<'a> {
    pub(crate) fn new(l: &'a EventLoop, branch: *const Branch) -> Self {
        Self { l, before: l.scope.replace(branch) }
    }
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        self.l.scope.set(self.before);
    }
}

/// As [`Inside`], in the running loop.
struct Within {
    l: *const EventLoop,
    before: *const Branch,
}

impl Within {
    /// Nothing outside a loop.
    #[cfg_attr(feature = "std", inline)]
    fn new(branch: *const Branch) -> Option<Self> {
        current::with(|l| Self { l, before: l.scope.replace(branch) })
    }
}

impl Drop for Within {
    #[cfg_attr(feature = "std", inline)]
    fn drop(&mut self) {
        // SAFETY: RUNNING: it stands in a frame of code that the loop runs.
        unsafe { &*self.l }.scope.set(self.before);
    }
}

/// Calls `f` inside `branch`, if a loop is running.
#[cfg_attr(feature = "std", inline)]
fn inside<T>(branch: *const Branch, f: impl FnOnce() -> T) -> T {
    let _within = Within::new(branch);
    f()
}

/// The branch that is being polled, null outside a loop.
#[cfg_attr(feature = "std", inline)]
pub(crate) fn current_branch() -> *const Branch {
    current::with(|l| l.scope.get()).unwrap_or(core::ptr::null())
}

/// How one pass over a scope's inner future ended.
pub(crate) enum Pass<T> {
    /// It goes on.
    Pending,
    /// It is ready and was dropped.
    Ready(T),
    /// It was dropped, by a request or because code inside resumed a cancellation. The scope is still linked.
    Cancelled,
}

/// Polls the inner future of `scope` as the rules say. When it is ready, the scope leaves the tree.
pub(crate) fn pass<F: Future>(
    scope: Pin<&Scope>,
    inner: Pin<&mut Option<F>>,
    cx: &mut Context<'_>,
) -> Pass<F::Output> {
    // SAFETY: SCOPE: the scope is pinned, and is being polled under the branch that is being polled.
    unsafe { arrive(scope.get_ref(), current_branch(), cx.waker()) };
    pass_arrived(scope, inner, cx)
}

/// As [`pass`], of a scope that has [arrived](arrive) in this poll.
pub(super) fn pass_arrived<F: Future>(
    scope: Pin<&Scope>,
    inner: Pin<&mut Option<F>>,
    cx: &mut Context<'_>,
) -> Pass<F::Output> {
    let result = go(scope, inner, cx);
    if matches!(result, Pass::Ready(_)) {
        // SAFETY: SCOPE: the inner future is ready and dropped.
        unsafe { finish(scope.get_ref()) };
    }
    result
}

/// As [`pass`], but the scope stays in the tree in any case, for one that may yet surface.
pub(crate) fn pass_and_stay<F: Future>(
    scope: Pin<&Scope>,
    inner: Pin<&mut Option<F>>,
    cx: &mut Context<'_>,
) -> Pass<F::Output> {
    // SAFETY: SCOPE: the scope is pinned, and is being polled under the branch that is being polled.
    unsafe { arrive(scope.get_ref(), current_branch(), cx.waker()) };
    go(scope, inner, cx)
}

/// The pass itself, of a scope that has arrived.
#[cfg_attr(feature = "std", inline)]
fn go<F: Future>(
    scope: Pin<&Scope>,
    mut inner: Pin<&mut Option<F>>,
    cx: &mut Context<'_>,
) -> Pass<F::Output> {
    let scope: *const Scope = scope.get_ref();
    let branch: *const Branch = scope.cast();
    // SAFETY: SCOPE: it is being polled.
    unsafe {
        let Enter::Poll { copied } = enter(branch) else {
            inside(branch, || inner.set(None));
            return Pass::Cancelled;
        };
        let Some(future) = inner.as_mut().as_pin_mut() else { return Pass::Pending };
        match inside(branch, || future.poll(cx)) {
            Poll::Ready(value) => {
                inside(branch, || inner.set(None));
                Pass::Ready(value)
            }
            Poll::Pending if leave(branch, copied) => {
                inside(branch, || inner.set(None));
                Pass::Cancelled
            }
            Poll::Pending => Pass::Pending,
        }
    }
}

/// Whether the inner future of a scope is not dropped yet.
///
/// No `&Option<F>` is made: it would be a read of all that is in the future, beside the `&mut` to parts of itself that
/// an async block may hold across its awaits.
pub(crate) fn is_there<F>(inner: Pin<&mut Option<F>>) -> bool {
    inner.as_pin_mut().is_some()
}

/// Drops the inner future of a scope that is itself dropped: inside the scope, before the scope leaves the tree.
pub(crate) fn drop_inner<F>(scope: Pin<&Scope>, mut inner: Pin<&mut Option<F>>) {
    if is_there(inner.as_mut()) {
        let scope: *const Scope = scope.get_ref();
        inside(scope.cast(), || inner.set(None));
    }
}
