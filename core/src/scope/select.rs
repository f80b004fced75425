use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::branch::Scope;
use super::gather;
use super::kind::ScopeKind;
use super::pass::drop_inner;

mod array;
mod race;
mod start;
mod tuple;
#[cfg(feature = "alloc")]
mod vec;

use race::RACED;
use start::Start;

/// What can be selected from: a tuple of up to eight futures, an array of any number of one type, or, with the feature
/// `alloc`, a `Vec` of them. Of at least one: an empty tuple or array does not compile.
///
/// ```compile_fail
/// let _ = everloop_core::select(());
/// ```
///
/// ```compile_fail
/// # fn poll(race: impl Future) { drop(Box::pin(race).as_mut().poll(&mut core::task::Context::from_waker(core::task::Waker::noop()))) }
/// poll(everloop_core::select([core::future::ready(1); 0]));
/// ```
pub trait SelectSet: sealed::Sealed {
    /// What each gave, in the order of the arguments: `Some` of at least one.
    type Outcome;
    #[doc(hidden)]
    type Race: Future<Output = Self::Outcome>;
    #[doc(hidden)]
    fn race(self, start: Start) -> Self::Race;
}

mod sealed {
    pub trait Sealed {}
}

/// Runs all of `futures` at once, as parts of this task, until the first is ready, and loses nothing of the others.
///
/// When the first is ready the others are asked to end, as by a cancellation: what is in no
/// [`catch_cancel`](crate::catch_cancel) is dropped at once, and hands on the item or the permit that it was promised;
/// a cleanup runs to its end. A value that one of them still gives, because it swallowed the request or its cleanup
/// made one, is not lost: the outcome is a tuple (an array, a `Vec`) of `Option`s in the order of the arguments, and
/// `None` says that this one was cancelled.
///
/// They are polled in the order of the arguments, and no further than to the first that is ready: the first argument
/// comes first, always. See [`select_fair`] for one where each has its turn.
///
/// ```
/// # use everloop_core::{EventLoop, virtual_time::{UNPARKER, VirtualTime}};
/// # static LOOP: EventLoop = EventLoop::new(UNPARKER);
/// use everloop_core::{Duration, Fixed, Queue, select, sleep};
/// # LOOP.run(&VirtualTime::new(), &[], async {
///
/// let (commands, readings) = (Queue::<u8, Fixed<4>>::new(), Queue::<u32, Fixed<4>>::new());
/// readings.put_nowait(7).unwrap();
/// let (command, reading, pause) =
///     select((commands.get(), readings.get(), sleep(Duration::from_secs(1)))).await;
/// assert_eq!((command, reading, pause), (None, Some(Ok(7)), None));
/// # }).unwrap();
/// ```
///
/// A future given by a pinned `&mut` is not dropped, only let go of, and can be selected from again:
///
/// ```
/// # use everloop_core::{EventLoop, virtual_time::{UNPARKER, VirtualTime}};
/// # static LOOP: EventLoop = EventLoop::new(UNPARKER);
/// use core::pin::pin;
/// use everloop_core::{Duration, select, sleep};
/// # LOOP.run(&VirtualTime::new(), &[], async {
///
/// let mut work = pin!(async { sleep(Duration::from_secs(3)).await; "done" });
/// let mut seconds = 0;
/// loop {
///     let (result, tick) = select((&mut work, sleep(Duration::from_secs(1)))).await;
///     seconds += u32::from(tick.is_some());
///     if let Some(result) = result {
///         assert_eq!((result, seconds), ("done", 2));
///         break;
///     }
/// }
/// # }).unwrap();
/// ```
///
/// But a scope inside it that waits when the race ends, a `catch_cancel`, a `wait_for`, the await of a task, is asked
/// to end like any other. So is a task whose handle is given: it is cancelled and waited for.
///
/// A future that ends by a cancellation of its own gives nothing, and the others go on; when all have ended so, it goes
/// on outwards. A cancellation of this task reaches all of the futures, waits until each has cleaned up, and then goes
/// on outwards, even if all of them swallowed it. One that comes while the losers clean up is a second request to them,
/// and cuts the cleanup at its await; what the winner gave is dropped with the rest of this task's work.
/// Not so at a deadline around this that passes in the very moment in which the race is won: the race wins.
///
/// # Cancel safety
/// As the futures are. Dropping it drops them.
///
/// # Allocation
/// None, but for a `Vec`: room for the futures, and a counted waker for each.
///
/// # Wakes from interrupts
/// As the futures do.
///
/// # Panics
/// If a `Vec` is empty: a race of none would never end.
pub fn select<S: SelectSet>(futures: S) -> Select<S::Race> {
    Select { inner: Some(futures.race(Start::AtTheFirst)), scope: Scope::new(ScopeKind::Select) }
}

/// As [`select`], but each has its turn: the first poll begins with any of them, each later one begins one further. So
/// of futures that are always ready, none is passed over for ever, also where a loop makes a new race each time.
///
/// Of a `Vec`, those that were woken first come first.
///
/// ```
/// # use everloop_core::{EventLoop, virtual_time::{UNPARKER, VirtualTime}};
/// # static LOOP: EventLoop = EventLoop::new(UNPARKER);
/// use everloop_core::select_fair;
/// # LOOP.run(&VirtualTime::new(), &[], async {
///
/// let mut wins = [0, 0];
/// for _ in 0..100 {
///     match select_fair((async { 1 }, async { 2 })).await {
///         (Some(1), None) => wins[0] += 1,
///         (None, Some(2)) => wins[1] += 1,
///         _ => unreachable!(),
///     }
/// }
/// assert!(wins[0] > 10 && wins[1] > 10);
/// # }).unwrap();
/// ```
///
/// # Cancel safety
/// As the futures are. Dropping it drops them.
///
/// # Allocation
/// As for [`select`].
///
/// # Wakes from interrupts
/// As the futures do.
///
/// # Panics
/// If a `Vec` is empty.
pub fn select_fair<S: SelectSet>(futures: S) -> Select<S::Race> {
    Select { inner: Some(futures.race(Start::Anywhere)), scope: Scope::new(ScopeKind::Select) }
}

pin_project! {
    /// The future of [`select`] and [`select_fair`].
    #[must_use = "futures do nothing unless awaited"]
    pub struct Select<R> {
        #[pin]
        inner: Option<R>,
        #[pin]
        scope: Scope,
    }

    impl<R> PinnedDrop for Select<R> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            drop_inner(this.scope.as_ref(), this.inner);
        }
    }
}

impl<R: Future> Future for Select<R> {
    type Output = R::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<R::Output> {
        let this = self.project();
        let scope = this.scope.as_ref();
        let (raced, handed) = (scope.is(RACED), scope.was_handed());
        scope.unmark(RACED);
        // The request of the deadline with which the race was won is held back until the losers have ended; that of
        // any other is not.
        if raced != handed {
            scope.let_through();
        }
        let polled = gather::poll(scope, this.inner, cx);
        if polled.is_pending() {
            crate::waits_on(crate::WaitReason::Select);
        }
        polled
    }
}
