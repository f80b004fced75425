use core::future::pending;

use everloop_core::{
    DoneCallback, Duration, Fixed, SetLocalError, SetLocalErrorKind, TaskLocal, create_eager_task,
    create_task, sleep, task_group, wait_for, yield_now,
};

use crate::elsewhere;
use crate::trace::{OnDrop, Trace};

const TICK: Duration = Duration::from_millis(1);

pub async fn never_set_there_is_none() {
    static LOCAL: TaskLocal<u32> = TaskLocal::new();
    static OTHER: TaskLocal<u32> = TaskLocal::new();
    assert_eq!(LOCAL.get(), None);
    assert_eq!(LOCAL.with(|_| ()), None);
    OTHER.set(1).unwrap();
    assert_eq!((LOCAL.get(), OTHER.get()), (None, Some(1)));
    LOCAL.set(2).unwrap();
    assert_eq!((LOCAL.get(), OTHER.get()), (Some(2), Some(1)));
}

pub async fn a_task_sees_what_its_creator_saw_at_that_moment() {
    static LOCAL: TaskLocal<u32> = TaskLocal::new();
    let before = create_task(async { LOCAL.get() });
    LOCAL.set(1).unwrap();
    let child = create_task(async {
        let own = LOCAL.get();
        let grandchild = create_task(async { LOCAL.get() });
        (own, grandchild.await.unwrap())
    });
    // They have not begun yet.
    LOCAL.set(2).unwrap();
    assert_eq!(before.await, Ok(None));
    assert_eq!(child.await, Ok((Some(1), Some(1))));
    assert_eq!(LOCAL.get(), Some(2));
}

pub async fn what_one_sets_the_other_does_not_see() {
    static LOCAL: TaskLocal<u32> = TaskLocal::new();
    LOCAL.set(0).unwrap();
    let tasks = [1, 2, 3].map(|n| {
        create_task(async move {
            for round in 0..5 {
                LOCAL.set(n * 10 + round).unwrap();
                sleep(TICK * n).await;
                assert_eq!(LOCAL.get(), Some(n * 10 + round));
            }
        })
    });
    for task in tasks {
        task.await.unwrap();
        assert_eq!(LOCAL.get(), Some(0));
    }
}

pub async fn children_of_a_group_inherit_it() {
    static LOCAL: TaskLocal<u32> = TaskLocal::new();
    LOCAL.set(1).unwrap();
    task_group(Fixed::<2>, async |group| {
        let borrowing = group.create_task(async {
            let inherited = LOCAL.get();
            LOCAL.set(2).unwrap();
            yield_now().await;
            Ok::<_, ()>((inherited, LOCAL.get()))
        });
        let other = group.create_static_task(async { Ok(LOCAL.get()) });
        assert_eq!(borrowing.await, Ok((Some(1), Some(2))));
        assert_eq!(other.await, Ok(Some(1)));
        Ok(())
    })
    .await
    .unwrap();
    assert_eq!(LOCAL.get(), Some(1));
}

pub async fn an_eager_task_inherits_it() {
    static LOCAL: TaskLocal<u32> = TaskLocal::new();
    LOCAL.set(1).unwrap();
    let task = create_eager_task(async {
        assert_eq!(LOCAL.get(), Some(1));
        LOCAL.set(2).unwrap();
        sleep(TICK).await;
        assert_eq!(LOCAL.get(), Some(2));
        LOCAL.set(3).unwrap();
        LOCAL.get()
    });
    assert_eq!(LOCAL.get(), Some(1));
    assert_eq!(task.await, Ok(Some(3)));
    assert_eq!(LOCAL.get(), Some(1));
}

pub async fn outside_a_task_it_comes_back() {
    static LOCAL: TaskLocal<u32> = TaskLocal::new();
    static CALLBACK: DoneCallback<()> = DoneCallback::new(|_| outside());
    fn outside() {
        assert_eq!(LOCAL.get(), None);
        assert_eq!(LOCAL.set(5), Err(SetLocalError { kind: SetLocalErrorKind::NoTask, value: 5 }));
    }
    LOCAL.set(1).unwrap();
    elsewhere::run(outside);
    let task = create_task(async {});
    task.add_static_done_callback(&CALLBACK).unwrap();
    task.await.unwrap();
    assert_eq!(LOCAL.get(), Some(1));
}

