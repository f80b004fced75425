//! What a survey finds: the tasks, the scopes that they are in, and who awaits whom.
#![cfg(all(feature = "std", feature = "alloc", feature = "inspect", not(loom)))]

use std::future::{pending, poll_fn};
use std::pin::pin;
use std::task::Poll;

use everloop_core::inspect::{Finding, ScopeId, ScopeKind, survey};
use everloop_core::virtual_time::{UNPARKER, VirtualTime};
use everloop_core::{
    Duration, EventLoop, LoopHandle, OwnedLoop, ReturnWhen, Task, TaskId, TaskInfo, TaskPool, Unbounded,
    as_completed, catch_cancel, create_eager_task, create_task, current_task, gather,
    run_coroutine_threadsafe, select, shield, sleep, task_group, timeout, try_create_task, wait, wait_for,
    yield_now,
};

fn run<T>(main: impl Future<Output = T>) -> T {
    OwnedLoop::new(UNPARKER).run(&VirtualTime::new(), &[], main).unwrap()
}

/// What a survey finds of one task.
#[derive(Debug)]
struct Found {
    info: TaskInfo,
    root: ScopeId,
    scopes: Vec<(ScopeId, ScopeKind, ScopeId)>,
    awaited: Vec<(TaskId, ScopeId)>,
}

impl Found {
    /// The kinds of the scopes, outermost first, from the one of which the id is given.
    fn path(&self, mut scope: ScopeId) -> Vec<ScopeKind> {
        let mut path = Vec::new();
        while scope != self.root {
            let &(_, kind, within) = self.scopes.iter().find(|(id, ..)| *id == scope).unwrap();
            path.insert(0, kind);
            scope = within;
        }
        path
    }

    /// The one scope that nothing is in.
    fn innermost(&self) -> Vec<ScopeKind> {
        let leaf = |id| self.scopes.iter().all(|(.., within)| *within != id);
        let leaves: Vec<_> = self.scopes.iter().filter(|(id, ..)| leaf(*id)).collect();
        assert_eq!(leaves.len(), 1, "{self:?}");
        self.path(leaves[0].0)
    }
}

fn all() -> Vec<Found> {
    let mut into = vec![None; 512];
    let count = survey(&mut into);
    assert!(count <= into.len());
    let mut tasks: Vec<Found> = Vec::new();
    for found in into.into_iter().take(count) {
        match found.unwrap() {
            Finding::Task { info, root } => {
                tasks.push(Found { info, root, scopes: Vec::new(), awaited: Vec::new() });
            }
            Finding::Scope { scope, kind, within } => {
                tasks.last_mut().unwrap().scopes.push((scope, kind, within));
            }
            Finding::Awaited { by, within } => tasks.last_mut().unwrap().awaited.push((by, within)),
            _ => unreachable!(),
        }
    }
    tasks
}

fn of(id: TaskId) -> Found {
    all().into_iter().find(|task| task.info.id() == id).unwrap()
}

/// Who awaits a task, and in which scopes.
fn awaiters<T>(task: &Task<T>) -> Vec<(TaskId, Vec<ScopeKind>)> {
    of(task.id()).awaited.iter().map(|(by, within)| (*by, of(*by).path(*within))).collect()
}

/// A task that waits for `other` in the way `how` does.
async fn awaited_by(how: impl AsyncFnOnce(Task<()>) + 'static) -> Vec<(TaskId, Vec<ScopeKind>)> {
    let other = create_task(pending::<()>());
    let id = other.id();
    let by = create_task(how(other));
    yield_now().await;
    let found = of(id).awaited.iter().map(|(by, within)| (*by, of(*by).path(*within))).collect();
    by.abort();
    found
}

#[test]
fn it_finds_the_tasks_that_all_tasks_gives() {
    run(async {
        let tasks = [create_task(pending::<()>()).named("one"), create_task(sleep(Duration::from_secs(1)))];
        let done = create_task(async {});
        yield_now().await;
        let mut found: Vec<_> = all().into_iter().map(|task| task.info).collect();
        found.sort_by_key(TaskInfo::id);
        assert_eq!(found, everloop_core::all_tasks().collect::<Vec<_>>());
        assert_eq!(found.len(), 3);
        drop((tasks, done));
    });
}

#[test]
fn outside_a_loop_it_finds_nothing() {
    let mut into = [None; 4];
    assert_eq!(survey(&mut into), 0);
}

