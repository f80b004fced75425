//! What a platform is told of each task's polls.
#![cfg(all(feature = "std", feature = "hooks", not(loom)))]
#![allow(missing_docs)]

use std::cell::RefCell;
use std::rc::Rc;

use everloop_core::platform::{Platform, Wait};
use everloop_core::virtual_time::{UNPARKER, VirtualTime};
use everloop_core::{
    Instant, OwnedLoop, TaskInfo, TaskObserver, create_eager_task, create_task, set_exception_handler,
    yield_now,
};

type Log = Rc<RefCell<Vec<String>>>;

/// Virtual time that writes down what it is told.
struct Observing {
    time: VirtualTime,
    log: Log,
    /// Whom it does not observe.
    not: u32,
    panics: bool,
}

struct Observer {
    id: u32,
    log: Log,
    panics: bool,
}

impl Platform for Observing {
    fn now(&self) -> Instant {
        self.time.now()
    }

    fn park(&self, wait: Wait) {
        self.time.park(wait);
    }

    fn observer(&self, task: &TaskInfo) -> Option<Box<dyn TaskObserver>> {
        let id = task.id().get();
        self.log.borrow_mut().push(format!("new {id}"));
        (id != self.not)
            .then(|| Box::new(Observer { id, log: Rc::clone(&self.log), panics: self.panics }) as _)
    }
}

impl TaskObserver for Observer {
    fn poll_begins(&mut self, task: &TaskInfo) {
        assert_eq!(task.id().get(), self.id);
        self.log.borrow_mut().push(format!("> {task}"));
        assert!(!self.panics, "begins");
    }

    fn poll_ends(&mut self) {
        self.log.borrow_mut().push(format!("< {}", self.id));
        assert!(!self.panics, "ends");
    }
}

impl Drop for Observer {
    fn drop(&mut self) {
        self.log.borrow_mut().push(format!("end {}", self.id));
        assert!(!self.panics, "drop");
    }
}

fn observed(not: u32, panics: bool, main: impl AsyncFnOnce(Log)) -> Vec<String> {
    observed_by(not, panics, false, main)
}

/// As [`observed`], by one that only lends the platform if `lent`.
fn observed_by(not: u32, panics: bool, lent: bool, main: impl AsyncFnOnce(Log)) -> Vec<String> {
    let log = Log::default();
    let platform = Observing { time: VirtualTime::new(), log: Rc::clone(&log), not, panics };
    let platform: &dyn Platform = if lent { &&platform } else { &platform };
    OwnedLoop::new(UNPARKER).run(platform, &[], main(Rc::clone(&log))).unwrap();
    log.take()
}

#[test]
fn each_poll_is_told_with_its_end() {
    let log = observed(0, false, async |log| {
        let task = create_task(async move {
            log.borrow_mut().push("first".into());
            yield_now().await;
            log.borrow_mut().push("second".into());
        })
        .named("worker");
        task.await.unwrap();
    });
    let expected = "new 1,> Task-1,< 1,new 2,> worker,first,< 2,> worker,second,< 2,end 2,> Task-1,< 1,end 1";
    assert_eq!(log.join(","), expected);
}

#[test]
fn one_that_is_not_observed_is_asked_about_once() {
    let log = observed(2, false, async |_| {
        create_task(async {
            yield_now().await;
            yield_now().await;
        })
        .await
        .unwrap();
    });
    assert_eq!(log.iter().filter(|line| *line == "new 2").count(), 1);
    assert!(!log.iter().any(|line| line.contains("Task-2")), "{log:?}");
}

#[test]
fn an_eager_task_is_told_inside_its_creators_poll() {
    let log = observed(0, false, async |_| drop(create_eager_task(async {})));
    assert_eq!(log.join(","), "new 1,> Task-1,new 2,> Task-2,< 2,end 2,< 1,end 1");
}

#[test]
fn the_drop_of_a_future_is_told_as_a_poll() {
    struct OnDrop(Log);
    impl Drop for OnDrop {
        fn drop(&mut self) {
            self.0.borrow_mut().push("dropped".into());
        }
    }
    for abort in [false, true] {
        let log = observed(1, false, async |log| {
            let on_drop = OnDrop(log);
            let task = create_task(async move {
                let _on_drop = on_drop;
                std::future::pending::<()>().await;
            });
            yield_now().await;
            if abort {
                task.abort()
            } else {
                task.cancel()
            };
            assert!(task.await.is_err());
        });
        assert_eq!(log.join(","), "new 1,new 2,> Task-2,< 2,> Task-2,dropped,< 2,end 2");
    }
}

#[test]
fn a_panic_of_a_task_is_told_as_an_end() {
    let log = observed(1, false, async |_| {
        set_exception_handler(Some(&|_| {}));
        drop(create_task(async { panic!("on purpose") }));
        yield_now().await;
    });
    assert_eq!(log.join(","), "new 1,new 2,> Task-2,< 2,end 2");
}

#[test]
fn a_panic_of_an_observer_is_none_of_the_tasks() {
    thread_local! {
        static TOLD: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    }
    observed(1, true, async |_| {
        set_exception_handler(Some(&|unhandled| {
            TOLD.with_borrow_mut(|told| told.push(unhandled.message().unwrap().into()));
        }));
        assert_eq!(create_task(async { 42 }).await, Ok(42));
    });
    assert_eq!(TOLD.take(), ["begins", "ends", "drop"]);
}

#[test]
fn tasks_left_over_are_told_to_their_end() {
    let log = observed(1, false, async |_| {
        create_task(std::future::pending::<()>());
        yield_now().await;
    });
    assert_eq!(log.join(","), "new 1,new 2,> Task-2,< 2,> Task-2,< 2,end 2");
}

#[test]
fn what_only_lends_a_platform_is_told_the_same() {
    let told = |lent| observed_by(0, false, lent, async |_| assert!(create_task(async {}).await.is_ok()));
    assert_eq!(told(true), told(false));
}
