//! What came of a program.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::{self, Write};

/// Why a statement failed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Error {
    User(u32),
    Timeout,
    QueueShutDown,
    QueueFull,
    QueueEmpty,
    TaskDone,
    BrokenBarrier,
    Release,
    InvalidState,
    /// A cell was, and not who waits for it.
    FutureCancelled,
    /// The task was not started, was awaited before, or somebody else awaits it.
    NoTask,
    /// Of a task group, in order of their text, since errors of one moment come in any.
    Group(Vec<Error>),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(code) => write!(f, "U{code}"),
            Self::Timeout => f.write_str("Timeout"),
            Self::QueueShutDown => f.write_str("QueueShutDown"),
            Self::QueueFull => f.write_str("QueueFull"),
            Self::QueueEmpty => f.write_str("QueueEmpty"),
            Self::TaskDone => f.write_str("TaskDone"),
            Self::BrokenBarrier => f.write_str("BrokenBarrier"),
            Self::Release => f.write_str("Release"),
            Self::InvalidState => f.write_str("InvalidState"),
            Self::FutureCancelled => f.write_str("FutureCancelled"),
            Self::NoTask => f.write_str("NoTask"),
            Self::Group(errors) => {
                f.write_str("Group(")?;
                for error in errors {
                    write!(f, "{error} ")?;
                }
                f.write_char(')')
            }
        }
    }
}

/// What a block gives.
pub type Outcome = Result<i32, Error>;

/// As text: the value, or the error.
pub fn text(outcome: &Outcome) -> String {
    let mut text = String::new();
    let _ = match outcome {
        Ok(value) => write!(text, "{value}"),
        Err(error) => write!(text, "{error}"),
    };
    text
}

/// What a cancelled statement gives.
pub const CANCELLED: &str = "cancelled";

/// A statement that ended.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub struct Record {
    pub id: u32,
    pub start: u64,
    pub end: u64,
    pub outcome: String,
}

/// Somebody who waited at an object was served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub struct Grant {
    pub object: u32,
    /// Which of the object's lines it was.
    pub line: u32,
    pub time: u64,
    pub id: u32,
}

/// What came of a program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trace {
    /// Each statement that ended; in order of numbers once it is [sorted](Self::sort).
    pub records: Vec<Record>,
    /// In order of objects and their lines, and of each line in the order in which they were served.
    pub grants: Vec<Grant>,
    /// What each body and each object was at the end, before those left over were cancelled.
    pub left: Vec<String>,
    /// The time at the end of the run.
    pub end: u64,
    /// What was left over did not end: each waited for something that nobody did.
    pub deadlock: bool,
}

impl Trace {
    /// Puts what has no promised order into one.
    pub fn sort(&mut self) {
        self.records.sort();
        self.grants.sort_by_key(|grant| (grant.object, grant.line, grant.time));
    }

    /// One number for all of it, so that a board need not print the whole.
    pub fn digest(&self) -> u64 {
        let mut hash = Fnv(0xcbf2_9ce4_8422_2325);
        let _ =
            write!(hash, "{:?}{:?}{:?}{}{}", self.records, self.grants, self.left, self.end, self.deadlock);
        hash.0
    }
}

struct Fnv(u64);

impl Write for Fnv {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
        }
        Ok(())
    }
}

/// The value of what gave several outcomes.
pub fn fold<'a>(outcomes: impl Iterator<Item = Option<&'a Outcome>>) -> i32 {
    outcomes.fold(0, |sum: i32, outcome| {
        let code = match outcome {
            Some(Ok(value)) => value.wrapping_add(100),
            Some(Err(_)) => 7,
            None => 3,
        };
        sum.wrapping_mul(31).wrapping_add(code) & 0x7fff_ffff
    })
}
