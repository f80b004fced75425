//! The lines in which a measuring program tells its numbers.

#[cfg(test)]
mod tests;

/// `row GROUP|NAME|KEY=NUMBER KEY=NUMBER ...`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The group of measurements.
    pub group: String,
    /// What was measured.
    pub name: String,
    /// What came out.
    pub numbers: Vec<(String, u64)>,
}

impl Row {
    /// `None` if the line is something else.
    pub fn parse(line: &str) -> Option<Self> {
        let mut parts = line.trim_end().strip_prefix("row ")?.split('|');
        let (group, name, numbers) = (parts.next()?, parts.next()?, parts.next()?);
        let numbers = numbers.split_whitespace().map(|number| {
            let (key, value) = number.split_once('=')?;
            Some((key.to_owned(), value.parse().ok()?))
        });
        let numbers = numbers.collect::<Option<Vec<_>>>()?;
        parts.next().is_none().then(|| Self { group: group.to_owned(), name: name.to_owned(), numbers })
    }

    /// The number under a key.
    pub fn number(&self, key: &str) -> Option<u64> {
        self.numbers.iter().find(|(name, _)| name == key).map(|(_, number)| *number)
    }
}

/// The different names in rows, in the order of their first.
pub fn names(rows: &[Row]) -> Vec<&str> {
    let mut names = Vec::new();
    for row in rows {
        if !names.contains(&row.name.as_str()) {
            names.push(row.name.as_str());
        }
    }
    names
}
