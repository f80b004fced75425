use everloop_core::{Duration, TaskLocal, create_eager_task, create_task, sleep, yield_now};

use crate::trace::{OnDrop, Trace};

const TICK: Duration = Duration::from_millis(1);

pub async fn children_inherit_at_their_creation() {
    static VALUE: TaskLocal<u32> = TaskLocal::new();
    assert_eq!(VALUE.get(), None);
    VALUE.set(1).unwrap();
    let child = create_task(async {
        yield_now().await;
        VALUE.get()
    });
    VALUE.set(2).unwrap();
    let eager = create_eager_task(async { VALUE.get() });
    assert_eq!(child.await, Ok(Some(1)));
    assert_eq!(eager.await, Ok(Some(2)));
}

pub async fn what_a_child_sets_its_parent_does_not_see() {
    static VALUE: TaskLocal<u32> = TaskLocal::new();
    VALUE.set(1).unwrap();
    let child = create_task(async {
        VALUE.set(2).unwrap();
        let grandchild = create_task(async { VALUE.get() });
        (VALUE.get(), grandchild.await)
    });
    assert_eq!(child.await, Ok((Some(2), Ok(Some(2)))));
    assert_eq!(VALUE.get(), Some(1));
}

pub async fn several_are_told_apart() {
    static ONE: TaskLocal<u32> = TaskLocal::new();
    static OTHER: TaskLocal<&str> = TaskLocal::new();
    ONE.set(1).unwrap();
    OTHER.set("a").unwrap();
    ONE.set(2).unwrap();
    assert_eq!((ONE.get(), OTHER.get()), (Some(2), Some("a")));
}

pub async fn setting_again_and_again_takes_no_room() {
    static VALUE: TaskLocal<u32, 2> = TaskLocal::new();
    for n in 0..1000 {
        VALUE.set(n).unwrap();
        assert_eq!(VALUE.get(), Some(n));
    }
    for n in 0..100 {
        let child = create_task(async move {
            VALUE.set(n).unwrap();
            VALUE.get()
        });
        assert_eq!(child.await, Ok(Some(n)));
    }
    assert_eq!(VALUE.get(), Some(999));
}

pub async fn a_value_goes_with_the_last_task_that_sees_it() {
    static LOG: Trace = Trace::new();
    static VALUE: TaskLocal<OnDrop> = TaskLocal::new();
    LOG.clear();
    create_task(async {
        VALUE.set(OnDrop(&LOG, 1)).unwrap_or_else(|_| panic!("there is room"));
        drop(create_task(async {
            sleep(TICK).await;
            LOG.push(0);
        }));
    })
    .await
    .unwrap();
    LOG.expect(&[]);
    sleep(TICK * 2).await;
    LOG.expect(&[0, 1]);
}

pub async fn it_may_be_set_while_it_is_lent() {
    static VALUE: TaskLocal<u32> = TaskLocal::new();
    VALUE.set(1).unwrap();
    let seen = VALUE.with(|value| {
        VALUE.set(2).unwrap();
        *value
    });
    assert_eq!((seen, VALUE.get()), (Some(1), Some(2)));
}
