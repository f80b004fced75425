use memchr::memchr;

/// Where a separator is.
#[derive(Clone, Copy)]
pub(super) struct Found {
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The separator that ends first, of those that begin at `from` or later; of two that end together the shorter one.
pub(super) fn earliest(bytes: &[u8], from: usize, separators: &[&[u8]]) -> Option<Found> {
    let mut best: Option<Found> = None;
    for separator in separators {
        // One that ends later is of no use.
        let end = best.map_or(bytes.len(), |best| best.end);
        let Some(at) = find(&bytes[from..end], separator) else { continue };
        let found = Found { start: from + at, end: from + at + separator.len() };
        if best.is_none_or(|best| found.end < best.end || found.start > best.start) {
            best = Some(found);
        }
    }
    best
}

fn find(bytes: &[u8], separator: &[u8]) -> Option<usize> {
    let (&first, rest) = separator.split_first()?;
    let mut from = 0;
    loop {
        let at = from + memchr(first, &bytes[from..])?;
        if bytes[at + 1..].starts_with(rest) {
            return Some(at);
        }
        from = at + 1;
    }
}
