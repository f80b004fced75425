//! The names of this project's own tests, read from their sources.

#[cfg(test)]
mod tests;

use anyhow::{Context, Result, ensure};
use std::collections::BTreeSet;
use std::path::Path;

/// Where test programs are.
const FOLDERS: [&str; 3] = ["core/tests", "platform-std/tests", "platform-embedded/tests"];
/// Where the conformance lists are.
const LISTS: &str = "tests/conformance/src/lib.rs";

/// All names.
pub struct Known {
    names: BTreeSet<String>,
}

impl Known {
    /// Reads them.
    pub fn read(root: &Path) -> Result<Self> {
        let lists = read(&root.join(LISTS))?;
        let mut names: BTreeSet<_> = listed(&lists).into_iter().collect();
        ensure!(!names.is_empty(), "no list of tests was found in {LISTS}");
        for folder in FOLDERS {
            programs(&root.join(folder), "", &mut names)?;
        }
        Ok(Self { names })
    }

    /// Whether there is such a test.
    pub fn has(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    /// Whether a test of a program has this in the name that it prints.
    pub fn any(&self, program: &str, text: &str) -> bool {
        self.names.iter().any(|name| {
            name.strip_prefix(program)
                .and_then(|name| name.strip_prefix("::"))
                .is_some_and(|name| name.contains(text))
        })
    }
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("could not read {}", path.display()))
}

/// The names in `suite! { LIST; module: test test; ... }`, which the macro makes the compiler check.
fn listed(source: &str) -> Vec<String> {
    let mut names = Vec::new();
    for block in source.split("\nsuite! {").skip(1) {
        let block = block.split("\n}").next().unwrap_or(block);
        let lines = block.lines().filter(|line| !line.trim_start().starts_with("//"));
        let text: Vec<_> = lines.collect();
        for part in text.join("\n").split(';') {
            if let Some((module, tests)) = part.split_once(':') {
                names.extend(tests.split_whitespace().map(|test| format!("{}::{test}", module.trim())));
            }
        }
    }
    names
}

/// The tests of each program in a folder: the program's name, then its modules as libtest shows them. Those of a program
/// that is a folder also without the program's name, as it prints them.
fn programs(dir: &Path, prefix: &str, names: &mut BTreeSet<String>) -> Result<()> {
    let entries = dir.read_dir().with_context(|| format!("could not read {}", dir.display()))?;
    for path in entries.flatten().map(|entry| entry.path()) {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            programs(&path, &format!("{prefix}{stem}::"), names)?;
        } else if path.extension().is_some_and(|ext| ext == "rs") {
            let here =
                if stem == "main" || stem == "mod" { prefix.to_owned() } else { format!("{prefix}{stem}::") };
            let source = read(&path)?;
            let tests = functions(&source).into_iter().map(|name| format!("{here}{name}"));
            for test in tests {
                if let Some((_, printed)) = test.split_once("::").filter(|_| !prefix.is_empty()) {
                    names.insert(printed.to_owned());
                }
                names.insert(test);
            }
            // Those of a program with a harness of its own have no module.
            names.extend(trials(&source).into_iter().map(|name| format!("{prefix}{name}")));
        }
    }
    Ok(())
}

/// The names in `tests! { test test ... }`, which the macro makes the compiler check.
fn trials(source: &str) -> Vec<String> {
    let blocks = source.split("\ntests! {").skip(1);
    blocks
        .flat_map(|block| block.split("\n}").next().unwrap_or(block).split_whitespace())
        .map(str::to_owned)
        .collect()
}

/// The functions under `#[test]`.
fn functions(source: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut marked = false;
    for line in source.lines().map(str::trim) {
        if line == "#[test]" {
            marked = true;
        } else if let Some(rest) = line.strip_prefix("fn ")
            && std::mem::take(&mut marked)
        {
            names.extend(rest.split(['(', '<']).next().map(|name| name.trim().to_owned()));
        }
    }
    names
}
