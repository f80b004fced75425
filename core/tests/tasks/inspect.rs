//! How long a task has been waiting, and its longest poll.
#![cfg(all(feature = "std", feature = "alloc", feature = "inspect", not(loom)))]

use std::future::pending;
use std::rc::Rc;

use everloop_core::platform::Platform;
use everloop_core::virtual_time::{UNPARKER, VirtualTime};
use everloop_core::{
    Duration, EventLoop, OwnedLoop, TaskId, TaskInfo, TaskPool, all_tasks, create_eager_task, create_task,
    current_task, sleep, yield_now,
};

const TICK: Duration = Duration::from_millis(1);

/// Runs what is given the clock, which it may move on as if it computed.
fn run<F: Future>(main: impl FnOnce(Rc<VirtualTime>) -> F) -> F::Output {
    let time = Rc::new(VirtualTime::new());
    OwnedLoop::new(UNPARKER).run(&*time, &[], main(time.clone())).unwrap()
}

fn info(id: TaskId) -> TaskInfo {
    all_tasks().find(|task| task.id() == id).unwrap()
}

#[test]
fn before_its_first_poll_it_waits_since_its_creation() {
    run(async |time| {
        time.advance(TICK);
        let task = create_task(pending::<()>());
        assert_eq!(info(task.id()).waiting_for(), Duration::ZERO);
        time.advance(TICK * 3);
        assert_eq!(info(task.id()).waiting_for(), TICK * 3);
        assert_eq!(info(task.id()).longest_poll(), Duration::ZERO);
    });
}

#[test]
fn it_waits_since_its_last_poll_ended() {
    run(async |time| {
        let clock = time.clone();
        let task = create_task(async move {
            clock.advance(TICK * 2);
            sleep(TICK * 10).await;
            pending::<()>().await;
        });
        yield_now().await;
        assert_eq!(info(task.id()).waiting_for(), Duration::ZERO);
        sleep(TICK * 5).await;
        assert_eq!(info(task.id()).waiting_for(), TICK * 5);
        // Polled at 12.
        sleep(TICK * 8).await;
        assert_eq!((time.now().as_ticks(), info(task.id()).polls()), ((TICK * 15).as_ticks(), 2));
        assert_eq!(info(task.id()).waiting_for(), TICK * 3);
    });
}

#[test]
fn while_it_runs_it_does_not_wait() {
    run(async |time| {
        sleep(TICK).await;
        time.advance(TICK);
        assert_eq!(current_task().unwrap().waiting_for(), Duration::ZERO);
        // Nor does it while the task runs that it created.
        let own = current_task().unwrap().id();
        let seen = create_eager_task(async move {
            time.advance(TICK);
            info(own).waiting_for()
        });
        assert_eq!(seen.await, Ok(Duration::ZERO));
    });
}

#[test]
fn the_longest_of_its_polls_is_kept() {
    run(async |time| {
        let task = create_task(async move {
            for ticks in [2, 5, 0, 3] {
                time.advance(TICK * ticks);
                yield_now().await;
            }
            pending::<()>().await;
        });
        for expected in [0, 2, 5, 5, 5, 5] {
            assert_eq!(info(task.id()).longest_poll(), TICK * expected);
            yield_now().await;
        }
    });
}

#[test]
fn a_poll_includes_the_eager_tasks_it_creates() {
    run(async |time| {
        let (outer, inner) = (time.clone(), time.clone());
        let task = create_task(async move {
            outer.advance(TICK);
            let child = create_eager_task(async move {
                inner.advance(TICK * 2);
                pending::<()>().await;
            });
            let id = child.id();
            drop(child);
            outer.advance(TICK * 4);
            pending::<()>().await;
            id
        });
        yield_now().await;
        assert_eq!(info(task.id()).longest_poll(), TICK * 7);
        let child = all_tasks().last().unwrap();
        assert_eq!((child.longest_poll(), child.waiting_for()), (TICK * 2, TICK * 4));
    });
}

#[test]
fn a_task_in_a_used_slot_begins_anew() {
    static POOL: TaskPool<1, 128> = TaskPool::new();
    static LOOP: EventLoop = EventLoop::new(UNPARKER);
    let time = Rc::new(VirtualTime::new());
    let clock = time.clone();
    let main = async {
        let first = POOL.create_task(async move {
            clock.advance(TICK * 9);
            pending::<()>().await;
        });
        yield_now().await;
        assert_eq!(info(first.id()).longest_poll(), TICK * 9);
        time.advance(TICK);
        first.abort();
        drop(first);
        let second = POOL.create_task(pending::<()>());
        let told = info(second.id());
        assert_eq!((told.longest_poll(), told.waiting_for()), (Duration::ZERO, Duration::ZERO));
    };
    LOOP.run(&*time, &[&POOL], main).unwrap();
}
