use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::cell::{Future, State};
use super::error::FutureError;
use crate::flavour::Flavour;
use crate::guarded::Guarded;
use crate::waiter::{Acquire, Attempt, Granted, Source, WaitList};

struct Done<'a, T, E, R: Flavour>(&'a Future<T, E, R>);

impl<T, E, R: Flavour> Source for Done<'_, T, E, R> {
    type Flavour = R;
    type State = State;
    const REASON: crate::WaitReason = crate::WaitReason::Future;

    fn guarded(&self) -> &Guarded<State, R> {
        &self.0.state
    }

    fn waiters(state: &State) -> &WaitList {
        &state.waiters
    }

    fn try_take(state: &State) -> Attempt {
        if state.is_done() { Attempt::Taken } else { Attempt::Wait }
    }

    fn give_back(_: &State) -> Option<Granted> {
        None
    }
}

pin_project! {
    /// The future of `(&cell).await` and [`Future::wait`].
    #[must_use = "futures do nothing unless awaited"]
    pub struct FutureWait<'a, T, E, R: Flavour> {
        cell: &'a Future<T, E, R>,
        #[pin]
        acquire: Acquire<Done<'a, T, E, R>>,
    }
}

impl<'a, T, E, R: Flavour> FutureWait<'a, T, E, R> {
    pub(super) fn new(cell: &'a Future<T, E, R>) -> Self {
        Self { cell, acquire: Acquire::new(Done(cell)) }
    }
}

impl<'a, T, E, R: Flavour> core::future::Future for FutureWait<'a, T, E, R> {
    type Output = Result<&'a T, FutureError<&'a E>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        // A cell refuses nobody.
        this.acquire.poll(cx).map(|_granted| this.cell.result().expect("who waits is woken when it is done"))
    }
}

/// As [`Future::wait`].
impl<'a, T, E, R: Flavour> IntoFuture for &'a Future<T, E, R> {
    type Output = Result<&'a T, FutureError<&'a E>>;
    type IntoFuture = FutureWait<'a, T, E, R>;

    fn into_future(self) -> Self::IntoFuture {
        self.wait()
    }
}
