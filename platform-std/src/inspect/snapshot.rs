use std::collections::HashMap;

use everloop_core::inspect::{Finding, ScopeId, survey};
use everloop_core::{TaskId, TaskInfo};
use serde::{Deserialize, Serialize};

use super::table::Table;
use super::tree::Tree;

/// The tasks of one loop that were not done at one moment, and how they hang together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Snapshot {
    /// The process's number.
    pub pid: u32,
    /// The name that the thread of the loop has.
    pub thread: Option<String>,
    /// The tasks, in the order of their creation.
    pub tasks: Vec<TaskEntry>,
}

/// One task of a [`Snapshot`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TaskEntry {
    /// Its number: see [`TaskId::get`].
    pub id: u32,
    /// The name that it was given.
    pub name: Option<String>,
    /// What it was doing, as [`TaskState`](crate::TaskState) is displayed.
    pub state: String,
    /// What it was waiting on, as [`WaitReason`](crate::WaitReason) is displayed, if it was waiting.
    pub waits_on: Option<String>,
    /// How many requests to cancel it had.
    pub cancelling: usize,
    /// How often it was polled.
    pub polls: u32,
    /// The longest that one of its polls took.
    pub longest_poll_ns: u64,
    /// How long ago its last poll had ended.
    pub waiting_ns: u64,
    /// Where in the program it was created; none for a main task, and for one that came from another thread.
    pub created_at: Option<CreationSite>,
    /// The scopes that it is in; each comes after the one around it.
    pub scopes: Vec<ScopeEntry>,
    /// The tasks that it awaits, as well as those of its groups.
    pub awaits: Vec<AwaitEntry>,
}

/// Where in a program a task was created.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CreationSite {
    /// The file, as the compiler was given it.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1.
    pub column: u32,
}

/// A scope that a task is in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ScopeEntry {
    /// What it is, as [`ScopeKind`](everloop_core::inspect::ScopeKind) is displayed.
    pub kind: String,
    /// The scope around it, by its place among the task's, from 1; 0 if it is the outermost.
    pub within: usize,
}

/// A task that another awaits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AwaitEntry {
    /// The number of the one that is awaited.
    pub task: u32,
    /// The scope in which it is awaited, as in [`ScopeEntry::within`].
    pub within: usize,
}

/// So much is looked for at first.
const ROOM: usize = 64;

impl Snapshot {
    /// Looks at the running loop, in one step of the task that calls. Outside a loop it has no tasks.
    pub fn take() -> Self {
        Self::without(&[])
    }

    /// As [`take`](Self::take), of all tasks but these.
    pub(super) fn without(hidden: &[TaskId]) -> Self {
        let mut found = vec![None; ROOM];
        loop {
            let count = survey(&mut found);
            if count <= found.len() {
                found.truncate(count);
                break;
            }
            found.resize(count, None);
        }
        let thread = std::thread::current();
        Self {
            pid: std::process::id(),
            thread: thread.name().map(str::to_owned),
            tasks: entries(found.into_iter().flatten(), hidden),
        }
    }

    /// One line for each task. Displays as a table with a heading.
    pub fn table(&self) -> Table<'_> {
        Table(self)
    }

    /// Who awaits whom: each task stands below those that await it, in the scope in which they do.
    pub fn tree(&self) -> Tree<'_> {
        Tree(self)
    }
}

/// Somebody who awaits a task.
struct Edge {
    by: TaskId,
    within: ScopeId,
    task: TaskId,
}

fn entries(found: impl Iterator<Item = Finding>, hidden: &[TaskId]) -> Vec<TaskEntry> {
    let mut tasks: Vec<TaskEntry> = Vec::new();
    // Of each scope its task and its number there.
    let mut scopes: HashMap<ScopeId, (u32, usize)> = HashMap::new();
    let mut edges = Vec::new();
    let mut current: Option<TaskId> = None;
    for finding in found {
        match (finding, current) {
            (Finding::Task { info, root }, _) => {
                current = (!hidden.contains(&info.id())).then_some(info.id());
                if current.is_some() {
                    scopes.insert(root, (info.id().get(), 0));
                    tasks.push(entry(&info));
                }
            }
            (Finding::Scope { scope, kind, within }, Some(id)) => {
                if let Some(task) = tasks.last_mut() {
                    let within = number(&scopes, id, within);
                    task.scopes.push(ScopeEntry { kind: kind.to_string(), within });
                    scopes.insert(scope, (id.get(), task.scopes.len()));
                }
            }
            (Finding::Awaited { by, within }, Some(task)) => edges.push(Edge { by, within, task }),
            _ => {}
        }
    }
    tasks.sort_unstable_by_key(|task| task.id);
    edges.sort_unstable_by_key(|edge| edge.task);
    for Edge { by, within, task } in edges {
        // One that is done may have left a future behind.
        if let Ok(place) = tasks.binary_search_by_key(&by.get(), |task| task.id) {
            let within = number(&scopes, by, within);
            tasks[place].awaits.push(AwaitEntry { task: task.get(), within });
        }
    }
    tasks
}

/// The place of a scope of a task. One that has ended was not found: then it is the task itself.
fn number(scopes: &HashMap<ScopeId, (u32, usize)>, task: TaskId, scope: ScopeId) -> usize {
    match scopes.get(&scope) {
        Some(&(of, number)) if of == task.get() => number,
        _ => 0,
    }
}

fn entry(info: &TaskInfo) -> TaskEntry {
    TaskEntry {
        id: info.id().get(),
        name: info.name().map(str::to_owned),
        state: info.state().to_string(),
        waits_on: info.waits_on().map(|reason| reason.to_string()),
        cancelling: info.cancelling(),
        polls: info.polls(),
        longest_poll_ns: info.longest_poll().as_nanos(),
        waiting_ns: info.waiting_for().as_nanos(),
        created_at: info.created_at().map(|at| CreationSite {
            file: at.file().to_owned(),
            line: at.line(),
            column: at.column(),
        }),
        scopes: Vec::new(),
        awaits: Vec::new(),
    }
}
