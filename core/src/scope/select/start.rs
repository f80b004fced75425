use crate::current;

/// With which of its futures a race begins a pass.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// With the first, always.
    AtTheFirst,
    /// With any of them, and from then on one further each time.
    Anywhere,
    /// One further than with this one.
    After(usize),
}

impl Start {
    /// Where the pass that now begins over `len` futures starts.
    pub(super) fn next(&mut self, len: usize) -> usize {
        let start = match *self {
            Self::AtTheFirst => return 0,
            Self::Anywhere => random() % len,
            Self::After(last) => (last + 1) % len,
        };
        *self = Self::After(start);
        start
    }
}

/// The loop's own numbers, so that a run in virtual time is the same each time. Counting would not do: two tasks
/// that take numbers by turns would each see only every other one.
fn random() -> usize {
    let next = current::with(|l| {
        l.dice.set(l.dice.get().wrapping_mul(1_664_525).wrapping_add(1_013_904_223));
        l.dice.get()
    });
    // The upper bits of such a sequence are the better ones.
    (next.unwrap_or(0) >> 16) as usize
}
