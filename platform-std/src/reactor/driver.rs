use std::cell::{Cell, RefCell};
use std::io;
use std::sync::{Arc, OnceLock};
use std::task::Waker;
use std::time::{Duration, Instant as Clock};

use everloop_core::Instant;
use everloop_core::platform::{self, Wait};
use mio::event::Source;
#[cfg(target_os = "linux")]
use mio::unix::SourceFd;
use mio::{Interest, Poll};

use super::events::Events;
use super::rest::Scratch;
use super::sources::{Place, Sources};
use super::spinning::Spinning;
use super::token;
use super::unparker::Unparker;
use crate::process::Child;
#[cfg(target_os = "linux")]
use crate::process::Pidfds;
#[cfg(all(target_os = "linux", target_env = "gnu"))]
use crate::process::Starters;
#[cfg(unix)]
use crate::signal::Table;

/// No single wait is longer, since some systems refuse very long ones. A park may end early.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// The poller and what is registered with it.
pub(crate) struct Driver {
    poll: RefCell<Poll>,
    events: RefCell<Events>,
    sources: Sources,
    scratch: Scratch,
    unparker: Arc<Unparker>,
    spinning: Spinning,
    /// Who goes on after the next look for input.
    later: RefCell<Vec<Waker>>,
    start: Clock,
    /// How many `Entered` guards there are: whether somebody parks on it.
    entered: Cell<usize>,
    /// How often a park was one that may wait.
    waits: Cell<u64>,
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    starters: Starters,
    #[cfg(target_os = "linux")]
    children: Pidfds,
    #[cfg(unix)]
    signals: Table,
}

/// The zero of `Instant`, one for all loops, so that instants of different threads can be compared.
pub(crate) fn start() -> Clock {
    static START: OnceLock<Clock> = OnceLock::new();
    *START.get_or_init(Clock::now)
}

