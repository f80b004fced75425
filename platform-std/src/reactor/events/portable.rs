//! By mio, which asks each system as that has it.

use std::io;
use std::time::Duration;

use mio::event::Event;
use mio::{Poll, Token};

use super::{BATCH, Signs};

/// What the last wait has given.
pub(in crate::reactor) struct Events(mio::Events);

impl Events {
    pub(in crate::reactor) fn new() -> Self {
        Self(mio::Events::with_capacity(BATCH))
    }

    /// Waits until something happens, or for so long.
    pub(in crate::reactor) fn wait(&mut self, poll: &mut Poll, timeout: Option<Duration>) -> io::Result<()> {
        // Where the system counts in milliseconds mio rounds up: rounded down, the last one would be spent spinning.
        poll.poll(&mut self.0, timeout)
    }

    pub(in crate::reactor) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(in crate::reactor) fn iter(&self) -> impl Iterator<Item = (Token, Signs)> {
        self.0.iter().map(|event| (event.token(), signs(event)))
    }
}

fn signs(event: &Event) -> Signs {
    let failed = event.is_error();
    Signs {
        readable: event.is_readable(),
        read_finished: event.is_read_closed() || failed,
        writable: event.is_writable() || event.is_write_closed() || failed,
        urgent: event.is_priority(),
    }
}