#[test]
fn what_has_no_room_is_counted_and_left_out() {
    run(async {
        let _tasks: [_; 5] = std::array::from_fn(|_| create_task(pending::<()>()));
        let mut into = [None; 2];
        assert_eq!(survey(&mut into), 6);
        assert!(into.iter().all(Option::is_some));
        // What stood there before goes.
        let mut into = [into[0], into[1], into[0], into[0], into[0], into[0], into[0]];
        assert_eq!(survey(&mut into), 6);
        assert_eq!(into[6], None);
        assert_eq!(survey(&mut []), 6);
    });
}

#[test]
fn an_await_is_found() {
    run(async {
        let found = awaited_by(async |task| {
            let _ = task.await;
        })
        .await;
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].1, [ScopeKind::Await]);
    });
}

#[test]
fn an_await_is_found_in_its_scopes() {
    run(async {
        let found = awaited_by(async |mut task| {
            let hour = Duration::from_secs(3600);
            let _ = wait_for(catch_cancel(async { (&mut task).await }), hour).await;
        })
        .await;
        assert_eq!(found[0].1, [ScopeKind::Timeout, ScopeKind::CatchCancel, ScopeKind::Await]);
    });
}

#[test]
fn a_wait_for_several_is_found_at_each() {
    run(async {
        let tasks: [_; 3] = std::array::from_fn(|_| create_task(pending::<()>()));
        let ids: [_; 3] = std::array::from_fn(|i| tasks[i].id());
        let by = create_task(async move {
            let mut tasks = tasks;
            let _ = wait(&mut tasks, None, ReturnWhen::AllCompleted).await;
        });
        yield_now().await;
        for id in ids {
            assert_eq!(of(id).awaited.iter().map(|(by, _)| *by).collect::<Vec<_>>(), [by.id()]);
        }
    });
}

#[test]
fn as_completed_is_found_until_the_task_ends() {
    run(async {
        let slow = create_task(pending::<()>());
        let id = slow.id();
        let by = create_task(async move {
            let tasks = [create_task(sleep(Duration::from_secs(1))), slow];
            let mut next = pin!(as_completed(tasks, None));
            while next.next().await.is_some() {}
        });
        sleep(Duration::from_secs(2)).await;
        assert_eq!(of(id).awaited.iter().map(|(by, _)| *by).collect::<Vec<_>>(), [by.id()]);
        by.abort();
        assert!(all().iter().all(|task| task.awaited.is_empty()));
    });
}

#[test]
fn a_shielded_task_is_awaited_too() {
    run(async {
        let found = awaited_by(async |task| {
            let _ = shield(task).await;
        })
        .await;
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].1, []);
    });
}

#[test]
fn a_callback_awaits_nothing() {
    run(async {
        let task = create_task(pending::<()>());
        let _ = task.add_done_callback(|_| ());
        assert!(of(task.id()).awaited.is_empty());
    });
}

#[test]
fn an_await_in_a_part_of_a_gather_is_found_there() {
    run(async {
        let found = awaited_by(async |mut task| {
            let _ = gather(((&mut task).into_future(), sleep(Duration::from_secs(1)))).await;
        })
        .await;
        assert_eq!(found[0].1, [ScopeKind::Gather, ScopeKind::CatchCancel, ScopeKind::Await]);
    });
}

#[test]
fn a_groups_children_are_awaited_by_its_task() {
    run(async {
        let by = current_task().unwrap().id();
        let _ = task_group(Unbounded, async |group| {
            let borrowing = group.create_task(async {
                pending::<()>().await;
                Ok::<(), ()>(())
            });
            let own = group.create_static_task(async {
                pending::<()>().await;
                Ok::<(), ()>(())
            });
            for child in [&borrowing, &own] {
                assert_eq!(awaiters(child), [(by, vec![ScopeKind::TaskGroup])]);
            }
            yield_now().await;
            for child in [&borrowing, &own] {
                assert_eq!(awaiters(child), [(by, vec![ScopeKind::TaskGroup])]);
            }
            Err::<(), ()>(())
        })
        .await;
        assert!(all().iter().all(|task| task.awaited.is_empty()));
    });
}

