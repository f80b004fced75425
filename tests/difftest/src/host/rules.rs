//! Where everloop is other than CPython 3.11 on purpose: every difference that the comparison knows of.
//!
//! `RULES.md` is what [`document`] gives.

use std::fmt::Write;
use std::format;
use std::string::String;
use std::vec::Vec;

/// Where a rule is applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applied {
    /// CPython's side behaves so too: `newer.py` and `runner.py` have a model of it, so all is compared.
    Modelled,
    /// From the moment at which it first matters nothing is compared any more. Such programs are counted.
    Parting,
    /// The comparer leaves out what it concerns.
    Compared,
    /// The generator makes no program in which it matters.
    Avoided,
}

/// A rule.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Its name, as in the code that applies it.
    pub name: &'static str,
    /// Where that is.
    pub applied: Applied,
    /// What is other, and why.
    pub reason: &'static str,
}

impl Applied {
    /// What the comparison does about it.
    fn text(self) -> &'static str {
        match self {
            Self::Modelled => {
                "CPython's side behaves so too, by a model in `scopes.py`, `newer.py`, `objects.py` or `statements.py`, and all is compared"
            }
            Self::Parting => {
                "From the moment at which it first matters the rest of the program is not compared; a run counts such programs"
            }
            Self::Compared => "The comparison leaves out what it concerns",
            Self::Avoided => "No program is made in which it matters",
        }
    }
}

/// All of them, as Markdown.
pub fn document() -> String {
    let mut text = String::from(
        "# Where everloop is other than CPython 3.11 on purpose

Every difference that the comparison of random programs knows of. This is what `cargo xtask difftest --rules` prints, and a
test holds that it is.
",
    );
    for applied in [Modelled, Parting, Compared, Avoided] {
        let _ = write!(text, "\n## {applied:?}\n\n{}.\n\n", applied.text());
        for rule in RULES.iter().filter(|rule| rule.applied == applied) {
            for line in wrapped(&format!("- **{}**: {}.", rule.name, rule.reason)) {
                let _ = writeln!(text, "{line}");
            }
        }
    }
    text
}

