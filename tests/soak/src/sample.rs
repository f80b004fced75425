use std::fmt;
use std::time::Duration;

use everloop::{WaitReason, all_tasks};

use crate::allocator;

/// What the process holds at one moment.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// Since the start.
    pub at: Duration,
    /// In the order of [`Quantity::ALL`].
    values: [usize; 6],
}

/// What is sampled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// Bytes in memory, of the whole process.
    Resident,
    /// Bytes that the allocator has handed out.
    Allocated,
    /// Open descriptors.
    Descriptors,
    /// Threads of the process.
    Threads,
    /// Tasks of the loop.
    Tasks,
    /// Tasks that wait for a timer.
    Timers,
}

impl Quantity {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Resident, Self::Allocated, Self::Descriptors, Self::Threads, Self::Tasks, Self::Timers];

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Resident => "resident memory, KiB",
            Self::Allocated => "allocated, KiB",
            Self::Descriptors => "descriptors",
            Self::Threads => "threads",
            Self::Tasks => "tasks",
            Self::Timers => "tasks that wait for a timer",
        }
    }

    /// By how much the level of the end may be above that of the beginning: what one more connection, child or task that
    /// happens to be there takes, and for resident memory what the system's allocator keeps in its arenas.
    pub fn tolerance(self) -> usize {
        match self {
            Self::Resident => 1024,
            Self::Allocated => 16,
            Self::Descriptors | Self::Threads => 2,
            Self::Tasks | Self::Timers => 4,
        }
    }
}

fn resident() -> usize {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = pages.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok());
    pages.unwrap_or(0) * 4096
}

fn entries(folder: &str) -> usize {
    std::fs::read_dir(folder).map_or(0, Iterator::count)
}

impl Sample {
    /// The first line of a table.
    pub const HEADER: &str = "seconds,resident,allocated,descriptors,threads,tasks,timers";

    /// What there is now.
    pub fn take(at: Duration) -> Self {
        // First, since the others allocate.
        let allocated = allocator::bytes();
        let timers = all_tasks().filter(|task| task.waits_on() == Some(WaitReason::Sleep)).count();
        // The folder that is read is one of the descriptors.
        let descriptors = entries("/proc/self/fd") - 1;
        let values = [
            resident() / 1024,
            allocated / 1024,
            descriptors,
            entries("/proc/self/task"),
            all_tasks().count(),
            timers,
        ];
        Self { at, values }
    }

    /// One of its values.
    pub fn get(&self, quantity: Quantity) -> usize {
        self.values[quantity as usize]
    }

    /// As a line of a table.
    pub fn row(&self) -> String {
        let values = self.values.map(|value| value.to_string()).join(",");
        format!("{:.1},{values}", self.at.as_secs_f32())
    }
}

impl fmt::Display for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [resident, allocated, descriptors, threads, tasks, timers] = self.values;
        write!(
            f,
            "{resident} KiB resident, {allocated} KiB allocated, {descriptors} descriptors, {threads} threads, \
             {tasks} tasks, {timers} wait for a timer"
        )
    }
}
