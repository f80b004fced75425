use core::cell::{Cell, RefCell};
use core::pin::pin;
use core::task::Poll;

use everloop_core::{
    CreateErrorKind, Duration, Fixed, Instant, catch_cancel, create_task, current_task, sleep, task_group,
    wait_for, yield_now,
};

use crate::trace::{OnDrop, Trace};

const TICK: Duration = Duration::from_millis(1);

type Never = core::convert::Infallible;

pub async fn children_may_borrow() {
    let words = ["a", "bc", "def"];
    let total = Cell::new(0);
    let first = task_group(Fixed::<3>, async |group| {
        let first = group.create_task(async { Ok::<_, Never>(words[0].len()) });
        for word in &words[1..] {
            group.create_task(async {
                yield_now().await;
                total.set(total.get() + word.len());
                Ok(())
            });
        }
        Ok(first.await)
    })
    .await
    .unwrap();
    assert_eq!((first, total.get()), (Ok(1), 5));
}

pub async fn all_have_ended_when_the_group_has() {
    let ended = Cell::new(0);
    let start = Instant::now();
    let result = task_group(Fixed::<4>, async |group| {
        for n in 1..=4 {
            let ended = &ended;
            // Nobody keeps the handle.
            group.create_task(async move {
                sleep(TICK * n).await;
                ended.set(ended.get() + 1);
                Ok::<_, Never>(())
            });
        }
        Ok("body")
    })
    .await;
    assert_eq!(result.unwrap(), "body");
    assert_eq!((ended.get(), start.elapsed()), (4, TICK * 4));
}

pub async fn none_is_fine() {
    assert_eq!(task_group(Fixed::<1>, async |_| Ok::<_, Never>(5)).await.unwrap(), 5);
}

/// Waits for ever, and writes down that it was cancelled and has cleaned up.
async fn cleans_up(log: &'static Trace, begun: u32, span: u32) {
    if let Err(cancelled) = catch_cancel(core::future::pending::<()>()).await {
        log.push(begun);
        sleep(TICK * span).await;
        log.push(begun + 1);
        cancelled.resume().await;
    }
}

pub async fn the_first_error_cancels_siblings_and_the_body() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let result = task_group(Fixed::<2>, async |group| {
        group.create_task(async {
            cleans_up(&LOG, 10, 3).await;
            Ok(())
        });
        group.create_task(async {
            sleep(TICK).await;
            Err::<(), _>("failed")
        });
        cleans_up(&LOG, 20, 1).await;
        Ok(())
    })
    .await;
    LOG.push(1);
    let mut errors = result.unwrap_err().into_iter();
    assert_eq!((errors.next(), errors.next()), (Some("failed"), None));
    LOG.expect(&[20, 10, 21, 11, 1]);
}

pub async fn all_errors_come_back_grouped() {
    let result = task_group(Fixed::<3>, async |group| {
        group.create_task(async {
            sleep(TICK).await;
            Err::<(), _>(1)
        });
        for (n, span) in [(2, 5), (3, 2)] {
            group.create_task(async move {
                let _ = catch_cancel(core::future::pending::<()>()).await;
                sleep(TICK * span).await;
                Err::<(), _>(n)
            });
        }
        let _ = catch_cancel(core::future::pending::<()>()).await;
        Err::<(), _>(4)
    })
    .await;
    let group = result.unwrap_err();
    assert_eq!(group.len(), 4);
    let errors: heapless::Vec<i32, 4> = group.into_iter().collect();
    // As they came up, the body's last.
    assert_eq!(errors, [1, 3, 2, 4]);
}

pub async fn an_error_of_the_body_cancels_the_children() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let result = task_group(Fixed::<1>, async |group| {
        group.create_task(async {
            cleans_up(&LOG, 10, 1).await;
            Ok(())
        });
        sleep(TICK).await;
        Err::<(), _>("body")
    })
    .await;
    assert_eq!(result.unwrap_err().into_iter().next(), Some("body"));
    LOG.expect(&[10, 11]);
}

pub async fn a_cancelled_child_harms_nobody() {
    let result = task_group(Fixed::<2>, async |group| {
        let stopped = group.create_task(async {
            sleep(TICK * 100).await;
            Ok::<_, Never>(1)
        });
        let other = group.create_task(async {
            sleep(TICK * 2).await;
            Ok(2)
        });
        yield_now().await;
        assert!(stopped.cancel());
        Ok((stopped.await.is_err(), other.await))
    })
    .await;
    assert_eq!(result.unwrap(), (true, Ok(2)));
}

