//! What children of a task group borrow, and what safe code can do to look at it too late. Each of these once was a
//! hole; worth running under Miri.
#![cfg(all(feature = "std", feature = "alloc"))]

use std::cell::{Cell, RefCell};
use std::future::{Future, pending, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use everloop_core::virtual_time::{UNPARKER, VirtualTime};
use everloop_core::*;

fn run<F: Future>(main: F) -> Result<F::Output, RunError> {
    OwnedLoop::new(UNPARKER).run(&VirtualTime::new(), &[], main)
}

/// Looks at what it borrows when it is dropped.
struct Looks<'a>(&'a Cell<u32>);

impl Drop for Looks<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() + 1);
    }
}

/// Its task is in the ready queue when it ends.
async fn wake_self() {
    poll_fn(|cx| {
        cx.waker().wake_by_ref();
        Poll::Ready(())
    })
    .await
}

/// Polls it once.
async fn once<F: Future + ?Sized>(mut future: Pin<&mut F>) {
    poll_fn(|cx| {
        assert!(future.as_mut().poll(cx).is_pending());
        Poll::Ready(())
    })
    .await
}

#[test]
fn the_output_of_a_detached_child_that_is_still_queued_is_dropped_before_its_group_ends() {
    run(async {
        let looks = Box::new(Cell::new(0));
        task_group(Unbounded, async |group| {
            drop(group.create_task(async {
                wake_self().await;
                Ok::<_, ()>(Looks(&looks))
            }));
            Ok(())
        })
        .await
        .unwrap();
        assert_eq!(looks.get(), 1);
        drop(looks);
        yield_now().await;
    })
    .unwrap();
}

#[test]
fn the_output_of_a_child_that_is_still_queued_is_dropped_with_its_handle() {
    run(async {
        let looks = Box::new(Cell::new(0));
        let handle = task_group(Unbounded, async |group| {
            Ok::<_, ()>(group.create_task(async {
                wake_self().await;
                Ok::<_, ()>(Looks(&looks))
            }))
        })
        .await
        .unwrap();
        assert!(handle.done());
        drop(handle);
        assert_eq!(looks.get(), 1);
        drop(looks);
        yield_now().await;
    })
    .unwrap();
}

#[test]
fn a_child_of_a_forgotten_group_is_not_dropped_by_an_abort() {
    run(async {
        let handle = RefCell::new(None::<Task<()>>);
        let looks = Box::new(Cell::new(0));
        let mut group = Box::pin(task_group(Unbounded, async |group| {
            let looks = Looks(&looks);
            *handle.borrow_mut() = Some(group.create_task(async move {
                let _looks = looks;
                pending::<Result<(), ()>>().await
            }));
            pending::<Result<(), ()>>().await
        }));
        once(group.as_mut()).await;
        yield_now().await;
        std::mem::forget(group);
        drop(looks);
        let handle = handle.take().unwrap();
        handle.abort();
        yield_now().await;
        yield_now().await;
        assert!(!handle.done());
    })
    .unwrap();
}

/// Here the platform panics, since nothing is left that could end the wait: the loop drops what it has.
#[test]
fn a_child_of_a_forgotten_group_is_not_dropped_by_a_loop_that_breaks_down() {
    let ended = std::panic::catch_unwind(|| {
        run(async {
            let looks = Box::new(Cell::new(0));
            let mut group = Box::pin(task_group(Unbounded, async |group| {
                let looks = Looks(&looks);
                drop(group.create_task(async move {
                    let _looks = looks;
                    pending::<Result<(), ()>>().await
                }));
                pending::<Result<(), ()>>().await
            }));
            once(group.as_mut()).await;
            std::mem::forget(group);
            drop(looks);
            drop(create_task(pending::<()>()));
            pending::<()>().await;
        })
    });
    assert!(ended.is_err());
}

type Kept<'a> = Rc<RefCell<Option<Pin<Box<dyn Future<Output = ()> + 'a>>>>>;

struct DropsGroup<'a>(Kept<'a>);

