//! The tables in `tests/cpython` name tests that exist (see the README there for their form), and so do the commands in
//! `RELIABILITY.md`.

mod commands;
mod known;
mod table;

use crate::suite::Cases;
use crate::workspace;
use anyhow::{Context, Result, bail, ensure};
use known::Known;
use std::path::{Path, PathBuf};
use table::Row;

/// One case a file, and one for the lists that they are compared with.
pub fn run(cases: &mut Cases<'_>) -> Result<()> {
    let known = Known::read(workspace::root())?;
    cases.run("the-lists-of-tests-are-found", || {
        let found =
            known.has("task::output_comes_back") && known.has("panics::a_panic_goes_on_in_the_awaiter");
        ensure!(found, "two tests that exist are not among those found");
        Ok(())
    });
    for path in files(&workspace::root().join("tests/cpython"))? {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        cases.run(&format!("cpython-{name}"), || check(&path, &known));
    }
    cases.run("commands-of-RELIABILITY", || commands::check(workspace::root(), "RELIABILITY.md", &known));
    Ok(())
}

/// Every table; the README is none.
fn files(dir: &Path) -> Result<Vec<PathBuf>> {
    let entries = dir.read_dir().with_context(|| format!("could not read {}", dir.display()))?;
    let mut files: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    files.retain(|path| path.extension().is_some_and(|ext| ext == "md") && !path.ends_with("README.md"));
    files.sort();
    Ok(files)
}

/// All that is wrong with a file, line by line.
fn check(path: &Path, known: &Known) -> Result<()> {
    let text = std::fs::read_to_string(path).with_context(|| format!("could not read {}", path.display()))?;
    let mut wrong = Vec::new();
    let mut rows: Vec<Row> = Vec::new();
    for (line, row) in table::rows(&text) {
        match row {
            Err(why) => wrong.push(format!("line {line}: {why}")),
            Ok(row) => {
                if rows.iter().any(|other| other.function == row.function) {
                    wrong.push(format!("line {line}: `{}` is listed twice", row.function));
                }
                let missing = row.counterparts.iter().filter(|name| !known.has(name));
                wrong.extend(missing.map(|name| format!("line {line}: there is no test `{name}`")));
                rows.push(row);
            }
        }
    }
    if rows.is_empty() {
        wrong.push("it has no row".to_owned());
    }
    if !wrong.is_empty() {
        bail!("{}", wrong.join("\n    "));
    }
    let covered = rows.iter().filter(|row| !row.counterparts.is_empty()).count();
    crate::console::line(format_args!(
        "{}: {covered} of {} have a counterpart",
        path.file_name().unwrap_or_default().display(),
        rows.len()
    ));
    Ok(())
}