#[test]
fn a_group_that_moves_on_to_another_task_takes_its_children_along() {
    run(async {
        let group = Box::pin(task_group(Unbounded, async |group| {
            group.create_static_task(async {
                pending::<()>().await;
                Ok::<(), ()>(())
            });
            pending::<()>().await;
            Ok::<(), ()>(())
        }));
        let first = create_task(async move {
            let mut group = group;
            poll_fn(|cx| Poll::Ready(group.as_mut().poll(cx).is_pending())).await;

            Some(group)
        });
        let first_id = first.id();
        let group = first.await.unwrap().unwrap();
        let child = all().into_iter().find(|task| !task.awaited.is_empty()).unwrap().info.id();
        assert_eq!(of(child).awaited[0].0, first_id);
        let second = create_task(async move { drop(group.await) });
        yield_now().await;
        assert_eq!(of(child).awaited.iter().map(|(by, _)| *by).collect::<Vec<_>>(), [second.id()]);
    });
}

#[test]
fn each_kind_of_scope_is_named() {
    async fn scopes(future: impl Future + 'static) -> Vec<ScopeKind> {
        let task = create_task(async { drop(future.await) });
        yield_now().await;
        let found = of(task.id()).innermost();
        task.abort();
        found
    }
    run(async {
        let hour = Duration::from_secs(3600);
        assert_eq!(scopes(wait_for(pending::<()>(), hour)).await, [ScopeKind::Timeout]);
        assert_eq!(
            scopes(async move { timeout(hour).run(pending::<()>()).await }).await,
            [ScopeKind::Timeout]
        );
        assert_eq!(scopes(catch_cancel(pending::<()>())).await, [ScopeKind::CatchCancel]);
        assert_eq!(scopes(gather([pending::<()>()])).await, [ScopeKind::Gather, ScopeKind::CatchCancel]);
        assert_eq!(scopes(select([pending::<()>()])).await, [ScopeKind::Select, ScopeKind::CatchCancel]);
        assert_eq!(scopes(shield(pending::<()>())).await, [ScopeKind::Shield]);
        let group = task_group(Unbounded, async |_| {
            pending::<()>().await;
            Ok::<(), ()>(())
        });
        assert_eq!(scopes(group).await, [ScopeKind::TaskGroup]);
    });
}

#[test]
fn scopes_that_have_ended_are_not_found() {
    run(async {
        let task = create_task(async {
            let _ = wait_for(yield_now(), Duration::from_secs(1)).await;
            pending::<()>().await;
        });
        yield_now().await;
        assert_eq!(of(task.id()).scopes.len(), 1);
        yield_now().await;
        assert_eq!(of(task.id()).scopes.len(), 0);
    });
}

fn line<T>(task: &Task<T>) -> (bool, u32) {
    let at = of(task.id()).info.created_at().unwrap();
    (at.file() == file!(), at.line())
}

#[test]
fn a_task_says_where_it_was_created() {
    run(async {
        let tasks = [
            (create_task(pending::<()>()), line!()),
            (try_create_task(pending::<()>()).unwrap_or_else(|_| panic!()), line!()),
            (create_eager_task(pending::<()>()), line!()),
        ];
        for (task, line_of) in &tasks {
            assert_eq!(line(task), (true, *line_of));
        }
        let _ = task_group(Unbounded, async |group| {
            let child = group.create_task(async { Ok(()) });
            assert_eq!(line(&child), (true, line!() - 1));
            Ok::<(), ()>(())
        })
        .await;
        assert_eq!(current_task().unwrap().created_at(), None);
    });
}

#[test]
fn a_task_of_a_pool_says_where_it_was_created_and_one_from_elsewhere_does_not() {
    static POOL: TaskPool<1, 128> = TaskPool::new();
    static LOOP: EventLoop = EventLoop::new(UNPARKER);
    LOOP.run(&VirtualTime::new(), &[&POOL], async {
        for _ in 0..2 {
            let task = POOL.create_task(pending::<()>());
            assert_eq!(line(&task), (true, line!() - 1));
            task.abort();
            drop(task);
            yield_now().await;
        }
        // From within an eager task's own first step, too.
        let before = line!();
        let made = POOL.try_create_eager_task(async { current_task().unwrap().created_at().unwrap().line() });
        let at = made.unwrap_or_else(|_| panic!()).await.unwrap();
        assert!((before..line!()).contains(&at));
        let loop_handle: LoopHandle = LOOP.handle();
        let submitted = run_coroutine_threadsafe(async || current_task().unwrap().created_at(), &loop_handle)
            .unwrap_or_else(|_| panic!());
        assert_eq!(submitted.await.unwrap(), None);
    })
    .unwrap();
}
