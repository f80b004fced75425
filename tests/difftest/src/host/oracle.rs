//! CPython's side: one process for all programs.

use std::io::{BufRead, BufReader, Error, ErrorKind, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::string::{String, ToString};
use std::vec::Vec;

use crate::code::encode;
use crate::program::Program;
use crate::trace::{Grant, Record, Trace};

/// A rule that applies from a moment on: see the list in `compare`.
pub type Applied = (u64, String);

/// The running interpreter.
pub struct Oracle {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Oracle {
    /// Starts it. The environment variable `PYTHON` may name the interpreter.
    pub fn start() -> Result<Self, Error> {
        let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3.11".into());
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("runner.py");
        let mut child = Command::new(python)
            .arg("-B")
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(Error::other("the pipes are missing"));
        };
        Ok(Self { child, input: Some(input), output: BufReader::new(output) })
    }

    /// Hands in a program. What came of it is read in the same order.
    pub fn submit(&mut self, program: &Program) -> Result<(), Error> {
        let mut bytes = Vec::new();
        encode(program, &mut bytes);
        let input = self.input.as_mut().ok_or(ErrorKind::BrokenPipe)?;
        let mut message = (bytes.len() as u32).to_le_bytes().to_vec();
        message.extend(bytes);
        input.write_all(&message)
    }

    /// What came of the next program.
    pub fn receive(&mut self) -> Result<(Trace, Vec<Applied>), Error> {
        let mut line = String::new();
        if self.output.read_line(&mut line)? == 0 {
            return Err(Error::new(ErrorKind::UnexpectedEof, "CPython has ended"));
        }
        parse(line.trim_end())
            .ok_or_else(|| Error::new(ErrorKind::InvalidData, std::format!("CPython said: {line}")))
    }

    /// Both in one.
    pub fn run(&mut self, program: &Program) -> Result<(Trace, Vec<Applied>), Error> {
        self.submit(program)?;
        self.receive()
    }
}

impl Drop for Oracle {
    fn drop(&mut self) {
        // Without input it ends.
        self.input = None;
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn items(text: &str) -> impl Iterator<Item = &str> {
    text.split(';').filter(|item| !item.is_empty())
}

fn parse(line: &str) -> Option<(Trace, Vec<Applied>)> {
    let mut parts = line.split('|');
    let mut trace = Trace::default();
    for item in items(parts.next()?) {
        let mut fields = item.splitn(4, ',');
        trace.records.push(Record {
            id: fields.next()?.parse().ok()?,
            start: fields.next()?.parse().ok()?,
            end: fields.next()?.parse().ok()?,
            outcome: fields.next()?.to_string(),
        });
    }
    for item in items(parts.next()?) {
        let mut fields = item.split(',');
        trace.grants.push(Grant {
            object: fields.next()?.parse().ok()?,
            line: fields.next()?.parse().ok()?,
            time: fields.next()?.parse().ok()?,
            id: fields.next()?.parse().ok()?,
        });
    }
    trace.left = items(parts.next()?).map(str::to_string).collect();
    let (end, deadlock) = parts.next()?.split_once(',')?;
    trace.end = end.parse().ok()?;
    trace.deadlock = deadlock == "1";
    let mut applied = Vec::new();
    for item in items(parts.next()?) {
        let (time, rule) = item.split_once(',')?;
        applied.push((time.parse().ok()?, rule.to_string()));
    }
    trace.sort();
    Some((trace, applied))
}
