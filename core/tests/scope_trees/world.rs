//! What a tree goes through: what surrounds each node, what was asked, and what went wrong.

use std::cell::{Cell, RefCell};
use std::fmt::Write as _;
use std::rc::Rc;

use everloop_core::{Duration, Instant};

use crate::node::Micros;

/// What surrounds a node.
pub struct Frame {
    pub above: Option<Path>,
    pub what: What,
}

pub type Path = Rc<Frame>;

pub enum What {
    Root,
    Deadline(Due),
    /// A `select!`: what is inside may be dropped at any time.
    Fragile,
    /// What is inside is dropped at any time, or forgotten.
    Abandon {
        forgotten: Cell<bool>,
        /// It has held a group.
        group: Cell<bool>,
    },
    /// A group: all in it are asked when one of them fails.
    Group {
        failed: Cell<Option<Micros>>,
        /// The body awaits the children.
        joined: bool,
        /// When the body's part of a request may last have come late, after the children's: something in the body that
        /// was to have it was abandoned, had held it back, or had given errors in spite of it. It reaches the child that
        /// the body awaits then.
        again: Cell<Option<Micros>>,
    },
    /// A child of a group, which may have been cancelled, or aborted, by its handle. `free`: its group does not poll it.
    Child {
        free: bool,
        cancelled: Cell<Option<Micros>>,
        aborted: Cell<bool>,
    },
    /// A `select` of core's: its losers are asked when the first child is ready.
    Race {
        won: Cell<Option<Micros>>,
    },
    /// A `join!` whose children have no scope: their cleanup may be cut, R10.
    BareJoin,
    /// A node that is moved under another parent after some polls.
    Moved,
    /// A task, which may have been cancelled on its own.
    Task {
        cancelled: Cell<Option<Micros>>,
    },
}

/// When a deadline asks. One that is moved into the past asks when it is moved.
pub struct Due {
    pub at: Cell<Micros>,
    /// When it was last moved.
    pub moved: Cell<Option<Micros>>,
}

pub fn under(above: &Path, what: What) -> Path {
    Rc::new(Frame { above: Some(above.clone()), what })
}

impl Frame {
    pub fn any(&self, f: impl Fn(&What) -> bool) -> bool {
        let mut at = Some(self);
        while let Some(frame) = at {
            if f(&frame.what) {
                return true;
            }
            at = frame.above.as_deref();
        }
        false
    }
}

impl Frame {
    /// The group of whose body it is a part.
    fn group(&self) -> Option<&What> {
        let mut at = Some(self);
        while let Some(frame) = at {
            match &frame.what {
                What::Task { .. } | What::Child { .. } => return None,
                What::Group { .. } => return Some(&frame.what),
                _ => at = frame.above.as_deref(),
            }
        }
        None
    }

    /// A request may come to the body of the group around it only now.
    pub fn comes_late(&self) {
        if let Some(What::Group { again, .. }) = self.group() {
            again.set(Some(now()));
        }
    }

    /// Whether it was forgotten together with whoever polls it.
    pub fn is_forgotten(&self) -> bool {
        let mut at = Some(self);
        while let Some(frame) = at {
            match &frame.what {
                What::Abandon { forgotten, .. } if forgotten.get() => return true,
                What::Task { .. } | What::Child { free: true, .. } => return false,
                _ => at = frame.above.as_deref(),
            }
        }
        false
    }
}

#[derive(Default)]
pub struct World {
    /// One request is enough to end whatever it reaches.
    pub strict: Cell<bool>,
    /// How often a request had an effect: something was dropped before its end.
    pub delivered: Cell<u64>,
    pub cancels: RefCell<Vec<Micros>>,
    /// When a cleanup last came to its end.
    pub cleaned: Cell<Option<Micros>>,
    /// The run ends, and cancels what is left.
    pub ending: Cell<bool>,
    pub wrong: RefCell<Vec<String>>,
    pub trace: RefCell<Option<String>>,
    pub next: Cell<u32>,
}

impl World {
    pub fn complain(&self, text: String) {
        if !self.ending.get() {
            self.complain_always(text);
        }
    }

    /// Also of what happens while the run ends.
    pub fn complain_always(&self, text: String) {
        self.note(|| format!("WRONG: {text}"));
        self.wrong.borrow_mut().push(text);
    }

    pub fn note(&self, text: impl FnOnce() -> String) {
        if let Some(trace) = self.trace.borrow_mut().as_mut() {
            writeln!(trace, "{:>12} {}", now(), text()).unwrap();
        }
    }

    pub fn id(&self) -> u32 {
        self.next.set(self.next.get() + 1);
        self.next.get()
    }
}

pub fn now() -> Micros {
    Instant::try_now().map_or(0, |now| now.as_ticks() / 1000)
}

pub fn micros(span: Micros) -> Duration {
    Duration::from_micros(span)
}

/// Says when something is dropped before its end.
pub struct Leaf<'a> {
    pub world: &'a World,
    pub done: bool,
}

impl Drop for Leaf<'_> {
    fn drop(&mut self) {
        if !self.done {
            self.world.delivered.set(self.world.delivered.get() + 1);
        }
    }
}

/// Cleanup that must not be cut but where the rules say so.
pub struct Cleanup<'a> {
    pub world: &'a World,
    pub path: &'a Path,
    pub id: u32,
    pub start: Micros,
    /// It has a scope of its own, which a request ends, but does not cut.
    pub shielded: bool,
    pub done: bool,
}

impl Drop for Cleanup<'_> {
    fn drop(&mut self) {
        if self.done {
            return;
        }
        self.world.delivered.set(self.world.delivered.get() + 1);
        let (start, end) = (self.start, now());
        let again = self.world.cancels.borrow().iter().any(|&at| at >= start);
        let askers = Cell::new(0);
        let allowed = self.path.any(|what| match what {
            What::Fragile | What::Abandon { .. } | What::BareJoin | What::Moved => true,
            What::Child { aborted, .. } if aborted.get() => true,
            _ if self.shielded => false,
            What::Deadline(due) => (start..=end).contains(&due.at.get()),
            // One that asks in the moment in which the cleanup began is what it began for, unless that was the end of
            // a cleanup further inside.
            What::Group { joined: true, again, .. } if again.get() == Some(end) => true,
            What::Race { won: asked } | What::Group { failed: asked, .. } if asked.get() == Some(end) => {
                askers.set(askers.get() + 1);
                start < end || askers.get() > 1 || self.world.cleaned.get() == Some(start)
            }
            What::Race { .. } | What::Group { .. } => false,
            What::Task { cancelled } | What::Child { cancelled, .. } => {
                cancelled.get().is_some_and(|at| at >= start)
            }
            What::Root => again,
        });
        self.world.note(|| format!("cleanup {} is cut", self.id));
        if !allowed {
            self.world.complain(format!("cleanup {} of {start} was cut at {end}", self.id));
        }
    }
}
