//! What a program is.

use alloc::boxed::Box;
use alloc::vec::Vec;

/// A program: objects that its tasks share, and the bodies of the tasks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Program {
    /// What the tasks share.
    pub objects: Vec<Object>,
    /// How many of the bodies are started at the beginning; the others by a [`Kind::Spawn`] of theirs.
    pub roots: usize,
    /// One for each task. None is started twice.
    pub bodies: Vec<Block>,
}

/// Statements, one after the other. Its value is the last one's.
pub type Block = Vec<Stmt>;

/// A statement. It is executed at most once in a run, so its number names what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stmt {
    /// Counted from one, in the order of the program's text.
    pub id: u32,
    /// What it does.
    pub kind: Kind,
}

/// A shared object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Object {
    /// What it is.
    pub class: Class,
    /// The capacity of a queue, with none at zero; the permits of a semaphore; the parties of a barrier.
    pub size: u32,
}

/// What an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Class {
    Queue,
    LifoQueue,
    PriorityQueue,
    Lock,
    Event,
    Condition,
    Semaphore,
    BoundedSemaphore,
    Barrier,
    /// A cell that is set once.
    Future,
}

impl Class {
    /// All of them, in the order of their codes.
    pub const ALL: [Self; 10] = [
        Self::Queue,
        Self::LifoQueue,
        Self::PriorityQueue,
        Self::Lock,
        Self::Event,
        Self::Condition,
        Self::Semaphore,
        Self::BoundedSemaphore,
        Self::Barrier,
        Self::Future,
    ];
}

/// What a statement does. Numbers of bodies and objects are their places in the program; times are ticks.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Kind {
    Sleep(u32),
    Raise(u32),
    Spawn(u32),
    /// Its first step runs at once.
    SpawnEager(u32),
    Cancel(u32),
    /// With a message, by its number.
    CancelWith(u32, u32),
    /// Takes one cancellation back.
    Uncancel(u32),
    /// How many there are.
    Cancelling(u32),
    Await(u32),
    /// Awaits a task under a shield.
    Shield(u32),
    WaitForTask(u32, u32),
    /// When to return (0 first completed, 1 first exception, 2 all completed), for how long (0: for ever), and the tasks.
    Wait(u32, u32, Vec<u32>),
    WaitFor(u32, Block),
    /// By its number, so that it can be moved.
    Timeout(u32, u32, Block),
    /// Moves a timeout to so long from now (0: away).
    Reschedule(u32, u32),
    /// Every outcome, of blocks.
    Gather(Vec<Block>),
    /// The first error, of tasks.
    TryGather(Vec<u32>),
    /// Every task in the order in which they end, for so long together (0: for ever).
    AsCompleted(u32, Vec<u32>),
    /// The first block that ends; the others are asked to.
    Select(Vec<Block>),
    /// A task group: its body, and its children, which are created first.
    Group(Block, Vec<Block>),
    /// The same, of children that borrow nothing.
    StaticGroup(Block, Vec<Block>),
    /// A block, what is done when it is cancelled, and whether the cancellation then goes on.
    Catch(Block, Block, bool),
    /// A block, and what is done when it fails; a cancellation is no failure.
    CatchError(Block, Block),
    /// A block, and what is done at its end, whatever that is.
    Finally(Block, Block),
    /// A block with a lock, or with a permit of a semaphore.
    With(u32, Block),
    /// A block with the lock of a condition, a wait for it, and another block.
    CondWait(u32, Block, Block),
    /// The same, until it was notified so often from here on.
    CondWaitFor(u32, u32, Block, Block),
    Do(u32, Action, u32),
}

/// What is done to an object, with the number beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Action {
    Put,
    Get,
    PutNowait,
    GetNowait,
    Join,
    TaskDone,
    /// At once, if the number is not zero.
    Shutdown,
    Set,
    Clear,
    /// For an event.
    Wait,
    /// So many, with the lock held, which must be free: nothing otherwise.
    Notify,
    /// A permit that nobody releases by itself.
    Keep,
    Release,
    /// At a barrier.
    Meet,
    Reset,
    Abort,
    /// What can be seen of its state.
    Look,
    SetResult,
    SetError,
    /// A cell, not who waits for it.
    CancelCell,
    /// For a cell.
    WaitCell,
}

