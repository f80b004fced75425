//! Spans of tasks, as a subscriber of `tracing` sees them.
#![allow(missing_docs)]

use std::fmt::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

use everloop::{create_eager_task, create_task, gather, set_exception_handler, yield_now};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber, info};

/// Writes down every message with the spans around it, and which spans have closed.
#[derive(Clone, Default)]
struct Recorder(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    spans: Vec<String>,
    entered: Vec<u64>,
    log: Vec<String>,
}

struct Fields<'a>(&'a mut String);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        write!(self.0, " {field}={value:?}").unwrap();
    }
}

impl Subscriber for Recorder {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut text = span.metadata().name().to_owned();
        span.record(&mut Fields(&mut text));
        let spans = &mut self.0.lock().unwrap().spans;
        spans.push(text);
        Id::from_u64(spans.len() as u64)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        let mut state = self.0.lock().unwrap();
        values.record(&mut Fields(&mut state.spans[span.into_u64() as usize - 1]));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut state = self.0.lock().unwrap();
        let mut text = String::new();
        for id in &state.entered {
            write!(text, "{}: ", state.spans[*id as usize - 1]).unwrap();
        }
        let mut said = String::new();
        event.record(&mut Fields(&mut said));
        text += said.trim_start_matches(" message=");
        state.log.push(text);
    }

    fn enter(&self, span: &Id) {
        self.0.lock().unwrap().entered.push(span.into_u64());
    }

    fn exit(&self, span: &Id) {
        assert_eq!(self.0.lock().unwrap().entered.pop(), Some(span.into_u64()));
    }

    fn try_close(&self, span: Id) -> bool {
        let mut state = self.0.lock().unwrap();
        let text = format!("closed {}", state.spans[span.into_u64() as usize - 1]);
        state.log.push(text);
        true
    }
}

fn traced(main: impl AsyncFnOnce()) -> Vec<String> {
    let recorder = Recorder::default();
    let _default = tracing::subscriber::set_default(recorder.clone());
    everloop::run(main()).unwrap();
    let mut state = recorder.0.lock().unwrap();
    assert!(state.entered.is_empty());
    std::mem::take(&mut state.log)
}

#[test]
fn what_is_logged_in_a_task_says_which_it_was() {
    let log = traced(async || {
        let say = async |what: &'static str| {
            info!("{what} begins");
            yield_now().await;
            info!("{what} ends");
        };
        let first = create_task(async move { say("one").await });
        let second = create_task(async move { say("two").await }).named("worker");
        let _ = gather((first, second)).await;
        info!("done");
    });
    assert_eq!(
        log,
        [
            "task id=2: one begins",
            "task id=3 name=\"worker\": two begins",
            "task id=2: one ends",
            "closed task id=2",
            "task id=3 name=\"worker\": two ends",
            "closed task id=3 name=\"worker\"",
            "task id=1: done",
            "closed task id=1",
        ]
    );
}

#[test]
fn a_name_given_later_is_recorded() {
    let log = traced(async || {
        let task = create_eager_task(async {
            info!("first");
            yield_now().await;
            info!("second");
        });
        task.set_name("late");
        task.await.unwrap();
    });
    let expected = [
        "task id=1: task id=2: first",
        "task id=2 name=\"late\": second",
        "closed task id=2 name=\"late\"",
        "closed task id=1",
    ];
    assert_eq!(log, expected);
}

#[test]
fn a_task_that_panics_leaves_its_span() {
    let log = traced(async || {
        set_exception_handler(Some(&|_| {}));
        drop(create_task(async { panic!("on purpose") }));
        yield_now().await;
        info!("after");
    });
    assert_eq!(log, ["closed task id=2", "task id=1: after", "closed task id=1"]);
}

#[test]
fn the_cleanup_of_a_task_is_inside_its_span() {
    struct OnDrop;
    impl Drop for OnDrop {
        fn drop(&mut self) {
            info!("dropped");
        }
    }
    let log = traced(async || {
        create_task(async {
            let _on_drop = OnDrop;
            std::future::pending::<()>().await;
        });
        yield_now().await;
    });
    assert_eq!(log, ["closed task id=1", "task id=2: dropped", "closed task id=2"]);
}

#[test]
fn without_a_subscriber_tasks_run_as_ever() {
    everloop::run(async { create_task(async { 42 }).await }).unwrap().unwrap();
}

#[test]
fn a_subscriber_that_panics_ends_no_task() {
    struct Bad;
    impl Subscriber for Bad {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            true
        }
        fn new_span(&self, _: &Attributes<'_>) -> Id {
            panic!("no span")
        }
        fn record(&self, _: &Id, _: &Record<'_>) {}
        fn record_follows_from(&self, _: &Id, _: &Id) {}
        fn event(&self, _: &Event<'_>) {}
        fn enter(&self, _: &Id) {}
        fn exit(&self, _: &Id) {}
    }
    let _default = tracing::subscriber::set_default(Bad);
    let answer = catch_unwind(AssertUnwindSafe(|| everloop::run(async { create_task(async { 42 }).await })));
    assert_eq!(answer.unwrap().unwrap(), Ok(42));
}
