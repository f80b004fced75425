//! What stands in the way of the lines that miss what they are to reach; the evidence is in `tests/bench/PROFILES.md`.

/// A workload, which of its numbers, and why it is not better.
pub type Reason = (&'static str, &'static str, &'static str);

/// All that is known.
pub const REASONS: &[Reason] = &[
    (
        "spawn-await",
        "ps",
        "830 instructions against glommio's 530: a scope, watchers and cancelling for each task",
    ),
    (
        "spawn-million",
        "ps",
        "63 % is the kernel's, which clears pages that are touched first: 104 bytes a task",
    ),
    (
        "spawn-million",
        "peak",
        "104 bytes a task against 88: scope, watchers, task-locals and cancelling of each",
    ),
    (
        "yield-all",
        "ps",
        "119 instructions against embassy's 54, whose tasks have no scope, nobody who awaits and no cancelling",
    ),
    ("yield-alone", "ps", "154 instructions, 44 % of them the turn of the loop"),
    (
        "bounded-ping-pong",
        "ps",
        "1,122 instructions, two turns of the loop among them, against kanal's 1,406",
    ),
    (
        "unbounded-ping-pong",
        "ps",
        "1,053 instructions, two turns of the loop among them, against kanal's 1,406",
    ),
    ("parked", "ps", "193 instructions to list, wake and end a task; monoio's 870 take only twice as long"),
    (
        "idle",
        "bytes",
        "88 bytes: a header of 72 for scope, watchers, task-locals and cancelling, which the others do not have, and 8 for its wakers",
    ),
    (
        "idle-connection",
        "bytes",
        "the task's header and 64-byte buffer, and the socket's place among the sources",
    ),
    ("echo", "ps", "93 % is the kernel's; by hand it is 97 %"),
    (
        "process",
        "ps",
        "eight calls more for each, by which its end comes through the poller; by hand the thread waits",
    ),
    (
        "processes",
        "ps",
        "eight calls more for each, by which its end comes through the poller; by hand the threads wait",
    ),
    (
        "process-resident",
        "ps",
        "eight calls more for each, by which its end comes through the poller; by hand the thread waits",
    ),
    (
        "sleeps",
        "cpu-us",
        "1,552 instructions, and the memory of a million timers touched again in the order of their deadlines",
    ),
    (
        "cat",
        "rate",
        "reads that find nothing, since a short read of a pipe does not say that it is empty; compio has the kernel wait",
    ),
    (
        "wake-batched",
        "ps",
        "the loop waits for cache lines of tasks that lie side by side; on one core it is 43 against embassy's 34",
    ),
];

/// Why this number is not better.
pub fn of(workload: &str, key: &str) -> Option<&'static str> {
    let found = REASONS.iter().find(|(of, number, _)| *of == workload && *number == key);
    found.map(|(.., reason)| *reason)
}