impl Action {
    /// All of them, in the order of their codes.
    pub const ALL: [Self; 21] = [
        Self::Put,
        Self::Get,
        Self::PutNowait,
        Self::GetNowait,
        Self::Join,
        Self::TaskDone,
        Self::Shutdown,
        Self::Set,
        Self::Clear,
        Self::Wait,
        Self::Notify,
        Self::Keep,
        Self::Release,
        Self::Meet,
        Self::Reset,
        Self::Abort,
        Self::Look,
        Self::SetResult,
        Self::SetError,
        Self::CancelCell,
        Self::WaitCell,
    ];

    /// Whether it never waits.
    pub fn is_at_once(self) -> bool {
        !matches!(
            self,
            Self::Put | Self::Get | Self::Join | Self::Wait | Self::Keep | Self::Meet | Self::WaitCell
        )
    }
}

impl Program {
    /// Numbers the statements anew.
    pub fn number(&mut self) {
        let mut next = 1;
        for body in &mut self.bodies {
            number(body, &mut next);
        }
    }

    /// Calls `f` with each statement, in the order of their numbers.
    pub fn each<'a>(&'a self, f: &mut dyn FnMut(&'a Stmt)) {
        for body in &self.bodies {
            each(body, f);
        }
    }
}

fn number(block: &mut Block, next: &mut u32) {
    for stmt in block {
        stmt.id = *next;
        *next += 1;
        for inner in stmt.kind.blocks_mut() {
            number(inner, next);
        }
    }
}

/// Calls `f` with each statement of a block.
pub fn each<'a>(block: &'a Block, f: &mut dyn FnMut(&'a Stmt)) {
    for stmt in block {
        f(stmt);
        for inner in stmt.kind.blocks() {
            each(inner, f);
        }
    }
}

macro_rules! blocks {
    ($self:ident $iter:ident) => {
        match $self {
            Kind::WaitFor(_, a) | Kind::Timeout(_, _, a) | Kind::With(_, a) => Box::new([a].into_iter()),
            Kind::Gather(all) | Kind::Select(all) => Box::new(all.$iter()),
            Kind::Group(a, all) | Kind::StaticGroup(a, all) => Box::new([a].into_iter().chain(all)),
            Kind::Catch(a, b, _)
            | Kind::CatchError(a, b)
            | Kind::Finally(a, b)
            | Kind::CondWait(_, a, b)
            | Kind::CondWaitFor(_, _, a, b) => Box::new([a, b].into_iter()),
            _ => Box::new([].into_iter()),
        }
    };
}

impl Kind {
    /// The bodies whose tasks it concerns.
    pub fn bodies(&self) -> &[u32] {
        match self {
            Self::Spawn(body)
            | Self::SpawnEager(body)
            | Self::Cancel(body)
            | Self::CancelWith(body, _)
            | Self::Uncancel(body)
            | Self::Cancelling(body)
            | Self::Await(body)
            | Self::Shield(body)
            | Self::WaitForTask(body, _) => core::slice::from_ref(body),
            Self::Wait(_, _, bodies) | Self::TryGather(bodies) | Self::AsCompleted(_, bodies) => bodies,
            _ => &[],
        }
    }

    /// Whether it waits for nothing.
    pub fn is_at_once(&self) -> bool {
        match self {
            Self::Spawn(_)
            | Self::SpawnEager(_)
            | Self::Cancel(_)
            | Self::CancelWith(..)
            | Self::Uncancel(_)
            | Self::Cancelling(_)
            | Self::Reschedule(..) => true,
            Self::Do(_, action, _) => action.is_at_once(),
            _ => false,
        }
    }

    /// The blocks in it, in the order of their text.
    pub fn blocks(&self) -> Box<dyn Iterator<Item = &Block> + '_> {
        blocks!(self iter)
    }

    /// As [`blocks`](Self::blocks).
    pub fn blocks_mut(&mut self) -> Box<dyn Iterator<Item = &mut Block> + '_> {
        blocks!(self iter_mut)
    }
}
