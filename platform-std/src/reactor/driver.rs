use std::cell::{Cell, RefCell};
use std::io;
use std::rc::Rc;
use std::sync::{Arc, OnceLock};
use std::task::Waker;
use std::time::{Duration, Instant as Clock};

use everloop_core::Instant;
use everloop_core::platform::Wait;
use mio::event::Source;
use mio::{Interest, Poll, Token};
use slab::Slab;

use super::events::Events;
use super::readiness::Readiness;
use super::rest::Scratch;
use super::token;
use super::unparker::Unparker;
#[cfg(unix)]
use crate::signal::Table;

/// No single wait is longer, since some systems refuse very long ones. A park may end early.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// The poller and what is registered with it.
pub(crate) struct Driver {
    poll: RefCell<Poll>,
    events: RefCell<Events>,
    sources: RefCell<Slab<Entry>>,
    generation: Cell<usize>,
    scratch: Scratch,
    unparker: Arc<Unparker>,
    start: Clock,
    /// How many `Entered` guards there are: whether somebody parks on it.
    entered: Cell<usize>,
    #[cfg(unix)]
    signals: Table,
}

struct Entry {
    token: Token,
    readiness: Rc<Readiness>,
}

/// The zero of `Instant`, one for all loops, so that instants of different threads can be compared.
pub(crate) fn start() -> Clock {
    static START: OnceLock<Clock> = OnceLock::new();
    *START.get_or_init(Clock::now)
}

impl Driver {
    pub(super) fn new() -> io::Result<Self> {
        let poll = Poll::new()?;
        let unparker = Arc::new(Unparker(mio::Waker::new(poll.registry(), token::UNPARK)?));
        Ok(Self {
            poll: RefCell::new(poll),
            events: RefCell::new(Events::new()),
            sources: RefCell::new(Slab::new()),
            generation: Cell::new(0),
            scratch: Scratch::default(),
            unparker,
            start: start(),
            entered: Cell::new(0),
            #[cfg(unix)]
            signals: Table::default(),
        })
    }

    pub(super) fn unparker(&self) -> Waker {
        Waker::from(Arc::clone(&self.unparker))
    }

    pub(super) fn enter(&self) {
        self.entered.set(self.entered.get() + 1);
    }

    pub(super) fn leave(&self) {
        self.entered.set(self.entered.get() - 1);
    }

    /// Whether a loop parks on it, so that waiting makes sense.
    pub(super) fn is_entered(&self) -> bool {
        self.entered.get() > 0
    }

    /// Where what is read beyond a buffer goes first.
    pub(super) fn scratch(&self) -> &Scratch {
        &self.scratch
    }

    /// How many sources are registered.
    pub(super) fn sources(&self) -> usize {
        self.sources.borrow().len()
    }

    pub(super) fn now(&self) -> Instant {
        // 64 bits of nanoseconds last for 584 years.
        Instant::from_ticks(self.start.elapsed().as_nanos() as u64)
    }

    /// Registers `io`, edge-triggered, for as long as it lives.
    pub(super) fn register(
        &self,
        io: &mut impl Source,
        interest: Interest,
    ) -> io::Result<(Token, Rc<Readiness>)> {
        let mut sources = self.sources.borrow_mut();
        let vacant = sources.vacant_entry();
        let generation = self.generation.get().wrapping_add(1);
        let token = token::new(vacant.key(), generation)
            .ok_or_else(|| io::Error::other("the event loop has as many sockets as it can number"))?;
        self.poll.borrow().registry().register(io, token, interest)?;
        self.generation.set(generation);
        let readiness = Rc::new(Readiness::new());
        vacant.insert(Entry { token, readiness: Rc::clone(&readiness) });
        Ok((token, readiness))
    }

    /// Undoes `register`. What is still in the batch for the token is ignored from now on.
    pub(super) fn deregister(&self, io: &mut impl Source, token: Token) {
        // It fails only if the source is not registered, and then this is what we want.
        let _ = self.poll.borrow().registry().deregister(io);
        let entry = self.sources.borrow_mut().try_remove(token::index(token));
        drop(entry);
    }

    /// The signals that its loop handles.
    #[cfg(unix)]
    pub(crate) fn signals(&self) -> &Table {
        &self.signals
    }

    /// Has input of `io` end a park.
    #[cfg(unix)]
    pub(crate) fn register_bell(&self, io: &mut impl Source) -> io::Result<()> {
        self.poll.borrow().registry().register(io, token::BELL, Interest::READABLE)
    }

    /// Undoes `register_bell`.
    #[cfg(unix)]
    pub(crate) fn deregister_bell(&self, io: &mut impl Source) {
        // It fails only if it is not registered.
        let _ = self.poll.borrow().registry().deregister(io);
    }

    pub(super) fn park(&self, wait: Wait) {
        let timeout = match wait {
            // Wakes from other threads are in the loop's inbox already, and there is nothing else to collect.
            Wait::Poll if self.sources.borrow().is_empty() => return,
            Wait::Poll => Some(Duration::ZERO),
            Wait::Until(deadline) => Some(Duration::from(deadline - self.now()).min(LONGEST)),
            Wait::Forever => None,
        };
        let mut events = self.events.borrow_mut();
        let waited = events.wait(&mut self.poll.borrow_mut(), timeout);
        match waited {
            Ok(()) => {}
            // A signal: the loop looks around and parks again.
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return,
            // Nothing but a bug gets here (a descriptor closed under us): going on would spin for ever.
            Err(error) => panic!("waiting for input failed: {error}"),
        }
        for (token, signs) in events.iter() {
            // Taken out of the table first: a waker may belong to another crate, and do anything.
            if let Some(readiness) = self.find(token) {
                readiness.note(signs);
            }
        }
    }

    fn find(&self, token: Token) -> Option<Rc<Readiness>> {
        let sources = self.sources.borrow();
        let entry = sources.get(token::index(token))?;
        (entry.token == token).then(|| Rc::clone(&entry.readiness))
    }
}
