//! SIGINT as asyncio's runner has it: the first cancels the main task, the second does what the system does.

#[cfg(unix)]
mod unix;
#[cfg(unix)]
use unix::Signal;

#[cfg(windows)]
pub(crate) mod windows;
#[cfg(windows)]
use windows::Signal;

#[cfg(not(any(unix, windows)))]
mod none;
#[cfg(not(any(unix, windows)))]
use none::Signal;

use std::cell::Cell;

use everloop_core::TaskInfo;

use crate::reactor::Reactor;

/// What one runner knows of SIGINT.
#[derive(Default)]
pub(crate) struct Watch {
    /// The main task of the run, while a watch is kept.
    main: Cell<Option<TaskInfo>>,
    watching: Cell<bool>,
    heard: Cell<bool>,
}

impl Watch {
    /// Keeps watch until the result is ended or dropped. It may see nothing: see [`Signal::catch`].
    pub(crate) fn begin(&self, reactor: &Reactor) -> Watching<'_> {
        self.heard.set(false);
        let signal = Signal::catch(reactor);
        self.watching.set(signal.is_some());
        Watching { watch: self, signal }
    }

    pub(crate) fn set_main(&self, main: Option<TaskInfo>) {
        self.main.set(main);
    }

    /// Cancels the main task if the signal has come. On the loop's thread, in its context.
    pub(crate) fn look(&self) {
        if self.watching.get()
            && !self.heard.get()
            && Signal::has_come()
            && let Some(main) = self.main.get()
        {
            self.heard.set(main.cancel());
        }
    }
}

/// While it lives, the signal is watched for. Ended or dropped, it gives the signal its default effect back.
pub(crate) struct Watching<'a> {
    watch: &'a Watch,
    signal: Option<Signal>,
}

/// What became of the signal in a run.
#[derive(Clone, Copy)]
pub(crate) struct Interrupted {
    came: bool,
    heard: bool,
}

impl Watching<'_> {
    /// Ends the watch and tells what it saw.
    pub(crate) fn end(mut self) -> Interrupted {
        // Let go first: what comes from here on has the default effect.
        let came = self.signal.take().is_some_and(Signal::release);
        Interrupted { came, heard: self.watch.heard.get() }
    }
}

impl Drop for Watching<'_> {
    fn drop(&mut self) {
        self.watch.watching.set(false);
        self.watch.main.set(None);
    }
}

impl Interrupted {
    /// It came, and the main task was cancelled for it.
    pub(crate) fn is_heard(self) -> bool {
        self.heard
    }

    /// It came too late for the main task to hear of it.
    pub(crate) fn is_unheard(self) -> bool {
        self.came && !self.heard
    }
}