impl Drop for DropsGroup<'_> {
    fn drop(&mut self) {
        // Not while it is being polled, or dropped already.
        if let Ok(mut kept) = self.0.try_borrow_mut() {
            let group = kept.take();
            drop(kept);
            drop(group);
        }
    }
}

struct UsesGroup<'scope, 'env>(&'scope TaskGroup<'scope, 'env, (), Unbounded>);

impl Drop for UsesGroup<'_, '_> {
    fn drop(&mut self) {
        assert!(self.0.try_create_task(async { Ok(()) }).is_err());
    }
}

/// The child drops its group first, and then uses it.
#[test]
fn a_child_that_is_aborted_can_not_end_its_group_under_its_own_feet() {
    run(async {
        let handle = Rc::new(RefCell::new(None::<Task<()>>));
        let kept: Kept<'_> = Rc::new(RefCell::new(None));
        let (into_handle, in_child) = (handle.clone(), kept.clone());
        *kept.borrow_mut() = Some(Box::pin(async move {
            let _ = task_group(Unbounded, async move |group: &TaskGroup<'_, '_, (), Unbounded>| {
                let both = (DropsGroup(in_child), UsesGroup(group));
                *into_handle.borrow_mut() = Some(group.create_task(async move {
                    let _both = both;
                    pending::<Result<(), ()>>().await
                }));
                pending::<Result<(), ()>>().await
            })
            .await;
        }));
        let mut group = kept.take().unwrap();
        once(group.as_mut()).await;
        kept.replace(Some(group));
        yield_now().await;
        let handle = handle.take().unwrap();
        assert!(handle.abort());
        assert!(!handle.done());
        // The group is dropped here, and the child with it.
        let group = kept.borrow_mut().take();
        drop(group);
        assert!(handle.cancelled());
    })
    .unwrap();
}

#[test]
fn a_child_that_is_aborted_from_outside_is_dropped_without_cleanup_when_its_group_is_polled() {
    run(async {
        let cleaned = Rc::new(Cell::new(false));
        let send = Rc::new(RefCell::new(None));
        let (in_task, in_child) = (send.clone(), cleaned.clone());
        let task = create_task(async move {
            task_group(Unbounded, async move |group| {
                let child = group.create_task(async move {
                    let cancelled = catch_cancel(pending::<()>()).await.unwrap_err();
                    in_child.set(true);
                    cancelled.resume().await;
                    Ok::<_, ()>(())
                });
                *in_task.borrow_mut() = Some(child);
                Ok(())
            })
            .await
            .unwrap();
        });
        yield_now().await;
        yield_now().await;
        yield_now().await;
        let child = send.take().unwrap();
        assert!(child.abort());
        assert_eq!(task.await, Ok(()));
        assert!(child.cancelled() && !cleaned.get());
    })
    .unwrap();
}

thread_local! {
    static PARENT: RefCell<Option<Task<()>>> = const { RefCell::new(None) };
}

struct PanicsInDrop;

impl Drop for PanicsInDrop {
    fn drop(&mut self) {
        panic!("in the drop");
    }
}

/// The second panic goes to the handler, which aborts the group; the third finds none.
#[test]
fn a_handler_may_end_the_group_of_the_child_whose_panic_it_is_told_of() {
    fn abort_parent(_: &Unhandled<'_>) {
        let parent = PARENT.take();
        if let Some(parent) = parent {
            parent.abort();
        }
    }
    run(async {
        set_exception_handler(Some(&abort_parent));
        let parent = create_task(async {
            let _ = task_group(Unbounded, async |group| {
                drop(group.create_static_task::<(), _>(async { panic!("the first") }));
                drop(group.create_static_task(Panics(PanicsInDrop)));
                pending::<Result<(), ()>>().await
            })
            .await;
        });
        PARENT.set(Some(parent));
        for _ in 0..5 {
            yield_now().await;
        }
        assert!(PARENT.with_borrow(Option::is_none));
    })
    .unwrap();
}

/// Panics when it is polled, and again when it is dropped.
struct Panics(PanicsInDrop);

impl Future for Panics {
    type Output = Result<(), ()>;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        let _held = &self.0;
        panic!("in the poll");
    }
}