pub async fn children_may_create_children() {
    let seen = RefCell::new(heapless::Vec::<_, 8>::new());
    task_group(Fixed::<4>, async |group| {
        group.create_task(async {
            sleep(TICK).await;
            seen.borrow_mut().push(1).unwrap();
            group.create_task(async {
                sleep(TICK).await;
                seen.borrow_mut().push(2).unwrap();
                Ok::<_, Never>(())
            });
            Ok(())
        });
        Ok(())
    })
    .await
    .unwrap();
    assert_eq!(*seen.borrow(), [1, 2]);
}

pub async fn creating_after_a_failure_is_an_error() {
    let kinds = RefCell::new(heapless::Vec::<_, 4>::new());
    let result = task_group(Fixed::<2>, async |group| {
        let failing = group.create_task(async { Err::<(), _>("failed") });
        if catch_cancel(failing).await.is_err() {
            let error = group.try_create_task(async { Ok(()) }).unwrap_err();
            kinds.borrow_mut().push(error.kind).unwrap();
            // The future came back whole.
            assert_eq!(error.future.await, Ok(()));
        }
        Ok(())
    })
    .await;
    assert_eq!(result.unwrap_err().len(), 1);
    assert_eq!(*kinds.borrow(), [CreateErrorKind::GroupShutDown]);
}

pub async fn creating_beyond_the_room_is_an_error() {
    task_group(Fixed::<1>, async |group| {
        let first = group.create_task(async { Ok::<_, Never>(()) });
        let error = group.try_create_task(async { Ok(()) }).unwrap_err();
        assert_eq!(error.kind, CreateErrorKind::GroupFull);
        first.await.unwrap();
        // There is room again.
        assert!(group.create_task(async { Ok(()) }).await.is_ok());
        Ok(())
    })
    .await
    .unwrap();
}

pub async fn a_cancellation_reaches_all_and_waits_for_their_cleanup() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let mut task = create_task(async {
        let result = catch_cancel(task_group(Fixed::<2>, async |group| {
            for (begun, span) in [(10, 2), (20, 4)] {
                group.create_task(async move {
                    cleans_up(&LOG, begun, span).await;
                    Ok::<_, Never>(())
                });
            }
            cleans_up(&LOG, 30, 1).await;
            Ok(())
        }))
        .await;
        let Err(cancelled) = result else { panic!("it surfaces") };
        LOG.push(1);
        assert_eq!(cancelled.message(), Some("enough"));
        cancelled.resume().await;
    });
    sleep(TICK).await;
    task.cancel_with("enough");
    assert_eq!((&mut task).await.unwrap_err().message(), Some("enough"));
    LOG.expect(&[30, 10, 20, 31, 11, 21, 1]);
}

pub async fn it_surfaces_even_if_the_children_swallow() {
    let task = create_task(async {
        let _ = task_group(Fixed::<1>, async |group| {
            group.create_task(async {
                let _ = catch_cancel(core::future::pending::<()>()).await;
                Ok::<_, Never>(())
            });
            Ok(())
        })
        .await;
        panic!("it surfaces");
    });
    sleep(TICK).await;
    task.cancel();
    assert!(task.await.is_err());
}

pub async fn an_error_wins_over_a_cancellation_that_comes_next() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let task = create_task(async {
        let result = task_group(Fixed::<1>, async |group| {
            group.create_task(async {
                let _ = catch_cancel(core::future::pending::<()>()).await;
                Err::<(), _>("failed in cleanup")
            });
            core::future::pending::<()>().await;
            Ok(())
        })
        .await;
        assert_eq!(result.unwrap_err().into_iter().next(), Some("failed in cleanup"));
        LOG.push(1);
        yield_now().await;
        LOG.push(2);
    });
    sleep(TICK).await;
    task.cancel();
    assert!(task.await.is_err());
    LOG.expect(&[1]);
}

pub async fn the_handle_of_a_failed_child_says_cancelled() {
    let kept = Cell::new(None);
    let result = task_group(Fixed::<1>, async |group| {
        kept.set(Some(group.create_task(async { Err::<(), _>(7) })));
        Ok(())
    })
    .await;
    assert_eq!(result.unwrap_err().into_iter().next(), Some(7));
    let task = kept.take().unwrap();
    assert!(task.done() && task.cancelled());
    let error = task.await.unwrap_err();
    assert!(error.message().is_some_and(|message| message.contains("group")));
}

pub async fn children_run_first_come_first_served() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    task_group(Fixed::<3>, async |group| {
        for n in 0..3 {
            group.create_task(async move {
                LOG.push(n);
                yield_now().await;
                LOG.push(n + 10);
                Ok::<_, Never>(())
            });
        }
        LOG.push(100);
        Ok(())
    })
    .await
    .unwrap();
    LOG.expect(&[100, 0, 1, 2, 10, 11, 12]);
}