/// The lines of an item of a list.
fn wrapped(item: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in item.split(' ') {
        if !line.is_empty() && line.len() + 1 + word.len() > 120 {
            lines.push(line);
            line = format!("  {word}");
        } else {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines.push(line);
    lines
}

use Applied::{Avoided, Compared, Modelled, Parting};

const fn rule(name: &'static str, applied: Applied, reason: &'static str) -> Rule {
    Rule { name, applied, reason }
}

/// All of them.
pub const RULES: &[Rule] = &[
    rule(
        "newer-wait-for",
        Modelled,
        "3.12: the future runs in the task that waits, and a value or error of its cleanup wins",
    ),
    rule(
        "newer-group",
        Modelled,
        "3.13: a group takes its own request back also after its body's end, and a cancellation that comes with an error is not lost",
    ),
    rule("newer-eager", Modelled, "3.12: a task's first step may run at once"),
    rule("newer-shutdown", Modelled, "3.13: queues have `shutdown`"),
    rule("newer-condition", Modelled, "3.13: a notification of one that is cancelled goes to another"),
    rule(
        "cancelled-at-its-end",
        Modelled,
        "a request that comes too late to be delivered counts, whatever the task returns; in CPython an exception beats it. Core does not know which outputs are errors",
    ),
    rule(
        "deadline-after-cancel",
        Modelled,
        "once a cancellation from outside reached a timeout or `wait_for`, its deadline cuts nothing: the cleanup has its time",
    ),
    rule(
        "pending-request-counts",
        Modelled,
        "a request that is yet to be delivered as a timeout begins comes from outside; in CPython the timeout then claims it as its own",
    ),
    rule(
        "group-is-asked-whole",
        Modelled,
        "a request that reaches a group's task reaches the children together with the body, each request anew, and goes on outwards when all have ended, whatever they made of it; in CPython children are asked once, when the body has ended",
    ),
    rule(
        "cancelled-gather-waits",
        Modelled,
        "a cancelled `try_gather` waits for every task's cleanup. Then it gives the first error of a cleanup, in the order of the arguments, and the cancellation is delivered at the next await; without an error it goes on outwards. In CPython the first task that ends, cancelled or with an error, ends it, and an error then takes the cancellation's place",
    ),
    rule(
        "error-before-cancellation",
        Modelled,
        "of what has ended before a `try_gather` begins, an error wins over a cancellation, so that it is not lost; in CPython the first in the order of the arguments",
    ),
    rule(
        "wait-over-at-once",
        Modelled,
        "`wait` with nothing to wait for does not let others run, so that a request is delivered later",
    ),
    rule(
        "held-permits-count",
        Modelled,
        "what a guard holds can't be released by somebody else, so a `BoundedSemaphore` refuses it",
    ),
    rule(
        "notification-passes-at-once",
        Modelled,
        "one that is cancelled before it has run since it was notified passes the notification on at once, and not after it has taken its lock again",
    ),
    rule(
        "no-spurious-notification",
        Modelled,
        "one that is cancelled passes a notification on only if it was given one; 3.13 notifies another in any case",
    ),
    rule(
        "cancelled-wait-leaves-the-cell",
        Modelled,
        "a cancellation of who awaits a `Future` ends that wait only; in CPython it cancels the future, for all",
    ),
    rule(
        "cancelled-cell-is-an-error",
        Modelled,
        "who awaits a `Future` that is cancelled gets an error; in CPython it is cancelled itself",
    ),
    rule(
        "own-requests-do-not-count",
        Modelled,
        "`cancelling` counts requests from outside; in CPython also those by which a timeout or a group asks its own task, until it has ended",
    ),
    rule(
        "message-is-kept",
        Modelled,
        "all who await a task are told what it was cancelled with, also under a shield; in CPython only who looks first, and under a shield nobody",
    ),
    rule(
        "barrier-index",
        Compared,
        "indices are unique; in CPython a party that leaves lets the next ones have an index twice",
    ),
    rule(
        "condition-keeps-its-place",
        Parting,
        "one that is cancelled while it takes its lock again keeps its place in the lock's line; in CPython it goes to the end",
    ),
    rule(
        "grant-meets-cancellation",
        Parting,
        "somebody was granted or refused something and asked to end at one moment, by a task that let go of it or broke it, and by who awaits a task that has ended: which comes first is nobody's promise",
    ),
    rule(
        "parts-are-polled-together",
        Compared,
        "what a task consists of is polled with it, the body of a group before its children, so of those that are served at one moment the parts of one task come together",
    ),
    rule(
        "children-close-with-their-group",
        Compared,
        "what is left over is cancelled all at once, and so children that borrow nothing before their group: what that then gives is not compared",
    ),
    rule(
        "closing-asks-once",
        Compared,
        "what is left over is asked once, by the loop: how often is not compared, since in CPython a request of that moment that is handed on counts too",
    ),
    rule(
        "end-of-a-deadlock",
        Compared,
        "when a deadlock is seen depends on timers that have nothing to do any more",
    ),
    rule(
        "requests-go-with-polls",
        Avoided,
        "a request reaches an awaited task, and the children of a group in a group, with the next poll of what is around it and not at once: two tasks are cancelled at one moment only where none that the one request is on its way to hears of the other",
    ),
    rule(
        "a-moved-deadline-is-looked-at",
        Avoided,
        "who moves the deadline of another task has that task polled, so that of several that are let go on at this moment it is first",
    ),
    rule(
        "one-moment-counts-once",
        Avoided,
        "a request that reaches a task by two ways at one moment is one, and counts once; in CPython it is one, and counts twice",
    ),
    rule(
        "no-barging",
        Avoided,
        "what was promised to who waits is not there to be taken by who comes at that moment",
    ),
    rule(
        "cancellation-taken-back",
        Avoided,
        "a cancellation that is yet to be delivered can be taken back; in CPython it was delivered in part",
    ),
    rule(
        "message-of-several",
        Avoided,
        "with which message a gather, a group or a race goes on outwards whose parts were cancelled with several: that of the last",
    ),
    rule(
        "one-part-wins",
        Avoided,
        "of the parts of a `select` one wins, also if several could end at one moment: CPython has no `select`, and its `wait` finds all of them done",
    ),
    rule(
        "condition-in-a-part",
        Avoided,
        "parts that are notified at one moment ask for their lock in the order of their polls",
    ),
    rule(
        "born-while-closing",
        Avoided,
        "what is created while the loop cancels what is left over is cancelled too; in CPython it is forgotten",
    ),
    rule(
        "try-gather-drops-futures",
        Avoided,
        "at the first error the other futures are dropped, and tasks run on: only tasks are gathered so",
    ),
];
