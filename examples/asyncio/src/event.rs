//! A task waits for an event that another sets.
//!
//! `cargo run -p asyncio-examples --bin event`

use std::rc::Rc;

use everloop::{Duration, Event, create_task, sleep};

async fn waiter(event: Rc<Event>) {
    println!("waiting for it ...");
    event.wait().await;
    println!("... got it!");
}

/// `main` of the Python.
pub async fn main() {
    // Create an Event object.
    let event = Rc::new(Event::new());

    // Spawn a Task to wait until 'event' is set.
    let waiter_task = create_task(waiter(event.clone()));

    // Sleep for 1 second and set the event.
    sleep(Duration::from_secs(1)).await;
    event.set();

    // Wait until the waiter task is finished.
    waiter_task.await.expect("it is not cancelled");
}
