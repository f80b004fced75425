use std::cell::Cell;
use std::rc::Rc;

use everloop_core::{catch_cancel, try_create_task, wait_for};

use super::session::Session;
use crate::net::Kind;

/// Whether a task sends what waits, beside the halves.
pub(super) struct Sender {
    is_under_way: Cell<bool>,
}

impl Sender {
    pub(super) fn new() -> Self {
        Self { is_under_way: Cell::new(false) }
    }

    /// Has a task send what waits, if there is none. Without a loop that takes tasks the next call sends it, if there is
    /// one.
    pub(super) fn go_on<K: Kind>(&self, session: &Rc<Session<K>>) {
        if self.is_under_way.get() {
            return;
        }
        let sending = Sending::new(Rc::clone(session));
        if let Ok(task) = try_create_task(async move { sending.run().await }) {
            drop(task.named("tls"));
        }
    }
}

/// The task's part, until it ends or is dropped.
struct Sending<K: Kind> {
    session: Rc<Session<K>>,
}

impl<K: Kind> Sending<K> {
    fn new(session: Rc<Session<K>>) -> Self {
        session.sender().is_under_way.set(true);
        Self { session }
    }

    async fn run(self) {
        let mut asked = false;
        loop {
            let (before, limit) = self.session.progress();
            match catch_cancel(wait_for(self.session.send_all(), limit)).await {
                Ok(Ok(())) => return,
                // While somebody owns the stream, a peer may take its time.
                Ok(Err(_timeout)) => {
                    let is_ending = asked || self.session.owners().get() == 0;
                    if is_ending && self.session.progress().0 == before {
                        self.session.give_up();
                        return;
                    }
                }
                // Who cancels all tasks means those of the program, and what was written goes out all the same. The end of a
                // run does not wait for ever for it.
                Err(_cancelled) => asked = true,
            }
        }
    }
}

impl<K: Kind> Drop for Sending<K> {
    fn drop(&mut self) {
        self.session.sender().is_under_way.set(false);
    }
}
