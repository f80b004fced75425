/// How many bytes a request may have, without the end of its line.
pub const LINE_LIMIT: usize = 64;

/// A subscription's shortest and longest period in milliseconds.
const PERIODS: core::ops::RangeInclusive<u32> = 10..=60_000;

/// What a client asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// The newest reading.
    Get,
    /// The newest reading again and again, every so many milliseconds.
    Subscribe(u32),
    /// The statistics.
    Stats,
    /// What the loop's tasks are doing.
    Tasks,
    /// Goodbye.
    Quit,
}

/// Why a request can't be met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It means nothing.
    UnknownCommand,
    /// A subscription without a period, or with one that is no number or out of range.
    BadPeriod,
    /// The line is longer than [`LINE_LIMIT`].
    LineTooLong,
    /// The sensor has not given a single reading yet.
    NoReading,
}

impl Command {
    /// Reads a line, without its end. A blank one asks for nothing.
    ///
    /// # Errors
    /// The line is no command.
    pub fn parse(line: &[u8]) -> Result<Option<Self>, Refusal> {
        if line.len() > LINE_LIMIT {
            return Err(Refusal::LineTooLong);
        }
        let text = str::from_utf8(line).map_err(|_no_text| Refusal::UnknownCommand)?;
        let mut words = text.split_ascii_whitespace();
        let Some(verb) = words.next() else { return Ok(None) };
        let is = |name: &str| verb.eq_ignore_ascii_case(name);
        if is("SUB") {
            return match (words.next().and_then(period), words.next()) {
                (Some(millis), None) => Ok(Some(Self::Subscribe(millis))),
                _ => Err(Refusal::BadPeriod),
            };
        }
        let command = match () {
            () if words.next().is_some() => return Err(Refusal::UnknownCommand),
            () if is("GET") => Self::Get,
            () if is("STATS") => Self::Stats,
            () if is("TASKS") => Self::Tasks,
            () if is("QUIT") => Self::Quit,
            () => return Err(Refusal::UnknownCommand),
        };
        Ok(Some(command))
    }
}

fn period(word: &str) -> Option<u32> {
    // `parse` alone would take a plus.
    let digits = word.bytes().all(|byte| byte.is_ascii_digit());
    word.parse().ok().filter(|millis| digits && PERIODS.contains(millis))
}
