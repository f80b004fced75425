//! Numbers as a person reads them.

/// Three digits that count, or all before the point.
pub fn figure(value: f64) -> String {
    match value {
        value if value < 9.995 => format!("{value:.2}"),
        value if value < 99.95 => format!("{value:.1}"),
        value => thousands(value.round() as u64),
    }
}

fn thousands(n: u64) -> String {
    match n {
        0..1000 => n.to_string(),
        _ => format!("{},{:03}", thousands(n / 1000), n % 1000),
    }
}

/// The one in the middle; of an even number the mean of the two.
pub fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    let (middle, last) = (values.len() / 2, values.len().checked_sub(1)?);
    Some((values[middle] + values[last / 2]) / 2.0)
}