pub async fn dropping_it_drops_the_body_then_the_children() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    {
        let mut group = pin!(task_group(Fixed::<2>, async |group| {
            let _body = OnDrop(&LOG, 1);
            for n in [2, 3] {
                group.create_task(async move {
                    let _child = OnDrop(&LOG, n);
                    core::future::pending::<()>().await;
                    Ok::<_, Never>(())
                });
            }
            core::future::pending::<()>().await;
            Ok(())
        }));
        // Until the children have run to where they wait.
        for _ in 0..3 {
            core::future::poll_fn(|cx| {
                assert!(group.as_mut().poll(cx).is_pending());
                Poll::Ready(())
            })
            .await;
            yield_now().await;
        }
        LOG.expect(&[]);
    }
    LOG.expect(&[1, 2, 3]);
}

pub async fn a_static_child_runs_like_any_task() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    task_group(Fixed::<2>, async |group| {
        group.create_task(async {
            LOG.push(2);
            Ok::<_, Never>(())
        });
        let quick = group.create_static_task(async {
            LOG.push(1);
            Ok(current_task().unwrap().id())
        });
        let id = quick.id();
        assert_eq!(quick.await, Ok(id));
        Ok(())
    })
    .await
    .unwrap();
    // The borrowing one came first, but its turn has its group polled.
    LOG.expect(&[1, 2]);
}

pub async fn a_timeout_waits_for_the_childrens_cleanup() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let start = Instant::now();
    let group = task_group(Fixed::<1>, async |group| {
        group.create_task(async {
            cleans_up(&LOG, 10, 5).await;
            Ok::<_, Never>(())
        });
        Ok(())
    });
    assert!(wait_for(group, TICK).await.is_err());
    LOG.expect(&[10, 11]);
    assert_eq!(start.elapsed(), TICK * 6);
}

pub async fn nested_groups_gather_errors() {
    let result = task_group(Fixed::<2>, async |outer| {
        outer.create_task(async {
            let inner = task_group(Fixed::<2>, async |inner| {
                inner.create_task(async { Err::<(), _>(1) });
                core::future::pending::<()>().await;
                Ok(())
            });
            inner.await.map_err(|errors| errors.into_iter().sum::<i32>() + 10)
        });
        core::future::pending::<()>().await;
        Ok(())
    })
    .await;
    assert_eq!(result.unwrap_err().into_iter().next(), Some(11));
}

pub async fn a_child_that_is_aborted_is_gone() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    task_group(Fixed::<2>, async |group| {
        let child = group.create_task(async {
            let _dropped = OnDrop(&LOG, 1);
            cleans_up(&LOG, 10, 1).await;
            Ok::<_, Never>(())
        });
        let unpolled = group.create_task(async { Ok(()) });
        assert!(unpolled.abort());
        sleep(TICK).await;
        assert!(child.abort());
        LOG.expect(&[1]);
        assert!(child.cancelled() && unpolled.cancelled() && !child.abort());
        Ok(())
    })
    .await
    .unwrap();
}

pub async fn an_own_cancellation_of_the_body_ends_the_children() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let result = catch_cancel(task_group(Fixed::<1>, async |group| {
        group.create_task(async {
            cleans_up(&LOG, 10, 2).await;
            Ok::<_, Never>(())
        });
        let other = create_task(core::future::pending::<()>());
        sleep(TICK).await;
        other.cancel_with("other");
        if let Err(cancelled) = other.await {
            cancelled.resume().await;
        }
        Ok(())
    }))
    .await;
    assert_eq!(result.unwrap_err().message(), Some("other"));
    LOG.expect(&[10, 11]);
}

pub async fn a_child_may_be_cancelled_by_its_handle() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    task_group(Fixed::<1>, async |group| {
        let child = group.create_task(async {
            cleans_up(&LOG, 10, 1).await;
            Ok::<_, Never>(())
        });
        sleep(TICK).await;
        child.cancel_with("stop");
        assert_eq!(child.await.unwrap_err().message(), Some("stop"));
        Ok(())
    })
    .await
    .unwrap();
    LOG.expect(&[10, 11]);
}

pub async fn a_second_cancellation_cuts_the_childrens_cleanup() {
    static LOG: Trace = Trace::new();
    LOG.clear();
    let task = create_task(async {
        let _ = task_group(Fixed::<1>, async |group| {
            group.create_task(async {
                cleans_up(&LOG, 10, 100).await;
                Ok::<_, Never>(())
            });
            Ok(())
        })
        .await;
    });
    sleep(TICK).await;
    task.cancel();
    sleep(TICK).await;
    task.cancel();
    let start = Instant::now();
    assert!(task.await.is_err());
    assert_eq!(start.elapsed(), Duration::ZERO);
    LOG.expect(&[10]);
}
