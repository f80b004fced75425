//! Where the signal is not handled: it keeps its default effect.

use crate::reactor::Reactor;

pub(super) enum Signal {}

impl Signal {
    pub(super) fn catch(_: &Reactor) -> Option<Self> {
        None
    }

    pub(super) fn has_come() -> bool {
        false
    }

    pub(super) fn release(self) -> bool {
        match self {}
    }
}
