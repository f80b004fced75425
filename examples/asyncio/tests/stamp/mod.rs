//! Times of day and dates in what a program prints.

use std::fmt::Write;

/// What is left of an output when its stamps are taken out.
struct Output {
    /// The text with `T` in the place of each stamp.
    text: String,
    /// The stamps, in microseconds of their day.
    stamps: Vec<u64>,
}

/// Whether the text shows the time.
pub fn any_in(text: &str) -> bool {
    !read(text).stamps.is_empty()
}

/// Whether `actual` is the same text as `expected` with no fewer whole seconds between the stamps.
pub fn compare(expected: &str, actual: &str) -> Result<(), String> {
    let (want, got) = (read(expected), read(actual));
    if want.text != got.text {
        return Err(format!("expected:\n{expected}\nprinted:\n{actual}"));
    }
    for (want, got) in want.stamps.windows(2).zip(got.stamps.windows(2)) {
        let (want, got) = (seconds_between(want), seconds_between(got));
        if got < want {
            return Err(format!("{got} s between two times where asyncio has {want} s:\n{actual}"));
        }
    }
    Ok(())
}

/// A day has so many.
const MICROS: u64 = 86_400_000_000;
/// The wall clock may be corrected a little while a program sleeps by the other one.
const CORRECTION: u64 = 10_000;

fn seconds_between(stamps: &[u64]) -> u64 {
    let micros = (stamps[1] + MICROS - stamps[0]) % MICROS;
    (micros + CORRECTION) / 1_000_000
}

fn read(text: &str) -> Output {
    let mut output = Output { text: String::new(), stamps: Vec::new() };
    for line in text.lines() {
        let words = line.split(' ').filter(|word| !is_date(word)).map(|word| match time_of_day(word) {
            Some(micros) => {
                output.stamps.push(micros);
                "T"
            }
            None => word,
        });
        let words: Vec<_> = words.collect();
        let _ = writeln!(output.text, "{}", words.join(" "));
    }
    output
}

/// `2026-01-31`.
fn is_date(word: &str) -> bool {
    let numbers: Vec<_> = word.split('-').collect();
    numbers.iter().map(|number| number.len()).eq([4, 2, 2])
        && numbers.iter().all(|number| number.parse::<u32>().is_ok())
}

/// `17:13:52`, or `17:13:52.123456`.
fn time_of_day(word: &str) -> Option<u64> {
    let (time, fraction) = word.split_once('.').unwrap_or((word, "0"));
    let mut numbers = time.split(':').map(|number| number.parse::<u64>().ok());
    let (hours, minutes, seconds) = (numbers.next()??, numbers.next()??, numbers.next()??);
    if numbers.next().is_some() {
        return None;
    }
    Some(((hours * 60 + minutes) * 60 + seconds) * 1_000_000 + fraction.parse::<u64>().ok()?)
}
