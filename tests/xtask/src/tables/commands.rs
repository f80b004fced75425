//! The commands in `RELIABILITY.md`, which must name tests, suites and commands that exist.

#[cfg(test)]
mod tests;

use super::known::Known;
use crate::args::{self, Command};
use crate::suites::SUITES;
use anyhow::{Context, Result, bail};
use std::path::Path;

/// Where test programs are, by their package.
const PACKAGES: [(&str, &str); 4] = [
    ("everloop", "platform-std/tests"),
    ("everloop-core", "core/tests"),
    ("everloop-conformance", "tests/conformance/tests"),
    ("everloop-difftest", "tests/difftest/tests"),
];

/// All that is wrong with the file's commands.
pub fn check(root: &Path, file: &str, known: &Known) -> Result<()> {
    let path = root.join(file);
    let text =
        std::fs::read_to_string(&path).with_context(|| format!("could not read {}", path.display()))?;
    let commands: Vec<_> = commands(&text).collect();
    let wrong: Vec<_> = commands
        .iter()
        .filter_map(|command| Some(format!("`{command}`: {}", fault(root, command, known)?)))
        .collect();
    if commands.is_empty() {
        bail!("it has no command");
    }
    if !wrong.is_empty() {
        bail!("{}", wrong.join("\n    "));
    }
    crate::console::line(format_args!("{file}: {} commands", commands.len()));
    Ok(())
}

/// What stands in backticks and calls cargo.
fn commands(text: &str) -> impl Iterator<Item = &str> {
    text.lines().flat_map(|line| line.split('`').skip(1).step_by(2)).filter(|code| code.contains("cargo "))
}

/// Why a command would run nothing.
fn fault(root: &Path, command: &str, known: &Known) -> Option<String> {
    // Variables come before it.
    let words: Vec<_> = command.split_whitespace().skip_while(|word| word.contains('=')).collect();
    match words.as_slice() {
        ["cargo", "xtask", args @ ..] => match args::parse(args.iter().map(|&arg| arg.to_owned())) {
            Err(why) => Some(why),
            Ok(Command::Test { only: Some(name), .. }) if SUITES.iter().all(|suite| suite.name != name) => {
                Some(format!("there is no suite {name}"))
            }
            Ok(_) => None,
        },
        // What it needs stands in its file.
        ["cargo", "mutants", ..] => {
            (!root.join(".cargo/mutants.toml").exists()).then(|| "there is no .cargo/mutants.toml".to_owned())
        }
        ["cargo", "test", args @ ..] => {
            let after = |name| args.iter().skip_while(|arg| **arg != name).nth(1).copied();
            let Some(program) = after("--test") else { return Some("it names no test program".to_owned()) };
            let package = PACKAGES.iter().find(|(package, _)| after("-p") == Some(package));
            let Some((_, folder)) = package else { return Some("it names no package with tests".to_owned()) };
            let folder = root.join(folder).join(program);
            if !folder.with_extension("rs").exists() && !folder.join("main.rs").exists() {
                return Some(format!("there is no test program {program}"));
            }
            // The last word, unless it belongs to an option.
            let filter = args.last().filter(|word| **word != program)?;
            (!known.any(program, filter)).then(|| format!("no test of {program} has {filter} in its name"))
        }
        _ => Some("it is no command that is known here".to_owned()),
    }
}
