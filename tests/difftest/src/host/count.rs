//! How often each construct and each outcome occurred.

use std::collections::BTreeMap;
use std::format;
use std::string::{String, ToString};

use crate::program::{Block, Kind, Program};
use crate::trace::Trace;

/// Counts by name.
#[derive(Default)]
pub struct Counts {
    /// Of statements that were executed.
    pub executed: BTreeMap<String, u64>,
    /// Of what came of them.
    pub outcomes: BTreeMap<String, u64>,
    /// Of programs, by what is special about their run.
    pub runs: BTreeMap<String, u64>,
}

impl Counts {
    /// Takes in one run.
    pub fn add(&mut self, program: &Program, trace: &Trace) {
        let mut names = BTreeMap::new();
        program.each(&mut |stmt| {
            names.insert(stmt.id, name(program, &stmt.kind));
        });
        for record in &trace.records {
            if let Some(name) = names.get(&record.id) {
                *self.executed.entry(name.clone()).or_default() += 1;
            }
            let outcome = match record.outcome.as_str() {
                text if text.parse::<i64>().is_ok() => "value",
                text if text.starts_with("cancelled after") => "cancelled after an error",
                text if text.starts_with("Group") => "Group",
                text if text.starts_with('U') => "an error of its own",
                text => text,
            };
            let waited = if record.end > record.start { ", after a wait" } else { "" };
            *self.outcomes.entry(format!("{outcome}{waited}")).or_default() += 1;
        }
        let twice = |block: &Block| {
            block.windows(2).any(|two| two.iter().all(|stmt| matches!(&stmt.kind, Kind::Cancel(_))))
        };
        let mut found = program.bodies.iter().any(twice);
        program.each(&mut |stmt| found |= stmt.kind.blocks().any(twice));
        if found {
            *self.runs.entry("two cancellations at one moment".to_string()).or_default() += 1;
        }
        if trace.deadlock {
            *self.runs.entry("cleanup that never ends".to_string()).or_default() += 1;
        }
        if trace.left.iter().any(|left| left == "pending" || left == "held") {
            *self.runs.entry("tasks left over".to_string()).or_default() += 1;
        }
    }
}

fn name(program: &Program, kind: &Kind) -> String {
    match kind {
        Kind::Do(object, action, _) => format!("{:?}.{action:?}", program.objects[*object as usize].class),
        Kind::With(object, _) => format!("{:?}.With", program.objects[*object as usize].class),
        Kind::Catch(_, _, true) => "Catch and resume".into(),
        Kind::Catch(_, _, false) => "Catch and swallow".into(),
        Kind::Wait(when, ticks, _) => {
            let when = ["FirstCompleted", "FirstException", "AllCompleted"][*when as usize];
            format!("Wait {when}{}", if *ticks > 0 { " with timeout" } else { "" })
        }
        other => {
            let text = format!("{other:?}");
            text.split(['(', ' ']).next().unwrap_or_default().to_string()
        }
    }
}
