//! What the tasks of a running program share: its objects, its tasks, and the trace.

use alloc::format;
use alloc::rc::Rc;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cell::{Cell, RefCell};

use everloop_core::{CancelledError, Instant, Task, TaskId, Timeout, all_tasks};

use crate::objects::Thing;
use crate::program::Program;
use crate::trace::{CANCELLED, Error, Grant, Outcome, Record, Trace, text};

/// What may be said with a cancellation.
pub const MESSAGES: [&str; 3] = ["enough", "again", "too late"];

/// One run.
pub struct World {
    pub program: Program,
    pub things: Vec<Thing>,
    pub tasks: RefCell<Vec<Slot>>,
    pub trace: RefCell<Trace>,
    /// Those that began, by their numbers.
    pub timeouts: RefCell<Vec<(u32, Rc<Timeout>)>>,
    /// What is left over is being cancelled.
    pub closing: Cell<bool>,
    /// The loop broke down: what is dropped now is no part of the trace.
    pub dead: Cell<bool>,
}

/// What is known of a body's task.
#[derive(Default)]
pub struct Slot {
    id: Option<TaskId>,
    task: Option<Task<Outcome>>,
    held: bool,
}

impl World {
    pub fn new(program: Program) -> Self {
        let things = program.objects.iter().map(|object| Thing::new(*object)).collect();
        let tasks = program.bodies.iter().map(|_| Slot::default()).collect();
        Self {
            program,
            things,
            tasks: RefCell::new(tasks),
            trace: RefCell::default(),
            timeouts: RefCell::default(),
            closing: Cell::new(false),
            dead: Cell::new(false),
        }
    }

    pub fn now(&self) -> u64 {
        Instant::now().as_ticks()
    }

    pub fn spawned(&self, body: usize, task: Task<Outcome>) {
        self.tasks.borrow_mut()[body] = Slot { id: Some(task.id()), task: Some(task), held: false };
    }

    /// With a message, if its number is not zero.
    pub fn cancel(&self, body: usize, message: u32) -> bool {
        let Some(id) = self.tasks.borrow()[body].id else { return false };
        let message = MESSAGES.get((message as usize).wrapping_sub(1)).copied();
        all_tasks().find(|task| task.id() == id).is_some_and(|task| task.cancel_with(message))
    }

    /// The number of what was said with a cancellation.
    pub fn message_number(&self, cancelled: CancelledError) -> Option<u32> {
        let message = cancelled.message()?;
        MESSAGES.iter().position(|text| *text == message).map(|at| at as u32 + 1)
    }

    /// What `f` gives for a task that nobody waits for by its handle.
    pub fn with_handle(&self, body: usize, f: impl FnOnce(&Task<Outcome>) -> usize) -> i32 {
        self.tasks.borrow()[body].task.as_ref().map_or(-1, |task| f(task) as i32)
    }

    /// The timeout of this number, if it has begun.
    pub fn timeout(&self, name: u32) -> Option<Rc<Timeout>> {
        self.timeouts.borrow().iter().find(|(its, _)| *its == name).map(|(_, timeout)| timeout.clone())
    }

    /// Takes the handle of a task for as long as it is waited for.
    pub fn hold(&self, body: u32) -> Result<Held<'_>, Error> {
        let slot = &mut self.tasks.borrow_mut()[body as usize];
        let task = slot.task.take().ok_or(Error::NoTask)?;
        slot.held = true;
        Ok(Held { world: self, body: body as usize, task: Some(task) })
    }

    pub fn grant(&self, object: u32, line: u32, id: u32) {
        let time = self.now();
        self.trace.borrow_mut().grants.push(Grant { object, line, time, id });
    }

    /// What each body and each object is.
    pub fn left(&self) -> Vec<String> {
        let tasks = self.tasks.borrow();
        let bodies = tasks.iter().map(|slot| match &slot.task {
            None if slot.held => "held".to_string(),
            None => "-".to_string(),
            Some(task) => match task.result() {
                Err(_) if task.done() => "taken".to_string(),
                Err(_) => "pending".to_string(),
                Ok(Err(_)) => CANCELLED.to_string(),
                Ok(Ok(outcome)) => text(outcome),
            },
        });
        bodies.chain(self.things.iter().map(Thing::left)).collect()
    }
}

/// The handle of a task that is waited for. It goes back if that is cancelled.
pub struct Held<'a> {
    world: &'a World,
    body: usize,
    /// There until this is dropped.
    pub task: Option<Task<Outcome>>,
}

impl Held<'_> {
    pub fn task(&mut self) -> &mut Task<Outcome> {
        self.task.as_mut().expect("it is there until the drop")
    }

    /// It gave what it had to give.
    pub fn end(&mut self) {
        self.task = None;
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        if self.world.dead.get() {
            return;
        }
        let slot = &mut self.world.tasks.borrow_mut()[self.body];
        slot.held = false;
        slot.task = self.task.take();
    }
}

/// A statement that is being executed. Dropped, it was cancelled.
pub struct Note<'a> {
    world: &'a World,
    id: u32,
    start: u64,
    error: String,
    ended: bool,
}

impl<'a> Note<'a> {
    pub fn new(world: &'a World, id: u32) -> Self {
        Self { world, id, start: world.now(), error: String::new(), ended: false }
    }

    /// It fails in a while, unless it is cancelled before.
    pub fn failed(&mut self, error: String) {
        self.error = error;
    }

    pub fn end(mut self, outcome: String) {
        self.ended = true;
        self.record(outcome);
    }

    fn record(&self, outcome: String) {
        let end = self.world.now();
        let record = Record { id: self.id, start: self.start, end, outcome };
        self.world.trace.borrow_mut().records.push(record);
    }
}

impl Drop for Note<'_> {
    fn drop(&mut self) {
        if !self.ended && !self.world.dead.get() {
            self.record(if self.error.is_empty() {
                CANCELLED.to_string()
            } else {
                format!("{CANCELLED} after {}", self.error)
            });
        }
    }
}
