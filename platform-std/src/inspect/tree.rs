use std::collections::{HashMap, HashSet};
use std::fmt;

use super::human::{Plain, name, site};
use super::snapshot::{Snapshot, TaskEntry};

/// A tree of who awaits whom: see [`Snapshot::tree`].
///
/// A task that several await stands in full below the first, and below the others by its name alone.
#[derive(Clone, Copy, Debug)]
pub struct Tree<'a>(pub(super) &'a Snapshot);

/// Lines that are deeper are not indented further, since a chain may be as long as there are tasks.
const DEEPEST: usize = 48;

/// What a line of the tree is of.
#[derive(Clone, Copy)]
enum Node<'a> {
    Task(&'a TaskEntry),
    /// By its place among the task's, from 1.
    Scope(&'a TaskEntry, usize),
}

/// A line that is yet to be written, and what stands before it.
struct Line<'a> {
    node: Node<'a>,
    guides: String,
    depth: usize,
    is_last: bool,
}

/// What the lines are found by.
struct Index<'a> {
    tasks: HashMap<u32, &'a TaskEntry>,
    /// What stands below each scope of each task, the task itself being its scope 0.
    below: HashMap<(u32, usize), Vec<Node<'a>>>,
}

impl<'a> Index<'a> {
    fn new(snapshot: &'a Snapshot) -> Self {
        let tasks: HashMap<_, _> = snapshot.tasks.iter().map(|task| (task.id, task)).collect();
        let mut below: HashMap<_, Vec<Node<'a>>> = HashMap::new();
        for task in &snapshot.tasks {
            // Newest first they were found, and in the order of the program they are shown.
            for number in (1..=task.scopes.len()).rev() {
                let scope = &task.scopes[number - 1];
                // Only what is around it comes before it, whatever another program says.
                let within = if scope.within < number { scope.within } else { 0 };
                below.entry((task.id, within)).or_default().push(Node::Scope(task, number));
            }
            for awaits in &task.awaits {
                if let Some(awaited) = tasks.get(&awaits.task) {
                    let within = if awaits.within <= task.scopes.len() { awaits.within } else { 0 };
                    below.entry((task.id, within)).or_default().push(Node::Task(awaited));
                }
            }
        }
        Self { tasks, below }
    }

    fn below(&self, node: Node<'a>) -> &[Node<'a>] {
        let key = match node {
            Node::Task(task) => (task.id, 0),
            Node::Scope(task, number) => (task.id, number),
        };
        self.below.get(&key).map_or(&[], Vec::as_slice)
    }

    /// What is shown below `node`: the tasks that are awaited stand in place of the scopes that their awaits are.
    fn shown(&self, node: Node<'a>) -> Vec<Node<'a>> {
        let mut shown = Vec::new();
        for &below in self.below(node) {
            match below {
                Node::Scope(task, number)
                    if task.scopes[number - 1].kind == "await" && !self.below(below).is_empty() =>
                {
                    shown.extend_from_slice(self.below(below));
                }
                _ => shown.push(below),
            }
        }
        shown
    }
}

impl fmt::Display for Tree<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(snapshot) = self;
        let thread = snapshot.thread.as_deref().unwrap_or("without a name");
        let tasks = snapshot.tasks.len();
        writeln!(f, "process {}, thread {}: {tasks} tasks", snapshot.pid, Plain(thread))?;
        let index = Index::new(snapshot);
        let awaited: HashSet<u32> =
            snapshot.tasks.iter().flat_map(|task| task.awaits.iter().map(|awaits| awaits.task)).collect();
        let mut seen = HashSet::new();
        let roots: Vec<_> = snapshot.tasks.iter().filter(|task| !awaited.contains(&task.id)).collect();
        // Which of them is the last is known only when all others are: those that await each other in a ring are below
        // none.
        let rest = unreached(&index, snapshot, &roots);
        let all: Vec<_> = roots.into_iter().chain(rest).collect();
        for (place, root) in all.iter().enumerate() {
            write_below(f, &index, root, place + 1 == all.len(), &mut seen)?;
        }
        Ok(())
    }
}

/// One task of each ring of tasks that await each other and that no root awaits.
fn unreached<'a>(index: &Index<'a>, snapshot: &'a Snapshot, roots: &[&'a TaskEntry]) -> Vec<&'a TaskEntry> {
    let mut reached = HashSet::new();
    let mut reach = |from: &TaskEntry| {
        let mut next = vec![from.id];
        let mut is_new = false;
        while let Some(id) = next.pop() {
            if reached.insert(id) {
                is_new = true;
                next.extend(
                    index.tasks.get(&id).into_iter().flat_map(|task| task.awaits.iter().map(|a| a.task)),
                );
            }
        }
        is_new
    };
    for root in roots {
        reach(root);
    }
    snapshot.tasks.iter().filter(|task| reach(task)).collect()
}

/// A loop and no recursion, since a chain may be as long as there are tasks.
fn write_below<'a>(
    f: &mut fmt::Formatter<'_>,
    index: &Index<'a>,
    root: &'a TaskEntry,
    is_last: bool,
    seen: &mut HashSet<u32>,
) -> fmt::Result {
    let mut next = vec![Line { node: Node::Task(root), guides: String::new(), depth: 0, is_last }];
    while let Some(Line { node, guides, depth, is_last }) = next.pop() {
        write!(f, "{guides}{}", if is_last { "└── " } else { "├── " })?;
        match node {
            Node::Scope(task, number) => writeln!(f, "{}", Plain(&task.scopes[number - 1].kind))?,
            Node::Task(task) if seen.insert(task.id) => writeln!(f, "{}", Described(task))?,
            Node::Task(task) => {
                writeln!(f, "{} [{}], see above", name(task), task.id)?;
                continue;
            }
        }
        let guides = match (depth < DEEPEST, is_last) {
            (false, _) => guides,
            (true, true) => guides + "    ",
            (true, false) => guides + "│   ",
        };
        let shown = index.shown(node);
        let count = shown.len();
        next.extend(shown.into_iter().enumerate().rev().map(|(place, node)| Line {
            node,
            guides: guides.clone(),
            depth: depth + 1,
            is_last: place + 1 == count,
        }));
    }
    Ok(())
}

/// A task in one line.
struct Described<'a>(&'a TaskEntry);

impl fmt::Display for Described<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(task) = self;
        write!(f, "{} [{}] {}", name(task), task.id, Plain(&task.state))?;
        if let Some(reason) = &task.waits_on {
            write!(f, " on {}", Plain(reason))?;
        }
        if task.cancelling > 0 {
            f.write_str(", cancelling")?;
        }
        match site(task) {
            Some(site) => write!(f, " ({site})"),
            None => Ok(()),
        }
    }
}
