use everloop_core::{
    Duration, create_eager_task, create_task, current_task, sleep, try_create_eager_task, yield_now,
};

use crate::trace::Trace;

const TICK: Duration = Duration::from_millis(1);

static LOG: Trace = Trace::new();

pub async fn the_first_step_runs_inside() {
    LOG.clear();
    let queued = create_task(async { LOG.push(3) });
    let eager = create_eager_task(async {
        LOG.push(1);
        yield_now().await;
        LOG.push(4);
    });
    LOG.push(2);
    queued.await.unwrap();
    eager.await.unwrap();
    LOG.expect(&[1, 2, 3, 4]);
}

pub async fn one_that_never_waits_is_done_at_once() {
    let task = create_eager_task(async { 7 });
    assert!(task.done());
    assert_eq!(task.result(), Ok(Ok(&7)));
    assert_eq!(task.await, Ok(7));
}

pub async fn the_current_task_is_right_inside_and_after() {
    let outer = current_task().unwrap().id();
    let task = create_eager_task(async { current_task().unwrap().id() });
    assert_eq!(current_task().unwrap().id(), outer);
    let id = task.id();
    assert!(id != outer);
    assert_eq!(task.await, Ok(id));
}

pub async fn they_nest() {
    LOG.clear();
    let task = create_eager_task(async {
        LOG.push(1);
        let inner = create_eager_task(async {
            LOG.push(2);
            sleep(TICK).await;
            LOG.push(4);
            5
        });
        LOG.push(3);
        inner.await
    });
    assert_eq!(task.await, Ok(Ok(5)));
    LOG.expect(&[1, 2, 3, 4]);
}

pub async fn it_may_cancel_its_creator() {
    LOG.clear();
    let mut outer = create_task(async {
        let me = current_task().unwrap();
        create_eager_task(async move {
            assert!(me.cancel());
        });
        LOG.push(1);
        yield_now().await;
        LOG.push(2);
    });
    assert!((&mut outer).await.is_err());
    LOG.expect(&[1]);
}

pub async fn it_can_be_cancelled_after_its_first_step() {
    LOG.clear();
    let task = create_eager_task(async {
        LOG.push(1);
        sleep(TICK).await;
        LOG.push(2);
    });
    assert!(task.cancel());
    assert!(task.await.is_err());
    LOG.expect(&[1]);
}

/// Without `alloc` it is the pool that ends; with it the heap takes over.
pub async fn a_full_pool_gives_the_future_back_unpolled() {
    LOG.clear();
    let mut handles = heapless::Vec::<_, 64>::new();
    for n in 0..64 {
        match try_create_eager_task(async move {
            LOG.push(n);
            sleep(TICK).await;
        }) {
            Ok(task) => assert!(handles.push(task).is_ok()),
            Err(error) => {
                assert_eq!(error.kind, everloop_core::CreateErrorKind::PoolFull);
                break;
            }
        }
        if handles.len() == 40 {
            break;
        }
    }
    let expected: heapless::Vec<u32, 64> = (0..handles.len() as u32).collect();
    LOG.expect(&expected);
}
