//! A reading as it comes over the wire.

#[cfg(test)]
mod tests;

/// One sample of a station's sensor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Its number, counted from the station's start.
    pub seq: u64,
    /// When it was taken, in milliseconds since the station's start.
    pub millis: u64,
    /// Thousandths of a degree Celsius.
    pub millidegrees: i64,
}

impl Reading {
    /// Reads `READING <seq> <ms> <millidegrees>`: the one place that knows the wire format.
    pub fn parse(line: &str) -> Option<Self> {
        let mut words = line.split_whitespace();
        if words.next()? != "READING" {
            return None;
        }
        let mut word = || words.next();
        let reading = Self {
            seq: word()?.parse().ok()?,
            millis: word()?.parse().ok()?,
            millidegrees: word()?.parse().ok()?,
        };
        word().is_none().then_some(reading)
    }

    /// The value as people write it.
    pub fn degrees(&self) -> String {
        let sign = if self.millidegrees < 0 { "-" } else { "" };
        let size = self.millidegrees.unsigned_abs();
        format!("{sign}{}.{:03} °C", size / 1000, size % 1000)
    }
}

/// Watches that the numbers only grow: one that does not is a reading that was lost or sent twice.
#[derive(Debug, Default)]
pub struct Order {
    last: Option<u64>,
    faults: u64,
}

impl Order {
    /// Takes note of a number; whether it is in order.
    pub fn see(&mut self, seq: u64) -> bool {
        let fine = self.last.is_none_or(|last| seq > last);
        if !fine {
            self.faults += 1;
        }
        self.last = Some(seq);
        fine
    }

    /// How many were out of order.
    pub fn faults(&self) -> u64 {
        self.faults
    }
}
