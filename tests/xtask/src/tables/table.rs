//! Reading the tables in a Markdown file.

#[cfg(test)]
mod tests;

/// What the columns are called.
const HEADER: [&str; 3] = ["test function", "counterpart", "note"];

/// A test function and what it has here.
#[derive(Debug, PartialEq, Eq)]
pub struct Row {
    /// CPython's name.
    pub function: String,
    /// The tests here; none is said by `-`, and the note says why.
    pub counterparts: Vec<String>,
}

/// The rows of all tables in a text, each with the number of its line.
pub fn rows(text: &str) -> Vec<(usize, Result<Row, String>)> {
    let mut rows = Vec::new();
    let mut inside = false;
    for (number, line) in (1..).zip(text.lines()) {
        let Some(cells) = cells(line) else {
            inside = false;
            continue;
        };
        if !inside {
            inside = true;
            if cells != HEADER {
                rows.push((number, Err(format!("the columns must be {}", HEADER.join(" | ")))));
            }
        } else if !cells.iter().all(|cell| cell.chars().all(|c| c == '-' || c == ':') && cell.len() >= 3) {
            rows.push((number, row(&cells)));
        }
    }
    rows
}

/// The cells of a line that belongs to a table.
fn cells(line: &str) -> Option<Vec<String>> {
    let inner = line.trim().strip_prefix('|')?;
    let inner = inner.strip_suffix('|').unwrap_or(inner);
    // A bar that belongs to the text is written `\|`.
    let inner = inner.replace(r"\|", "\0");
    Some(inner.split('|').map(|cell| cell.trim().replace('\0', "|")).collect())
}

fn row(cells: &[String]) -> Result<Row, String> {
    let [function, counterpart, note] = cells else {
        return Err(format!("{} cells instead of {}", cells.len(), HEADER.len()));
    };
    let function = function.trim_matches('`').to_owned();
    if function.is_empty() || function.contains(['`', ' ']) {
        return Err("the first cell must be the name of one test function".to_owned());
    }
    let counterparts = match counterpart.as_str() {
        "-" if note.is_empty() => {
            return Err(format!("`{function}` has no counterpart and no note says why"));
        }
        "-" => Vec::new(),
        names => self::names(names)
            .ok_or_else(|| format!("the counterpart must be `-` or names in backticks, not: {names}"))?,
    };
    Ok(Row { function, counterparts })
}

/// Names in backticks, with commas between them.
fn names(cell: &str) -> Option<Vec<String>> {
    cell.split(',')
        .map(|name| {
            let name = name.trim().strip_prefix('`')?.strip_suffix('`')?;
            (!name.is_empty() && !name.contains('`')).then(|| name.to_owned())
        })
        .collect()
}
