use crate::reading::Reading;

/// What is known of all readings so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    count: u64,
    min: i32,
    max: i32,
    sum: i64,
}

impl Statistics {
    /// Nothing is known yet.
    pub const fn new() -> Self {
        Self { count: 0, min: 0, max: 0, sum: 0 }
    }

    /// Takes a reading into account.
    pub fn add(&mut self, reading: &Reading) {
        let value = reading.millidegrees;
        let first = self.count == 0;
        self.min = if first { value } else { self.min.min(value) };
        self.max = if first { value } else { self.max.max(value) };
        self.sum += i64::from(value);
        self.count += 1;
    }

    /// How many readings there were.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The lowest temperature in thousandths of a degree; 0 before the first reading.
    pub fn min(&self) -> i32 {
        self.min
    }

    /// The highest temperature in thousandths of a degree; 0 before the first reading.
    pub fn max(&self) -> i32 {
        self.max
    }

    /// The mean temperature in thousandths of a degree, rounded towards zero; 0 before the first reading.
    pub fn mean(&self) -> i32 {
        let count = i64::try_from(self.count).unwrap_or(i64::MAX);
        // Between `min` and `max`, so it fits.
        self.sum.checked_div(count).unwrap_or(0) as i32
    }
}
