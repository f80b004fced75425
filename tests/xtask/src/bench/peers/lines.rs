//! The table's lines, in their order.

use super::line::{Goal, Line, Unit};
use super::measured::Work;

/// With as much of the workload as the program does by itself.
const fn line(
    title: &'static str,
    workload: &'static str,
    key: &'static str,
    unit: Unit,
    goal: Goal,
) -> Line {
    Line { title, workload, n: None, key, unit, goal }
}

/// A time for each operation.
const fn ns(title: &'static str, workload: &'static str, goal: Goal) -> Line {
    line(title, workload, "ps", Unit::Nanoseconds, goal)
}

/// A time for each operation.
const fn us(title: &'static str, workload: &'static str, goal: Goal) -> Line {
    line(title, workload, "ps", Unit::Microseconds, goal)
}

/// Nobody without io_uring should be faster, and a loop should take little beside what the system does.
const ECHO: Goal = Goal { best: Some(0.95), raw: Some(1.05), epoll: true, ..Goal::NONE };

/// More loops must not make each echo dearer.
const EVERY_CORE: Goal = Goal::own(1.05, "one-ps", "one loop");

/// All of them.
pub const LINES: &[Line] = &[
    ns("spawn and await, one at a time", "spawn-await", Goal::best(0.9)),
    ns("spawn 1,000, await all, repeated", "spawn-all", Goal::best(0.7)),
    ns("spawn 1,000,000 at once, await all", "spawn-million", Goal::best(1.0)),
    line("  peak memory", "spawn-million", "peak", Unit::Mebibytes, Goal::best(1.2)),
    ns("1,000 tasks that yield", "yield-all", Goal::best(0.9)),
    ns("one task yielding alone", "yield-alone", Goal::best(0.5)),
    ns("bounded(64) queue, ping-pong", "bounded-ping-pong", Goal::best(0.7)),
    ns("unbounded queue, ping-pong", "unbounded-ping-pong", Goal::best(0.7)),
    ns("bounded(64) queue, throughput", "bounded-throughput", Goal::best(1.0)),
    ns("unbounded queue, throughput", "unbounded-throughput", Goal::best(0.9)),
    line("1,000,000 sleeps of 1 to 1,000 ms: CPU", "sleeps", "cpu-us", Unit::Milliseconds, Goal::best(0.6)),
    line("  peak memory", "sleeps", "peak", Unit::Mebibytes, Goal::best(0.9)),
    line("  median lateness", "sleeps", "late-us", Unit::Milliseconds, Goal::best(1.0)),
    ns("timeout that never fires, alone", "timeout-alone", Goal::best(0.5)),
    ns("  over 100,000 other timers", "timeout-over", Goal::best(0.7)),
    ns("  in 1,000 tasks", "timeout-tasks", Goal::best(0.7)),
    ns("1,000,000 tasks parked on one event: wake", "parked", Goal::best(0.4)),
    line("  memory of each", "parked", "bytes", Unit::Bytes, Goal::best(1.1)),
    line("idle task", "idle", "bytes", Unit::Bytes, Goal::best(1.1)),
    ns("lock, uncontended", "lock", Goal::best(1.0)),
    ns("semaphore, uncontended", "semaphore", Goal::best(0.5)),
    ns("lock handed on among 100 tasks, FIFO", "lock-handed-on", Goal::best(0.5)),
    us("TCP echo, 64 connections, both ends on one thread", "echo", ECHO),
    line("TCP echo server on its own core", "echo-server", "rate", Unit::Thousands, Goal::best(1.0)),
    line("  its processor time for each", "echo-server", "cpu-ps", Unit::Microseconds, Goal::NONE),
    line(
        "TCP echo by streams, one loop: processor time",
        "every-core",
        "one-ps",
        Unit::Microseconds,
        Goal::NONE,
    ),
    line("  a loop a core, sharing a port", "every-core", "all-ps", Unit::Microseconds, EVERY_CORE),
    line("idle connection", "idle-connection", "bytes", Unit::Bytes, Goal::best(0.5)),
    us("wake from another thread, round trip", "wake-round-trip", Goal::best(1.0)),
    ns("  1,000 at once", "wake-batched", Goal::best(1.0)),
    us("subprocess, spawn and wait", "process", Goal::raw(1.05)),
    us("  64 at once", "processes", Goal::raw(1.05)),
    us("  with 1 GiB resident", "process-resident", Goal::raw(1.1)),
    line("256 MiB through `cat`", "cat", "rate", Unit::MebibytesASecond, Goal::best(0.9)),
];

/// What is to be measured for them.
pub fn works(lines: &[&Line]) -> Vec<Work> {
    let mut works: Vec<_> = lines.iter().map(|line| (line.workload, line.n)).collect();
    works.dedup();
    works
}

/// The workloads, each once.
pub fn names() -> Vec<&'static str> {
    let mut names: Vec<_> = LINES.iter().map(|line| line.workload).collect();
    names.dedup();
    names
}
