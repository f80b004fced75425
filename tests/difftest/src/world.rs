//! What the tasks of a running program share: its objects, its tasks, and the trace.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cell::{Cell, RefCell};

use everloop_core::{Instant, Task, TaskId, all_tasks};

use crate::objects::Thing;
use crate::program::Program;
use crate::trace::{CANCELLED, Error, Grant, Outcome, Record, Trace, text};

/// One run.
pub struct World {
    pub program: Program,
    pub things: Vec<Thing>,
    pub tasks: RefCell<Vec<Slot>>,
    pub trace: RefCell<Trace>,
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

    pub fn cancel(&self, body: usize) -> bool {
        let Some(id) = self.tasks.borrow()[body].id else { return false };
        all_tasks().find(|task| task.id() == id).is_some_and(|task| task.cancel())
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
                alloc::format!("{CANCELLED} after {}", self.error)
            });
        }
    }
}
