//! Tasks that nobody awaits, in a set which each leaves when it is done.
//!
//! What runs is kept by its loop, so the set is only there for whoever wants to look at the tasks or cancel them.
//!
//! `cargo run -p asyncio-examples --bin background_tasks`

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use everloop::{Duration, create_task, sleep};

async fn some_coro(param: u32) {
    sleep(Duration::from_millis(100) * param).await;
    println!("{param}");
}

/// `main` of the Python.
pub async fn main() {
    let background_tasks = Rc::new(RefCell::new(HashMap::new()));

    for i in 0..10 {
        let task = create_task(some_coro(i));

        // To prevent keeping references to finished tasks forever,
        // make each task remove its own reference from the set after
        // completion:
        let set = background_tasks.clone();
        task.add_done_callback(move |task| {
            set.borrow_mut().remove(&task.id());
        });

        // Add task to the set: now, since it moves.
        background_tasks.borrow_mut().insert(task.id(), task);
    }

    println!("{} tasks in the background", background_tasks.borrow().len());
    sleep(Duration::from_secs(2)).await;
    println!("{} tasks in the background", background_tasks.borrow().len());
}