/// Without `alloc`, where all that there is has its room; with it the heap takes over.
pub async fn beyond_its_room_it_comes_back() {
    static LOCAL: TaskLocal<u32, 1> = TaskLocal::new();
    LOCAL.set(1).unwrap();
    let child = create_task(async {
        // The one value is its creator's too, so this needs another.
        let set = LOCAL.set(2);
        (set, LOCAL.get())
    });
    match child.await.unwrap() {
        (Ok(()), seen) => assert_eq!(seen, Some(2)),
        (Err(error), seen) => {
            assert_eq!((error.kind, error.value), (SetLocalErrorKind::Full, 2));
            assert_eq!(seen, Some(1));
        }
    }
    // The child has ended, so nobody else sees it.
    LOCAL.set(3).unwrap();
    assert_eq!(LOCAL.get(), Some(3));
}

pub async fn its_room_is_used_again() {
    static LOCAL: TaskLocal<u32, 2> = TaskLocal::new();
    for n in 0..500 {
        LOCAL.set(n).unwrap();
        let child = create_task(async move {
            LOCAL.set(n + 1).unwrap();
            LOCAL.get()
        });
        assert_eq!(child.await, Ok(Some(n + 1)));
        assert_eq!(LOCAL.get(), Some(n));
    }
}

pub async fn setting_it_again_needs_no_more_room() {
    static LOCAL: TaskLocal<u32, 1> = TaskLocal::new();
    for n in 0..1000 {
        LOCAL.set(n).unwrap();
        assert_eq!(LOCAL.get(), Some(n));
    }
}

pub async fn a_value_lives_until_the_last_task_that_sees_it_has_ended() {
    static LOG: Trace = Trace::new();
    static LOCAL: TaskLocal<OnDrop> = TaskLocal::new();
    LOG.clear();
    let creator = create_task(async {
        LOCAL.set(OnDrop(&LOG, 1)).unwrap();
        // Replaced, and nobody sees it any more.
        LOCAL.set(OnDrop(&LOG, 2)).unwrap();
        LOG.expect(&[1]);
        let child = create_task(async {
            sleep(TICK).await;
            LOCAL.set(OnDrop(&LOG, 3)).unwrap();
            assert_eq!(LOCAL.with(|seen| seen.1), Some(3));
            pending::<()>().await;
        });
        // Its creator's value is still seen by the child.
        LOCAL.set(OnDrop(&LOG, 4)).unwrap();
        LOG.expect(&[1]);
        child
    });
    let child = creator.await.unwrap();
    LOG.expect(&[1, 4]);
    sleep(TICK * 2).await;
    // It was the last one to see what it inherited.
    LOG.expect(&[1, 4, 2]);
    assert!(child.abort());
    LOG.expect(&[1, 4, 2, 3]);
}

pub async fn it_may_be_set_while_it_is_looked_at() {
    static LOG: Trace = Trace::new();
    static LOCAL: TaskLocal<OnDrop> = TaskLocal::new();
    LOG.clear();
    create_task(async {
        LOCAL.set(OnDrop(&LOG, 1)).unwrap();
        let seen = LOCAL.with(|seen| {
            LOCAL.set(OnDrop(&LOG, 2)).unwrap();
            assert_eq!(LOCAL.with(|new| new.1), Some(2));
            LOG.expect(&[]);
            seen.1
        });
        assert_eq!(seen, Some(1));
        // Now nobody sees the one before any more.
        LOG.expect(&[1]);
    })
    .await
    .unwrap();
    LOG.expect(&[1, 2]);
}

pub async fn the_drop_of_a_value_may_look_at_it() {
    static LOG: Trace = Trace::new();
    static LOCAL: TaskLocal<Looks> = TaskLocal::new();
    struct Looks(u32);
    impl Drop for Looks {
        fn drop(&mut self) {
            LOG.push(self.0);
            LOG.push(LOCAL.with(|seen| seen.0).unwrap_or(0));
        }
    }
    LOG.clear();
    create_task(async {
        LOCAL.set(Looks(1)).unwrap();
        LOCAL.set(Looks(2)).unwrap();
        // When its task has ended it is seen by nobody.
    })
    .await
    .unwrap();
    LOG.expect(&[1, 2, 2, 0]);
}

pub async fn it_is_its_tasks_in_every_scope() {
    static LOCAL: TaskLocal<u32> = TaskLocal::new();
    LOCAL.set(1).unwrap();
    let seen = wait_for(
        async {
            let inherited = LOCAL.get();
            LOCAL.set(2).unwrap();
            inherited
        },
        TICK,
    );
    assert_eq!(seen.await, Ok(Some(1)));
    assert_eq!(LOCAL.get(), Some(2));
}
