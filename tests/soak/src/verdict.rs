//! The rule for a flat line.
//!
//! The first fifth is left out: pools fill and buffers grow to what they need. Of the rest the median of the first third
//! is compared with that of the last third; it may be higher by the quantity's [tolerance](Quantity::tolerance) and not
//! more. A median, since at each moment another number of clients is about. And when the load has ended, there are no more
//! descriptors, threads, tasks and timers than before it.

use crate::sample::{Quantity, Sample};

fn median(samples: &[Sample], quantity: Quantity) -> usize {
    let mut values: Vec<_> = samples.iter().map(|sample| sample.get(quantity)).collect();
    values.sort_unstable();
    values[values.len() / 2]
}

/// Says of each quantity whether it stayed flat. Whether all did.
pub fn judge(samples: &[Sample]) -> bool {
    let [before, loaded @ .., end] = samples else { return false };
    let steady = &loaded[loaded.len() / 5..];
    let third = steady.len() / 3;
    if third == 0 {
        println!("too short to say anything");
        return false;
    }
    let mut flat = true;
    for quantity in Quantity::ALL {
        let begin = median(&steady[..third], quantity);
        let last = median(&steady[steady.len() - third..], quantity);
        let is_flat = last <= begin + quantity.tolerance();
        flat &= is_flat;
        let word = if is_flat { "flat" } else { "NOT FLAT" };
        let after = end.get(quantity);
        println!("{:<28} {begin:>8} -> {last:>8}, {after:>8} after the load: {word}", quantity.name());
    }
    for quantity in [Quantity::Descriptors, Quantity::Threads, Quantity::Tasks, Quantity::Timers] {
        let (before, after) = (before.get(quantity), end.get(quantity));
        if after > before {
            println!("{}: {before} before the load, {after} after it", quantity.name());
            flat = false;
        }
    }
    flat
}
