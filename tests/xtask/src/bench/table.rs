//! Numbers in columns.

#[cfg(test)]
mod tests;

/// A table: names on the left, numbers on the right of their columns.
#[derive(Debug, Default)]
pub struct Table {
    heads: Vec<String>,
    lines: Vec<Vec<String>>,
}

impl Table {
    /// With the heads of the columns, that of the names first.
    pub fn new(heads: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self { heads: heads.into_iter().map(Into::into).collect(), lines: Vec::new() }
    }

    /// One more line; what is not known is a dash.
    pub fn line(&mut self, name: &str, numbers: impl IntoIterator<Item = Option<u64>>) {
        self.texts(name, numbers.into_iter().map(|number| number.map_or("-".to_owned(), |n| n.to_string())));
    }

    /// One more line of anything.
    pub fn texts(&mut self, name: &str, cells: impl IntoIterator<Item = String>) {
        self.lines.push(std::iter::once(name.to_owned()).chain(cells).collect());
    }
}

impl std::fmt::Display for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let lines = || std::iter::once(&self.heads).chain(&self.lines);
        let width = |column: usize| {
            lines().filter_map(|line| line.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        for line in lines() {
            for (column, cell) in line.iter().enumerate() {
                let width = width(column);
                match column {
                    0 => write!(f, "{cell:<width$}")?,
                    _ => write!(f, "  {cell:>width$}")?,
                }
            }
            writeln!(f)?;
        }
        Ok(())
    }
}
