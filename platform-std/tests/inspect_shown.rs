//! How a snapshot is shown: as a table, and as a tree of who awaits whom.
#![allow(missing_docs)]
#![cfg(feature = "inspect")]

use std::rc::Rc;

use everloop::inspect::Snapshot;
use everloop::{Duration, Event, Unbounded, create_task, gather, sleep, task_group, wait_for, yield_now};

/// The tree without numbers of the process and places in files.
fn tree(snapshot: &Snapshot) -> String {
    let text = snapshot.tree().to_string();
    let lines = text.lines().skip(1).map(|line| line.split(" (").next().unwrap());
    lines.map(|line| line.to_owned() + "\n").collect()
}

#[test]
fn the_tree_shows_groups_scopes_and_awaits_in_the_order_of_the_program() {
    everloop::run(async {
        let never = Rc::new(<Event>::new());
        let wait = |name| {
            let never = Rc::clone(&never);
            create_task(async move { never.wait().await }).named(name)
        };
        let (first, second) = (wait("first"), wait("second"));
        let main = create_task(async move {
            let hour = Duration::from_secs(3600);
            let _ = task_group(Unbounded, async |group| {
                group
                    .create_task(async {
                        sleep(hour).await;
                        Ok(())
                    })
                    .set_name("child");
                let _ = gather((wait_for(first, hour), second)).await;
                Ok::<_, ()>(())
            })
            .await;
        });
        let main = main.named("service");
        for _ in 0..4 {
            yield_now().await;
        }
        assert_eq!(
            tree(&Snapshot::take()),
            "\
├── Task-1 [1] running
└── service [4] waiting on a gather
    └── task_group
        ├── gather
        │   ├── catch_cancel
        │   │   └── timeout
        │   │       └── first [2] waiting on an event
        │   └── catch_cancel
        │       └── second [3] waiting on an event
        └── child [5] waiting on a sleep
"
        );
        main.cancel();
    })
    .unwrap();
}

#[test]
fn a_task_that_several_await_stands_in_full_once() {
    everloop::run(async {
        let shared = Rc::new(create_task(sleep(Duration::from_secs(3600))).named("shared"));
        let waiting = ["a", "b"].map(|name| {
            let shared = Rc::clone(&shared);
            let wait = async move {
                let _ = everloop::wait(&mut [&*shared], None, everloop::ReturnWhen::AllCompleted).await;
            };
            create_task(wait).named(name)
        });
        yield_now().await;
        assert_eq!(
            tree(&Snapshot::take()),
            "\
├── Task-1 [1] running
├── a [3] waiting on several tasks
│   └── shared [2] waiting on a sleep
└── b [4] waiting on several tasks
    └── shared [2], see above
"
        );
        for task in &waiting {
            task.cancel();
        }
    })
    .unwrap();
}

#[test]
fn tasks_that_wait_for_each_other_in_a_ring_are_shown() {
    everloop::run(async {
        type Slot = Rc<std::cell::RefCell<Option<everloop::Task<()>>>>;
        let slots: [Slot; 2] = Default::default();
        let tasks = [0, 1].map(|i| {
            let slot = Rc::clone(&slots[1 - i]);
            create_task(async move {
                let other = slot.borrow_mut().take().unwrap();
                // A cancellation is not handed round for ever.
                let _ = everloop::wait(&mut [other], None, everloop::ReturnWhen::AllCompleted).await;
            })
        });
        let ids = [tasks[0].id(), tasks[1].id()];
        for (slot, task) in slots.iter().zip(tasks) {
            *slot.borrow_mut() = Some(task);
        }
        yield_now().await;
        assert_eq!(
            tree(&Snapshot::take()),
            "\
├── Task-1 [1] running
└── Task-2 [2] waiting on several tasks
    └── Task-3 [3] waiting on several tasks
        └── Task-2 [2], see above
"
        );
        for task in everloop::all_tasks().filter(|task| ids.contains(&task.id())) {
            task.cancel();
        }
    })
    .unwrap();
}

#[test]
fn a_long_chain_of_awaits_is_shown() {
    everloop::run(async {
        let mut last = create_task(sleep(Duration::from_secs(3600)));
        for _ in 0..20_000 {
            let before = last;
            last = create_task(async move { before.await.unwrap_or_default() });
        }
        yield_now().await;
        let tree = Snapshot::take().tree().to_string();
        assert_eq!(tree.lines().count(), 20_003);
    })
    .unwrap();
}

#[test]
fn the_table_has_a_line_for_each_task() {
    everloop::run(async {
        let task = create_task(sleep(Duration::from_secs(3600))).named("sleeper\x1b[2J");
        yield_now().await;
        task.cancel();
        let table = Snapshot::take().table().to_string();
        let lines: Vec<_> = table.lines().collect();
        assert_eq!(lines.len(), 3);
        for column in ["task", "name", "state", "waits on", "polls", "longest poll", "created at"] {
            assert!(lines[0].contains(column), "{table}");
        }
        assert!(lines[1].contains("Task-1") && lines[1].contains("running"), "{table}");
        assert!(
            lines[2].contains("ready, cancelling") && lines[2].contains("tests/inspect_shown.rs:"),
            "{table}"
        );
        // A name can't command the terminal.
        assert!(lines[2].contains(r"sleeper\u{1b}[2J"), "{table}");
    })
    .unwrap();
}