impl Driver {
    pub(super) fn new() -> io::Result<Self> {
        let poll = Poll::new()?;
        let unparker = Arc::new(Unparker::new(mio::Waker::new(poll.registry(), token::UNPARK)?));
        Ok(Self {
            poll: RefCell::new(poll),
            events: RefCell::new(Events::new()),
            sources: Sources::default(),
            scratch: Scratch::default(),
            unparker,
            spinning: Spinning::new(),
            later: RefCell::default(),
            start: start(),
            entered: Cell::new(0),
            waits: Cell::new(0),
            #[cfg(all(target_os = "linux", target_env = "gnu"))]
            starters: Starters::default(),
            #[cfg(target_os = "linux")]
            children: Pidfds::default(),
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

    /// Has `waker` woken once input was looked at, behind those whom that wakes. False if nobody is to look.
    pub(crate) fn wake_after_look(&self, waker: &Waker) -> bool {
        if !self.is_entered() {
            return false;
        }
        let waker = waker.clone();
        self.later.borrow_mut().push(waker);
        true
    }

    /// How many sources are registered.
    pub(super) fn sources(&self) -> usize {
        self.sources.len()
    }

    pub(super) fn now(&self) -> Instant {
        // 64 bits of nanoseconds last for 584 years.
        Instant::from_ticks(self.start.elapsed().as_nanos() as u64)
    }

    /// Registers `io`, edge-triggered, until it is deregistered; its place is to be given back after that.
    pub(super) fn register(&self, io: &mut impl Source, interest: Interest) -> io::Result<Place> {
        let place = self
            .sources
            .take()
            .ok_or_else(|| io::Error::other("the event loop has as many sockets as it can number"))?;
        let registered = self.poll.borrow().registry().register(io, place.token(), interest);
        if let Err(error) = registered {
            self.sources.give_back(&place);
            return Err(error);
        }
        Ok(place)
    }

    /// What is still in the batch for the source is ignored from now on. Its place stays its own.
    pub(super) fn deregister<S>(&self, io: &mut impl Source, place: &Place<S>) {
        // It fails only if the source is not registered, and then this is what we want.
        let _ = self.poll.borrow().registry().deregister(io);
        self.sources.forget(place);
    }

    /// Gives the place of a source back that was deregistered, and to which nobody refers any more.
    pub(super) fn give_back<S>(&self, place: &Place<S>) {
        self.sources.give_back(place);
    }

    /// The signals that its loop handles.
    #[cfg(unix)]
    pub(crate) fn signals(&self) -> &Table {
        &self.signals
    }

    /// The threads that start programs for its loop.
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    pub(crate) fn starters(&self) -> &Starters {
        &self.starters
    }

    /// Has the end of a child be an event, so that who waits for it is woken with no other thread between. Where that can't
    /// be had, the thread that reaps the child wakes.
    #[cfg(target_os = "linux")]
    pub(crate) fn watch(&self, child: &Arc<Child>) {
        self.children.watch(child, |pidfd, number| {
            let Some(token) = token::of_child(number) else { return false };
            self.poll.borrow().registry().register(&mut SourceFd(&pidfd), token, Interest::READABLE).is_ok()
        });
    }

    /// Elsewhere it is none.
    #[cfg(not(target_os = "linux"))]
    pub(crate) fn watch(&self, _: &Arc<Child>) {}

    /// How often the loop has waited.
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    pub(crate) fn waits(&self) -> u64 {
        self.waits.get()
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
        let left = || match wait {
            Wait::Poll => Some(Duration::ZERO),
            Wait::Until(deadline) => Some(Duration::from(deadline - self.now()).min(LONGEST)),
            Wait::Forever => None,
        };
        if wait == Wait::Poll || !self.later.borrow().is_empty() {
            self.collect();
            // Taken out first, since a waker may be foreign code.
            let later = self.later.take();
            later.into_iter().for_each(platform::wake);
            return;
        }
        self.waits.set(self.waits.get() + 1);
        if self.spinning.is_worthwhile() && self.spin(left()) {
            return;
        }
        if !self.unparker.prepare_sleep() {
            self.unparker.finish();
            return self.collect();
        }
        let happened = self.wait(left());
        // Before all is told of, so that who wakes the loop meanwhile need not ask the system to.
        if self.unparker.finish() {
            self.spinning.note_wake();
        }
        if happened {
            self.tell();
        }
    }

    /// Looks out for a wake for a moment, and for input, for so long at most. Whether something came.
    fn spin(&self, left: Option<Duration>) -> bool {
        let end = self.spinning.end(left);
        let mut looks = 0;
        let mut input = false;
        let woken = self.unparker.spin(|| {
            looks += 1;
            // A call of the system takes half as long as the looks between two.
            if looks % 4 == 0 && !self.sources.is_empty() {
                input = self.wait(Some(Duration::ZERO)) && !self.events.borrow().is_empty();
            }
            !input && Clock::now() < end
        });
        if input {
            self.unparker.finish();
            self.tell();
        } else {
            self.spinning.note_spin(woken);
            if woken {
                self.unparker.finish();
                self.collect();
            }
        }
        input || woken
    }

    /// Collects what input there is. Wakes from other threads are in the loop's inbox already, and without sources there is
    /// nothing else.
    fn collect(&self) {
        if !self.sources.is_empty() && self.wait(Some(Duration::ZERO)) {
            self.tell();
        }
    }

    /// Has the poller wait. False if that was cut short.
    fn wait(&self, timeout: Option<Duration>) -> bool {
        match self.events.borrow_mut().wait(&mut self.poll.borrow_mut(), timeout) {
            Ok(()) => true,
            // A signal: the loop looks around and parks again.
            Err(error) if error.kind() == io::ErrorKind::Interrupted => false,
            // Nothing but a bug gets here (a descriptor closed under us): going on would spin for ever.
            Err(error) => panic!("waiting for input failed: {error}"),
        }
    }

    /// Tells those who wait for it what has happened.
    fn tell(&self) {
        for (token, signs) in self.events.borrow().iter() {
            #[cfg(target_os = "linux")]
            if let Some(number) = token::child(token) {
                self.children.look(number);
                continue;
            }
            // Taken out of the table first: a waker may belong to another crate, and do anything.
            if let Some(place) = self.sources.find(token) {
                place.readiness().note(signs);
            }
        }
    }
}
